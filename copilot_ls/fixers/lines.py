"""Statements as edits, in any language: taken away with their lines, taken out of a list, put before or behind a node.

Pure. Called by the rules of languages with braces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from copilot_ls.syntax.node import CodeNode
    from copilot_ls.text import TextSnapshot


def before(node: CodeNode, text: str) -> Replacement:
    """The edit that puts a text before a node."""
    return Replacement(Span(node.start, node.start), text)


def behind(node: CodeNode, text: str) -> Replacement:
    """The edit that puts a text behind a node."""
    return Replacement(Span(node.end, node.end), text)


def without_lines(text: TextSnapshot, node: CodeNode) -> Replacement:
    """The edit that takes a statement away, and its lines where nothing else stands on them."""
    head = text.line_text(node.start.line)[: node.start.column]
    rest = text.line_text(node.end.line)[node.end.column :]
    if head.strip() or rest.strip(" \t;"):
        return Replacement(node.span, "")
    return Replacement(Span(Point(node.start.line, 0), next_line(text, node.end)), "")


def without_item(text: TextSnapshot, item: CodeNode) -> Replacement:
    """The edit that takes an entry out of a list, with the comma that is left over and the line that is left empty."""
    following, preceding = item.next, item.previous
    if following is not None and following.kind == ",":
        after = following.next
        if after is not None and after.line == following.line and after.is_named:
            return Replacement(Span(item.start, after.start), "")
        if text.line_text(item.line)[: item.start.column].strip() == "":
            return Replacement(Span(Point(item.line, 0), next_line(text, following.end)), "")
        return Replacement(Span(item.start, following.end), "")
    if preceding is not None and preceding.kind == ",":
        return Replacement(Span(preceding.start, item.end), "")
    return Replacement(item.span, "")


def next_line(text: TextSnapshot, point: Point) -> Point:
    """The start of the next line, where nothing but a semicolon stands between; else the point itself."""
    if text.line_text(point.line)[point.column :].strip(" \t;"):
        return point
    if point.line + 1 < text.n_lines:
        return Point(point.line + 1, 0)
    return Point(point.line, len(text.line_text(point.line)))
