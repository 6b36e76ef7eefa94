"""How sure a share is: intervals of shares and of their differences. Pure. Called by `report` and `findings`."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

Interval = tuple[float, float]

# The two-sided 95 % quantile of the normal distribution.
Z95 = 1.959964


class Share(NamedTuple):
    """`hits` of `n`."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        """The share, 0 to 1; None of nothing."""
        return self.hits / self.n if self.n else None

    def interval(self, *, z: float = Z95) -> Interval | None:
        """Where the true share lies, 95 % surely with the default."""
        return wilson_interval(self.hits, self.n, z=z)


def quantile_for(n_comparisons: int) -> float:
    """The quantile with which so many intervals hold all together in 95 % of the cases.

    Source: O. J. Dunn, "Multiple Comparisons Among Means", JASA 56 (1961): Bonferroni's inequality.
    """
    from statistics import NormalDist

    return NormalDist().inv_cdf(1 - 0.025 / n_comparisons)


def wilson_interval(n_hits: int, n: int, *, z: float = Z95) -> Interval | None:
    """The interval of a share of which `n_hits` of `n` were seen, of 95 % by default; None where nothing was seen.

    Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927). Unlike
    the textbook interval it stays within 0 to 1 and is honest for a handful of events.
    """
    if n == 0:
        return None
    share = n_hits / n
    spread = z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    # At the ends the bound is exact; rounding would leave dust.
    return (0.0 if n_hits == 0 else centre - half), (1.0 if n_hits == n else centre + half)


def difference_interval(one: tuple[int, int], other: tuple[int, int], *, z: float = Z95) -> Interval | None:
    """The interval of the difference of two shares (hits, n), the first minus the second; None without any n.

    Source: R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in
    Medicine 17 (1998), method 10, which is made of two Wilson intervals.
    """
    mine, theirs = wilson_interval(*one, z=z), wilson_interval(*other, z=z)
    if mine is None or theirs is None:
        return None
    share, other_share = one[0] / one[1], other[0] / other[1]
    difference = share - other_share
    low = difference - sqrt((share - mine[0]) ** 2 + (theirs[1] - other_share) ** 2)
    high = difference + sqrt((mine[1] - share) ** 2 + (other_share - theirs[0]) ** 2)
    return low, high
