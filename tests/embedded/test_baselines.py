"""What the bench measures against does what its name says, and typing is counted as an editor would have it."""

from __future__ import annotations

from collections import Counter

from tests.bench.bench_embedded import Default, Sweep, _keys
from tests.bench.replay_baselines import word_completion


def test_word_completion_takes_the_most_frequent_word_that_begins_so():
    words = Counter({"total": 2, "totals": 5, "other": 9})
    assert word_completion("x = to", words) == "tals"
    assert word_completion("x = t", words) == ""
    assert word_completion("x = zz", words) == ""


def test_what_is_right_is_taken_with_one_key_and_the_rest_is_typed():
    typed = _keys("    total = 1", 4, lambda column: "total = " if column == 4 else "")
    assert (typed.characters, typed.keys, typed.shown, typed.taken) == (9, 2, 1, 1)


def test_a_wrong_suggestion_that_is_typed_along_is_shown_once():
    offered = {0: "total()", 1: "otal()", 2: "tal()"}
    typed = _keys("total", 0, lambda column: offered.get(column, ""))
    assert (typed.keys, typed.shown, typed.taken) == (5, 1, 0)


def test_coverage_is_taken_at_the_largest_share_that_is_precise_enough():
    sweep = Sweep()
    n_thresholds = len(sweep.shown)
    sweep.add("right()", ["right()"] * n_thresholds, "right()")
    sweep.add("right()", ["wrong()"] + [""] * (n_thresholds - 1), "wrong()")
    assert sweep.right_lines == 1
    assert sweep.coverage_at(0.8) == (0.5, 7.0)
    assert sweep.coverage_at(0.5) == (1.0, 7.0)


def test_the_calibration_error_is_what_was_said_against_what_was_right():
    default = Default()
    for right in (True, True, True, False):
        default.add("x()", "x()" if right else "y()", 0.75)
    assert default.calibration_error == 0.0
    default.add("x()", "y()", 0.95)
    assert default.calibration_error == 0.95 / 5
