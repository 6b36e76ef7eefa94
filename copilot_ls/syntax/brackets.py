"""Brackets and quotes that the statement at the cursor still needs. Called by `copilot_ls.syntax.tree`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.syntax.access import CLOSER_OF

if TYPE_CHECKING:
    from copilot_ls.syntax.surroundings import Bracket, Surroundings

_BRACKET = re.compile(r"[()\[\]{}]")

# Code nests less; what nests deeper is no code.
_MAX_DEPTH = 100


def open_closers(around: Surroundings) -> str:
    """What would close, innermost first, the quotes and brackets opened before the cursor and not closed after it.

    A block that was opened on an earlier line is none of this statement's.
    """
    tree = around.tree
    mine: list[Bracket] = []
    for bracket in reversed(around.open_brackets):
        if bracket.at.line != around.point.line and around.role(bracket) == "block":
            break
        mine.append(bracket)
    if not mine:
        return around.masked.open_quotes
    stack = list(around.open_brackets)
    unclosed: set[Bracket] = set()
    for closer, indent in _closers_after(around):
        if indent is not None:  # a closer that starts a line closes nothing that is indented more
            while stack and stack[-1].at.line >= around.point.line and around.indent(stack[-1].at.line) > indent:
                unclosed.add(stack.pop())
        if any(CLOSER_OF[bracket.character] == closer for bracket in stack):
            while CLOSER_OF[(bracket := stack.pop()).character] != closer:
                unclosed.add(bracket)
    last_seen = around.masked.first + len(around.masked.lines)
    beyond = last_seen < around.snapshot.n_lines
    unclosed.update(bracket for bracket in stack if not (beyond and tree is not None and tree.is_closed(bracket.at)))
    closers = [CLOSER_OF[bracket.character] for bracket in mine if bracket in unclosed]
    return around.masked.open_quotes + "".join(closers)


def _closers_after(around: Surroundings) -> list[tuple[str, int | None]]:
    """Closing brackets from the cursor to the window's end that close nothing opened after the cursor.

    With the indentation of those that start a line.
    """
    stack: list[str] = []
    found: list[tuple[str, int | None]] = []
    first = around.point.line + 1
    below = around.masked.lines[first - around.masked.first :]
    for number, text in enumerate([around.after, *below], first - 1):
        for match in _BRACKET.finditer(text):
            bracket = match[0]
            if bracket in CLOSER_OF:
                stack.append(CLOSER_OF[bracket])
            elif stack:
                if bracket in stack[-_MAX_DEPTH:]:
                    while stack.pop() != bracket:
                        pass
            elif len(found) < _MAX_DEPTH:
                starts_line = number >= first and not text[: match.start()].strip()
                found.append((bracket, around.indent(number) if starts_line else None))
    return found
