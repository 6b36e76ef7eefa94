"""Bodies of functions that can be taken out of a text, and what stands in their place meanwhile.

A hole keeps the head and the documentation, which say what is wanted. What is put there fails when it is run, and
compiles where the language wants that, so that a test which fails is one that came by. Called by `holes`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from copilot_ls.syntax import SyntaxDocument, language_for
from copilot_ls.syntax.symbols import file_symbols
from copilot_ls.text import Point, TextSnapshot

FEWEST_LINES, MOST_LINES = 2, 30
"""Bodies shorter than this are no task, longer ones are nobody's single suggestion."""

_MASKS = {
    "python": "raise NotImplementedError",
    "javascript": 'throw new Error("not written");',
    "typescript": 'throw new Error("not written");',
    "tsx": 'throw new Error("not written");',
    "go": 'panic("not written")',
    "rust": "todo!()",
    "java": "throw new UnsupportedOperationException();",
    "csharp": "throw new System.NotImplementedException();",
    "ruby": "raise NotImplementedError",
    "php": 'throw new \\Exception("not written");',
}
_DOCUMENTATION = re.compile(r"""\s*[rRuUbB]{0,2}(\"\"\"|'''|"|')""")


class Hole(NamedTuple):
    """Lines `first` up to `end` of a file, which are indented by `indent`: all of a body but its documentation."""

    path: str
    name: str
    first: int
    end: int
    indent: str

    @property
    def id(self) -> str:
        """Short, and its own within a commit."""
        return f"{self.path}:{self.first + 1}"


def holes_of(path: str, text: str) -> list[Hole]:
    """The bodies that can be masked, from the top; none within another, none where the language has no mask."""
    spec = language_for("", path)
    if spec is None or spec.name not in _MASKS:
        return []
    symbols = file_symbols(spec, text.encode("utf-8"))
    if symbols is None:
        return []
    snapshot = TextSnapshot.of(text)
    tree = SyntaxDocument(spec.language_ids[0], path).tree_at(snapshot)
    found: list[Hole] = []
    for definition in symbols.definitions:
        if definition.kind not in ("function", "method") or (found and definition.start_line < found[-1].end):
            continue
        probe = min(max(definition.signature_end, definition.start_line + 1), definition.end_line)
        line = snapshot.line_text(probe)
        scopes = tree.enclosing_scopes(Point(probe, len(line) - len(line.lstrip())))
        around = [each for each in scopes if each.kind == "function" and each.span.start.line >= definition.start_line]
        if not around:
            continue
        inside = around[0].inside
        hole = _hole(path, definition.name, snapshot, inside.start, inside.end, is_python=spec.name == "python")
        if hole is not None:
            found.append(hole)
    return found


def _hole(path: str, name: str, text: TextSnapshot, start: Point, end: Point, *, is_python: bool) -> Hole | None:
    first = start.line if not text.line_text(start.line)[: start.column].strip() else start.line + 1
    after = end.line + 1 if text.line_text(end.line)[: end.column].strip() else end.line
    if is_python:
        first = _behind_documentation(text, first, after)
    while after > first and not text.line_text(after - 1).strip():
        after -= 1
    if not FEWEST_LINES <= after - first <= MOST_LINES:
        return None
    line = text.line_text(first)
    indent = line[: len(line) - len(line.lstrip())]
    lines = [text.line_text(number) for number in range(first, after)]
    # Text within a string may stand further left; code that does belongs to something else.
    if not indent or not lines[0].strip() or any(each.strip() and not each.startswith(indent) for each in lines):
        return None
    return Hole(path, name, first, after, indent)


def _behind_documentation(text: TextSnapshot, first: int, end: int) -> int:
    opened = _DOCUMENTATION.match(text.line_text(first))
    if opened is None:
        return first
    rest = text.line_text(first)[opened.end() :]
    line = first
    while opened[1] not in rest:
        line += 1
        if line >= end:
            return end
        rest = text.line_text(line)
    return line + 1


def masked(text: str, hole: Hole) -> str:
    """The text with what fails in the hole's place."""
    spec = language_for("", hole.path)
    return filled(text, hole, [hole.indent + _MASKS[spec.name if spec is not None else ""]])


def filled(text: str, hole: Hole, lines: list[str]) -> str:
    """The text with these lines in the hole's place."""
    all_lines = text.split("\n")
    return "\n".join([*all_lines[: hole.first], *lines, *all_lines[hole.end :]])


def body_of(text: str, hole: Hole) -> list[str]:
    """The lines that are taken out."""
    return text.split("\n")[hole.first : hole.end]
