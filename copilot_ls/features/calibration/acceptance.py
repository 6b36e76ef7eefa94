"""P(the user takes a suggestion), learned from what became of earlier ones: Bayesian logistic regression, one pass.

The log odds are those that the backend says itself (or the usual ones, where it says none) plus a weight for each
circumstance. Weights have Gaussian posteriors, kept apart from each other and updated by one step of assumed-density
filtering per outcome (Minka, 2001; Graepel and others, "Web-scale Bayesian click-through rate prediction", ICML 2010,
for the probit). With little evidence a weight stays near zero, where nothing changes. Old evidence fades by discounting
the posterior's natural parameters (West and Harrison, "Bayesian Forecasting", 1997, chapter 6): what is not renewed
goes back to zero, and taste may change.

Pure, a few microseconds per question. Made and taught by `learning`, asked by `show_gate`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# Log odds of acceptance where a backend does not say how sure it is: 0.3, what is usual for models in editors.
USUAL_LOG_ODDS = math.log(0.3 / 0.7)
# Standard deviation of a weight before any evidence, by the kind of feature; and what an outcome leaves of older
# evidence for the weights that it touches: the last 700 or so count.
PRIOR_SD = 0.3
KEPT = 0.9985
# Probabilities are told within these.
_SUREST_LOG_ODDS = 9.0
# Names of circumstances that are kept; the least known goes first.
MOST_WEIGHTS = 300
_PRIOR_PRECISION = 1.0 / PRIOR_SD**2


class Likelihood(NamedTuple):
    """A probability, the log odds that it comes from, and their standard deviation."""

    probability: float
    log_odds: float
    sd: float


@dataclass(slots=True)
class Weight:
    """The posterior of a weight in natural parameters: what evidence adds to precision, and to precision times mean."""

    evidence: float = 0.0
    pull: float = 0.0

    @property
    def mean(self) -> float:
        """The weight as it is believed to be."""
        return self.pull / (_PRIOR_PRECISION + self.evidence)

    @property
    def variance(self) -> float:
        """How uncertain that is."""
        return 1.0 / (_PRIOR_PRECISION + self.evidence)


@dataclass(slots=True)
class AcceptanceModel:
    """The weights of one user, and how many outcomes they rest on, faded as they are."""

    weights: dict[str, Weight] = field(default_factory=dict)
    n: float = 0.0

    def likelihood(self, features: Mapping[str, float], said: float | None) -> Likelihood:
        """How likely something is taken of which its backend says that it is right with probability `said`."""
        log_odds, variance = base_log_odds(said), 0.0
        for name, value in features.items():
            weight = self.weights.get(name)
            if weight is None:
                variance += value * value / _PRIOR_PRECISION
            else:
                log_odds += weight.mean * value
                variance += weight.variance * value * value
        return Likelihood(probability_of(log_odds), log_odds, math.sqrt(variance))

    def learn(self, features: Mapping[str, float], said: float | None, taken: float) -> None:
        """Of a suggestion in these circumstances the share `taken` (0 to 1) was accepted, and stayed."""
        believed = self.likelihood(features, said)
        spread = believed.sd**2
        # The mean of a logistic function under a Gaussian, after MacKay (1992).
        expected = probability_of(believed.log_odds / math.sqrt(1.0 + math.pi * spread / 8.0))
        curvature = max(expected * (1.0 - expected), 1e-3)
        step = (taken - expected) / (1.0 + curvature * spread)
        for name, value in features.items():
            if not value:
                continue
            weight = self.weights.get(name)
            if weight is None:
                weight = self.weights[name] = Weight()
            weight.evidence *= KEPT
            weight.pull *= KEPT
            mean = weight.mean + step * value * weight.variance
            weight.evidence += curvature * value * value
            weight.pull = mean * (_PRIOR_PRECISION + weight.evidence)
        self.n = KEPT * self.n + 1.0
        if len(self.weights) > MOST_WEIGHTS:
            del self.weights[min(self.weights, key=lambda name: self.weights[name].evidence)]

    def contributions(self, features: Mapping[str, float]) -> list[tuple[str, float, float]]:
        """What each circumstance adds to the log odds: name, value, addition; the weightiest first."""
        known = [
            (name, value, self.weights[name].mean * value) for name, value in features.items() if name in self.weights
        ]
        return sorted(known, key=lambda one: (-abs(one[2]), one[0]))


def base_log_odds(said: float | None) -> float:
    """The log odds before anything is known of the user."""
    if said is None:
        return USUAL_LOG_ODDS
    within = min(1.0 - 1e-4, max(1e-4, said))
    return math.log(within / (1.0 - within))


def probability_of(log_odds: float) -> float:
    """The logistic function, never quite 0 or 1."""
    return 1.0 / (1.0 + math.exp(-max(-_SUREST_LOG_ODDS, min(_SUREST_LOG_ODDS, log_odds))))
