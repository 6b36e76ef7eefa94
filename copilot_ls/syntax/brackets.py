"""Brackets and quotes that the statement at the cursor still needs. Called by `copilot_ls.syntax.tree`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.syntax.access import CLOSER_OF

if TYPE_CHECKING:
    from copilot_ls.syntax.access import TreeAccess
    from copilot_ls.syntax.surroundings import Bracket, Surroundings

_BRACKET = re.compile(r"[()\[\]{}]")


def open_closers(around: Surroundings, tree: TreeAccess | None) -> str:
    """What would close, innermost first, the quotes and brackets opened before the cursor and not closed after it.

    A block that was opened on an earlier line is none of this statement's.
    """
    mine: list[Bracket] = []
    for bracket in reversed(around.open_brackets):
        if bracket.at.line != around.point.line and around.role(bracket) == "block":
            break
        mine.append(bracket)
    stack = list(around.open_brackets)
    unclosed: list[Bracket] = []
    for closer in _closers_after(around):
        if not any(CLOSER_OF[bracket.character] == closer for bracket in stack):
            continue
        while CLOSER_OF[(bracket := stack.pop()).character] != closer:
            unclosed.append(bracket)
    last_seen = around.masked.first + len(around.masked.lines)
    beyond = last_seen < around.snapshot.n_lines
    for bracket in reversed(stack):
        if not (beyond and tree is not None and tree.is_closed(bracket.at)):
            unclosed.append(bracket)
    open_ones = [bracket for bracket in mine if bracket in unclosed]
    return around.masked.open_quotes + "".join(CLOSER_OF[bracket.character] for bracket in open_ones)


def _closers_after(around: Surroundings) -> list[str]:
    """Closing brackets from the cursor to the window's end that close nothing opened after the cursor."""
    stack: list[str] = []
    found: list[str] = []
    texts = [around.after, *around.masked.lines[around.point.line + 1 - around.masked.first :]]
    for text in texts:
        for bracket in _BRACKET.findall(text):
            if bracket in CLOSER_OF:
                stack.append(CLOSER_OF[bracket])
            elif bracket in stack:
                while stack.pop() != bracket:
                    pass
            else:
                found.append(bracket)
    return found
