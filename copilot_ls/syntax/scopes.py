"""The nested bodies around a cursor: functions, classes, blocks.

The `scopes` query says where they are. A cursor on a blank line belongs to a body that only indentation shows if it is
indented like it, so the nearest code above is asked too. Where nothing could be parsed, indentation and the words of
header lines must do. Called by `copilot_ls.syntax.tree`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from copilot_ls.syntax.surroundings import indent_width
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from tree_sitter import Node

    from copilot_ls.syntax.access import TreeAccess
    from copilot_ls.syntax.surroundings import Surroundings

ScopeKind = Literal["function", "class", "block"]

_CLASS_HEADER = re.compile(r"\b(?:class|struct|interface|trait|impl|enum|module|namespace|record|union)\s+([\w.:]+)")
_FUNCTION_HEADER = re.compile(r"\b(?:def|function|func|fn)\s+(?:\([^)]*\)\s*)?([\w.:?!]+)")
_MEMBER_HEADER = re.compile(r"(?<!\S)(?!if\b|for\b|while\b|switch\b|catch\b|with\b)([A-Za-z_]\w*)\s*\([^;]*\{$")
_MAX_FALLBACK_LINES = 400


@dataclass(frozen=True, slots=True)
class Scope:
    """One body around the cursor.

    `span` reaches from its first word to its end, `header` from there to where the body starts, `inside` is what lies
    between the braces, or the body's lines. `body_indent` is the white space its lines start with, or would.
    """

    kind: ScopeKind
    name: str
    span: Span
    header: Span
    inside: Span
    body_indent: str


def enclosing_scopes(around: Surroundings) -> tuple[Scope, ...]:
    """The scopes that contain the cursor, outermost first."""
    tree = around.tree
    if tree is None or around.spec is None:
        return _by_indentation(around)
    found = {}
    for place in _probes(around):
        byte = tree.byte(place)
        for pattern, captures in tree.matches("scopes", max(0, byte - 1), byte + 1):
            node = captures["scope.around"][0]
            found[node.start_byte, node.end_byte, node.type] = (pattern, captures)
    scopes: list[Scope] = []
    for key in sorted(found, key=lambda key: (key[0], -key[1])):
        pattern, captures = found[key]
        kind = tree.setting("scopes", pattern, "kind")
        scope = _scope(around, tree, kind, captures, scopes[-1] if scopes else None)
        if scope is not None:
            scopes.append(scope)
    if not scopes and tree.has_error:
        return _by_indentation(around)
    return tuple(scopes)


def _probes(around: Surroundings) -> list[Point]:
    places = [around.point]
    if not around.before.strip():
        line = around.line_above()
        if line >= 0:
            places.append(Point(line, len(around.masked.line(line).rstrip())))
    return places


def _scope(
    around: Surroundings, tree: TreeAccess, kind: str | None, captures: dict[str, list[Node]], outer: Scope | None
) -> Scope | None:
    node = captures["scope.around"][0]
    body = captures["scope.inside"][0] if "scope.inside" in captures else None
    span = Span(tree.start(node), tree.end(node))
    name = _name(captures["scope.name"][0]) if "scope.name" in captures else ""
    inside = _inside(around, tree, node, body, captures)
    header_line = around.snapshot.line_text(span.start.line)
    body_indent = _body_indent(around, inside, span, header_line, outer)
    if not _contains(around, span, inside, indent_width(header_line), indent_width(body_indent)):
        return None
    header = Span(span.start, _trimmed(around, span.start, inside.start))
    return Scope(kind if kind in ("function", "class") else "block", name, span, header, inside, body_indent)  # type: ignore[arg-type]


def _name(node: Node) -> str:
    text = (node.text or b"").decode("utf-8", "replace")
    return text.split("(", 1)[0].strip(" *&\n")


def _inside(
    around: Surroundings, tree: TreeAccess, node: Node, body: Node | None, captures: dict[str, list[Node]]
) -> Span:
    """What lies within the body's own delimiters."""
    if body is not None:
        first, last = (body.child(0), body.child(body.child_count - 1)) if body.child_count else (None, None)
        if first is not None and last is not None and first.type == "{":
            closed = last.type == "}" and not last.is_missing
            return Span(tree.end(first), tree.start(last) if closed else tree.end(body))
        return Span(tree.start(body), tree.end(body))
    # Without a body the node has a first line and perhaps a closing word.
    start = tree.start(node)
    name = captures.get("scope.name")
    line = tree.end(name[0]).line if name else start.line
    first_end = Point(line, len(around.snapshot.line_text(line)))
    last = node.child(node.child_count - 1) if node.child_count else None
    spec = around.spec
    closed = last is not None and spec is not None and last.type in spec.closers
    end = tree.start(last) if closed and last is not None else tree.end(node)
    return Span(min(first_end, end), end)


