"""Confidence intervals by the bootstrap, over what is independent: commits, not keys. Pure but for a seeded generator.

Keys of one line, and lines of one commit, are alike; to count each for itself would make intervals that are far too
narrow. So whole commits (or files, where there are few commits) are drawn again with replacement, and each figure is
made anew of their sums: the cluster bootstrap with percentile intervals (Efron and Tibshirani, "An Introduction to the
Bootstrap", 1993), expanded for few clusters as Hesterberg proposes ("What Teachers Should Know about the Bootstrap",
2014). Figures of two backends are drawn together, so that what one commit makes hard for both does not blur their
difference. Called by `*_figures`.
"""

from __future__ import annotations

from math import sqrt
from random import Random
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

N_DRAWS = 1_000
LEVEL = 0.95
FEWEST = 5
"""Of fewer clusters there is no interval: it would mean nothing."""


class Estimate(NamedTuple):
    """A figure with its interval; None where there is nothing to divide by, or are too few clusters to say."""

    value: float | None
    low: float | None = None
    high: float | None = None


Sums = tuple[float, ...]
"""What one cluster adds up to."""


def estimates(
    clusters: Sequence[Sums],
    figures: Sequence[Callable[[Sums], float | None]],
    *,
    seed: int,
    n_draws: int = N_DRAWS,
) -> list[Estimate]:
    """Each figure of the summed clusters, with its interval. Equal input gives equal answers."""
    if not clusters:
        return [Estimate(None) for _ in figures]
    values = [figure(_total(clusters)) for figure in figures]
    if len(clusters) < FEWEST:
        return [Estimate(value) for value in values]
    chance = Random(f"bootstrap/{seed}")  # noqa: S311 - draws, not secrets
    drawn: list[list[float]] = [[] for _ in figures]
    for _ in range(n_draws):
        total = _total(chance.choices(clusters, k=len(clusters)))
        for at, figure in enumerate(figures):
            value = figure(total)
            if value is not None:
                drawn[at].append(value)
    return [
        Estimate(value) if value is None or not some else Estimate(value, *_percentiles(some, len(clusters)))
        for value, some in zip(values, drawn, strict=True)
    ]


def _total(clusters: Sequence[Sums]) -> Sums:
    return tuple(map(sum, zip(*clusters, strict=True)))


def _percentiles(values: list[float], n_clusters: int) -> tuple[float, float]:
    values.sort()
    outside = _outside(n_clusters)
    last = len(values) - 1
    return values[round(outside * last)], values[round((1 - outside) * last)]


def _outside(n: int) -> float:
    """The share of draws on either side of an interval: percentiles of few clusters are too narrow as they are.

    Student's t for `n` - 1 degrees of freedom by its expansion (Abramowitz and Stegun, 26.7.5), back to a normal tail.
    """
    z, freedom = -NormalDist().inv_cdf((1 - LEVEL) / 2), n - 1
    t = z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return NormalDist().cdf(-t * sqrt(n / freedom))


def wilson(n_right: int, n: int, z: float = 1.959964) -> Estimate:
    """A share of independent trials with Wilson's interval (1927), which holds for few trials and extreme shares."""
    if n == 0:
        return Estimate(None)
    share = n_right / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value that `share` of them do not exceed, by nearest rank; None of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None
