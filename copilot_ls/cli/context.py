"""Show the prompt that would be sent for a place in a file, and where each part of it comes from.

FILE:LINE:COL counts lines and columns from 1, columns in characters. With --batch, requests are JSON lines {"id",
"path", "prefix", "suffix"}: the open file is prefix + suffix with the cursor between them, whatever the disk holds at
that path, which is relative to --workspace. Each is answered by one line {"id", "snippets": [{"path", "start_line",
"end_line", "text", "source", "score", "tokens"}], "ms"}, or {"id", "error"} where it cannot be read. Lines of snippets
count from 0, end_line is exclusive; a snippet of source `definitions` has the declaring lines of its span alone. The
tokens of the snippets together are --budget at most. The workspace is indexed first; nothing is sent anywhere.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from copilot_ls.context.gather import Gathered
    from copilot_ls.index.lookup import WorkspaceIndex
    from copilot_ls.prompt.assemble import Prompt
    from copilot_ls.text import DocumentSnapshot, Point

SUMMARY = "show the prompt for a place in a file, and where each part comes from"

_DEFAULT_BUDGET = 2048
# A command may take longer than a keystroke, and should show what there is rather than what was quick.
_DEADLINE_MS = 2_000.0
_WHY = {"overlap": "shares lines with another", "budget": "no room", "visible": "already in the open file's part"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the place, the batch, the budget and the form of the answer."""
    from copilot_ls.cli.places import add_place_arguments

    add_place_arguments(parser)
    parser.add_argument(
        "--budget", type=_tokens, default=_DEFAULT_BUDGET, metavar="TOKENS", help="tokens of the prompt (default: 2048)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Show one place or answer a batch; returns the exit status."""
    from copilot_ls.cli.places import place_of, workspace_of
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
    snapshot = TextSnapshot.of(place.text)
    _show_place(
        _document(place.path, snapshot),
        snapshot.point_at(place.offset),
        place.workspace,
        arguments.budget,
        arguments.json,
    )
    return 0


def _show_place(document: DocumentSnapshot, cursor: Point, workspace: Path, budget: int, as_json: bool) -> None:
    from copilot_ls.context.request import relative_path
    from copilot_ls.prompt.assemble import assemble
    from copilot_ls.prompt.comments import comment_for

    index = _index_of(workspace)
    try:
        gathered = _gather(document, cursor, workspace, index, budget)
    finally:
        if index is not None:
            index.close()
    path = relative_path(document.path, workspace)
    prompt = assemble(
        document,
        cursor,
        gathered.snippets,
        budget_tokens=budget,
        path=path,
        comment=comment_for(document.language_id),
    )
    print(json.dumps(_as_json(prompt, gathered), indent=2) if as_json else render(prompt, gathered))


def _batch(workspace: Path, arguments: argparse.Namespace) -> int:
    from copilot_ls.cli.places import batch_requests
    from copilot_ls.text import TextSnapshot

    index = _index_of(workspace)
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
                gathered = _gather(document, cursor, workspace, index, arguments.budget)
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


def _index_of(workspace: Path) -> WorkspaceIndex | None:
    """The index of the folder, brought up to date first; None, and a sentence on stderr, when there can be none."""
    from copilot_ls.config.paths import cache_dir
    from copilot_ls.errors import IndexUnavailableError
    from copilot_ls.index.location import database_for
    from copilot_ls.index.lookup import WorkspaceIndex
    from copilot_ls.index.worker import build

    try:
        database = database_for(workspace, cache_dir(create=True))
        build(workspace, database, tell=lambda _: None)
    except (IndexUnavailableError, OSError) as error:
        print(f"copilot-ls context: {error}", file=sys.stderr)
        return None
    return WorkspaceIndex.open(database, query_ms=_DEADLINE_MS)


def _gather(
    document: DocumentSnapshot, cursor: Point, workspace: Path, index: WorkspaceIndex | None, budget: int
) -> Gathered:
    from copilot_ls.context.gather import gather
    from copilot_ls.context.request import ContextRequest
    from copilot_ls.prompt.tokens import estimate

    request = ContextRequest(document=document, cursor=cursor, root=workspace, index=index)
    return gather(request, deadline_ms=_DEADLINE_MS, budget_tokens=budget, estimate_tokens=estimate)


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


def _as_json(prompt: Prompt, gathered: Gathered) -> dict[str, Any]:
    return {
        "budget_tokens": prompt.budget_tokens,
        "tokens": prompt.tokens,
        "ms": round(gathered.took_ms, 3),
        "parts": [
            {
                "what": part.what,
                "path": part.path,
                "start_line": part.start_line,
                "end_line": part.end_line,
                "tokens": part.tokens,
                "source": part.source,
                "text": part.text,
            }
            for part in prompt.parts
        ],
        "left_out": [
            {"path": path, "start_line": start, "end_line": end, "source": source, "reason": reason}
            for path, start, end, source, reason in _left_out(prompt, gathered)
        ],
    }


def _left_out(prompt: Prompt, gathered: Gathered) -> list[tuple[str, int, int, str, str]]:
    unused = [
        (each.snippet.path, each.snippet.start_line, each.snippet.end_line, each.snippet.source, each.reason)
        for each in prompt.left_out
    ]
    return unused + [(each.path, each.start_line, each.end_line, each.source, each.reason) for each in gathered.dropped]


def render(prompt: Prompt, gathered: Gathered) -> str:
    """The prompt, part by part, under headers that say whence; lines count from 1 here, as the eye does."""
    shown: list[str] = []
    for part in prompt.parts:
        lines = f"{part.start_line + 1}-{max(part.end_line, part.start_line + 1)}"
        shown += [
            f"=== {part.what} · {part.path}:{lines} · {part.source} · {part.tokens} tokens",
            part.text.rstrip("\n"),
            "",
        ]
    shown.append(f"{prompt.tokens} of {prompt.budget_tokens} tokens, gathered in {gathered.took_ms:.1f} ms")
    left_out = _left_out(prompt, gathered)
    if left_out:
        shown += ["", "left out:"]
    for path, start, end, source, reason in left_out:
        place = f"{path}:{start + 1}-{end}" if path else "everything"
        shown.append(f"  {place} · {source} · {_WHY.get(reason, reason)}")
    return "\n".join(shown)


def _tokens(word: str) -> int:
    import argparse

    if not word.isdigit() or not 0 < int(word) <= 1_000_000:  # noqa: PLR2004 -- no model reads more
        raise argparse.ArgumentTypeError(f"{word!r} is no number of tokens; give one from 1 to 1000000, such as 2048")
    return int(word)
