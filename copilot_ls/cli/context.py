"""Show the prompt that would be sent for a place in a file, and where each part of it comes from.

FILE:LINE:COL counts lines and columns from 1, columns in characters. With --batch, requests are JSON lines {"id",
"path", "prefix", "suffix"}: the open file is prefix + suffix with the cursor between them, whatever the disk holds at
that path, which is relative to --workspace. Each is answered by one line {"id", "snippets": [{"path", "start_line",
"end_line", "text", "source", "score", "tokens"}], "ms"}, or {"id", "error"} where it cannot be read. Lines of snippets
count from 0, end_line is exclusive; of its span a snippet may have some lines alone, with a comment that is `…` above a
line that would else be taken for the next one. The tokens of the snippets together are --budget at most. The
workspace is indexed first; nothing is sent anywhere.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from copilot_ls.config.settings import Settings
    from copilot_ls.context.gather import Gathered
    from copilot_ls.features.context_report import ContextReport
    from copilot_ls.index.lookup import WorkspaceIndex
    from copilot_ls.text import DocumentSnapshot, Point

SUMMARY = "show the prompt for a place in a file, and where each part comes from"

_DEFAULT_BUDGET = 2048
# A command may take longer than a keystroke, and should show what there is rather than what was quick.
_DEADLINE_MS = 2_000.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the place, the batch, the budget and the form of the answer."""
    from copilot_ls.cli.places import add_place_arguments

    add_place_arguments(parser)
    parser.add_argument("--budget", type=_tokens, metavar="TOKENS", help="tokens of the prompt (default: 2048)")
    parser.add_argument("--prompt", action="store_true", help="print the very prompt, as the model's family reads it")
    parser.add_argument(
        "--profile",
        metavar="NAME",
        help="the model's family (default: that of the first backend with a model)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Show one place or answer a batch; returns the exit status."""
    from copilot_ls.cli.places import place_of, workspace_of
    from copilot_ls.features.ignored import why_ignored
    from copilot_ls.text import TextSnapshot

    if (arguments.place is None) == (arguments.batch is None):
        print("copilot-ls context: give either FILE:LINE:COL or --batch FILE", file=sys.stderr)
        return 2
    if arguments.batch is not None:
        return _batch(workspace_of(arguments), arguments)
    place = place_of(arguments.place, arguments.workspace)
    if isinstance(place, str):
        print(f"copilot-ls context: {place}", file=sys.stderr)
        return 2
    chosen = _chosen(place.workspace, arguments)
    if isinstance(chosen, str):
        print(f"copilot-ls context: {chosen}", file=sys.stderr)
        return 2
    ignored = why_ignored(place.path, place.workspace, chosen[0].index.exclude, {})
    if ignored is not None:
        print(f"copilot-ls context: {place.path} is ignored ({ignored}): nothing of it is sent", file=sys.stderr)
        return 1
    snapshot = TextSnapshot.of(place.text)
    document = _document(place.path, snapshot)
    report = _report(document, snapshot.point_at(place.offset), place.workspace, *chosen)
    _show(report, as_json=arguments.json, prompt_alone=arguments.prompt)
    return 0


def _chosen(workspace: Path, arguments: argparse.Namespace) -> tuple[Settings, str] | str:
    """The settings and the backend that the prompt is for; or what is wrong with the arguments.

    The backend is the first of the route that is sent a prompt. A profile that is named takes the place of its own.
    """
    from dataclasses import replace

    from copilot_ls.config.settings import EMBEDDED, BackendSettings
    from copilot_ls.features.workbench import Workbench
    from copilot_ls.prompt.profiles import BY_NAME

    workbench = Workbench(record_telemetry=False, use_disk_cache=False)
    workbench.folders = [str(workspace)]
    for problem in workbench.load_settings():
        print(f"copilot-ls: {problem}", file=sys.stderr)
    settings = workbench.settings()
    names = [step.backend for step in settings.route.completion if step.backend in settings.backend]
    backend = next((name for name in names if settings.backend[name].kind != EMBEDDED), "")
    if arguments.budget is not None:
        settings = replace(settings, context=replace(settings.context, budget_tokens=arguments.budget))
    if arguments.profile is not None:
        if arguments.profile not in BY_NAME:
            known = ", ".join(sorted(BY_NAME))
            return f"there is no profile {arguments.profile!r}; there are {known}"
        options = settings.backend.get(backend) or BackendSettings(kind="openai")
        named = {backend: replace(options, profile=arguments.profile)}
        settings = replace(settings, backend={**settings.backend, **named})
    return settings, backend


def _report(
    document: DocumentSnapshot, cursor: Point, workspace: Path, settings: Settings, backend: str
) -> ContextReport:
    from copilot_ls.cli.indexed import open_index
    from copilot_ls.context.request import ContextRequest, relative_path
    from copilot_ls.features.context_report import report_on
    from copilot_ls.features.prompts import Prompts, gather_for, profile_of
    from copilot_ls.features.redaction import Redaction
    from copilot_ls.syntax import SyntaxDocument

    index = open_index(workspace, "context", query_ms=_DEADLINE_MS, settings=settings.index)
    try:
        request = ContextRequest(document=document, cursor=cursor, root=workspace, index=index)
        gathered = gather_for(request, settings, backend, deadline_ms=_DEADLINE_MS)
    finally:
        if index is not None:
            index.close()
    path = relative_path(document.path, workspace)
    tree = SyntaxDocument(document.language_id, document.path).tree_at(document.text)
    prompt = Prompts().prompt(backend, document, cursor, gathered.snippets, settings, tree=tree, path=path)
    return report_on(
        prompt,
        gathered,
        profile=profile_of(settings, backend),
        path=path,
        language_id=document.language_id,
        redactor=Redaction(lambda: settings).redactor_for(backend),
    )


def _show(report: ContextReport, *, as_json: bool, prompt_alone: bool) -> None:
    from copilot_ls.features import context_report

    if as_json:
        written = {"prompt": report.written} if prompt_alone else {}
        print(json.dumps(context_report.as_json(report) | written, indent=2))
    else:
        print(report.written if prompt_alone else context_report.as_text(report))


def _batch(workspace: Path, arguments: argparse.Namespace) -> int:
    from copilot_ls.cli.indexed import open_index
    from copilot_ls.cli.places import batch_requests
    from copilot_ls.text import TextSnapshot

    index = open_index(workspace, "context", query_ms=_DEADLINE_MS)
    n_bad = 0
    try:
        for request in batch_requests(arguments.batch):
            if request.error is not None:
                n_bad += 1
                answer: dict[str, Any] = {"id": request.id, "error": request.error}
            else:
                snapshot = TextSnapshot.of(request.prefix + request.suffix)
                cursor = snapshot.point_at(len(request.prefix))
                document = _document(workspace / request.path, snapshot)
                gathered = _gather(document, cursor, workspace, index, arguments.budget or _DEFAULT_BUDGET)
                snippets = [_snippet(each) for each in gathered.snippets]
                answer = {"id": request.id, "snippets": snippets, "ms": round(gathered.took_ms, 3)}
            print(json.dumps(answer), flush=True)
    except (OSError, UnicodeDecodeError) as error:
        print(f"copilot-ls context: {arguments.batch} cannot be read: {error}", file=sys.stderr)
        return 2
    finally:
        if index is not None:
            index.close()
    return 1 if n_bad else 0


def _gather(
    document: DocumentSnapshot, cursor: Point, workspace: Path, index: WorkspaceIndex | None, budget: int
) -> Gathered:
    from copilot_ls.context.gather import gather
    from copilot_ls.context.request import ContextRequest
    from copilot_ls.prompt.comments import gap_mark
    from copilot_ls.prompt.tokens import estimate

    request = ContextRequest(document=document, cursor=cursor, root=workspace, index=index)
    return gather(
        request,
        deadline_ms=_DEADLINE_MS,
        budget_tokens=budget,
        estimate_tokens=estimate,
        gap_mark=gap_mark(document.language_id),
    )


def _document(path: Path, snapshot: Any) -> DocumentSnapshot:  # noqa: ANN401 -- a TextSnapshot
    from copilot_ls.index.filetypes import file_type
    from copilot_ls.text import DocumentSnapshot

    known = file_type(path.as_posix())
    return DocumentSnapshot(path.as_uri(), str(path), known.language if known else "plaintext", 0, snapshot)


def _snippet(snippet: Any) -> dict[str, Any]:  # noqa: ANN401 -- a ContextSnippet
    return {
        "path": snippet.path,
        "start_line": snippet.start_line,
        "end_line": snippet.end_line,
        "text": snippet.text,
        "source": snippet.source,
        "score": round(snippet.score, 4),
        "tokens": snippet.tokens,
    }


def _tokens(word: str) -> int:
    import argparse

    if not word.isdigit() or not 0 < int(word) <= 1_000_000:  # noqa: PLR2004 -- no model reads more
        raise argparse.ArgumentTypeError(f"{word!r} is no number of tokens; give one from 1 to 1000000, such as 2048")
    return int(word)
