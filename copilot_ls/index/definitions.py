"""Where names are defined, found by regular expressions: a light table of signatures, at tens of megabytes per second.

Knows declarations by their first line and what contains them by indentation, which well-kept code of every language
shows; a member is what stands directly below a type. Wrong now and then, and cheap enough to be asked of every file;
syntax trees may replace it per language. Pure; called by `digest`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from copilot_ls.index.definition_patterns import BY_FAMILY, FREE_FUNCTIONS, GROUP_KINDS, MEMBER_GROUPS

_LONGEST_SIGNATURE = 400
_MAX_SIGNATURE_LINES = 10
_MAX_DEFINITIONS = 20_000
_TYPE_KINDS = frozenset({"class", "impl"})
_TEXT_BLOCK = re.compile(r"\"{3}|'{3}")


class Definition(NamedTuple):
    """A name and where it is declared.

    `kind` is class, function or variable; `line` is zero-based, `end` exclusive: the lines of the signature.
    `container` is the type that has it as a member, or empty.
    """

    name: str
    kind: str
    line: int
    end: int
    container: str
    signature: str


class _Around(NamedTuple):
    """A declaration that those below it may stand in: the width of its indentation, its kind and name."""

    indent: int
    kind: str
    name: str


def find_definitions(text: str, family: str) -> list[Definition]:
    """The definitions of a text in order of lines; empty for families without patterns. Line ends must be LF."""
    pattern = BY_FAMILY.get(family)
    if pattern is None:
        return []
    if family == "python":  # prose within docstrings looks like annotations
        text = _without_text_blocks(text)
    found: list[Definition] = []
    around: list[_Around] = []
    attributes: set[tuple[str, str]] = set()
    line = start = 0
    for match in pattern.finditer(text):
        group = match.lastgroup or "indent"
        name = match[group]
        line += text.count("\n", start, match.start())
        start = match.start()
        indent = len(match["indent"].expandtabs(4))
        while around and around[-1].indent >= indent:
            around.pop()
        kind, container = _placed(match, group, family, around)
        if not kind or (group == "attribute" and (container, name) in attributes):
            continue
        if group == "attribute":
            attributes.add((container, name))
        if kind != "variable":
            around.append(_Around(indent, kind, name))
        if kind != "impl":
            signature, n_lines = _signature(text, match.start(), brackets="([{" if family == "python" else "([")
            found.append(Definition(name, kind, line, line + n_lines, container, signature))
            if len(found) >= _MAX_DEFINITIONS:
                break
    return found


def _placed(match: re.Match[str], group: str, family: str, around: list[_Around]) -> tuple[str, str]:
    """The kind of a declaration and the type it belongs to; no kind for what is a statement after all."""
    container = around[-1].name if around and around[-1].kind in _TYPE_KINDS else ""
    if group == "attribute":  # `self.x = …` belongs to the class around the method around it
        container = next((each.name for each in reversed(around) if each.kind in _TYPE_KINDS), "")
        return ("variable", container) if container else ("", "")
    if group == "method":
        return "function", match["receiver"]
    kind = GROUP_KINDS.get(group, "variable")
    if group == "member" and "(" in match[0]:
        kind = "function"
    if group in MEMBER_GROUPS and not container:
        is_free = group == "member" and kind == "function" and family in FREE_FUNCTIONS and not around
        return (kind, "") if is_free else ("", "")
    if kind == "variable" and around and not container:
        return "", ""  # local to a function
    return kind, container


def _without_text_blocks(text: str) -> str:
    """The text with as many lines, and nothing between triple quotes."""
    pieces: list[str] = []
    at = 0
    while (opening := _TEXT_BLOCK.search(text, at)) is not None:
        closing = text.find(opening[0], opening.end())
        if closing < 0:
            break
        pieces += [text[at : opening.end()], "\n" * text.count("\n", opening.end(), closing), opening[0]]
        at = closing + len(opening[0])
    return "".join([*pieces, text[at:]])


def _signature(text: str, start: int, *, brackets: str) -> tuple[str, int]:
    """The declaration from its first line to the line where its brackets are closed, and how many lines these are."""
    first = end = text.find("\n", start)
    if end < 0:
        return text[start : start + _LONGEST_SIGNATURE], 1
    closers = brackets.translate(_CLOSERS)
    depth, at, n_lines = 0, start, 1
    while True:
        piece = text[at:end]
        depth += sum(map(piece.count, brackets)) - sum(map(piece.count, closers))
        if depth <= 0:
            break
        at = end + 1
        end = text.find("\n", at)
        n_lines += 1
        if end < 0 or n_lines > _MAX_SIGNATURE_LINES or end - start > _LONGEST_SIGNATURE:
            return text[start : min(first, start + _LONGEST_SIGNATURE)], 1
    return text[start : min(end, start + _LONGEST_SIGNATURE)], n_lines


_CLOSERS = str.maketrans("([{", ")]}")
