"""How the user's own accepts and rejects change confidence: a bias and a scale by kind of place and language.

The shipped model was fitted on other people's projects. Where its answers are taken more often than it says, or less
often, its log odds are shifted and stretched, by stochastic steps down the log loss, each key a little apart and all of
them together. Old outcomes fade, both numbers are bounded, and a handful of outcomes changes next to nothing, so that a
bad day cannot silence the completer. The file holds numbers alone, no text and no paths; one that cannot be read is as
good as none. Called by `backend`, on any one thread at a time.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_ls.backends.embedded.confidence import log_odds_of, probability_of

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1
EVERY = "every"
# Steps: for all together, for one key; for the scale. Each outcome fades by this factor per later one of its key.
_BIAS_STEP, _OWN_STEP, _SCALE_STEP = 0.02, 0.03, 0.005
_FADING = 0.999
# Bounds of the log odds that may be added in all, and of the scale: half the model's own word always counts.
MOST_BIAS, MOST_SCALE = 1.2, 0.5
# Outcomes between two writes of the file, and keys that are kept: places times languages.
_WRITE_EVERY = 20
_MOST_KEYS = 200
_LONGEST_KEY = 60


@dataclass(slots=True)
class Shift:
    """What is added to the log odds, what share of themselves is, and how many outcomes that rests on."""

    bias: float = 0.0
    scale: float = 0.0
    n: float = 0.0

    def learn(self, error: float, log_odds: float, step: float) -> None:
        """Go one step: `error` is what happened (0 or 1) less what had been said."""
        self.bias = _within(self.bias * _FADING + step * error, MOST_BIAS / 2)
        self.scale = _within(self.scale * _FADING + _SCALE_STEP * error * log_odds, MOST_SCALE / 2)
        self.n = self.n * _FADING + 1.0


class Adaptation:
    """The shifts of one user. `path` is where they are kept; without it they are forgotten with the process."""

    __slots__ = ("_path", "_shifts", "_unwritten")

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._shifts = _read(path) if path is not None else {}
        self._unwritten = 0

    def adapted(self, probability: float, place: str, language_id: str) -> float:
        """The model's probability as this user's outcomes bear it out."""
        shifts = [self._shifts[key] for key in (EVERY, _key(place, language_id)) if key in self._shifts]
        if not shifts:
            return probability
        log_odds = log_odds_of(probability)
        scale = 1.0 + sum(shift.scale for shift in shifts)
        return probability_of(scale * log_odds + sum(shift.bias for shift in shifts))

    def learn(self, said: float, place: str, language_id: str, *, right: bool) -> None:
        """What was shown with the confidence `said` was taken, or typed on past."""
        error = (1.0 if right else 0.0) - said
        log_odds = log_odds_of(said)
        for key, step in ((EVERY, _BIAS_STEP), (_key(place, language_id), _OWN_STEP)):
            if key in self._shifts or len(self._shifts) < _MOST_KEYS:
                self._shifts.setdefault(key, Shift()).learn(error, log_odds, step)
        self._unwritten += 1

    @property
    def is_due(self) -> bool:
        """Whether enough has been learnt since the last write to write again."""
        return self._path is not None and self._unwritten >= _WRITE_EVERY

    def write(self) -> None:
        """Keep what was learnt. Waits for disk; an error only means that it is forgotten with the process."""
        if self._path is None or not self._unwritten:
            return
        self._unwritten = 0
        rows = {
            key: [round(shift.bias, 5), round(shift.scale, 5), round(shift.n, 2)] for key, shift in self._shifts.items()
        }
        partial = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            partial.write_text(json.dumps({"version": VERSION, "shifts": rows}) + "\n", encoding="utf-8")
            partial.replace(self._path)


def _key(place: str, language_id: str) -> str:
    return f"{place}:{language_id}"[:_LONGEST_KEY]


def _within(value: float, most: float) -> float:
    return max(-most, min(most, value))


def _read(path: Path) -> dict[str, Shift]:
    """The shifts in the file that make sense; none of a file that cannot be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        rows = content["shifts"] if content["version"] == VERSION else {}
        shifts = {str(key)[:_LONGEST_KEY]: _shift(*row) for key, row in list(rows.items())[:_MOST_KEYS]}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    return {key: shift for key, shift in shifts.items() if shift is not None}


def _shift(bias: float, scale: float, n: float) -> Shift | None:
    numbers = (float(bias), float(scale), float(n))
    if not all(map(math.isfinite, numbers)):
        return None
    return Shift(_within(numbers[0], MOST_BIAS / 2), _within(numbers[1], MOST_SCALE / 2), max(0.0, numbers[2]))
