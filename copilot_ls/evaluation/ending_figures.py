"""The figures of evaluations whose records each have one ending: holes, faults, situations. Pure.

Of each backend: how many ended how, the share of good endings among those that judge, what that cost, by group as well.
Trials are of different functions, faults or situations, so that Wilson's interval holds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from copilot_ls.evaluation.intervals import Estimate, quantile, wilson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from copilot_ls.evaluation.units import Record


@dataclass(frozen=True, slots=True)
class Endings:
    """The endings of one kind of evaluation, each with its words. `good` are the wanted ones; `no_trial` judge nobody.

    `group` is the field of a record's data that groups it.
    """

    words: Mapping[str, str]
    good: frozenset[str]
    no_trial: frozenset[str]
    group: str


@dataclass(slots=True)
class EndingStanding:
    """One backend. `good` is the share of good endings among trials, `by_group` the same by group."""

    backend: str
    counts: Counter[str] = field(default_factory=Counter)
    good: Estimate = field(default_factory=lambda: Estimate(None))
    n_good: int = 0
    n_trials: int = 0
    by_group: dict[str, Estimate] = field(default_factory=dict)
    n_by_group: dict[str, int] = field(default_factory=dict)
    cost: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    median_ms: float | None = None
    sums: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    why: Counter[str] = field(default_factory=Counter)
    unusable: str = ""

    @property
    def cost_per_good(self) -> float | None:
        """What one good ending cost; None without a price, or without one."""
        return self.cost / self.n_good if self.cost is not None and self.n_good else None

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "backend": self.backend,
            "endings": dict(self.counts),
            "good": list(self.good),
            "n_good": self.n_good,
            "trials": self.n_trials,
            "by_group": {name: list(estimate) for name, estimate in self.by_group.items()},
            "cost": self.cost,
            "cost_per_good": self.cost_per_good,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "median_ms": self.median_ms,
            "sums": dict(self.sums),
            "faults": dict(self.faults),
            "passed_over": dict(self.passed_over),
            "unusable": self.unusable or None,
        }


def ending_figures(
    records: Mapping[str, Record], keys: Iterable[str], backends: Sequence[str], endings: Endings
) -> list[EndingStanding]:
    """The standing of each backend in the records with these keys, which end with `/backend`."""
    listed = list(keys)
    found = []
    for backend in backends:
        own = [records[key] for key in listed if key in records and _backend(key, backends) == backend]
        found.append(_standing(backend, own, endings))
    return found


def _backend(key: str, backends: Sequence[str]) -> str:
    return next((name for name in sorted(backends, key=len, reverse=True) if key.endswith(f"/{name}")), "")


def _standing(backend: str, records: Sequence[Record], endings: Endings) -> EndingStanding:
    standing = EndingStanding(backend)
    times: list[float] = []
    trials: Counter[str] = Counter()
    good: Counter[str] = Counter()
    for record in records:
        data = record.data
        ending = str(data.get("ending", ""))
        standing.counts[ending] += 1
        if record.cost is not None:
            standing.cost = (standing.cost or 0.0) + record.cost
        standing.input_tokens += data.get("input_tokens", 0)
        standing.output_tokens += data.get("output_tokens", 0)
        standing.faults.update(data.get("faults", {}))
        standing.passed_over.update(data.get("passed_over", {}))
        standing.unusable = standing.unusable or data.get("unusable", "")
        standing.sums.update({name: value for name, value in data.items() if isinstance(value, int | float)})
        if data.get("why"):
            standing.why[data["why"]] += 1
        if "took_ms" in data:
            times.append(data["took_ms"])
        if ending not in endings.no_trial:
            group = str(data.get(endings.group, ""))
            trials[group] += 1
            good[group] += ending in endings.good
    standing.n_trials, standing.n_good = trials.total(), good.total()
    standing.good = wilson(standing.n_good, standing.n_trials)
    standing.by_group = {group: wilson(good[group], n) for group, n in sorted(trials.items())}
    standing.n_by_group = dict(sorted(trials.items()))
    standing.median_ms = quantile(times, 0.5)
    return standing
