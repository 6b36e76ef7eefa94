"""What a simulated typist takes, and how alike two texts are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.evaluation.typist import Taken, Typist, is_right, similarity

TRUTH = "load_settings(path)\n    return settings"


@pytest.mark.parametrize(
    ("shown", "taken"),
    [
        ("load_settings(path)", Taken(19, 1, True)),
        (TRUTH, Taken(len(TRUTH), 1, True)),
        ("load_se", None),  # ends in the midst of a word
        ("lo", None),
        ("load_settings(other)", Taken(14, 2, False)),  # two words of it are right
        ("loop_over()", None),
        ("", None),
    ],
)
def test_what_is_taken(shown: str, taken: Taken | None) -> None:
    assert Typist().decide(TRUTH, shown) == taken


def test_who_takes_no_words_takes_all_or_nothing() -> None:
    typist = Typist("whole")
    assert typist.decide(TRUTH, "load_settings(other)") is None
    assert typist.decide(TRUTH, "load_settings(path)") == Taken(19, 1, True)


def test_what_is_too_short_is_typed() -> None:
    assert Typist(least_chars=5).decide("a = 1\nb", "= 1") is None
    assert Typist(least_chars=3).decide("= 1\nb", "= 1") is not None


@given(st.text("ab_( \n", max_size=30), st.text("ab_( \n", max_size=30), st.sampled_from(["words", "whole"]))
def test_nothing_is_taken_that_would_have_to_be_mended(truth: str, shown: str, habit) -> None:
    taken = Typist(habit, 1).decide(truth, shown)
    if taken is not None:
        assert truth.startswith(shown[: taken.n_chars])
        assert is_right(truth, shown[: taken.n_chars])
        assert taken.n_keys <= taken.n_chars


@given(st.text("abc\n ", max_size=40), st.text("abc\n ", max_size=40))
def test_similarity_is_a_share_and_knows_its_own(one: str, other: str) -> None:
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, one) == 1


def test_similarity_is_one_minus_the_share_of_edits() -> None:
    assert similarity("kitten\nmore", "sitting") == pytest.approx(1 - 3 / 7)
