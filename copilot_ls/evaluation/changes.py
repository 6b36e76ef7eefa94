"""What a commit does to a file: hunks, and the lines that somebody wrote rather than moved. Pure.

Called by `session`, which types them.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_LINE = 200
"""Characters. Nobody types longer ones."""

# This many moved lines near together are a block that was moved.
_MOVED_LINES = 3


class Hunk(NamedTuple):
    """A stretch of changed lines: first and end, counted from zero, in the old file and in the new one."""

    old_first: int
    old_end: int
    first: int
    end: int


@dataclass
class Change:
    """What a commit does to one file; texts are None where there is no file."""

    old_path: str | None
    path: str | None
    old: str | None
    new: str | None

    @cached_property
    def hunks(self) -> list[Hunk]:
        """The stretches of changed lines, from the top."""
        if self.new is None or self.old == self.new:
            return []
        new = self.new.split("\n")
        if self.old is None:
            return [Hunk(0, 0, 0, len(new))]
        matcher = difflib.SequenceMatcher(None, self.old.split("\n"), new, autojunk=False)
        return [Hunk(*numbers) for kind, *numbers in matcher.get_opcodes() if kind != "equal"]


def lines_gone(change: Change) -> list[str]:
    """The lines that a change takes out."""
    if change.old is None:
        return []
    old = change.old.split("\n")
    if change.new is None:
        return old
    return [line for hunk in change.hunks for line in old[hunk.old_first : hunk.old_end]]


def written(lines: Sequence[str], gone: set[str]) -> list[bool]:
    """Of each line of a hunk, whether somebody typed it; `gone` are the stripped lines that the commit takes out."""
    moved = [line.strip() in gone for line in lines]
    return [
        len(line) <= LONGEST_LINE and not (moved[at] and sum(moved[max(0, at - 2) : at + 3]) >= _MOVED_LINES)
        for at, line in enumerate(lines)
    ]
