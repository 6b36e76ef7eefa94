"""The chance that a candidate is what the user does next, from the numbers of `evidence`.

Gradient-boosted trees as data: `chances.json`, trained on replayed commits by `tests/bench/train_next_edit.py`, and
evaluated in plain Python. The likeliest of many candidates is too promising on average; a logistic curve over its log
odds (Platt, 1999) takes that back. Pure, but for reading that file once. Called by `proposing`.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot_ls.backends.embedded.forest import Forest
from copilot_ls.features.next_edit.evidence import FEATURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VERSION = 1
_FILE = Path(__file__).with_name("chances.json")
_SUREST = 1e-4
_UNDECLARED = FEATURES.index("leaves_undeclared")


@dataclass(frozen=True, slots=True)
class Model:
    """What the data file holds: trees that sum to log odds, bias and slope of the curve, and what is likely enough.

    `undeclared` is how often a name that a rename left undeclared was renamed as well, whatever the trees make of it.
    """

    forest: Forest
    bias: float
    slope: float
    least: float
    undeclared: float


def read(content: Mapping[str, Any]) -> Model:
    """The model of a parsed data file; raise `ValueError` for one of another version or other features."""
    if content.get("version") != VERSION:
        raise ValueError(f"chances of version {content.get('version')!r}, expected {VERSION}")
    trees = content["trees"]
    unknown = set(trees["thresholds"]) - set(FEATURES)
    if unknown:
        raise ValueError(f"chances of unknown features: {', '.join(sorted(unknown))}")
    bias, slope = content["chosen"]
    forest = Forest(trees["base"], trees["thresholds"], trees["trees"], (), FEATURES)
    return Model(forest, bias, slope, content["least"], content["undeclared"])


@cache
def model() -> Model:
    """The model that is shipped."""
    return read(json.loads(_FILE.read_text(encoding="utf-8")))


def chances(rows: Sequence[Sequence[float]]) -> list[float]:
    """The chance of each row of `evidence.FEATURES`, if it is the likeliest of its kind."""
    fitted = model()
    found = [_logistic(fitted.bias + fitted.slope * _bounded(odds)) for odds in fitted.forest.sums((), rows)]
    return [
        max(likely, fitted.undeclared) if row[_UNDECLARED] else likely for likely, row in zip(found, rows, strict=True)
    ]


def _logistic(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))


def _bounded(log_odds: float) -> float:
    most = math.log((1.0 - _SUREST) / _SUREST)
    return max(-most, min(most, log_odds))
