"""Asking all context sources under one deadline, and choosing from what they found what fits the budget.

Signatures may take half of the budget, recent edits and open files a share each, similar code the rest; what one does
not use goes to the others. Nothing is shown twice, nothing of the open file, nothing that stands around the cursor.
`gather` blocks for its deadline at most and is run in a thread by features; it stops early once its caller says so.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copilot_ls.context.definitions import definitions
from copilot_ls.context.dependencies import dependencies
from copilot_ls.context.open_files import open_files
from copilot_ls.context.recent_edits import recent_edits
from copilot_ls.context.request import Situation
from copilot_ls.context.similar_code import similar_code
from copilot_ls.context.snippet import ContextSnippet

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_ls.context.candidate import Candidate
    from copilot_ls.context.request import ContextRequest

_LOG = logging.getLogger("copilot_ls.context")

# In order of asking: the share of the budget that a source may take before the others have had theirs, and the score
# that a candidate must have to be taken then. Signatures of names that are merely near wait for what the others leave.
_SOURCES: tuple[tuple[str, Callable[[Situation], list[Candidate]], float, float], ...] = (
    ("definitions", definitions, 0.5, 4.0),
    ("dependencies", dependencies, 0.2, 4.0),
    ("recent_edits", recent_edits, 0.15, 0.0),
    ("open_files", open_files, 0.2, 0.0),
    ("similar_code", similar_code, 1.0, 0.0),
)
_CHARACTERS_PER_TOKEN = 3.3
_LEAST_SIGNATURES = 3


@dataclass(frozen=True, slots=True)
class Dropped:
    """A candidate that was left out, and why: `budget`, `overlap`, `deadline` or `failed: …`."""

    path: str
    start_line: int
    end_line: int
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """What goes into the prompt, best first; what does not; and how long it took in milliseconds."""

    snippets: tuple[ContextSnippet, ...]
    dropped: tuple[Dropped, ...]
    took_ms: float


@dataclass(slots=True)
class _Choice:
    """What has been taken so far."""

    left: int
    estimate: Callable[[str], int]
    taken: list[ContextSnippet] = field(default_factory=list)
    spans: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict)


def gather(
    request: ContextRequest,
    *,
    deadline_ms: float,
    budget_tokens: int,
    estimate_tokens: Callable[[str], int] | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
) -> Gathered:
    """Context for the cursor of `request` within `budget_tokens`; whatever was found when the deadline passes.

    `estimate_tokens` counts the tokens of a text (`copilot_ls.prompt.tokens.estimate`); without it 3.3 characters are
    one.
    """
    started = clock()
    deadline = started + deadline_ms / 1000
    situation = Situation(request, lambda: is_cancelled() or clock() >= deadline)
    dropped: list[Dropped] = []
    found: list[tuple[float, float, list[Candidate]]] = []
    for name, source, share, least_score in _SOURCES:
        if situation.is_late():
            dropped.append(Dropped("", 0, 0, name, "deadline"))
            continue
        try:
            found.append((share, least_score, source(situation)))
        except Exception as error:  # noqa: BLE001 -- one source must not take the others' answers, nor the editor's, with it
            _LOG.warning("context source %s failed (%s); the others go on", name, type(error).__name__)
            dropped.append(Dropped("", 0, 0, name, f"failed: {type(error).__name__}"))
    choice = _Choice(budget_tokens, estimate_tokens or _estimate)
    waiting: list[Candidate] = []
    for share, least_score, candidates in found:
        strong = [each for each in candidates if each.score >= least_score]
        waiting += _take(choice, strong, int(min(budget_tokens * share, choice.left)), dropped)
        waiting += [each for each in candidates if each.score < least_score]
    unused = _take(choice, waiting, choice.left, dropped)
    dropped += [_dropped(candidate, "budget") for candidate in unused]
    return Gathered(tuple(choice.taken), tuple(dropped), (clock() - started) * 1000)


def _take(choice: _Choice, candidates: list[Candidate], allowed: int, dropped: list[Dropped]) -> list[Candidate]:
    """Take what fits within `allowed` tokens, in order, signatures shortened; returns what did not fit."""
    rest: list[Candidate] = []
    for candidate in candidates:
        if _overlaps(choice, candidate):
            dropped.append(_dropped(candidate, "overlap"))
            continue
        tokens = choice.estimate(candidate.text)
        if tokens > allowed:
            shorter = _shortened(choice, candidate, allowed)
            if shorter is None:
                rest.append(candidate)
                continue
            candidate, tokens = shorter, choice.estimate(shorter.text)  # noqa: PLW2901 -- the rest of it is left out
        allowed -= tokens
        choice.left -= tokens
        choice.taken.append(ContextSnippet(*candidate, tokens))
        choice.spans.setdefault(candidate.path, []).append((candidate.start_line, candidate.end_line, candidate.source))
    return rest


def _shortened(choice: _Choice, candidate: Candidate, allowed: int) -> Candidate | None:
    """Signatures of a type that are too many: as many as fit."""
    lines = candidate.text.split("\n")
    if candidate.source != "definitions" or len(lines) <= _LEAST_SIGNATURES:
        return None
    while len(lines) > _LEAST_SIGNATURES:
        lines = lines[: max(_LEAST_SIGNATURES, int(len(lines) * 0.8))]
        if choice.estimate("\n".join(lines)) <= allowed:
            return candidate._replace(text="\n".join(lines))
    return None


def _overlaps(choice: _Choice, candidate: Candidate) -> bool:
    """Whether it shares lines with what was taken. Signatures and code do not show the same, one kind does."""
    signatures = candidate.source == "definitions"
    return any(
        candidate.start_line < end and start < candidate.end_line and (source == "definitions") == signatures
        for start, end, source in choice.spans.get(candidate.path, ())
    )


def _dropped(candidate: Candidate, reason: str) -> Dropped:
    return Dropped(candidate.path, candidate.start_line, candidate.end_line, candidate.source, reason)


def _estimate(text: str) -> int:
    return int(len(text) / _CHARACTERS_PER_TOKEN) + 1
