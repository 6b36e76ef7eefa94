"""Which lines of the candidates to show: those that hold the most that is likely to be needed, per token.

An identifier counts by its chance, once, however many lines hold it; a line that declares it counts for that again. So
each line is worth what it adds to those chosen before it, and the best one for its tokens comes next until the budget
is spent: the usual greedy answer to covering under a budget, which for such sums is within a constant of the best
(Khuller, Moss and Naor, 1999). A larger budget chooses the same lines and then more. Pure; called by `gather`.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

# What declaring an identifier is worth, beside holding it. By trial on projects that no figure is reported of: at 1,
# some 2 points of defR@1k are won over 0.5, and none of idR is lost.
_DECLARING = 1.0
# What a first line of a file must be worth more, whether or not its header counts: lines of few files are read more
# easily than lines of many.
_OTHER_FILE_TOKENS = 5
_CHARACTERS_PER_TOKEN = 3.3
# A line with nothing else costs its end and its indentation.
_LEAST_TOKENS = 2.0
_LONGEST_LINE = 300
# Less than this is what rounding has left of nothing.
_LEAST_GAIN = 1e-9


class Line(NamedTuple):
    """A line that may be shown: its new identifiers, what it declares (or an empty text), and who proposes it.

    `worth` is what it is worth apart from them, as a chance: the signature of a function that is being called says how
    to go on, though its name is known.
    """

    path: str
    number: int
    text: str
    words: frozenset[str]
    declares: str
    source: str
    worth: float = 0.0


class Chosen(NamedTuple):
    """A line that is shown, and what it added."""

    line: Line
    gain: float
    tokens: int


def choose(
    lines: Sequence[Line],
    chances: Mapping[str, float],
    *,
    budget: int,
    estimate: Callable[[str], int],
    header_tokens: int = 0,
) -> list[Chosen]:
    """Lines worth their tokens, best first, with at most `budget` tokens in all; no place twice.

    The first line of each file costs `header_tokens` more.
    """
    return _Covering(lines, chances).fill(budget, estimate, header_tokens)


class _Covering:
    """What has been chosen so far, and what each other line would add, kept up to date as identifiers are covered."""

    def __init__(self, lines: Sequence[Line], chances: Mapping[str, float]) -> None:
        self._lines, self._chances = lines, chances
        self._costs = [_rough_cost(line.text) for line in lines]
        self._gains = [line.worth for line in lines]
        self._taken: set[int] = set()
        self._paths: set[str] = set()
        self._of_path: dict[str, list[int]] = {}
        # Of each identifier that is not covered, and of each that no chosen line declares: the lines that have it.
        self._holding: dict[str, list[int]] = {}
        self._declaring: dict[str, list[int]] = {}
        for at, line in enumerate(lines):
            if len(line.text) > _LONGEST_LINE:
                continue
            self._of_path.setdefault(line.path, []).append(at)
            gain = line.worth
            for name in line.words:
                if name in chances:
                    gain += chances[name]
                    self._holding.setdefault(name, []).append(at)
            if line.declares in line.words and line.declares in chances:
                gain += _DECLARING * chances[line.declares]
                self._declaring.setdefault(line.declares, []).append(at)
            self._gains[at] = gain

    def fill(self, budget: int, estimate: Callable[[str], int], header_tokens: int) -> list[Chosen]:
        """Take the best line for its tokens until the next one does not fit."""
        queue = self._entries(at for places in self._of_path.values() for at in places)
        heapq.heapify(queue)
        chosen: list[Chosen] = []
        while queue:
            rate, at = heapq.heappop(queue)
            if at in self._taken or self._gains[at] < _LEAST_GAIN:
                continue
            current = -self._rate(at)
            if current > rate:  # others have covered a part of it meanwhile
                heapq.heappush(queue, (current, at))
                continue
            line = self._lines[at]
            tokens = estimate(line.text + "\n")
            cost = tokens + (0 if line.path in self._paths else header_tokens)
            if cost > budget:
                break
            budget -= cost
            chosen.append(Chosen(line, self._gains[at], tokens))
            for entry in self._take(at):
                heapq.heappush(queue, entry)
        return chosen

    def _take(self, at: int) -> list[tuple[float, int]]:
        """Note a line as chosen; the places of other lines that cost less from now on."""
        line, gains, chances = self._lines[at], self._gains, self._chances
        self._taken.add(at)
        for name in line.words:
            for other in self._holding.pop(name, ()):
                gains[other] -= chances[name]
        for other in self._declaring.pop(line.declares, ()):
            gains[other] -= _DECLARING * chances[line.declares]
        if line.path in self._paths:
            return []
        self._paths.add(line.path)
        return self._entries(self._of_path[line.path])

    def _entries(self, places: Iterable[int]) -> list[tuple[float, int]]:
        return [(-self._rate(at), at) for at in places if self._gains[at] >= _LEAST_GAIN and at not in self._taken]

    def _rate(self, at: int) -> float:
        return self._gains[at] / (self._costs[at] + (0 if self._lines[at].path in self._paths else _OTHER_FILE_TOKENS))


def _rough_cost(text: str) -> float:
    """Tokens of a line, roughly: thousands are compared, and few of them counted."""
    return _LEAST_TOKENS + len(text.strip()) / _CHARACTERS_PER_TOKEN
