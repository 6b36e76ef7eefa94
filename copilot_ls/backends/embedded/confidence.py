"""The probability that the user types exactly a given beginning, and that the line then ends.

Gradient-boosted trees over the numbers of `surroundings` and `prefixes`, as data: `confidence.json`, trained on
replayed commits by `tests/bench/train_confidence.py`, and evaluated by `forest`. Pure, but for reading that file once.
Called by `propose`.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_ls.backends.embedded import prefixes, surroundings
from copilot_ls.backends.embedded.forest import Forest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from copilot_ls.backends.embedded.situation import Place

VERSION = 2
# What the second step is told beside `prefixes.FEATURES`: of the whole lines that begin so, how likely this one is, all
# of them, the likeliest, their share of all lines, and how much likelier another line is.
LINE_FEATURES = ("line_own", "line_sum", "line_best", "line_share", "line_lag")
FEATURES = (*prefixes.FEATURES, *LINE_FEATURES)
_LEAST_SUM, _LEAST_CHANCE, _LEAST_SHARE = 0.02, 0.1, 0.2
_SUM = LINE_FEATURES.index("line_sum")
_CHANCE = prefixes.BEGINNING_FEATURES.index("chance")
_SHARE = prefixes.BEGINNING_FEATURES.index("share_steep")
_ENDS = prefixes.BEGINNING_FEATURES.index("ends")
_FILE = Path(__file__).with_name("confidence.json")
# A probability is never told as surer than this, either way: the log odds stay finite.
SUREST = 1e-4


@dataclass(frozen=True, slots=True)
class Model:
    """What the data file holds.

    `right` and `whole` sum to log odds: that the user types exactly this; and that they type this and end the line.
    `chosen` are two numbers by kind of place, and by place and language ("after_dot go"), see `once_chosen`; `usual` is
    the median of each feature.
    """

    right: Forest
    whole: Forest
    chosen: Mapping[str, tuple[float, float]]
    usual: Mapping[str, float]


def read(content: Mapping[str, Any]) -> Model:
    """The model of a parsed data file; raise `ValueError` for one of another version or other features."""
    if content.get("version") != VERSION:
        raise ValueError(f"confidence model of version {content.get('version')!r}, expected {VERSION}")
    unknown = set(content["usual"]) - set(FEATURES)
    if unknown:
        raise ValueError(f"confidence model of unknown features: {', '.join(sorted(unknown))}")
    right, whole = (
        Forest(
            head["base"],
            head["thresholds"],
            head["trees"],
            surroundings.FEATURES,
            own,
            head["n_first"],
            head["hopeless"],
        )
        for head, own in (
            (content["right"], (*prefixes.BEGINNING_FEATURES, *LINE_FEATURES)),
            (content["whole"], prefixes.BEGINNING_FEATURES),
        )
    )
    chosen = {kind: (bias, slope) for kind, (bias, slope) in content["chosen"].items()}
    return Model(right, whole, chosen, content["usual"])


@cache
def model() -> Model:
    """The model that is shipped."""
    return read(json.loads(_FILE.read_text(encoding="utf-8")))


def probability_of(log_odds: float) -> float:
    """The logistic function; never quite 0 or 1."""
    return min(1.0 - SUREST, max(SUREST, 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, log_odds))))))


def log_odds_of(probability: float) -> float:
    """The inverse of `probability_of`."""
    within = min(1.0 - SUREST, max(SUREST, probability))
    return math.log(within / (1.0 - within))


class Likelihoods(NamedTuple):
    """For each beginning: P(the user types exactly this), and P(and then ends the line), 0 where no place does."""

    right: list[float]
    whole: list[float]


def likelihoods(common: Sequence[float], rows: Sequence[Sequence[float]], parents: Sequence[int]) -> Likelihoods:
    """Ask the model about rows of `prefixes.describe`; `parents` are the rows of shorter beginnings, or -1.

    In two steps: first how likely each whole rest of a line is, then each beginning, of which it is told how likely the
    lines are that begin so. What has next to nothing for it is not asked about, and as good as impossible.
    """
    fitted = model()
    ends = [at for at, row in enumerate(rows) if row[_ENDS]]
    whole = [0.0] * len(rows)
    for at, log_odds in zip(ends, fitted.whole.sums(common, [rows[at] for at in ends]), strict=True):
        whole[at] = probability_of(log_odds)
    right = [SUREST] * len(rows)
    lines = lines_through(whole, parents)
    asked = [at for at, row in enumerate(rows) if has_something_for_it(row, lines[at])]
    for at, log_odds in zip(asked, fitted.right.sums(common, [[*rows[at], *lines[at]] for at in asked]), strict=True):
        right[at] = probability_of(log_odds)
    return Likelihoods(right, whole)


def has_something_for_it(row: Sequence[float], lines: Sequence[float]) -> bool:
    """Whether a beginning may be likely enough to be shown; `lines` are its `LINE_FEATURES`.

    In replayed code this leaves out three of four beginnings, and of those that the model gives half a chance, one of
    four hundred.
    """
    return lines[_SUM] >= _LEAST_SUM or row[_CHANCE] >= _LEAST_CHANCE or row[_SHARE] >= _LEAST_SHARE


def lines_through(whole: Sequence[float], parents: Sequence[int]) -> list[tuple[float, ...]]:
    """The numbers of `LINE_FEATURES` for each beginning, from the probabilities of whole lines; parents come first."""
    total = list(whole)
    best = list(whole)
    for at in range(len(parents) - 1, -1, -1):
        parent = parents[at]
        if parent >= 0:
            total[parent] += total[at]
            best[parent] = max(best[parent], best[at])
    every = sum(whole) or 1.0
    most = max(whole, default=0.0)
    return [
        (own, through, likeliest, through / every, most - likeliest)
        for own, through, likeliest in zip(whole, total, best, strict=True)
    ]


def once_chosen(probability: float, place: Place, language_id: str = "") -> float:
    """P(right | this beginning was chosen among others).

    The most promising of many estimates is too promising on average; a logistic curve over the log odds (Platt, 1999)
    takes that back, one for each kind of place in each language that the model was fitted on.
    """
    curves = model().chosen
    bias, slope = curves.get(f"{place} {surroundings.habits_of(language_id)}") or curves.get(place) or curves["every"]
    return probability_of(bias + slope * log_odds_of(probability))


def weighed_most(numbers: Sequence[float], n: int) -> list[tuple[str, float, float]]:
    """The `n` features that mattered most for one beginning: name, number, and what it added to the log odds.

    `numbers` are those of `FEATURES`. That is the difference to the same numbers with one of them at its usual value: a
    local answer, one feature at a time, but no guess.
    """
    fitted = model()
    forest, usual, split = fitted.right, fitted.usual, len(surroundings.FEATURES)
    (here,) = forest.sums(numbers[:split], [numbers[split:]])
    added: list[tuple[str, float, float]] = []
    for at, name in enumerate(FEATURES):
        if name in usual and usual[name] != numbers[at]:
            changed = [*numbers[:at], usual[name], *numbers[at + 1 :]]
            added.append((name, numbers[at], here - forest.sums(changed[:split], [changed[split:]])[0]))
    return sorted(added, key=lambda one: -abs(one[2]))[:n]
