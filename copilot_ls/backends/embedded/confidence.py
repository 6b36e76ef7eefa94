"""The probability that the user types exactly a given beginning.

Three logistic models over `prefixes.FEATURES`: for the start of a line, for after half a word, for elsewhere. Their
coefficients are data (`confidence.json`), fitted on replayed code by `tests/bench/bench_embedded.py --fit`. Pure,
but for reading that file once. Called by `propose`.
"""

from __future__ import annotations

import json
import math
from functools import cache
from operator import mul
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_ls.backends.embedded.prefixes import FEATURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.backends.embedded.situation import Place

_Fitted = dict[str, dict[str, float]]
_FILE = Path(__file__).with_name("confidence.json")


@cache
def _fitted() -> _Fitted:
    content: _Fitted = json.loads(_FILE.read_text(encoding="utf-8"))
    return content


@cache
def coefficients() -> dict[str, tuple[float, ...]]:
    """Return the coefficients by kind of place, in the order of `FEATURES`; what the file lacks counts for nothing."""
    fitted = {kind: weights for kind, weights in _fitted().items() if kind != "chosen"}
    return {kind: tuple(weights.get(name, 0.0) for name in FEATURES) for kind, weights in fitted.items()}


def kind_of(place: Place) -> str:
    """Return which of the three models is for `place`."""
    return place if place in {"line_start", "in_word"} else "elsewhere"


def probabilities(rows: Sequence[Sequence[float]], place: Place) -> list[float]:
    """Return P(the user goes on to type exactly this beginning) for each row of `prefixes.describe`."""
    weights = coefficients()[kind_of(place)]
    logits = [sum(map(mul, weights, numbers)) for numbers in rows]
    return [1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit)))) for logit in logits]


def once_chosen(probability: float) -> float:
    """Return P(right | this beginning was chosen among others).

    The most promising of many estimates is too promising on average; a logistic curve over the log odds (Platt, 1999)
    takes that back.
    """
    curve = _fitted()["chosen"]
    odds = math.log(max(probability, 1e-9) / max(1.0 - probability, 1e-9))
    return 1.0 / (1.0 + math.exp(-(curve["bias"] + curve["slope"] * odds)))
