"""Decides, for one suggestion at a time, whether this user is shown it: the calibration as the pipeline sees it.

`taste` takes note of the circumstances before anybody is asked; a backend within this process chooses among its texts
by it. `decide` says of the answer whether it is shown, or why not. Where nothing was learned, everything is shown. What
was asked for in words, and a completion menu, are never decided about.

Now and then (`EXPLORED`) something is shown although it is unlikely: what is typed on a silence tells whether its text
was right, but not whether the user would have liked to see another. Memory of how it went lately lasts for a session.
Called on the event loop, by `inline_completion` and `lifecycle`; a decision takes 50 to 100 µs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from copilot_ls.features.calibration import moment
from copilot_ls.features.calibration.acceptance import base_log_odds
from copilot_ls.features.calibration.policy import LEAST_CHANCE, expected

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.features.calibration.state import State
    from copilot_ls.features.suggestion import Source, Suggestion
    from copilot_ls.text import DocumentSnapshot, Point

EXPLORED = 0.02
# Weight of the newest outcome in the share of those taken lately.
_NEWEST = 0.1
# Additions to the log odds below this are not written down.
_LEAST_ADDED = 5e-4
_CLOSERS = frozenset(" \t\r\n)]}>\"'`;:,{")

Kind = Literal["show", "silent", "explore"]


class Decision(NamedTuple):
    """What was decided, how likely the suggestion is taken, and a JSON object of the numbers that this rests on."""

    kind: Kind
    likely: float
    features: str | None


@dataclass(slots=True)
class _Choice:
    """What a backend within this process chose, the chances of its beginnings, what its usual choice would bring."""

    text: str
    parts: Sequence[tuple[int, float]]
    usual_gain: float


@dataclass(slots=True)
class UserTaste:
    """The circumstances of one request, and what was learned of the user up to then. Serves one request."""

    state: State
    place: moment.Place
    here: dict[str, float]
    least_chance: float = LEAST_CHANCE
    choice: _Choice | None = None

    def least(self, backend: str) -> float | None:
        """How likely something has to be to be shown; None while the backend's own threshold holds."""
        return self.state.least(backend)

    def weigh(self, backend: str, text: str, chance: float, parts: Sequence[tuple[int, float]]) -> tuple[float, float]:
        """How likely some of `text` is taken, and how many code points are expected to be.

        `chance` is that all of it is right; `parts` are the lengths of beginnings that could be taken alone, and the
        chance of each.
        """
        said = self.said(chance, parts)
        likely = self.state.model.likelihood(self.features(backend, "backend", text, said), said).probability
        return likely, self._gain(text, chance, parts) * likely / said

    def is_hardly_wanted(self, backend: str) -> bool:
        """Whether, before it is asked, an answer of this backend is already too unlikely to be taken."""
        least = self.least(backend)
        if least is None:
            return False
        here = {**self.here, f"backend:{backend[:40]}": 1.0}
        return self.state.model.likelihood(here, None).probability < least

    def settle(
        self,
        backend: str,
        text: str,
        parts: Sequence[tuple[int, float]],
        usual: tuple[str, float, Sequence[tuple[int, float]]] | None,
    ) -> None:
        """The backend chose `text`; without calibration, `usual` (a text, its chance and parts)."""
        usual_gain = 0.0 if usual is None else self.weigh(backend, *usual)[1]
        self.choice = _Choice(text, parts, usual_gain)

    def said(self, chance: float, parts: Sequence[tuple[int, float]]) -> float:
        """The chance that anything is taken, before the user's other habits: all of it, or a right beginning."""
        begins = max((likely for _, likely in parts), default=0.0)
        return chance + self.state.shares.taking_parts * max(0.0, begins - chance)

    def features(self, backend: str, source: str, text: str, said: float | None) -> dict[str, float]:
        """The circumstances with those of the text."""
        log_odds = None if said is None else base_log_odds(said)
        return self.here | moment.of_answer(
            text, backend=backend, source=source, said_log_odds=log_odds, place=self.place
        )

    def _gain(self, text: str, chance: float, parts: Sequence[tuple[int, float]]) -> float:
        return expected(chance, len(text), parts, self.state.shares.taking_parts)

    def parts_of(self, text: str, confidence: float) -> Sequence[tuple[int, float]]:
        """The parts of an answer, as the backend that chose it knows them."""
        choice = self.choice
        if choice is None:
            return ()
        parts = [(length, likely) for length, likely in choice.parts if text.startswith(choice.text[:length])]
        if text.startswith(choice.text) and text != choice.text:
            # Lines were added to what had been chosen.
            parts.append((len(choice.text), max(confidence, *(likely for _, likely in parts), 0.0)))
        return [(length, likely) for length, likely in parts if length < len(text)]


