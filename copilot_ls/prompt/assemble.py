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
from typing import TYPE_CHECKING, Literal

from copilot_ls.prompt.comments import comment_line
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
    from copilot_ls.text import DocumentSnapshot, Point

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
    """One piece of a prompt and where it comes from. Lines are zero-based, `end_line` exclusive; `tokens` estimated.

    Only snippets have a `score`.
    """

    what: Literal["snippet", "prefix", "suffix"]
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
    above, below = tokens_above(text, cursor, budget), tokens_below(text, cursor, budget)
    for_prefix, for_suffix, for_snippets = _divide(
        budget,
        (shares.prefix, shares.suffix, shares.snippets),
        (above, below, wanted_by_snippets),
        quantum,
    )

    prefix, first_line, prefix_tokens = prefix_window(text, cursor, for_prefix)
    suffix, last_line, suffix_tokens = suffix_window(text, cursor, for_suffix)
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


def _header(snippet: ContextSnippet, comment: str) -> str:
    return comment_line(comment, f"From {snippet.path}:")


def _cost(snippet: ContextSnippet, comment: str) -> int:
    """Tokens of a snippet with its header."""
    return (snippet.tokens or estimate(snippet.text)) + short_line_tokens(_header(snippet, comment))


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
        snippet.score,
    )
