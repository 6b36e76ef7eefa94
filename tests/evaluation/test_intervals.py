"""Intervals hold what they promise, on clusters that are alike within."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.evaluation.intervals import Estimate, estimates, quantile, wilson


def share(sums) -> float | None:
    return sums[0] / sums[1] if sums[1] else None


def clusters(chance: Random, n: int, truth: float) -> list[tuple[float, float]]:
    """Commits of many keys each, which are alike: each has a rate of its own around the truth."""
    found = []
    for _ in range(n):
        n_keys = chance.randint(5, 60)
        rate = chance.betavariate(8 * truth, 8 * (1 - truth))
        found.append((float(sum(chance.random() < rate for _ in range(n_keys))), float(n_keys)))
    return found


@pytest.mark.parametrize("truth", [0.2, 0.5, 0.8])
def test_intervals_cover_the_truth_about_as_often_as_they_say(truth: float) -> None:
    chance = Random(5)
    n_runs, covered, naive = 150, 0, 0
    for seed in range(n_runs):
        drawn = clusters(chance, 40, truth)
        (found,) = estimates(drawn, [share], seed=seed, n_draws=400)
        covered += found.low <= truth <= found.high
        one = wilson(int(sum(right for right, _ in drawn)), int(sum(n for _, n in drawn)))
        naive += one.low <= truth <= one.high
    assert covered / n_runs >= 0.9
    # To take keys for independent covers far less: that is what whole commits are drawn for.
    assert naive / n_runs < 0.8


@given(st.lists(st.tuples(st.integers(0, 9).map(float), st.integers(10, 20).map(float)), min_size=5, max_size=12))
def test_an_interval_holds_its_figure_and_is_the_same_again(drawn) -> None:
    first, second = (estimates(drawn, [share], seed=3, n_draws=60) for _ in range(2))
    assert first == second
    assert first[0].low <= first[0].high
    assert 0 <= first[0].low <= 1


def test_few_clusters_have_no_interval_and_none_has_no_figure() -> None:
    assert estimates([(1.0, 2.0)] * 4, [share], seed=1) == [Estimate(0.5)]
    assert estimates([], [share], seed=1) == [Estimate(None)]
    assert estimates([(0.0, 0.0)] * 9, [share], seed=1) == [Estimate(None)]


@given(st.integers(0, 50), st.integers(1, 50))
def test_wilson_holds_its_share(n_right: int, n: int) -> None:
    n_right = min(n_right, n)
    found = wilson(n_right, n)
    assert 0 <= found.low <= n_right / n + 1e-12
    assert n_right / n - 1e-12 <= found.high <= 1


def test_quantiles_are_by_nearest_rank() -> None:
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile([], 0.5) is None
