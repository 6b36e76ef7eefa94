"""Cut a generation that has begun to repeat itself, after the first occurrence of what it repeats.

A text with period p agrees with itself shifted by p. That is asked of tokens, with bounds that grow with the period
(a short period needs fewer tokens to be a loop, a long one may be honest code), and of whole lines.
"""

from __future__ import annotations

import re
from operator import eq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.postprocess.situation import Situation

# A run of one sign, as in a ruler of dashes, is one token; so is a line end.
TOKEN = re.compile(r"\w+|([^\w\s])\1*|\n")

# (longest period, tokens that one repetition must span): the bounds that VS Code's own completion client uses.
_TOKEN_BOUNDS = ((1, 10), (10, 30), (20, 45), (30, 60))
# (shortest period, longest period, occurrences) in lines: one line three times, or a block of three lines twice.
_LINE_BOUNDS = ((1, 2, 3), (3, 12, 2))


def cut_repetition(text: str, situation: Situation) -> str | None:
    """Keep what comes before the repetition and its first period; a repetition within the first line leaves nothing."""
    ends = [end for end in (_token_loop(text), _line_loop(text, situation.current_line_prefix)) if end is not None]
    return text[: min(ends)] if ends else text


def _token_loop(text: str) -> int | None:
    tokens = list(TOKEN.finditer(text))
    if len(tokens) < _TOKEN_BOUNDS[0][1]:
        return None
    words = [token.group() for token in tokens]
    found = _first_loop(words, ((period, wanted) for longest, period, wanted in _periods() if period <= longest))
    if found is None:
        return None
    start, period = found
    # Back to the end of the last whole line: half an element of a list of zeros helps nobody.
    end = tokens[start + period - 1].end()
    line_end = text.rfind("\n", 0, end + 1)
    return max(line_end, 0)


def _periods() -> list[tuple[int, int, int]]:
    periods = []
    shortest = 1
    for longest, wanted in _TOKEN_BOUNDS:
        periods += [(longest, period, wanted) for period in range(shortest, longest + 1)]
        shortest = longest + 1
    return periods


def _line_loop(text: str, line_prefix: str) -> int | None:
    # The first line is whole only together with what stands before the cursor.
    lines = [line.rstrip() for line in (line_prefix + text).split("\n")]
    numbers = [number for number, line in enumerate(lines) if line]
    filled = [lines[number] for number in numbers]
    if len(filled) < _LINE_BOUNDS[0][2]:
        return None
    bounds = ((period, period * times) for low, high, times in _LINE_BOUNDS for period in range(low, high + 1))
    found = _first_loop(filled, bounds)
    if found is None:
        return None
    start, period = found
    last = numbers[start + period - 1]
    return len("\n".join(text.split("\n")[: last + 1]))


def _first_loop(items: Sequence[str], bounds: object) -> tuple[int, int] | None:
    """Find the loop that is complete first: its start and period. `bounds` gives (period, items that it must span)."""
    best: tuple[int, int, int] | None = None
    for period, wanted in bounds:  # type: ignore[attr-defined]
        if wanted > len(items):
            continue
        agrees = bytes(map(eq, items[period:], items))
        start = agrees.find(b"\x01" * (wanted - period))
        if start >= 0 and (best is None or (start + wanted, period) < (best[0], best[2])):
            best = (start + wanted, start, period)
    return None if best is None else (best[1], best[2])
