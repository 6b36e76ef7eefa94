"""Explain code: what the lines of a file do, who calls them, and in a model's words too, if there is one.

FILE:LINE is about the function or type around that line, FILE:LINE-LINE about those lines. What is known without a
model is printed whether or not one answers.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from copilot_ls.features.explaining.question import Explanation

SUMMARY = "explain what code does, and what that rests on"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the lines, the question and the form of the answer."""
    parser.add_argument("place", metavar="FILE:LINE[-LINE]", help="lines count from 1")
    parser.add_argument("--question", default="", metavar="TEXT", help="what a model is to answer about them")
    parser.add_argument("--workspace", metavar="DIR", help="workspace folder (default: the project around the file)")
    parser.add_argument("--backend", metavar="NAME", help="ask this backend alone; embedded: no model at all")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Explain and print; returns the exit status."""
    return asyncio.run(_run(arguments))


async def _run(arguments: argparse.Namespace) -> int:
    from copilot_ls.cli.places import lines_of, open_workbench

    lines = lines_of(arguments.place, arguments.workspace)
    if isinstance(lines, str):
        print(f"copilot-ls explain: {lines}", file=sys.stderr)
        return 2
    from copilot_ls.features.explaining.question import ExplainQuestion
    from copilot_ls.syntax import language_for
    from copilot_ls.text import DocumentSnapshot, Point, Span, TextSnapshot

    language = language_for("", str(lines.path))
    text = TextSnapshot.of(lines.text)
    language_id = language.language_ids[0] if language else "plaintext"
    document = DocumentSnapshot(lines.path.as_uri(), str(lines.path), language_id, 0, text)
    start = Point(lines.first, len(text.line_text(lines.first)) - len(text.line_text(lines.first).lstrip()))
    end = start if lines.first == lines.last else Point(lines.last, len(text.line_text(lines.last)))
    workbench = open_workbench(lines.workspace, backend=arguments.backend)
    try:
        explanation = await workbench.code_explainer().explain(
            ExplainQuestion(document, Span(start, end), question=arguments.question)
        )
    finally:
        await workbench.aclose()
    if arguments.json:
        print(json.dumps(_as_json(explanation)))
        return 0
    print(explanation.markdown, end="")
    if explanation.note:
        print(f"copilot-ls explain: {explanation.note}", file=sys.stderr)
    return 0


def _as_json(explanation: Explanation) -> dict[str, object]:
    return {
        "markdown": explanation.markdown,
        "sources": list(explanation.sources),
        "backend": explanation.backend,
        "model": explanation.model or None,
        "note": explanation.note or None,
    }