class ShowGate:
    """The decisions of one server.

    `state` is what was learned so far, `is_on` whether it may be used; `now` is a monotonic clock in seconds, `hour`
    the hour of the user's clock, `chance` a random number from 0 to 1.
    """

    def __init__(
        self,
        state: Callable[[], State],
        is_on: Callable[[], bool],
        *,
        now: Callable[[], float],
        hour: Callable[[], int],
        chance: Callable[[], float],
    ) -> None:
        self._state = state
        self._is_on = is_on
        self._now = now
        self._hour = hour
        self._chance = chance
        self._mood = moment.Mood()
        self._line: tuple[str, int] = ("", -1)
        self._rejected_at = 0
        self._key_at: float | None = None
        self._accepted_at: float | None = None
        self._shown_at: tuple[str, float] | None = None

    def key_typed(self) -> None:
        """A document was edited."""
        self._key_at = self._now()

    def taste(self, document: DocumentSnapshot, cursor: Point) -> UserTaste | None:
        """What is known before anybody is asked at `cursor`; None while calibration is off."""
        if not self._is_on():
            return None
        line = document.text.line_text(cursor.line)
        before = line[: cursor.column]
        if self._line != (document.uri, cursor.line):
            self._line = (document.uri, cursor.line)
            self._mood = replace(self._mood, rejected_on_line=0, accepted_on_line=0)
        now, mood = self._now(), self._mood
        mood = replace(
            mood,
            since_rejection=cursor.column - self._rejected_at if mood.rejected_on_line else None,
            since_key_s=None if self._key_at is None else now - self._key_at,
            since_accept_s=None if self._accepted_at is None else now - self._accepted_at,
        )
        place = moment.place_of(before)
        return UserTaste(
            self._state(),
            place,
            moment.of_place(
                moment.Whereabouts(
                    document.language_id,
                    place,
                    moment.word_before(before[-64:]),
                    not _CLOSERS.issuperset(line[cursor.column :]),
                    self._hour(),
                    mood,
                )
            ),
        )

    def decide(
        self, taste: UserTaste | None, text: str, *, confidence: float | None, backend: str, source: Source
    ) -> Decision | None:
        """Whether `text` is shown; None where nothing is to be decided, because it is shown already or all are."""
        if taste is None or source == "typed_as_suggested":
            return None
        state = taste.state
        parts = () if confidence is None else taste.parts_of(text, confidence)
        said = None if confidence is None else taste.said(confidence, parts)
        features = taste.features(backend, source, text, said)
        likely = state.model.likelihood(features, said).probability
        least = taste.least(backend)
        gain = likely * len(text) * state.shares.of_taken
        if confidence is not None and said:
            gain = expected(confidence, len(text), parts, state.shares.taking_parts) * likely / said
        usual = gain if least is None or taste.choice is None else taste.choice.usual_gain
        kind: Kind = "show"
        if least is not None and likely < least:
            kind = "explore" if self._chance() < EXPLORED else "silent"
        added = {name: addition for name, _, addition in state.model.contributions(features)}
        content = {
            "said": None if said is None else round(said, 3),
            "whole": confidence,
            "begins": round(max((chance for _, chance in parts), default=0.0), 3),
            "least": None if least is None else round(least, 3),
            "n": round(state.model.n),
            "gain": round(gain, 2),
            "usual": round(usual, 2),
            "of": {
                name: [value, round(added[name], 3)] if abs(added.get(name, 0.0)) >= _LEAST_ADDED else value
                for name, value in features.items()
            },
        }  # fmt: skip
        return Decision(kind, round(likely, 3), json.dumps(content, separators=(",", ":")))

    def judged(self, suggestion: Suggestion, *, right: bool, accepted: bool) -> None:
        """What was shown was taken or typed (`right`), or rejected or typed on past; `accepted` if not just typed."""
        now, mood = self._now(), self._mood
        lately = 1.0 if right else 0.0
        if mood.taken_lately is not None:
            lately = mood.taken_lately + _NEWEST * (lately - mood.taken_lately)
        here = self._line == (suggestion.uri, suggestion.replaced.start.line)
        self._mood = moment.Mood(
            rejected_in_a_row=0 if right else mood.rejected_in_a_row + 1,
            accepted_in_a_row=mood.accepted_in_a_row + 1 if right else 0,
            rejected_on_line=mood.rejected_on_line + (here and not right),
            accepted_on_line=mood.accepted_on_line + (here and right),
            taken_lately=lately,
            looked_s=self._looked_s(suggestion, now),
        )
        if not right:
            self._rejected_at = suggestion.replaced.start.column
        elif accepted:
            self._accepted_at = now

    def shown(self, suggestion: Suggestion) -> None:
        """A suggestion has been answered and may be seen from now on."""
        self._shown_at = (suggestion.suggestion_id, self._now())

    def _looked_s(self, suggestion: Suggestion, now: float) -> float | None:
        at = self._shown_at
        return now - at[1] if at is not None and at[0] == suggestion.suggestion_id else self._mood.looked_s
