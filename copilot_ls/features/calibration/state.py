"""All that was learned of one user, as data: read and written as JSON, bounded, and neutral when empty.

Numbers and names of circumstances alone; no text, no path. What makes no sense in a file is left out. Pure. Made by
`learning`, asked by `show_gate` and `routes`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from copilot_ls.features.calibration.acceptance import MOST_WEIGHTS, AcceptanceModel, Weight
from copilot_ls.features.calibration.policy import Moment, Policy
from copilot_ls.features.calibration.routes import Evidence, RouteEvidence

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
_MOST_BACKENDS = 16
_LONGEST_NAME = 80
_LARGEST = 1e9
# What is kept of the sums behind shares with every outcome.
_KEPT = 0.998
# Outcomes that the prior shares are worth: nobody takes parts, and what is taken is taken whole.
_PRIOR_N = 10.0


@dataclass(slots=True)
class Shares:
    """How often a right beginning of a wrong text is taken, and how much of the texts that are taken at all."""

    parts: float = 0.0
    parts_expected: float = 0.0
    taken: float = 0.0
    n_taken: float = 0.0

    def learn(self, *, in_part: bool, likely_part: float, share: float | None) -> None:
        """`likely_part` is how likely a right beginning of a wrong text had been; `share` what was taken, or None."""
        self.parts = _KEPT * self.parts + in_part
        self.parts_expected = _KEPT * self.parts_expected + likely_part
        if share is not None:
            self.taken = _KEPT * self.taken + share
            self.n_taken = _KEPT * self.n_taken + 1.0

    @property
    def taking_parts(self) -> float:
        """How often the user takes a right beginning of a wrong text, 0 to 1."""
        return min(1.0, self.parts / (self.parts_expected + 1.0))

    @property
    def of_taken(self) -> float:
        """The share of a text that is taken, when any of it is and nothing is known of its parts."""
        return (self.taken + _PRIOR_N) / (self.n_taken + _PRIOR_N)


@dataclass(slots=True)
class State:
    """What was learned, up to the event with the id `seen`."""

    seen: int = 0
    model: AcceptanceModel = field(default_factory=AcceptanceModel)
    shares: Shares = field(default_factory=Shares)
    policies: dict[str, Policy] = field(default_factory=dict)
    routes: RouteEvidence = field(default_factory=RouteEvidence)

    def policy(self, backend: str) -> Policy | None:
        """The policy for a backend; None for more backends than anybody has."""
        if backend not in self.policies and len(self.policies) < _MOST_BACKENDS:
            self.policies[backend] = Policy()
        return self.policies.get(backend)

    def least(self, backend: str) -> float | None:
        """The least probability to show something of a backend; None while the backend's own threshold holds."""
        policy = self.policies.get(backend)
        return policy.least if policy is not None else None

    def as_dict(self) -> dict[str, Any]:
        """For the file."""
        return {
            "version": VERSION,
            "seen": self.seen,
            "n": round(self.model.n, 3),
            "weights": {
                name: [round(weight.evidence, 5), round(weight.pull, 5)] for name, weight in self.model.weights.items()
            },
            "shares": [
                round(number, 4)
                for number in (
                    self.shares.parts, self.shares.parts_expected, self.shares.taken, self.shares.n_taken
                )
            ],
            "policies": {
                name: {
                    "n": round(policy.n, 3),
                    "least": policy.least,
                    "moments": [[round(number, 3) for number in moment] for moment in policy.moments],
                }
                for name, policy in self.policies.items()
            },
            "routes": {
                key: [round(number, 5) for number in evidence] for key, evidence in self.routes.by_key.items()
            },
        }  # fmt: skip


def read(content: Mapping[str, Any]) -> State:
    """The state in a parsed file.

    Raises `ValueError`, `TypeError`, `KeyError` or `AttributeError` for what is none, or another version's.
    """
    if content["version"] != VERSION:
        raise ValueError(f"calibration of version {content['version']!r}, expected {VERSION}")
    state = State(seen=max(0, int(content["seen"])))
    state.model.n = _number(content["n"])
    for name, (evidence, pull) in list(content["weights"].items())[:MOST_WEIGHTS]:
        state.model.weights[str(name)[:_LONGEST_NAME]] = Weight(_number(evidence), _number(pull, signed=True))
    state.shares = Shares(*(_number(number) for number in content["shares"]))
    for name, policy in list(content["policies"].items())[:_MOST_BACKENDS]:
        least = policy["least"]
        kept = state.policies[str(name)[:_LONGEST_NAME]] = Policy(
            n=_number(policy["n"]), least=None if least is None else min(1.0, _number(least))
        )
        kept.moments.extend(Moment(*(_number(number) for number in moment)) for moment in policy["moments"])
    for key, numbers in list(content["routes"].items())[: RouteEvidence.MOST]:
        state.routes.by_key[str(key)[:_LONGEST_NAME]] = Evidence(*(_number(number) for number in numbers))
    return state


def _number(value: object, *, signed: bool = False) -> float:
    number = float(value)  # type: ignore[arg-type]  # TypeError is what the caller expects
    if not math.isfinite(number) or abs(number) > _LARGEST or (number < 0 and not signed):
        raise ValueError(f"no number for calibration: {value!r}")
    return number
