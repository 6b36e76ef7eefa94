"""How likely is likely enough: as much as costs the user nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.features.calibration import policy
from copilot_ls.features.calibration.policy import Moment, Policy, expected, least_of, won_by_showing

CHANCES = st.floats(0.01, 0.99)
MOMENTS = st.lists(st.builds(Moment, CHANCES, st.floats(0, 60), st.floats(0, 60)), max_size=60)


def test_without_outcomes_there_is_no_policy():
    kept = Policy()
    kept.moments.extend([Moment(0.1, 1.0, 1.0)] * 500)
    kept.n = policy.LEAST_OUTCOMES - 1
    kept.reckon()
    assert kept.least is None
    kept.n = policy.LEAST_OUTCOMES
    kept.reckon()
    assert kept.least is not None


@given(MOMENTS)
def test_what_is_insisted_on_costs_no_more_than_the_margin(moments):
    least = least_of(moments)
    assert policy.LOWEST <= least <= policy.HIGHEST
    usual = sum(moment.usual_gain for moment in moments)
    shown = [moment for moment in moments if moment.likely >= least]
    won = -policy.LOST * usual + sum(won_by_showing(moment) for moment in shown)
    # Either enough is won, or no threshold could win it and all is shown.
    assert won >= min(policy.MARGIN, -policy.MAY_LOSE) * usual - 1e-6 or least == policy.LOWEST


def test_good_texts_that_nobody_would_have_shown_pay_for_silence_elsewhere():
    usual = [Moment(0.62, 4.0, 4.0)] * 50 + [Moment(0.9, 9.0, 9.0)] * 50
    assert least_of([*usual, *[Moment(0.8, 20.0, 0.0)] * 50]) > least_of(usual)


def test_a_model_that_is_always_shown_loses_only_what_is_hardly_ever_taken():
    moments = [Moment(0.01 * at, 0.3 * at, 0.3 * at) for at in range(1, 100)]
    assert 0.02 < least_of(moments) < 0.2


def test_it_follows_and_does_not_jump():
    kept = Policy(n=100.0, least=0.2)
    kept.moments.extend([Moment(0.9, 9.0, 9.0)] * 200)
    kept.reckon()
    assert 0.2 < kept.least < 0.31


@given(CHANCES, st.integers(1, 100), st.lists(st.tuples(st.integers(1, 99), CHANCES), max_size=5), st.floats(0, 1))
def test_parts_never_make_a_text_worth_less_or_more_than_it_is_long(chance, n_chars, parts, taking):
    parts = [(length, likely) for length, likely in parts if length < n_chars]
    whole = expected(chance, n_chars, [], taking)
    assert whole - 1e-9 <= expected(chance, n_chars, parts, taking) <= n_chars + 1e-9
    assert expected(chance, n_chars, parts, 0.0) == whole
