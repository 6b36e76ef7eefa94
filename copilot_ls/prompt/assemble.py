"""The prompt of one request: which lines of the open file and which context snippets fit the budget.

Shares of the budget go to the prefix, the suffix and the snippets; what one does not need is handed on to the others.
Windows end at whole lines on their far sides, and exactly at the cursor on the near one; above a window that does not
reach the file's beginning stand the heads of what is around the cursor (`heads`).

A server keeps what it computed for the leading part of the last prompt, and that part must therefore stay the same
from one keystroke to the next: the prefix begins at a line number that moves in steps, what is handed on is rounded
down, and snippets that were in the last prompt stay where they were (`steady`).

Leaves the choice and the ranking of snippets to `copilot_ls.context`, and the model's own format to `fim` and `chat`.
Called by `copilot_ls.features.prompts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from copilot_ls.context.snippet import is_gap
from copilot_ls.prompt import steady
from copilot_ls.prompt.comments import comment_line
from copilot_ls.prompt.heads import NOTHING, Heads, heads_above
from copilot_ls.prompt.tokens import estimate
from copilot_ls.prompt.windows import (
    prefix_window,
    short_line_tokens,
    suffix_window,
    tokens_above,
    tokens_below,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.prompt.heads import LineRange
    from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot

# What is handed on is rounded down to a multiple of the budget divided by this. While a short file grows under the
# cursor that leaves up to 9 % more of the budget unused, and the prompt's head changes a third less often.
_HANDED_ON_STEPS = 16
# The part of the prefix's budget that is kept for heads where the window does not reach the file's beginning.
_HEADS_PART = 6


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
    """One piece of a prompt and where it comes from. Lines are zero-based, `end_line` exclusive; `tokens` estimated.

    Only snippets have a `score`.
    """

    what: Literal["snippet", "head", "prefix", "suffix"]
    path: str
    start_line: int
    end_line: int
    tokens: int
    source: str
    text: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A snippet that is not in the prompt, and why: `budget`, `blank`, or `visible` (its lines are in the windows)."""

    snippet: ContextSnippet
    reason: Literal["budget", "blank", "visible"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What may be sent: `prefix` ends and `suffix` starts at the cursor, `snippets` are in the order of their layout.

    `prefix` begins with the heads of what is above its window, if there are any. Tokens are the model's, estimated.
    """

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
    tokens_ratio: float = 1.0,
    scopes: Sequence[LineRange] = (),
    previous: Prompt | None = None,
    keep_suffix: bool = False,
) -> Prompt:
    """Choose what of the open file and of `snippets` (best first) fits `budget_tokens`.

    `path` is the open file's, as in the snippets; `comment` opens the comment that heads each snippet, and counts.
    A cursor outside the document is taken as the nearest place within it. The budget holds for the estimate of
    `copilot_ls.prompt.tokens` times `tokens_ratio`, without the few special tokens of a model's format. `scopes` are
    the lines of the heads of what is around the cursor, outermost first. `previous` is the last prompt for this
    document and model; `keep_suffix` keeps its suffix where it hardly changed, for formats that begin with the suffix.
    """
    shares = shares or Shares()
    budget = max(int(budget_tokens / tokens_ratio), 0)
    text = document.text
    cursor = text.clip(cursor)

    wanted_by_snippets = sum(_cost(snippet, comment) for snippet in snippets)
    for_prefix, for_suffix, for_snippets = _shares_at(text, cursor, budget, shares, wanted_by_snippets)

    prefix, first_line, prefix_tokens, heads = _above(text, cursor, for_prefix, scopes, comment)
    suffix, last_line, suffix_tokens = suffix_window(text, cursor, for_suffix)
    left = budget - prefix_tokens - heads.tokens - suffix_tokens
    if wanted_by_snippets > left:  # what rounding left over would let snippets come and go with every key
        left = for_snippets
    worthy, left_out = _worthy(snippets, path, [*heads.ranges, (first_line, last_line)])
    last = previous.snippets if previous else ()
    kept = steady.settle(worthy, last, left, lambda snippet: _cost(snippet, comment))
    left_out += _not_shown(worthy, kept, last)
    if keep_suffix and previous is not None:
        suffix = steady.steady_suffix(suffix, previous.suffix)

    parts = [_snippet_part(snippet, comment, tokens_ratio) for snippet in kept]
    parts += _head_parts(heads, path, tokens_ratio)
    for what, start, end, tokens, part in (
        ("prefix", first_line, cursor.line + 1, prefix_tokens, prefix),
        ("suffix", cursor.line, last_line, suffix_tokens, suffix),
    ):
        parts.append(PromptPart(what, path, start, end, int(tokens * tokens_ratio), "open_file", part))  # type: ignore[arg-type]
    return Prompt(
        prefix=heads.text + prefix,
        suffix=suffix,
        snippets=tuple(kept),
        parts=tuple(parts),
        left_out=tuple(left_out),
        tokens=sum(part.tokens for part in parts),
        budget_tokens=max(budget_tokens, 0),
    )


def room_for_snippets(
    document: DocumentSnapshot,
    cursor: Point,
    *,
    budget_tokens: int,
    tokens_ratio: float = 1.0,
    shares: Shares | None = None,
) -> int:
    """Tokens, as `copilot_ls.prompt.tokens` counts them, that snippets may have at a place: what to gather for it."""
    budget = max(int(budget_tokens / tokens_ratio), 0)
    return _shares_at(document.text, document.text.clip(cursor), budget, shares or Shares(), budget)[2]


def _shares_at(
    text: TextSnapshot, cursor: Point, budget: int, shares: Shares, wanted_by_snippets: int
) -> tuple[int, int, int]:
    """What the prefix, the suffix and the snippets may have."""
    quantum = max(budget // _HANDED_ON_STEPS, 1)
    above, below = tokens_above(text, cursor, budget), tokens_below(text, cursor, budget)
    wanted = (above, below, wanted_by_snippets)
    prefix, suffix, snippets = _divide(budget, (shares.prefix, shares.suffix, shares.snippets), wanted, quantum)
    return prefix, suffix, snippets


def _above(
    text: TextSnapshot, cursor: Point, budget: int, scopes: Sequence[LineRange], comment: str
) -> tuple[str, int, int, Heads]:
    """The prefix's window as `prefix_window` has it, and the heads above it; both within `budget`."""
    prefix, first_line, tokens = prefix_window(text, cursor, budget)
    if first_line in (0, cursor.line):
        return prefix, first_line, tokens, NOTHING
    for_heads = budget // _HEADS_PART
    smaller = prefix_window(text, cursor, budget - for_heads)
    heads = heads_above(text, (smaller[1], cursor.line + 1), scopes, budget=for_heads, comment=comment)
    return (*smaller, heads) if heads.ranges else (prefix, first_line, tokens, NOTHING)


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


def _header(snippet: ContextSnippet, comment: str) -> str:
    return comment_line(comment, f"From {snippet.label}:")


def _cost(snippet: ContextSnippet, comment: str) -> int:
    """Tokens of a snippet with its header."""
    return (snippet.tokens or estimate(snippet.text)) + short_line_tokens(_header(snippet, comment))


def _not_shown(
    worthy: Sequence[ContextSnippet], kept: Sequence[ContextSnippet], last: Sequence[ContextSnippet]
) -> list[LeftOut]:
    """Those of which no line is shown; not what merely was in the last prompt."""
    lines: dict[str, set[str]] = {}
    for each in kept:
        lines.setdefault(each.path, set()).update(line for line in each.text.split("\n") if not is_gap(line))
    return [
        LeftOut(snippet, "budget")
        for snippet in worthy
        if snippet not in last and lines.get(snippet.path, set()).isdisjoint(snippet.text.split("\n"))
    ]


def _worthy(
    snippets: Sequence[ContextSnippet], path: str, shown: Sequence[LineRange]
) -> tuple[list[ContextSnippet], list[LeftOut]]:
    """Those that say something which `shown`, the lines of the open file, does not."""
    worthy: list[ContextSnippet] = []
    left_out: list[LeftOut] = []
    for snippet in snippets:
        if not snippet.text.strip():
            left_out.append(LeftOut(snippet, "blank"))
        elif (
            snippet.path == path
            and snippet.source not in steady.VOLATILE
            and any(snippet.start_line < end and snippet.end_line > start for start, end in shown)
        ):
            left_out.append(LeftOut(snippet, "visible"))
        else:
            worthy.append(snippet)
    return worthy, left_out


def _snippet_part(snippet: ContextSnippet, comment: str, tokens_ratio: float) -> PromptPart:
    return PromptPart(
        "snippet",
        snippet.path,
        snippet.start_line,
        snippet.end_line,
        int(_cost(snippet, comment) * tokens_ratio),
        snippet.source,
        snippet.text,
        snippet.score,
    )


def _head_parts(heads: Heads, path: str, tokens_ratio: float) -> list[PromptPart]:
    """A part for all heads together: they stand apart in the file, but are one text in the prompt."""
    if not heads.ranges:
        return []
    start, end = heads.ranges[0][0], heads.ranges[-1][1]
    return [PromptPart("head", path, start, end, int(heads.tokens * tokens_ratio), "enclosing_scopes", heads.text)]
