"""Texts with a cursor: `█` marks where it stands. `at(language, text)` gives the syntax tree and the point."""

from __future__ import annotations

from copilot_ls.syntax import SyntaxDocument, SyntaxTree
from copilot_ls.text import Point, TextSnapshot

CURSOR = "█"


def split(marked: str) -> tuple[str, Point]:
    assert marked.count(CURSOR) == 1, marked
    before, after = marked.split(CURSOR)
    lines = before.split("\n")
    return before + after, Point(len(lines) - 1, len(lines[-1]))


def at(language: str, marked: str) -> tuple[SyntaxTree, Point]:
    text, point = split(marked)
    return SyntaxDocument(language, "").tree_at(TextSnapshot.of(text)), point
