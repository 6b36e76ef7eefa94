"""What a simulated typist does about a ghost text: who knows what comes next, and cannot be talked into another thing.

Pure. The typist takes a text that is exactly how the code goes on and long enough to be worth a key, takes words of one
that begins rightly, and types on otherwise. Nothing is taken that would have to be mended afterwards. Called by
`session`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

Habit = Literal["words", "whole"]
"""Whether words of a text are taken where all of it is wrong."""

LEAST_CHARS = 3
"""A shorter text is typed: looking at it and pressing a key takes as long."""

_WORD = re.compile(r"\s*(?:\w+|[^\w\s]+)")
_LONGEST_COMPARED = 400


class Taken(NamedTuple):
    """So many characters of the text, with so many keys."""

    n_chars: int
    n_keys: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Typist:
    """One way of typing."""

    habit: Habit = "words"
    least_chars: int = LEAST_CHARS

    def decide(self, truth: str, shown: str) -> Taken | None:
        """What is taken of `shown` where the code goes on as `truth`; None: the next key is typed."""
        if len(shown.strip()) >= self.least_chars and is_right(truth, shown):
            return Taken(len(shown), 1, whole=True)
        if self.habit == "whole":
            return None
        common = shared(truth, shown)
        n_chars = n_keys = 0
        for word in _WORD.finditer(shown):
            end = word.end()
            if end > common or (end == common and _cuts_word(truth, end)):
                break
            n_chars, n_keys = end, n_keys + 1
        # Each word costs a key: what is gained has to be worth the look.
        return Taken(n_chars, n_keys, whole=False) if n_chars >= n_keys * 2 + self.least_chars else None


def is_right(truth: str, shown: str) -> bool:
    """Whether the author went on to type exactly `shown`, and `shown` ends no word in its midst."""
    rest = truth[len(shown) :]
    return truth.startswith(shown) and not (rest[:1].isalnum() and shown[-1:].isalnum())


def shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    for at, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return at
    return min(len(one), len(other))


def _cuts_word(truth: str, end: int) -> bool:
    return truth[end - 1 : end].isalnum() and truth[end : end + 1].isalnum()


def similarity(truth: str, shown: str) -> float:
    """Edit similarity: 1 - Levenshtein's distance by the longer length, of as many lines as are shown, cut at 400."""
    wanted = "\n".join(truth.split("\n")[: shown.count("\n") + 1]).strip()[:_LONGEST_COMPARED]
    given = shown.strip()[:_LONGEST_COMPARED]
    longest = max(len(wanted), len(given))
    return 1 - _distance(wanted, given) / longest if longest else 1.0


def _distance(one: str, other: str) -> int:
    """Levenshtein's distance (Wagner and Fischer, 1974), by rows."""
    n = shared(one, other)
    one, other = one[n:], other[n:]
    row = list(range(len(other) + 1))
    for at, a in enumerate(one, 1):
        previous, row[0] = row[0], at
        for to, b in enumerate(other, 1):
            previous, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, previous + (a != b))
    return row[-1]
