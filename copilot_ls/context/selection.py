"""Which lines of the candidates to show: those that hold the most that is likely to be needed, per token.

An identifier counts by its chance, once, however many lines hold it; a line that declares it counts for that again. So
each line is worth what it adds to those chosen before it, and the best one for its tokens comes next until the budget
is spent: the usual greedy answer to covering under a budget, which for such sums is within a constant of the best
(Khuller, Moss and Naor, 1999). A larger budget chooses the same lines and then more. Pure; called by `gather`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from heapq import heapify, heappop, heappush, heapreplace
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.context.line_words import line_opens

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
# Sources whose lines are declarations, one by one.
_OUTLINES = frozenset({"definitions", "dependencies", "siblings"})


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
    gap_tokens: int = 0,
) -> list[Chosen]:
    """Lines worth their tokens, best first, with at most `budget` tokens in all; no place twice.

    The first line of each file costs `header_tokens` more, and each place where `reads_on` is true of one that was not
    the next one costs `gap_tokens`.
    """
    return _Covering(lines, chances).fill(budget, estimate, header_tokens, Gaps(gap_tokens))


def reads_on(line: Line) -> bool:
    """Whether a line would be taken for the next statement after the one that is shown above it.

    What stands at the edge, and what declares, is read as an item of a list, whatever is left out between.
    """
    return line.text[:1].isspace() and line.source not in _OUTLINES and not line_opens(line.text)


class Gaps:
    """Which of the lines that are shown of each file have a gap above them that has to be marked."""

    def __init__(self, tokens: int) -> None:
        self._tokens = tokens
        self._shown: dict[str, tuple[list[int], list[bool]]] = {}

    def cost(self, line: Line) -> int:
        """Tokens that the marks cost more when `line` is shown too; less than nothing where it fills a gap."""
        if not self._tokens:
            return 0
        numbers, marked = self._shown.get(line.path, ((), ()))
        at = bisect_left(numbers, line.number)
        n_more = 0
        if at and line.number - numbers[at - 1] > 1:
            n_more += reads_on(line)
        if at < len(numbers) and marked[at]:
            n_after = int(numbers[at] - line.number > 1)
            n_before = int(at > 0 and numbers[at] - numbers[at - 1] > 1)
            n_more += n_after - n_before
        return n_more * self._tokens

    def show(self, line: Line) -> None:
        """Note that a line is shown."""
        if self._tokens:
            numbers, marked = self._shown.setdefault(line.path, ([], []))
            at = bisect_left(numbers, line.number)
            numbers.insert(at, line.number)
            marked.insert(at, reads_on(line))


class _Covering:
    """What has been chosen so far, and what each other line would add to it.

    What a line adds only ever falls, so that what it was worth when it was looked at last bounds what it is worth now,
    and a line is looked at anew only when it comes first (Minoux, "Accelerated greedy algorithms for maximizing
    submodular set functions", 1978).
    """

    def __init__(self, lines: Sequence[Line], chances: Mapping[str, float]) -> None:
        self._lines = lines
        # In tokens, roughly: a thousand are compared, and few of them counted.
        self._costs = [_LEAST_TOKENS + len(line.text.strip()) / _CHARACTERS_PER_TOKEN for line in lines]
        # What is still to be had: for holding an identifier, and for declaring it.
        self._holding = defaultdict(float, chances)
        self._declaring = defaultdict(float, chances)
        self._paths: set[str] = set()
        # By files that are not shown yet: their lines that are queued with the first line's surcharge.
        self._waiting: dict[str, list[tuple[float, int]]] = {}

    def fill(self, budget: int, estimate: Callable[[str], int], header_tokens: int, gaps: Gaps) -> list[Chosen]:
        """Take the best line for its tokens until the next one does not fit."""
        lines, costs, paths, waiting = self._lines, self._costs, self._paths, self._waiting
        queue = self._queue()
        taken: set[int] = set()
        chosen: list[Chosen] = []
        while queue:
            known, at = queue[0]
            line, cost = lines[at], costs[at]
            gain = 0.0 if at in taken else self._gain(line)
            if gain < _LEAST_GAIN:
                heappop(queue)
                continue
            is_first = line.path not in paths
            for_gaps = gaps.cost(line)
            current = -gain / (cost + _OTHER_FILE_TOKENS if is_first else cost + for_gaps)
            if current > known:  # others have covered a part of it meanwhile, or it would be the first of its file
                heapreplace(queue, (current, at))
                if is_first:
                    waiting.setdefault(line.path, []).append((-gain / cost, at))
                continue
            tokens = estimate(line.text + "\n")
            budget -= tokens + (header_tokens if is_first else 0) + for_gaps
            if budget < 0:
                break
            heappop(queue)
            chosen.append(Chosen(line, gain, tokens))
            taken.add(at)
            gaps.show(line)
            self._holding |= dict.fromkeys(line.words, 0.0)
            self._declaring[line.declares] = 0.0
            paths.add(line.path)
            for entry in waiting.pop(line.path, ()):
                heappush(queue, entry)
        return chosen

    def _queue(self) -> list[tuple[float, int]]:
        """All lines with a bound of what they add for their tokens: as if the file of each was shown already."""
        costs = self._costs
        queue = [
            (-gain / costs[at], at)
            for at, line in enumerate(self._lines)
            if len(line.text) <= _LONGEST_LINE and (gain := self._gain(line)) >= _LEAST_GAIN
        ]
        heapify(queue)
        return queue

    def _gain(self, line: Line) -> float:
        """What a line adds to those that are chosen."""
        gain = line.worth + sum(map(self._holding.__getitem__, line.words))
        if line.declares in line.words:
            gain += _DECLARING * self._declaring[line.declares]
        return gain
