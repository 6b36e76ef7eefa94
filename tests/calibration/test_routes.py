"""Whose turn comes first: the user's order, until the evidence is strong."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.features.calibration.routes import LEAST_ASKS, RouteEvidence


def routes(**backends):
    """Evidence of backends: (requests, share of them accepted, characters, seconds, money)."""
    evidence = RouteEvidence()
    for name, (n, share, n_chars, waited_s, cost) in backends.items():
        rng = random.Random(7)
        for _ in range(n):
            evidence.asked(name, "python", waited_s=waited_s, cost=cost)
            if rng.random() < share:
                evidence.kept(name, "python", n_chars)
    return evidence


def order(evidence, *names, fixed=(), language_id="python"):
    found = evidence.order(names, language_id, fixed=[name in fixed for name in names])
    return [names[at] for at in found]


def test_without_evidence_the_users_order_stands():
    assert order(RouteEvidence(), "a", "b", "c") == ["a", "b", "c"]


def test_a_handful_of_requests_changes_nothing():
    n = int(LEAST_ASKS / 2)
    assert order(routes(a=(n, 0.0, 20, 1.0, 1.0), b=(n, 0.9, 20, 0.1, 0.0)), "a", "b") == ["a", "b"]


def test_who_brings_surely_more_at_no_more_cost_goes_first():
    assert order(routes(a=(500, 0.1, 20, 0.5, 0.0), b=(500, 0.5, 20, 0.5, 0.0)), "a", "b") == ["b", "a"]


def test_what_is_not_sure_is_not_enough():
    assert order(routes(a=(100, 0.30, 20, 0.5, 0.0), b=(100, 0.34, 20, 0.5, 0.0)), "a", "b") == ["a", "b"]


def test_a_dear_one_never_overtakes_a_cheap_one():
    assert order(routes(a=(500, 0.1, 20, 0.5, 0.001), b=(500, 0.9, 20, 0.5, 0.01)), "a", "b") == ["a", "b"]


def test_a_dear_one_that_does_not_pay_is_overtaken_by_the_cheap_one():
    assert order(routes(a=(900, 0.3, 20, 0.5, 0.01), b=(900, 0.5, 20, 0.5, 0.001)), "a", "b") == ["b", "a"]


def test_a_dear_one_that_pays_stays_first():
    assert order(routes(a=(900, 0.5, 20, 0.5, 0.01), b=(900, 0.3, 20, 0.5, 0.001)), "a", "b") == ["a", "b"]


def test_a_slow_one_does_not_overtake():
    assert order(routes(a=(500, 0.2, 20, 0.2, 0.0), b=(500, 0.5, 20, 2.0, 0.0)), "a", "b") == ["a", "b"]


def test_evidence_belongs_to_a_language():
    evidence = routes(a=(500, 0.1, 20, 0.5, 0.0), b=(500, 0.5, 20, 0.5, 0.0))
    assert order(evidence, "a", "b", language_id="go") == ["a", "b"]


def test_backends_of_this_process_stay_where_they_are():
    evidence = routes(a=(500, 0.1, 20, 0.5, 0.0), e=(500, 0.9, 20, 0.0, 0.0), b=(500, 0.5, 20, 0.5, 0.0))
    assert order(evidence, "a", "e", "b", fixed=("e",)) == ["b", "e", "a"]


def test_who_was_good_once_is_overtaken_when_that_is_over():
    evidence = routes(a=(2_000, 0.6, 20, 0.5, 0.0), b=(300, 0.4, 20, 0.5, 0.0))
    assert order(evidence, "b", "a") == ["a", "b"]
    for _ in range(2_500):
        evidence.asked("a", "python", waited_s=0.5, cost=0.0)
    assert order(evidence, "a", "b") == ["b", "a"]


@given(
    st.lists(st.sampled_from("abcde"), unique=True, min_size=1),
    st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 50), st.floats(0, 3), st.floats(0, 1)), max_size=300),
    st.sets(st.sampled_from("abcde")),
)
def test_an_order_holds_every_backend_once_and_fixed_ones_stay(names, history, fixed):
    evidence = RouteEvidence()
    for name, n_chars, waited_s, cost in history:
        evidence.asked(name, "python", waited_s=waited_s, cost=cost)
        evidence.kept(name, "python", n_chars)
    found = order(evidence, *names, fixed=fixed)
    assert sorted(found) == sorted(names)
    assert [at for at, name in enumerate(found) if name in fixed] == [
        at for at, name in enumerate(names) if name in fixed
    ]