def _body_indent(around: Surroundings, inside: Span, span: Span, header_line: str, outer: Scope | None) -> str:
    for number in range(inside.start.line, min(inside.end.line, inside.start.line + 200) + 1):
        text = around.snapshot.line_text(number)
        stripped = text.lstrip()
        column = len(text) - len(stripped)
        if stripped and number > span.start.line and (number, column) >= inside.start and (number, column) < inside.end:
            return text[:column]
    own = header_line[: len(header_line) - len(header_line.lstrip())]
    unit = around.spec.indent_unit if around.spec else "    "
    if outer is not None:
        outer_header = around.snapshot.line_text(outer.span.start.line)
        step = outer.body_indent[len(outer_header) - len(outer_header.lstrip()) :]
        unit = step or unit
    elif own:
        unit = "\t" if own.startswith("\t") else unit
    return own + unit


def _contains(around: Surroundings, span: Span, inside: Span, header_indent: int, body_indent: int) -> bool:
    point = around.point
    if point <= span.start:
        return False
    style = around.spec.block_style if around.spec else "braces"
    blank = not around.before.strip()
    if style == "indent" and blank and point.line > span.start.line:
        # Only a blank line, or one being indented, has a choice; its column is what the user chose.
        empty = inside.start >= inside.end
        if point < inside.start and not empty:
            return indent_width(around.before) > header_indent or point.line < inside.start.line
        column = indent_width(around.before)
        fits = column > header_indent if empty else column >= body_indent
        return fits and (point <= inside.end or _blank_between(around, inside.end, point))
    if point <= inside.end:
        return True
    return style != "braces" and point <= span.end and _blank_between(around, inside.end, point)


def _blank_between(around: Surroundings, start: Point, end: Point) -> bool:
    if start.line < around.masked.first:
        return False
    for number in range(start.line, end.line + 1):
        text = around.masked.line(number)
        if text[start.column if number == start.line else 0 : end.column if number == end.line else len(text)].strip():
            return False
    return True


def _trimmed(around: Surroundings, start: Point, end: Point) -> Point:
    """`end` moved back over white space, but not before `start`."""
    line, column = end
    text = around.snapshot.line_text(line)[:column].rstrip()
    while not text and line > start.line:
        line -= 1
        text = around.snapshot.line_text(line).rstrip()
    return max(start, Point(line, len(text)))


def _by_indentation(around: Surroundings) -> tuple[Scope, ...]:
    """Scopes by the indentation of lines alone."""
    point, snapshot = around.point, around.snapshot
    text = snapshot.line_text(point.line)
    limit = indent_width(text) if text.strip() else max(indent_width(around.before), 1)
    scopes: list[Scope] = []
    body_line = point.line
    for number in range(point.line - 1, max(-1, point.line - _MAX_FALLBACK_LINES), -1):
        text = snapshot.line_text(number)
        stripped = text.strip()
        width = indent_width(text)
        if not stripped or width >= limit or stripped in ("}", ")", "]", "{"):
            continue
        limit = width
        header = stripped.rstrip()
        kind, name = _kind_and_name(header)
        own = text[: len(text) - len(text.lstrip())]
        first = snapshot.line_text(number + 1)
        indent = first[: len(first) - len(first.lstrip())] if first.strip() else own + _unit(around)
        start, last = Point(number, len(own)), _last_line(around, number, width, body_line)
        body_line = number
        end = Point(last, len(snapshot.line_text(last)))
        header_end = Point(number, len(text.rstrip()))
        scopes.append(Scope(kind, name, Span(start, end), Span(start, header_end), Span(header_end, end), indent))
        if width == 0:
            break
    return tuple(reversed(scopes))


def _unit(around: Surroundings) -> str:
    return around.spec.indent_unit if around.spec else "    "


def _kind_and_name(header: str) -> tuple[ScopeKind, str]:
    if found := _CLASS_HEADER.search(header):
        return "class", found[1]
    if found := _FUNCTION_HEADER.search(header) or _MEMBER_HEADER.search(header):
        return "function", found[1]
    return "block", ""


def _last_line(around: Surroundings, header: int, width: int, at_least: int) -> int:
    """The last line below a header that is indented more than it."""
    last = max(header, at_least)
    for number in range(header + 1, min(around.snapshot.n_lines, header + _MAX_FALLBACK_LINES)):
        text = around.snapshot.line_text(number)
        if not text.strip():
            continue
        if number > at_least and indent_width(text) <= width:
            break
        last = max(last, number)
    return last
