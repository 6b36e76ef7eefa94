"""Complete at a place in a file, or at many: what an editor would be offered there.

FILE:LINE:COL counts lines and columns from 1, columns in characters. With --batch, requests are JSON lines {"id",
"path", "prefix", "suffix"}: the open file is prefix + suffix with the cursor between them, whatever the disk holds at
that path, which is relative to --workspace. Each is answered by one line {"id", "items": [{"text", "confidence",
"source"}], "ms"}, or {"id", "error"} where it cannot be read.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from copilot_ls.cli.places import Place
    from copilot_ls.features.suggestion import Suggestion
    from copilot_ls.features.workbench import Workbench

SUMMARY = "show what would be suggested at a place in a file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the place, the batch and the form of the answer."""
    from copilot_ls.cli.places import add_place_arguments

    add_place_arguments(parser)
    parser.add_argument("--automatic", action="store_true", help="as while typing: one suggestion, or silence")
    parser.add_argument("--backend", metavar="NAME", help="ask this backend alone, instead of the configured route")
    parser.add_argument("--explain", action="store_true", help="say where each suggestion was learnt, and what was cut")


def run(arguments: argparse.Namespace) -> int:
    """Answer one place or a batch; returns the exit status."""
    return asyncio.run(_run(arguments))


async def _run(arguments: argparse.Namespace) -> int:
    from copilot_ls.cli.places import open_workbench, place_of, workspace_of

    if (arguments.place is None) == (arguments.batch is None):
        print("copilot-ls complete: give either FILE:LINE:COL or --batch FILE", file=sys.stderr)
        return 2
    if arguments.batch is not None:
        workspace = workspace_of(arguments)
        workbench = open_workbench(workspace, backend=arguments.backend)
        try:
            return await _batch(workbench, workspace, arguments)
        finally:
            await workbench.aclose()
    place = place_of(arguments.place, arguments.workspace)
    if isinstance(place, str):
        print(f"copilot-ls complete: {place}", file=sys.stderr)
        return 2
    workbench = open_workbench(place.workspace, backend=arguments.backend)
    try:
        suggestions, ms = await complete(workbench, place.path, place.text, place.offset, automatic=arguments.automatic)
        reasons = [_reasons(workbench, place, one) if arguments.explain else [] for one in suggestions]
    finally:
        await workbench.aclose()
    if arguments.json:
        items = [_item(one) | ({"why": why} if why else {}) for one, why in zip(suggestions, reasons, strict=True)]
        print(json.dumps({"items": items, "ms": ms}))
    else:
        _show(suggestions, ms, reasons, explain=arguments.explain)
    return 0


def _reasons(workbench: Workbench, place: Place, suggestion: Suggestion) -> list[str]:
    """Why the backend made this suggestion, if it is one that can say so."""
    from copilot_ls.backends.base import CompletionRequest
    from copilot_ls.syntax import language_for
    from copilot_ls.text import DocumentSnapshot, TextSnapshot

    explain = getattr(workbench.router().lane(suggestion.backend).backend, "explain", None)
    if explain is None:
        return []
    text = TextSnapshot.of(place.text)
    language = language_for("", str(place.path))
    language_id = language.language_ids[0] if language else "plaintext"
    document = DocumentSnapshot(place.path.as_uri(), str(place.path), language_id, 0, text)
    request = CompletionRequest(
        path=workbench.relative_path(document),
        language_id=language_id,
        prefix="",
        suffix="",
        document=document,
        cursor=text.point_at(place.offset),
    )
    lines: list[str] = explain(suggestion.text, request)
    return lines


async def complete(
    workbench: Workbench, path: Path, text: str, offset: int, *, automatic: bool
) -> tuple[Sequence[Suggestion], float]:
    """The suggestions at a character offset of a text that is open at `path`, and the milliseconds that they took."""
    import time

    from copilot_ls.features.inline_completion import Query
    from copilot_ls.syntax import language_for

    language = language_for("", str(path))
    uri = path.as_uri()
    document = workbench.documents.open(uri, str(path), language.language_ids[0] if language else "plaintext", 0, text)
    cursor = document.buffer.snapshot().point_at(offset)
    started = time.perf_counter()
    try:
        found = await workbench.completion.suggest(Query(document, cursor, "automatic" if automatic else "invoked"))
    finally:
        workbench.documents.close(uri)
    return found or [], round((time.perf_counter() - started) * 1000, 3)


async def _batch(workbench: Workbench, workspace: Path, arguments: argparse.Namespace) -> int:
    from copilot_ls.cli.places import batch_requests

    n_bad = 0
    for request in batch_requests(arguments.batch):
        if request.error is not None:
            n_bad += 1
            answer: dict[str, Any] = {"id": request.id, "error": request.error}
        else:
            suggestions, ms = await complete(
                workbench,
                workspace / request.path,
                request.prefix + request.suffix,
                len(request.prefix),
                automatic=arguments.automatic,
            )
            answer = {"id": request.id, "items": [_item(suggestion) for suggestion in suggestions], "ms": ms}
        print(json.dumps(answer), flush=True)
    return 1 if n_bad else 0


def _item(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "text": suggestion.text,
        "confidence": suggestion.confidence,
        "source": suggestion.backend,
        "origin": suggestion.origin,
        "cut_by": list(suggestion.cut_by),
    }


def _show(suggestions: Sequence[Suggestion], ms: float, reasons: Sequence[list[str]], *, explain: bool) -> None:
    n_shown = 0
    for n_shown, (suggestion, why) in enumerate(zip(suggestions, reasons, strict=True), 1):
        confidence = "" if suggestion.confidence is None else f", confidence {suggestion.confidence:.2f}"
        print(f"[{n_shown}] {suggestion.backend}{confidence}")
        print("\n".join("    " + line for line in suggestion.text.split("\n")))
        if explain and suggestion.origin:
            print(f"    learnt from {suggestion.origin}")
        for line in why:
            print(f"        {line}")
        if explain and suggestion.cut_by:
            print(f"    shortened by {', '.join(suggestion.cut_by)}")
    print(f"{n_shown or 'no'} suggestion{'s' if n_shown != 1 else ''} in {ms:.1f} ms")
