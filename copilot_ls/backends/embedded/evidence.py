"""What the engines find: pieces of text that followed, elsewhere, what stands before the cursor here.

A `Found` is one place; `Continuation`s are the places of one text taken together, with what `prefixes` needs to know of
them. `cleaned` is the gate between the two: nothing that is unfit to be proposed gets past it. Pure.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from copilot_ls.backends.embedded import lexing
from copilot_ls.backends.embedded.situation import indent_width

if TYPE_CHECKING:
    from collections.abc import Iterable

    from copilot_ls.backends.embedded.recency import Recency
    from copilot_ls.backends.embedded.situation import Situation

Source = Literal["above", "below", "open", "workspace"]
Engine = Literal["copy", "renaming", "series", "ngram", "signature", "member", "import", "edit", "closer", "alignment"]

# Engines whose finds are votes that are added up, with levels that can be compared.
VOTING = frozenset({"copy", "renaming", "series"})
_MAX_LENGTH = 160
# What version control writes between two versions of some lines.
_CONFLICT = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")
# One place's vote is (base ** level) x the weight of its source. Two bases, because whether many short matches outvote
# a long one is what the confidence model is to find out. The weights were set by hand; the model corrects them.
_MILD, _STEEP = 1.6, 2.6
_MAX_LEVEL = 18
_SOURCE_WEIGHT = {"above": 2.0, "below": 1.8, "open": 1.3, "workspace": 1.0}
_MAX_COUNT = 20
_LIKENESS_WEIGHT = 2.0
_ONLY_CLOSING = ")]};,"


class Found(NamedTuple):
    """One place whose left context agrees with the cursor's.

    `level` grows with the agreement: a point per token of the line, more for whole lines above (see `copying`).
    `distance` counts lines from the cursor (in the open document only). `follows` says that the line after the place is
    the line after the cursor. `at` is the line number of the place,
    zero-based, or `- 1 - offset` where only the offset is known; `times` how often it stands there.
    """

    text: str
    level: int
    source: Source
    path: str
    at: int
    whole_head: bool = False
    lines_above: int = 0
    distance: int = 0
    times: int = 1
    follows: bool = False
    engine: Engine = "copy"
    other_language: bool = False
    likeness: float = 0.0


@dataclass(slots=True)
class Continuation:
    """All the places of one text.

    `levels` are the best levels of the engines that have one of their own, `chances` what `ngrams.Model.chances` says.
    The votes of aligned places are counted apart, in `aligned`, as are those with other names, in `renamed`. `recent`
    are those of all engines from places that were written lately.
    """

    text: str
    mild: float = 0.0
    steep: float = 0.0
    renamed: float = 0.0
    renamed_count: int = 0
    aligned: float = 0.0
    aligned_count: int = 0
    aligned_likeness: float = 0.0
    recent: float = 0.0
    recent_level: int = 0
    series: int = 0
    count: int = 0
    places: int = 0
    level: int = 0
    renamed_level: int = 0
    lines_above: int = 0
    likeness: float = 0.0
    whole_head: bool = False
    follows: bool = False
    distance: int = 1_000_000
    sources: set[Source] = field(default_factory=set)
    best: Found | None = None
    levels: dict[Engine, int] = field(default_factory=dict)
    chances: tuple[float, ...] = ()

    @property
    def weight(self) -> float:
        """The votes of all engines that vote."""
        return self.steep + self.renamed + self.aligned


def gather(places: Iterable[Found], situation: Situation, recency: Recency | None = None) -> list[Continuation]:
    """The places by text, the weightiest first; `recency` knows which were written lately."""
    by_text: dict[str, Continuation] = {}
    cleaner = Cleaner(situation)
    for found in places:
        text = cleaner.cleaned(found.text)
        if not text:
            continue
        continuation = by_text.get(text)
        if continuation is None:
            continuation = by_text[text] = Continuation(text)
        if recency is None or not recency.holds(found):
            _add(continuation, found)
        else:
            before = continuation.weight
            _add(continuation, found)
            continuation.recent += continuation.weight - before
            continuation.recent_level = max(continuation.recent_level, found.level)
    return sorted(by_text.values(), key=lambda one: -(one.weight + one.series))


def _add(continuation: Continuation, found: Found) -> None:
    level = min(found.level, _MAX_LEVEL)
    weight = _SOURCE_WEIGHT[found.source] * min(found.times, _MAX_COUNT)
    if found.source == "above":
        weight *= 1.0 + 1.0 / (1.0 + found.distance / 40.0)
    if found.follows:
        weight *= 2.0
    if found.other_language:
        weight *= 0.3
    weight *= math.exp(_LIKENESS_WEIGHT * found.likeness)
    _vote(continuation, found, level, weight)
    if continuation.best is None or (found.engine in VOTING and level > continuation.level):
        continuation.best = found
    if found.engine in VOTING:
        continuation.level = max(continuation.level, level)
    continuation.follows |= found.follows


def _vote(continuation: Continuation, found: Found, level: int, weight: float) -> None:
    """Count a place with those of its engine."""
    if found.engine == "series":
        continuation.series = max(continuation.series, level)
        continuation.renamed += _MILD**level * weight
    elif found.engine == "renaming":
        continuation.renamed += _MILD**level * weight
        continuation.renamed_count += 1
        continuation.renamed_level = max(continuation.renamed_level, level)
    elif found.engine == "alignment":
        continuation.aligned += _MILD**level * weight
        continuation.aligned_count += 1
        continuation.aligned_likeness = max(continuation.aligned_likeness, found.likeness)
        continuation.levels["alignment"] = max(level, continuation.levels.get("alignment", 0))
    elif found.engine != "copy":
        continuation.levels[found.engine] = max(level, continuation.levels.get(found.engine, 0))
    else:
        continuation.mild += _MILD**level * weight
        continuation.steep += _STEEP**level * weight
        continuation.count += min(found.times, _MAX_COUNT)
        continuation.places += 1
        continuation.whole_head |= found.whole_head
        continuation.likeness = max(continuation.likeness, found.likeness)
        continuation.lines_above = max(continuation.lines_above, found.lines_above)
        continuation.sources.add(found.source)
        if found.source == "above":
            continuation.distance = min(continuation.distance, found.distance)


class Cleaner:
    """Cuts what may not be proposed at one cursor: what stands there already, comments in code, unopened brackets."""

    __slots__ = ("_after_comment", "_below", "_brackets", "_memo", "_next_item", "_situation", "_stop_at")

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        following = lexing.tokens(situation.tail.strip())
        self._stop_at = following[0] if following else ""
        # What follows the cursor closes as many of the open brackets, the outermost, which nobody else may close.
        n_closed = lexing.unopened(lexing.scan(situation.tail, situation.language_id).code)
        self._brackets = situation.brackets[n_closed:]
        rest = situation.tail.strip()
        self._next_item = re.split(r"[,)\]}]", rest[1:], maxsplit=1)[0].strip() if rest.startswith(",") else ""
        self._below = repeatable(situation)
        # Below a line of comment another may be proposed, a licence above all; elsewhere comments are not.
        self._after_comment = (
            not situation.head
            and bool(situation.previous)
            and lexing.comment_at(situation.previous[0], situation.language_id) == 0
        )
        self._memo: dict[str, str] = {}

    def cleaned(self, text: str) -> str:
        """The usable beginning of `text`, without white space at its end; empty when there is none."""
        kept = self._memo.get(text)
        if kept is None:
            kept = self._memo[text] = self._clean(text)
        return kept

    def _clean(self, text: str) -> str:
        here = self._situation
        text = text.rstrip()
        if not text or len(text) > _MAX_LENGTH or not text.replace("\t", " ").isprintable():
            return ""
        if lexing.looks_secret(here.head + text):
            return ""
        if here.region == "code" and not (self._after_comment and self._is_comment(text)):
            text = self._code(text)
        elif self._stop_at and self._stop_at in text:
            text = text[: text.index(self._stop_at)].rstrip()
        line = (here.head + text).strip()
        if not here.tail.strip() and self._below and (line == self._below or text.lstrip().startswith(self._below)):
            return ""
        if (
            here.head
            and not here.head[-1].isspace()
            and text[:1].isspace()
            and here.region != "code"
            and not text.strip()
        ):
            return ""
        return text

    def _is_comment(self, text: str) -> bool:
        return lexing.comment_at(text, self._situation.language_id) == 0

    def _code(self, text: str) -> str:
        """The beginning of `text` that is code and fits between what stands before and behind the cursor."""
        here = self._situation
        line = here.head + text
        if line[: len(_CONFLICT[0])] in _CONFLICT:
            return ""
        comment_at = lexing.comment_at(line, here.language_id)
        if comment_at is not None:
            text = text[: max(0, comment_at - len(here.head))].rstrip()
        text = text[: lexing.balanced_end(text, self._brackets, self._stop_at)].rstrip()
        return "" if text == self._next_item else text


def repeatable(situation: Situation) -> str:
    """The line below, which must not be said again.

    Nothing where it only closes brackets and stands less deep: that is what closes the brackets around these.
    """
    below = situation.next_line
    if below and not below.strip(_ONLY_CLOSING):
        raw = next((line for line in situation.near_below if line.strip()), "")
        if indent_width(raw[: len(raw) - len(raw.lstrip())]) < situation.indent:
            return ""
    return below
