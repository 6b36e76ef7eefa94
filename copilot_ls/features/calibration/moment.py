"""The circumstances of one decision in numbers between -1 and 1, by name: what is known before a suggestion is shown.

Names are stable, for weights and telemetry go by them: `kind:value` for what is one of several, a plain name for what
is more or less. Nothing of the source text is in them. Pure. Called by `show_gate` and the bench.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

Place = Literal["line start", "after space", "in a word", "after a dot", "after a bracket", "after a sign"]

# Where the numbers saturate.
_LONG_CHARS = 64
_MANY_IN_A_ROW = 4
_MANY_ON_A_LINE = 3
_JUST_BEFORE_CHARS = 5
_LONG_WORD = 8
_LONG_S = 600.0
_LOOKED_S = 5.0
# The log odds of a confidence that count as sure.
_SURE = 4.0
_LENGTHS = ((4, "up to 4"), (8, "5 to 8"), (16, "9 to 16"), (32, "17 to 32"))
_OPENING = "([{"
_WORD_SO_FAR = re.compile(r"\w*\Z")
_HOURS = ((6, "night"), (12, "morning"), (18, "afternoon"), (24, "evening"))


@dataclass(frozen=True, slots=True)
class Mood:
    """How it went lately.

    `rejected_in_a_row` and `accepted_in_a_row` count outcomes, `rejected_on_line` and `accepted_on_line` those on the
    line of the cursor; `since_rejection` is the code points typed there since the last rejection; `taken_lately` is the
    faded share of those taken, None without any; the others are seconds, None where nothing was typed, taken or looked
    at.
    """

    rejected_in_a_row: int = 0
    accepted_in_a_row: int = 0
    rejected_on_line: int = 0
    accepted_on_line: int = 0
    since_rejection: int | None = None
    taken_lately: float | None = None
    since_key_s: float | None = None
    since_accept_s: float | None = None
    looked_s: float | None = None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where and when something would be shown, whatever it is.

    `word` is how much of a word stands before the cursor, `in_mid_line` whether more than closers stand behind it.
    `hour` is that of the user's clock, 0 to 23.
    """

    language_id: str
    place: Place
    word: int
    in_mid_line: bool
    hour: int
    mood: Mood


def place_of(before: str) -> Place:
    """The kind of place after `before`, a line as far as the cursor."""
    if not before or before.isspace():
        return "line start"
    last = before[-1]
    if last.isspace():
        return "after space"
    if last.isalnum() or last == "_":
        return "in a word"
    if last == ".":
        return "after a dot"
    return "after a bracket" if last in _OPENING else "after a sign"


def word_before(before: str) -> int:
    """How many code points of a word stand at the end of `before`."""
    return len(_WORD_SO_FAR.search(before)[0])  # type: ignore[index]  # which is empty, but always there


def of_place(here: Whereabouts) -> dict[str, float]:
    """What is known before anybody is asked."""
    mood = here.mood
    found = {
        "always": 1.0,
        f"language:{here.language_id[:24]}": 1.0,
        f"place:{here.place}": 1.0,
        f"hour:{next(name for end, name in _HOURS if here.hour < end)}": 1.0,
    }
    if here.in_mid_line:
        found["in the midst of a line"] = 1.0
    if here.word > 1:
        found["far into a word"] = min(here.word, _LONG_WORD) / _LONG_WORD
    if mood.taken_lately is not None:
        found["taken lately"] = 2.0 * mood.taken_lately - 1.0
    for name, seconds, most in (
        ("time since the last key", mood.since_key_s, 10.0),
        ("time since the last acceptance", mood.since_accept_s, _LONG_S),
        ("time that the last ones were looked at", mood.looked_s, _LOOKED_S),
    ):
        if seconds is not None:
            found[name] = math.log1p(min(max(seconds, 0.0), most)) / math.log1p(most)
    found |= _lately(mood)
    return {name: round(value, 3) for name, value in found.items()}


def _lately(mood: Mood) -> dict[str, float]:
    found = {}
    if mood.rejected_in_a_row:
        found["rejected in a row"] = min(mood.rejected_in_a_row, _MANY_IN_A_ROW) / _MANY_IN_A_ROW
    if mood.accepted_in_a_row:
        found["accepted in a row"] = min(mood.accepted_in_a_row, _MANY_IN_A_ROW) / _MANY_IN_A_ROW
    if mood.rejected_on_line:
        found["rejected on this line"] = 1.0
        found["rejected on this line, times"] = min(mood.rejected_on_line, _MANY_ON_A_LINE) / _MANY_ON_A_LINE
        if mood.since_rejection is not None and mood.since_rejection <= _JUST_BEFORE_CHARS:
            found["rejected just before"] = 1.0
    if mood.accepted_on_line:
        found["accepted on this line"] = 1.0
    return found


def of_answer(text: str, *, backend: str, source: str, said_log_odds: float | None, place: Place) -> dict[str, float]:
    """What is known of the suggestion itself; `said_log_odds` is its backend's confidence, None where there is none."""
    found = of_length(
        len(text), several_lines="\n" in text, backend=backend, source=source, said_log_odds=said_log_odds
    )
    found[f"{place}, {length_name(len(text))}"] = 1.0
    if text[:1].isspace():
        found["begins with space"] = 1.0
    return found


def of_length(
    n_chars: int, *, several_lines: bool, backend: str, source: str, said_log_odds: float | None
) -> dict[str, float]:
    """The part of `of_answer` that can be known without the text."""
    found = {
        f"backend:{backend[:40]}": 1.0,
        f"source:{source}": 1.0,
        f"length:{length_name(n_chars)}": 1.0,
        "length": round(math.log1p(min(n_chars, _LONG_CHARS)) / math.log1p(_LONG_CHARS), 3),
    }
    if several_lines:
        found["several lines"] = 1.0
    if said_log_odds is not None:
        found["confidence"] = round(max(-1.0, min(1.0, said_log_odds / _SURE)), 3)
    return found


def length_name(n_chars: int) -> str:
    """The class of lengths that a text belongs to."""
    return next((name for most, name in _LENGTHS if n_chars <= most), "over 32")
