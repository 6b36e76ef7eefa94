"""Asking all context sources under one deadline, and choosing from what they found what fits the budget.

What the editor knows (recent edits, open and viewed files, diagnostics) is shown as it stands, up to a share of the
budget each. Of what the
index knows, single lines compete for the rest: `relevance` says how likely each identifier is to be needed, and
`selection` which lines hold the most of that per token. Nothing is shown twice, nothing of the open file, nothing that
stands around the cursor; lines of one file are shown together, in their order.

`gather` blocks for its deadline at most and is run in a thread by features; it stops early once its caller says so. How
sources are asked is `asking`'s.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.context.asking import ask
from copilot_ls.context.conventions import conventions
from copilot_ls.context.declarations import declarations
from copilot_ls.context.definitions import SAME_LINE, definitions
from copilot_ls.context.dependencies import dependencies
from copilot_ls.context.diagnostics import diagnostics
from copilot_ls.context.line_words import chunk_words, line_declares, line_words
from copilot_ls.context.open_files import open_files
from copilot_ls.context.overridden import SOURCE as OVERRIDDEN
from copilot_ls.context.overridden import overridden
from copilot_ls.context.recent_edits import recent_edits
from copilot_ls.context.relevance import chances
from copilot_ls.context.request import Situation
from copilot_ls.context.selection import Line, choose, reads_on
from copilot_ls.context.siblings import siblings
from copilot_ls.context.similar_code import similar_code
from copilot_ls.context.snippet import ContextSnippet
from copilot_ls.context.usages import usages
from copilot_ls.context.viewed_files import viewed_files

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.context.asking import Source
    from copilot_ls.context.candidate import Candidate
    from copilot_ls.context.request import ContextRequest
    from copilot_ls.context.selection import Chosen

# What the editor knows is shown as it stands, up to a share of the budget each.
_WHOLE: tuple[tuple[str, Source, float], ...] = (
    ("conventions", conventions, 0.05),
    ("diagnostics", diagnostics, 0.1),
    ("recent_edits", recent_edits, 0.15),
    ("open_files", open_files, 0.2),
    ("viewed_files", viewed_files, 0.1),
)
# Of what the index knows, single lines compete for the rest.
_BY_LINES: tuple[tuple[str, Source], ...] = (
    ("similar_code", similar_code),
    ("definitions", definitions),
    ("dependencies", dependencies),
    ("usages", usages),
    ("siblings", siblings),
    ("overridden", overridden),
)
# The part of the time that sources may have; choosing from what they found takes the rest.
_SHARE_FOR_SOURCES = 0.7
_CHARACTERS_PER_TOKEN = 3.3
# What the signature of a name on the cursor's line is worth though the name is known, as the chance of an identifier.
_SIGNATURE_WORTH = 0.03
# That of a method that the one at the cursor overrides says nearly all that stands there.
_OVERRIDDEN_WORTH = 0.3
# Identifiers that lines are compared by: twice as many as there will be room for, with some ten tokens a line.
_TOKENS_PER_NAME = 5
_LEAST_NAMES = 200
_NO_LINES: frozenset[int] = frozenset()


class Dropped(NamedTuple):
    """A candidate that was left out, and why: `budget`, `overlap`, `deadline`, `busy` or `failed: …`."""

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
    header_tokens: int
    gap_mark: str = ""
    taken: list[ContextSnippet] = field(default_factory=list)
    spans: dict[str, list[tuple[int, int]]] = field(default_factory=dict)


def gather(
    request: ContextRequest,
    *,
    deadline_ms: float,
    budget_tokens: int,
    estimate_tokens: Callable[[str], int] | None = None,
    header_tokens: int = 0,
    gap_mark: str = "",
    is_cancelled: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
) -> Gathered:
    """Context for the cursor of `request` within `budget_tokens`; whatever was found when the deadline passes.

    `estimate_tokens` counts the tokens of a text (`copilot_ls.prompt.tokens.estimate`); without it 3.3 characters are
    one. `header_tokens` are counted for each snippet on top of its text: what the prompt puts above it. `gap_mark` is
    the line, with `snippet.GAP` in it, that says that lines are left out: it stands where a line would else be taken
    for the next one, and counts.
    """
    started = clock()
    deadline = started + deadline_ms / 1000 * _SHARE_FOR_SOURCES
    situation = Situation(request, lambda: is_cancelled() or clock() >= deadline, budget_tokens)
    dropped: list[Dropped] = []
    choice = _Choice(budget_tokens, estimate_tokens or _estimate, header_tokens, gap_mark)
    found = _asked([*((name, source) for name, source, _ in _WHOLE), *_BY_LINES], situation, dropped)
    for name, _, share in _WHOLE:
        _take(choice, found[name], int(budget_tokens * share), dropped)
    _take_lines(choice, found, situation, dropped)
    return Gathered(tuple(choice.taken), tuple(dropped), (clock() - started) * 1000)


def _asked(
    sources: Sequence[tuple[str, Source]], situation: Situation, dropped: list[Dropped]
) -> dict[str, list[Candidate]]:
    answers = ask(sources, situation)
    dropped += [Dropped("", 0, 0, name, reason) for name, reason in answers.reasons.items()]
    return answers.found


def _take_lines(
    choice: _Choice, found: dict[str, list[Candidate]], situation: Situation, dropped: list[Dropped]
) -> None:
    """Choose single lines of what is left, and show those of one file together."""
    declaring = [each for each in found["overridden"] if each.names]
    declaring += found["definitions"] + found["dependencies"] + found["siblings"]
    uses = found["usages"] + [each for each in found["overridden"] if not each.names]
    similar = found["similar_code"]
    top = similar[0].score if similar else 1.0
    similar = sorted(
        [*similar, *(each._replace(score=each.score * top) for each in uses)], key=lambda each: -each.score
    )
    likely = chances(similar, declaring, situation, limit=max(choice.left // _TOKENS_PER_NAME, _LEAST_NAMES))
    paths = frozenset(each.path for each in similar)
    declared = _asked([("declarations", partial(declarations, chances=likely, paths=paths))], situation, dropped)
    candidates = [*declaring, *declared["declarations"], *similar]
    lines = _lines(choice, candidates, likely, situation)
    chosen = choose(
        lines,
        likely,
        budget=choice.left,
        estimate=choice.estimate,
        header_tokens=choice.header_tokens,
        gap_tokens=choice.estimate(f"{choice.gap_mark}\n") if choice.gap_mark else 0,
    )
    by_path: dict[str, list[Chosen]] = {}
    for each in chosen:
        by_path.setdefault(each.line.path, []).append(each)
    snippets = [_snippet(path, its, choice) for path, its in by_path.items()]
    choice.taken += sorted(snippets, key=lambda each: (-each.score, each.path))
    shown: dict[str, set[int]] = {}
    for one in chosen:
        shown.setdefault(one.line.path, set()).add(one.line.number)
    dropped += [
        _dropped(each, "budget") for each in candidates if shown.get(each.path, _NO_LINES).isdisjoint(each.line_numbers)
    ]


def _lines(choice: _Choice, candidates: list[Candidate], likely: dict[str, float], situation: Situation) -> list[Line]:
    known, visible, words_of = situation.known_words, situation.visible_lines, frozenset(likely).intersection
    seen = {
        path: {number for start, end in spans for number in range(start, end)} for path, spans in choice.spans.items()
    }
    lines: list[Line] = []
    for each in candidates:
        path, source = each.path, each.source
        seen_here = seen.setdefault(path, set())
        if not each.names:  # a chunk, which `relevance` has looked at as a whole
            said = chunk_words(each.text).lines
            for number, text, in_line in zip(each.line_numbers, each.lines, said, strict=False):
                words = words_of(in_line)
                if words and number not in seen_here and text.strip() not in visible:
                    seen_here.add(number)
                    lines.append(Line(path, number, text, words, line_declares(text), source))
            continue
        worth = _SIGNATURE_WORTH if each.score >= SAME_LINE else 0.0
        worth = _OVERRIDDEN_WORTH if source == OVERRIDDEN else worth
        for number, text, name in zip(each.line_numbers, each.lines, each.names, strict=False):
            words, is_known = words_of(line_words(text)), name in known and bool(name)
            if (words or is_known) and number not in seen_here and text.strip() not in visible:
                seen_here.add(number)
                declares = name or line_declares(text)
                lines.append(Line(path, number, text, words, declares, source, worth if is_known else 0.0))
    return lines


def _snippet(path: str, chosen: list[Chosen], choice: _Choice) -> ContextSnippet:
    """The chosen lines of one file in their order, gaps marked; the source is the one that gave most."""
    ordered = sorted(chosen, key=lambda each: each.line.number)
    shown: list[str] = []
    last = ordered[0].line.number
    for each in ordered:
        if choice.gap_mark and each.line.number - last > 1 and reads_on(each.line):
            shown.append(choice.gap_mark)
        shown.append(each.line.text)
        last = each.line.number
    text = "\n".join(shown)
    gains: dict[str, float] = {}
    for each in chosen:
        gains[each.line.source] = gains.get(each.line.source, 0.0) + each.gain
    return ContextSnippet(
        path,
        ordered[0].line.number,
        ordered[-1].line.number + 1,
        text,
        max(gains, key=lambda source: (gains[source], source)),
        sum(gains.values()),
        choice.estimate(text),
    )


def _take(choice: _Choice, candidates: list[Candidate], allowed: int, dropped: list[Dropped]) -> None:
    """Take whole candidates that fit within `allowed` tokens, in order."""
    for candidate in candidates:
        if any(
            candidate.start_line < end and start < candidate.end_line
            for start, end in choice.spans.get(candidate.path, ())
        ):
            dropped.append(_dropped(candidate, "overlap"))
            continue
        tokens = choice.estimate(candidate.text)
        cost = tokens + choice.header_tokens
        if cost > allowed:
            dropped.append(_dropped(candidate, "budget"))
            continue
        allowed -= cost
        choice.left -= cost
        choice.taken.append(ContextSnippet(*candidate[:3], candidate.text, candidate.source, candidate.score, tokens))
        choice.spans.setdefault(candidate.path, []).append((candidate.start_line, candidate.end_line))


def _dropped(candidate: Candidate, reason: str) -> Dropped:
    return Dropped(candidate.path, candidate.start_line, candidate.end_line, candidate.source, reason)


def _estimate(text: str) -> int:
    return int(len(text) / _CHARACTERS_PER_TOKEN) + 1
