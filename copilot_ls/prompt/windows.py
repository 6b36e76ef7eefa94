"""The stretch of the open file before the cursor, and the one after it, that fit a number of tokens.

Their far sides are at whole lines, except within a line that is too long by itself. Leaves to `assemble`, their only
caller, how many tokens each may have.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from copilot_ls.prompt.tokens import estimate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.text import Point, TextSnapshot

# No line of code is denser in tokens than this by much, and none is worth more characters than this for each token:
# it bounds the work on a line of megabytes.
_MAX_CHARS_PER_TOKEN = 8
_FEW_TOKENS = 256
# A line that is too long for the budget is cut at a multiple of this many characters.
_CHAR_STEP = 256
# Far window starts move in steps of about this part of the prefix's budget …
_STEPS_PER_WINDOW = 8
# … taking a line of code as this many tokens (median of the standard library's, as `tokens` counts them).
_TOKENS_PER_LINE = 8
_LINES_AT_ONCE = 64


@lru_cache(maxsize=8192)
def short_line_tokens(line: str) -> int:
    """Tokens of a line that is likely to be asked for again; remembered."""
    return estimate(line)


def _line_tokens(line: str) -> int:
    # Lines are the same objects from one snapshot to the next, so that their hashes are known: a hit costs 0.1 us.
    return short_line_tokens(line) if len(line) <= 200 else estimate(line)  # noqa: PLR2004 - bounds the cache's memory


def _upwards(text: TextSnapshot, line: int) -> Iterator[str]:
    """The lines above `line`, the nearest first; asked for some at a time, which costs a fifth of one by one."""
    while line > 0:
        start = max(line - _LINES_AT_ONCE, 0)
        yield from reversed(text.lines(start, line))
        line = start


def _downwards(text: TextSnapshot, line: int) -> Iterator[str]:
    """The lines from `line` on."""
    while line < text.n_lines:
        yield from text.lines(line, line + _LINES_AT_ONCE)
        line += _LINES_AT_ONCE


def tokens_above(text: TextSnapshot, cursor: Point, enough: int) -> int:
    """Tokens before the cursor, counted no further than `enough`."""
    found = estimate(_tail(text.line(cursor.line)[: cursor.column], enough))
    return _counted(found, _upwards(text, cursor.line), enough)


def tokens_below(text: TextSnapshot, cursor: Point, enough: int) -> int:
    """Tokens after the cursor, counted no further than `enough`."""
    found = estimate(text.line(cursor.line)[cursor.column :][: enough * _MAX_CHARS_PER_TOKEN])
    return _counted(found, _downwards(text, cursor.line + 1), enough)


def _counted(found: int, lines: Iterator[str], enough: int) -> int:
    """`found`, and the tokens of `lines` until there are enough."""
    most_chars = enough * _MAX_CHARS_PER_TOKEN
    while found < enough and (line := next(lines, None)) is not None:
        found += _line_tokens(line[:most_chars])
    return min(found, enough)


def _most_chars(tokens: int) -> int:
    """Characters beyond which a text need not be counted: it has more than so many tokens.

    A single word may hold many more than the average, which is why the bound is no less for small budgets.
    """
    return max(tokens, _FEW_TOKENS) * _MAX_CHARS_PER_TOKEN


def _tail(text: str, tokens: int) -> str:
    limit = tokens * _MAX_CHARS_PER_TOKEN
    return text[len(text) - limit :] if len(text) > limit else text


def prefix_window(text: TextSnapshot, cursor: Point, budget: int) -> tuple[str, int, int]:
    """The prefix, its first line and its tokens."""
    current = text.line(cursor.line)[: cursor.column]
    found = estimate(current) if len(current) <= _most_chars(budget) else budget + 1
    if found > budget:
        cut = _cut_long_line(current, budget)
        return cut, cursor.line, estimate(cut)
    first = cursor.line
    counts: list[int] = []
    most_chars = _most_chars(budget)
    for line in _upwards(text, cursor.line):
        if len(line) > most_chars:
            break
        tokens = _line_tokens(line)
        if found + tokens > budget:
            break
        found += tokens
        counts.append(tokens)
        first -= 1
    if first > 0:
        step = _step(budget)
        stable = -(-first // step) * step
        if stable <= cursor.line:
            for _ in range(stable - first):
                found -= counts.pop()
            first = stable
    return "".join(text.lines(first, cursor.line)) + current, first, found


def _step(budget: int) -> int:
    """Lines in which the far start of the prefix moves: the largest power of two that costs little of the window."""
    lines = budget // (_STEPS_PER_WINDOW * _TOKENS_PER_LINE)
    return 1 << max(lines.bit_length() - 1, 0)


def _cut_long_line(line: str, budget: int) -> str:
    """The end of a line that is too long, from a multiple of `_CHAR_STEP` on where that leaves enough."""
    start = max(len(line) - budget * _MAX_CHARS_PER_TOKEN, 0)
    while start < len(line) and (tokens := estimate(line[start:])) > budget:
        start += max((len(line) - start) * (tokens - budget) // tokens, 1)
    stable = -(-start // _CHAR_STEP) * _CHAR_STEP
    return line[stable if stable <= len(line) - _CHAR_STEP else start :]


def suffix_window(text: TextSnapshot, cursor: Point, budget: int) -> tuple[str, int, int]:
    """The suffix, the line after its last and its tokens."""
    rest = text.line(cursor.line)[cursor.column :]
    head = rest[: _most_chars(budget)]
    found = estimate(head)
    if len(head) < len(rest) or found > budget:
        end = len(head)
        while end and (tokens := estimate(head[:end])) > budget:
            end -= max(end * (tokens - budget) // tokens, 1)
        return head[:end], cursor.line + 1, estimate(head[:end])
    line = cursor.line + 1
    most_chars = _most_chars(budget)
    for content in _downwards(text, line):
        if len(content) > most_chars:
            break
        tokens = _line_tokens(content)
        if found + tokens > budget:
            break
        found += tokens
        line += 1
    return rest + "".join(text.lines(cursor.line + 1, line)), line, found
