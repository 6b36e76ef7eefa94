"""The forest says what its trees say, one after another; the model that is shipped fits the features that there are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.backends.embedded import confidence, surroundings
from copilot_ls.backends.embedded.forest import LANE, LEAF_UNIT, Forest
from copilot_ls.backends.embedded.propose import described
from copilot_ls.backends.embedded.workspace import PatientIndex

COMMON, OWN = ("a", "b"), ("c", "d")
THRESHOLDS = {"a": [0.0, 1.5], "b": [-2.0], "c": [0.25, 0.5, 3.0], "d": [7.0]}
NUMBERS = st.sampled_from([-3.0, -2.0, 0.0, 0.1, 0.25, 0.3, 0.5, 1.5, 2.0, 3.0, 7.0, 8.0])


def split(children):
    place = st.sampled_from([(name, at) for name, values in THRESHOLDS.items() for at in range(len(values))])
    return st.builds(lambda where, below, above: [*where, below, above], place, children, children)


TREES = st.lists(st.recursive(st.integers(-5000, 5000), split, max_leaves=LANE), min_size=1, max_size=6)


def walked(tree, numbers):
    while isinstance(tree, list):
        name, at, below, above = tree
        tree = below if numbers[name] <= THRESHOLDS[name][at] else above
    return tree


def summed(trees, common, row):
    numbers = dict(zip((*COMMON, *OWN), (*common, *row), strict=True))
    return 0.5 + sum(walked(tree, numbers) for tree in trees) / LEAF_UNIT


@settings(max_examples=200, deadline=None)
@given(trees=TREES, common=st.tuples(NUMBERS, NUMBERS), rows=st.lists(st.tuples(NUMBERS, NUMBERS), max_size=4))
def test_a_row_meets_all_trees_at_once_as_it_would_one_by_one(trees, common, rows):
    found = Forest(0.5, THRESHOLDS, trees, COMMON, OWN).sums(common, rows)
    for row, total in zip(rows, found, strict=True):
        assert total == pytest.approx(summed(trees, common, row))


@settings(max_examples=100, deadline=None)
@given(
    trees=TREES, common=st.tuples(NUMBERS, NUMBERS), row=st.tuples(NUMBERS, NUMBERS),
    n_first=st.integers(0, 7), hopeless=st.floats(-6, 6),
)  # fmt: skip
def test_a_row_without_hope_is_left_to_the_first_trees(trees, common, row, n_first, hopeless):
    (found,) = Forest(0.5, THRESHOLDS, trees, COMMON, OWN, n_first, hopeless).sums(common, [row])
    first = summed(trees[:n_first], common, row)
    assert found == pytest.approx(first if first < hopeless else summed(trees, common, row))


def test_the_model_that_is_shipped_is_small_and_knows_the_features_that_there_are():
    path = Path(confidence.__file__).with_name("confidence.json")
    assert path.stat().st_size <= 1_000_000
    content = json.loads(path.read_text(encoding="utf-8"))
    assert set(content["right"]["thresholds"]) <= set(confidence.FEATURES)
    assert set(surroundings.PLACES) <= set(content["chosen"])


@pytest.mark.parametrize(
    ("change", "said"),
    [({"version": 99}, "version 99, expected 2"), ({"usual": {"phase_of_the_moon": 1}}, "phase_of_the_moon")],
)
def test_a_model_of_another_version_or_of_unknown_features_is_refused_by_name(change, said):
    content = {"version": 2, "usual": {}, "chosen": {}, "right": {}, "whole": {}} | change
    with pytest.raises(ValueError, match=said):
        confidence.read(content)


def test_more_confident_stays_more_confident_once_chosen():
    for place in surroundings.PLACES:
        for language_id in ("python", "tsx", ""):
            worth = [confidence.once_chosen(at / 100, place, language_id) for at in range(1, 100)]
            assert worth == sorted(worth)
            assert 0 < worth[0] < worth[-1] < 1


def test_what_weighed_most_is_told_by_what_would_change_without_it():
    told = confidence.weighed_most([0.0] * len(confidence.FEATURES), 5)
    assert len(told) == 5
    assert {name for name, _, _ in told} <= set(confidence.FEATURES)
    assert [abs(added) for _, _, added in told] == sorted((abs(added) for _, _, added in told), reverse=True)


def test_a_beginning_is_told_of_the_lines_that_begin_so():
    #  0 ── 1 (.2) ── 2 (.5)
    #  └─── 3 (.1)
    told = confidence.lines_through([0.0, 0.2, 0.5, 0.1], [-1, 0, 1, 0])
    own, total, best, share, lag = zip(*told, strict=True)
    assert own == (0.0, 0.2, 0.5, 0.1)
    assert total == pytest.approx((0.8, 0.7, 0.5, 0.1))
    assert best == (0.5, 0.5, 0.5, 0.1)
    assert share == pytest.approx((1.0, 0.875, 0.625, 0.125))
    assert lag == pytest.approx((0.0, 0.0, 0.0, 0.4))


def test_an_empty_workspace_is_told_from_one_where_nothing_was_found(make_scene):
    def known(scene):
        here = described(scene.document, scene.cursor, scene.others, PatientIndex(scene.index))
        return dict(zip(surroundings.FEATURES, here.common, strict=True))

    alone = known(make_scene("total = █\n"))
    beside = known(make_scene("total = █\n", workspace={"b.py": "nothing()\n", "c.py": "\n"}))
    assert (alone["document_size"], alone["open_size"], alone["indexed_files"]) == (9, 0, 0)
    assert beside["indexed_files"] == 2
