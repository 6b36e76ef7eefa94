"""Confidence learns from outcomes: slowly, within bounds, for the kind of place and language, and from no broken file."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.backends.embedded.adaptation import MOST_BIAS, MOST_SCALE, Adaptation
from copilot_ls.backends.embedded.confidence import log_odds_of

PLACE, LANGUAGE = "after_dot", "python"


def taught(n: int, said: float, share_right: float, path=None) -> Adaptation:
    adaptation = Adaptation(path)
    for at in range(n):
        adaptation.learn(said, PLACE, LANGUAGE, right=(at * share_right) % 1 + share_right >= 1)
    return adaptation


def test_without_outcomes_nothing_changes():
    assert Adaptation().adapted(0.7, PLACE, LANGUAGE) == 0.7


def test_a_few_outcomes_change_next_to_nothing():
    for share in (0.0, 1.0):
        assert taught(5, 0.7, share).adapted(0.7, PLACE, LANGUAGE) == pytest.approx(0.7, abs=0.06)


@pytest.mark.parametrize(("said", "happens"), [(0.8, 0.6), (0.6, 0.75), (0.7, 0.7)])
def test_many_outcomes_bring_what_is_said_near_to_what_happens(said, happens):
    adaptation, rng = Adaptation(), random.Random(1)
    for _ in range(2000):
        adaptation.learn(adaptation.adapted(said, PLACE, LANGUAGE), PLACE, LANGUAGE, right=rng.random() < happens)
    assert adaptation.adapted(said, PLACE, LANGUAGE) == pytest.approx(happens, abs=0.07)


def test_other_places_and_languages_learn_less_of_it():
    adaptation = taught(300, 0.7, 0.2)
    here, elsewhere = adaptation.adapted(0.7, PLACE, LANGUAGE), adaptation.adapted(0.7, "line_start", "go")
    assert here < elsewhere < 0.7


def test_all_rejected_or_all_taken_stays_within_bounds_and_in_order():
    for share in (0.0, 1.0):
        adaptation = taught(5000, 0.7, share)
        shifted = [adaptation.adapted(at / 100, PLACE, LANGUAGE) for at in range(1, 100)]
        assert shifted == sorted(shifted)
        for at, value in enumerate(shifted, 1):
            most = MOST_BIAS + MOST_SCALE * abs(log_odds_of(at / 100))
            assert abs(log_odds_of(value) - log_odds_of(at / 100)) <= most + 0.01


def test_what_was_learnt_is_there_again_and_holds_numbers_alone(tmp_path):
    path = tmp_path / "confidence.json"
    adaptation = taught(50, 0.7, 0.2, path)
    assert adaptation.is_due
    adaptation.write()
    assert Adaptation(path).adapted(0.7, PLACE, LANGUAGE) == pytest.approx(
        adaptation.adapted(0.7, PLACE, LANGUAGE), abs=1e-3
    )
    assert set(json.loads(path.read_text())["shifts"]) == {"every", "after_dot:python"}
    assert [other.name for other in tmp_path.iterdir()] == ["confidence.json"]


@given(
    st.one_of(
        st.text(max_size=60),
        st.recursive(st.none() | st.floats() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=4)).map(
            lambda rows: json.dumps({"version": 1, "shifts": {"every": rows}})
        ),
        st.sampled_from(
            [
                '{"version": 1, "shifts": {"every": [1e999, 0, 0]}}',
                '{"version": 1, "shifts": {"every": [900, 900, 9]}}',
                "[" * 5000,
            ]
        ),
    )
)
def test_a_broken_file_is_as_good_as_none_or_within_bounds(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("state") / "confidence.json"
    path.write_text(content, encoding="utf-8")
    assert 0.05 < Adaptation(path).adapted(0.5, PLACE, LANGUAGE) < 0.95


def test_a_folder_that_cannot_be_written_only_means_forgetting(tmp_path):
    adaptation = taught(50, 0.7, 0.2, tmp_path / "missing" / "confidence.json")
    adaptation.write()
    assert not adaptation.is_due
