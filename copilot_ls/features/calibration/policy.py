"""How likely a suggestion has to be, for this user, to be shown.

For each backend there is one least probability. It is the highest with which the user would have accepted, over their
latest moments, as many characters as with the backend's own threshold: whatever is gained by choosing better texts pays
for interruptions left out. For a backend that chooses among many texts, this is drawn towards what held on many
projects. A suggestion that is held back is not lost: while it agrees with what is typed it becomes likelier with every
key and is shown a little later, so that only a part of its characters is.

Why a probability and not a weighing of length against likelihood: replayed typing shows no gain from it. A long
doubtful text that is held back costs a key or two, no more than a short one.

Pure. `learning` keeps the moments, `show_gate` asks.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Moments that are remembered for a backend; and judged suggestions of it before anything is decided.
MOST_MOMENTS = 600
LEAST_OUTCOMES = 60
# The share of a held-back suggestion's characters that is typed before it is shown after all, or for good. Measured on
# the repositories that tune, see tests/bench/bench_calibration.py.
LOST = 0.4
# Characters that must be won, as a share of those without: a margin, for estimates err; and of a backend whose unlikely
# answers are all shown anyway, so that nothing can be won, the share that may be lost.
MARGIN, MAY_LOSE = -0.015, 0.005
# What is enough for a backend that chooses among many texts and says how likely each is: on the repositories that tune,
# as many characters are accepted with it as without, and a quarter of the rejections is spared. A user's own latest
# moments say the same with much noise, which costs more than it tells: so far they may move it.
USUAL_LEAST, TRUSTED = 0.62, 0.2
# Bounds of the least probability, and how far it may be from one reckoning to the next: it follows, and does not jump.
LOWEST, HIGHEST = 0.02, 0.85
_STEP = 0.1
# Beginnings that a backend within this process gives less chance than this are not looked at.
LEAST_CHANCE = 0.3


class Moment(NamedTuple):
    """A decision: how likely it was, the characters that were expected of it, and of what is shown without calibration.

    The last is zero where without calibration nothing would have been shown.
    """

    likely: float
    gain: float
    usual_gain: float


@dataclass(slots=True)
class Policy:
    """The latest moments of one backend, how many of its suggestions were judged, and the least probability."""

    moments: deque[Moment] = field(default_factory=lambda: deque(maxlen=MOST_MOMENTS))
    n: float = 0.0
    least: float | None = None

    def reckon(self) -> None:
        """Work the least probability out anew; there is none before `LEAST_OUTCOMES`."""
        if self.n < LEAST_OUTCOMES:
            self.least = None
            return
        wanted = least_of(self.moments)
        if can_win(self.moments):
            wanted = USUAL_LEAST + TRUSTED * (wanted - USUAL_LEAST)
        if self.least is not None:
            wanted = max(self.least - _STEP, min(self.least + _STEP, wanted))
        self.least = wanted


def least_of(moments: Iterable[Moment]) -> float:
    """The highest probability to insist on with which no characters are lost."""
    bounded = (moment._replace(likely=max(LOWEST, min(HIGHEST, moment.likely))) for moment in moments)
    ranked = sorted(bounded, reverse=True)
    usual = sum(moment.usual_gain for moment in ranked)
    wanted = (MARGIN if can_win(ranked) else -MAY_LOSE) * usual
    # To begin with, all is held back; then one after the other is shown, the likeliest first.
    won, least = -LOST * usual, HIGHEST
    for moment in ranked:
        if won >= wanted and moment.likely < least:
            break
        won += won_by_showing(moment)
        least = moment.likely
    return least if won >= wanted else LOWEST


def can_win(moments: Iterable[Moment]) -> bool:
    """Whether the backend chooses among texts, so that other ones than usual may be shown and not only fewer."""
    return any(not moment.usual_gain or moment.gain != moment.usual_gain for moment in moments)


def won_by_showing(moment: Moment) -> float:
    """What showing it wins over holding it back, in characters."""
    if not moment.usual_gain:
        return LOST * moment.gain
    return LOST * moment.usual_gain + moment.gain - moment.usual_gain


def expected(chance: float, n_chars: int, parts: Sequence[tuple[int, float]], taking_parts: float) -> float:
    """Characters of a text that are expected to be taken.

    `chance` is that all of its `n_chars` are right, `parts` are lengths and chances of its beginnings, and
    `taking_parts` how often the user takes a right beginning of a wrong text.
    """
    total, beyond = chance * n_chars, chance
    for length, likely in sorted(parts, reverse=True):
        if likely > beyond:
            total += taking_parts * (likely - beyond) * length
            beyond = likely
    return total
