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
    from collections.abc import Callable, Mapping, Sequence

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
    """What has been chosen so far, and what each other line would add to it.

    What a line adds only ever falls, so that what it was worth when it was looked at last bounds what it is worth now,
    and a line is looked at anew only when it comes first (Minoux, "Accelerated greedy algorithms for maximizing
    submodular set functions", 1978).
    """

    def __init__(self, lines: Sequence[Line], chances: Mapping[str, float]) -> None:
        self._lines, self._chances = lines, chances
        self._costs = [_rough_cost(line.text) for line in lines]
        self._held: set[str] = set()
        self._declared: set[str] = set()
        self._paths: set[str] = set()
        # By files that are not shown yet: their lines that are queued with the first line's surcharge.
        self._waiting: dict[str, list[tuple[float, int]]] = {}

    def fill(self, budget: int, estimate: Callable[[str], int], header_tokens: int) -> list[Chosen]:
        """Take the best line for its tokens until the next one does not fit."""
        costs = self._costs
        queue = [
            (-gain / costs[at], at)
            for at, line in enumerate(self._lines)
            if len(line.text) <= _LONGEST_LINE and (gain := self._gain(line)) >= _LEAST_GAIN
        ]
        heapq.heapify(queue)
        taken: set[int] = set()
        chosen: list[Chosen] = []
        while queue:
            known, at = queue[0]
            line, cost = self._lines[at], costs[at]
            gain = 0.0 if at in taken else self._gain(line)
            if gain < _LEAST_GAIN:
                heapq.heappop(queue)
                continue
            is_first = line.path not in self._paths
            current = -gain / (cost + _OTHER_FILE_TOKENS if is_first else cost)
            if current > known:  # others have covered a part of it meanwhile, or it would be the first of its file
                heapq.heapreplace(queue, (current, at))
                if is_first:
                    self._waiting.setdefault(line.path, []).append((-gain / cost, at))
                continue
            tokens = estimate(line.text + "\n")
            budget -= tokens + (header_tokens if is_first else 0)
            if budget < 0:
                break
            heapq.heappop(queue)
            chosen.append(Chosen(line, gain, tokens))
            taken.add(at)
            self._held.update(line.words)
            self._declared.add(line.declares)
            self._paths.add(line.path)
            for entry in self._waiting.pop(line.path, ()):
                heapq.heappush(queue, entry)
        return chosen

    def _gain(self, line: Line) -> float:
        """What a line adds to those that are chosen."""
        chances, held, gain = self._chances, self._held, line.worth
        for name in line.words:
            if name not in held:
                gain += chances.get(name, 0.0)
        if line.declares in line.words and line.declares not in self._declared:
            gain += _DECLARING * chances.get(line.declares, 0.0)
        return gain


def _rough_cost(text: str) -> float:
    """Tokens of a line, roughly: thousands are compared, and few of them counted."""
    return _LEAST_TOKENS + len(text.strip()) / _CHARACTERS_PER_TOKEN
