"""The prompt of one request: which lines of the open file and which context snippets fit the budget.

Shares of the budget go to the prefix, the suffix and the snippets; what one does not need is handed on to the others.
Windows end at whole lines on their far sides, and exactly at the cursor on the near one.

A server keeps what it computed for the leading part of the last prompt, and that part must therefore stay the same
from one keystroke to the next: the prefix begins at a line number that moves in steps, what is handed on is rounded
down, and snippets stand in the order of their places, not of scores that change with every key.

Leaves the choice and the ranking of snippets to `copilot_ls.context`, and the model's own format to `fim` and `chat`.
Called by the inline-completion pipeline and by `copilot-ls context`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from copilot_ls.prompt.comments import comment_line
from copilot_ls.prompt.tokens import estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot

# No line of code is denser in tokens than this by much, and none is worth more characters than this for each token:
# it bounds the work on a line of megabytes.
_MAX_CHARS_PER_TOKEN = 8
# A line that is too long for the budget is cut at a multiple of this many characters.
_CHAR_STEP = 256
# Far window starts move in steps of about this part of the prefix's budget …
_STEPS_PER_WINDOW = 8
# … taking a line of code as this many tokens (median of the standard library's, as `tokens` counts them).
_TOKENS_PER_LINE = 8
# What is handed on is rounded down to a multiple of the budget divided by this. While a short file grows under the
# cursor that leaves up to 9 % more of the budget unused, and the prompt's head changes a third less often.
_HANDED_ON_STEPS = 16


@dataclass(frozen=True, slots=True)
class Shares:
    """How a budget is divided while all parts have more to give than fits; the three sum up to 1.

    The defaults are near those of the field (GitHub's open client gives 35, 15 and 50 percent), leaning to the prefix:
    of all context the lines above the cursor say most.
    """

    prefix: float = 0.45
    suffix: float = 0.15
    snippets: float = 0.40


@dataclass(frozen=True, slots=True)
class PromptPart:
    """One piece of a prompt and where it comes from. Lines are zero-based, `end_line` exclusive; `tokens` estimated."""

    what: Literal["snippet", "prefix", "suffix"]
    path: str
    start_line: int
    end_line: int
    tokens: int
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A snippet that is not in the prompt, and why: `budget`, `blank`, or `visible` (its lines are in the windows)."""

    snippet: ContextSnippet
    reason: Literal["budget", "blank", "visible"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What may be sent: `prefix` ends and `suffix` starts at the cursor. `tokens` is the estimate of the whole."""

    prefix: str
    suffix: str
    snippets: tuple[ContextSnippet, ...]
    parts: tuple[PromptPart, ...]
    left_out: tuple[LeftOut, ...]
    tokens: int
    budget_tokens: int


def assemble(
    document: DocumentSnapshot,
    cursor: Point,
    snippets: Sequence[ContextSnippet] = (),
    *,
    budget_tokens: int,
    path: str,
    comment: str = "//",
    shares: Shares | None = None,
) -> Prompt:
    """Choose what of the open file and of `snippets` (best first, or with scores) fits `budget_tokens`.

    `path` is the open file's, as in the snippets; `comment` opens the comment that heads each snippet, and counts.
    A cursor outside the document is taken as the nearest place within it. The budget holds for the estimate of
    `copilot_ls.prompt.tokens`, without the few special tokens of a model's format.
    """
    shares = shares or Shares()
    budget = max(budget_tokens, 0)
    text = document.text
    cursor = text.clip(cursor)
    quantum = max(budget // _HANDED_ON_STEPS, 1)

    costs = [(snippet, _cost(snippet, comment)) for snippet in snippets]
    wanted_by_snippets = sum(cost for _, cost in costs)
    above, below = _tokens_above(text, cursor, budget), _tokens_below(text, cursor, budget)
    for_prefix, for_suffix, for_snippets = _divide(
        budget,
        (shares.prefix, shares.suffix, shares.snippets),
        (above, below, wanted_by_snippets),
        quantum,
    )

    prefix, first_line, prefix_tokens = _prefix_window(text, cursor, for_prefix)
    suffix, last_line, suffix_tokens = _suffix_window(text, cursor, for_suffix)
    left = budget - prefix_tokens - suffix_tokens
    if wanted_by_snippets > left:  # what rounding left over would let snippets come and go with every key
        left = for_snippets
    kept, left_out, snippet_tokens = _choose(costs, left, path, first_line, last_line)

    parts = [_snippet_part(snippet, comment) for snippet in kept]
    parts.append(PromptPart("prefix", path, first_line, cursor.line + 1, prefix_tokens, "open_file", prefix))
    parts.append(PromptPart("suffix", path, cursor.line, last_line, suffix_tokens, "open_file", suffix))
    return Prompt(
        prefix=prefix,
        suffix=suffix,
        snippets=tuple(kept),
        parts=tuple(parts),
        left_out=tuple(left_out),
        tokens=prefix_tokens + suffix_tokens + snippet_tokens,
        budget_tokens=budget,
    )


def _divide(budget: int, shares: tuple[float, ...], wanted: tuple[int, ...], quantum: int) -> list[int]:
    """Give each its share, or what it wants if that is less; hand the rest on in proportion, rounded down."""
    given = [min(int(budget * share), want) for share, want in zip(shares, wanted, strict=True)]
    # Each round satisfies at least one part for good, so that as many rounds as parts are enough.
    for _ in shares:
        hungry = [at for at, want in enumerate(wanted) if given[at] < want and shares[at] > 0]
        spare = (budget - sum(given)) // quantum * quantum
        if not hungry or spare <= 0:
            break
        total = sum(shares[at] for at in hungry)
        for at in hungry:
            part = int(spare * shares[at] / total) // quantum * quantum
            given[at] = min(given[at] + part, wanted[at])
    return given


@lru_cache(maxsize=8192)
def _short_line_tokens(line: str) -> int:
    return estimate(line)


def _line_tokens(line: str) -> int:
    # Lines are the same objects from one snapshot to the next, so that their hashes are known: a hit costs 0.1 us.
    return _short_line_tokens(line) if len(line) <= 200 else estimate(line)  # noqa: PLR2004 - bounds the cache's memory


def _tokens_above(text: TextSnapshot, cursor: Point, enough: int) -> int:
    """Tokens before the cursor, counted no further than `enough`."""
    found = estimate(_tail(text.line(cursor.line)[: cursor.column], enough))
    line = cursor.line
    while line > 0 and found < enough:
        start = max(line - 64, 0)
        for content in reversed(text.lines(start, line)):
            found += _line_tokens(content[: enough * _MAX_CHARS_PER_TOKEN])
            if found >= enough:
                break
        line = start
    return min(found, enough)


def _tokens_below(text: TextSnapshot, cursor: Point, enough: int) -> int:
    """Tokens after the cursor, counted no further than `enough`."""
    found = estimate(text.line(cursor.line)[cursor.column :][: enough * _MAX_CHARS_PER_TOKEN])
    line = cursor.line + 1
    while line < text.n_lines and found < enough:
        for content in text.lines(line, line + 64):
            found += _line_tokens(content[: enough * _MAX_CHARS_PER_TOKEN])
            if found >= enough:
                break
        line += 64
    return min(found, enough)


def _tail(text: str, tokens: int) -> str:
    limit = tokens * _MAX_CHARS_PER_TOKEN
    return text[len(text) - limit :] if len(text) > limit else text


def _prefix_window(text: TextSnapshot, cursor: Point, budget: int) -> tuple[str, int, int]:
    """The prefix, its first line and its tokens."""
    current = text.line(cursor.line)[: cursor.column]
    found = estimate(_tail(current, budget)) if len(current) <= budget * _MAX_CHARS_PER_TOKEN else budget + 1
    if found > budget:
        cut = _cut_long_line(current, budget)
        return cut, cursor.line, estimate(cut)
    first = cursor.line
    counts: list[int] = []
    while first > 0:
        line = text.line(first - 1)
        if len(line) > budget * _MAX_CHARS_PER_TOKEN:
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


def _suffix_window(text: TextSnapshot, cursor: Point, budget: int) -> tuple[str, int, int]:
    """The suffix, the line after its last and its tokens."""
    rest = text.line(cursor.line)[cursor.column :]
    head = rest[: budget * _MAX_CHARS_PER_TOKEN]
    found = estimate(head)
    if len(head) < len(rest) or found > budget:
        end = len(head)
        while end and (tokens := estimate(head[:end])) > budget:
            end -= max(end * (tokens - budget) // tokens, 1)
        return head[:end], cursor.line + 1, estimate(head[:end])
    line = cursor.line + 1
    while line < text.n_lines:
        content = text.line(line)
        if len(content) > budget * _MAX_CHARS_PER_TOKEN:
            break
        tokens = _line_tokens(content)
        if found + tokens > budget:
            break
        found += tokens
        line += 1
    return rest + "".join(text.lines(cursor.line + 1, line)), line, found


def _header(snippet: ContextSnippet, comment: str) -> str:
    return comment_line(comment, f"From {snippet.path}:")


def _cost(snippet: ContextSnippet, comment: str) -> int:
    """Tokens of a snippet with its header."""
    return (snippet.tokens or estimate(snippet.text)) + _short_line_tokens(_header(snippet, comment))


def _choose(
    costs: Sequence[tuple[ContextSnippet, int]], budget: int, path: str, first_line: int, last_line: int
) -> tuple[list[ContextSnippet], list[LeftOut], int]:
    kept: list[ContextSnippet] = []
    left_out: list[LeftOut] = []
    used = 0
    for snippet, cost in sorted(costs, key=lambda pair: -pair[0].score):
        if not snippet.text.strip():
            left_out.append(LeftOut(snippet, "blank"))
        elif snippet.path == path and snippet.start_line < last_line and snippet.end_line > first_line:
            left_out.append(LeftOut(snippet, "visible"))
        elif used + cost > budget:
            left_out.append(LeftOut(snippet, "budget"))
        else:
            kept.append(snippet)
            used += cost
    kept.sort(key=lambda snippet: (snippet.path, snippet.start_line, snippet.end_line))
    return kept, left_out, used


def _snippet_part(snippet: ContextSnippet, comment: str) -> PromptPart:
    return PromptPart(
        "snippet",
        snippet.path,
        snippet.start_line,
        snippet.end_line,
        _cost(snippet, comment),
        snippet.source,
        snippet.text,
    )
