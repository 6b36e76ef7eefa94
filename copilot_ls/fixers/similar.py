"""How alike two names are, as somebody mistypes them.

The distance is optimal string alignment (Damerau, "A technique for computer detection and correction of spelling
errors", 1964): insertions, deletions, replacements, and exchanges of neighbours. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

# Three letters in a row are one mistake in a long name, but another name in a short one.
_LETTERS_PER_MISTAKE = 4
_MOST_MISTAKES = 3
_SHORTEST = 2


class Alike(NamedTuple):
    """A known name and how likely it is meant, from 0 to 1."""

    likelihood: float
    name: str


def distance(one: str, other: str, bound: int) -> int:
    """Mistakes between two words; `bound + 1` stands for more than `bound`."""
    if abs(len(one) - len(other)) > bound:
        return bound + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        following = [at]
        for column, other_letter in enumerate(other, 1):
            cost = min(row[column] + 1, following[-1] + 1, row[column - 1] + (letter != other_letter))
            if at > 1 and column > 1 and letter == other[column - 2] and one[at - 2] == other_letter:
                cost = min(cost, before[column - 2] + 1)
            following.append(cost)
        if min(following) > bound:
            return bound + 1
        before, row = row, following
    return row[-1]


def likelihood(written: str, meant: str) -> float:
    """How likely somebody who wrote one word meant the other, from 0 (not at all) to 1."""
    if written == meant or not written or not meant:
        return 0.0
    if written.strip("_") == meant.strip("_"):
        return 0.93
    if written.replace("_", "").lower() == meant.replace("_", "").lower():
        return 0.9
    shorter = min(len(written), len(meant))
    bound = min(_MOST_MISTAKES, max(1, (shorter + 1) // _LETTERS_PER_MISTAKE))
    mistakes = distance(written, meant, bound)
    another_case = mistakes > bound
    if another_case:
        mistakes = distance(written.lower(), meant.lower(), bound)
    if mistakes > bound or (shorter < _SHORTEST and len(meant) != len(written) + 1):
        return 0.0
    # One mistake in eight letters is a slip, one in two hardly.
    share = 1 - mistakes / (max(len(written), len(meant)) + 1)
    low, meant_low = written.lower(), meant.lower()
    same_ends = (low[0] == meant_low[0]) + (low[-1] == meant_low[-1])
    exchanged = sorted(low) == sorted(meant_low)
    return max(0.0, min(0.99, share - 0.04 * (2 - same_ends) + 0.03 * exchanged - 0.05 * another_case))


def alike(written: str, known: Iterable[str], *, at_least: float = 0.5) -> list[Alike]:
    """The known names that may be meant, the likeliest first; equally likely ones in alphabetical order."""
    found = [Alike(likelihood(written, name), name) for name in set(known)]
    return sorted((each for each in found if each.likelihood >= at_least), key=lambda each: (-each[0], each[1]))
