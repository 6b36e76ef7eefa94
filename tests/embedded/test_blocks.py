"""Blocks: what follows a proposed line, how sure it is said to be, and why."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.backends.embedded import blocks, explain, propose
from copilot_ls.backends.embedded.workspace import PatientIndex
from tests.embedded.conftest import scene

TWICE = """\
def first(path):
    with open(path) as stream:
        lines = stream.readlines()
    return lines


def second(path):
    with open(path) as stream:
        lines = stream.readlines()
    return lines


def third(path):
    with open(pa█
"""


def test_a_block_is_as_likely_as_all_of_its_lines_together():
    here = scene(TWICE)
    described = propose.described(here.document, here.cursor, [], PatientIndex(None))
    text = "th) as stream:"
    steps = list(blocks.steps(described.situation, text, [], described.model.where, PatientIndex(None), 9))
    assert [step.line for step in steps] == ["    lines = stream.readlines()", "return lines", ""]
    block = blocks.extend(
        described.situation, text, [], described.model.where, PatientIndex(None), max_lines=10, least=0.0
    )
    assert block is not None
    assert block.text.split("\n")[1:] == ["        lines = stream.readlines()", "    return lines"]
    assert block.likely == pytest.approx(blocks.likelihood(steps[0]) * blocks.likelihood(steps[1]))
    cut = blocks.extend(
        described.situation, text, [], described.model.where, PatientIndex(None),
        max_lines=10, least=blocks.likelihood(steps[0]) - 0.001,
    )  # fmt: skip
    assert cut is not None
    assert cut.text.count("\n") == 1


SIBLINGS = """\
def test_width_is_kept(tmp_path):
    box = make_box(tmp_path, width=3)
    box.save_width()
    assert box.load_width() == 3
    box.close()


def test_depth_is_kept(tmp_path):
    box = make_box(tmp_path, depth=3)
    box.save_depth()
    assert box.load_depth() == 3
    box.close()


def test_height_is_kept(tmp_path):
    box = make_box(tmp_path, height=3)
    box.save_height()█
"""


def test_what_stands_below_a_line_of_the_same_shape_is_told_in_the_names_of_here():
    here = scene(SIBLINGS)
    described = propose.described(here.document, here.cursor, [], PatientIndex(None))
    steps = list(blocks.steps(described.situation, "", [], described.model.where, PatientIndex(None), 9))
    assert [step.line for step in steps] == ["assert box.load_height() == 3", "box.close()", ""]
    assert steps[0].place.renaming["save_depth"] == "save_height"


def test_what_is_shown_unasked_comes_first_when_several_are_wanted():
    for text in (TWICE, SIBLINGS, SIBLINGS.replace("box.save_height()", "bo")):
        here = scene(text)
        unasked = here.propose(n=1, multiline=True)
        several = here.propose(n=3, multiline=True, threshold=0.1)
        assert several[: len(unasked)] == unasked
        texts = [one.text for one in several]
        assert len(set(texts)) == len(texts)


def test_what_is_explained_of_a_block_names_a_place_for_each_line():
    here = scene(TWICE)
    text = "th) as stream:\n        lines = stream.readlines()\n    return lines"
    said = explain.explained(text, here.document, here.cursor, [], PatientIndex(None))
    assert [line.split(";")[0] for line in said[-2:]] == [
        "line 2: 2 places, below main.py:8",
        "line 3: 2 places, below main.py:8",
    ]
    assert explain.explained("nobody said so", here.document, here.cursor, [], PatientIndex(None)) == []


@given(
    st.lists(
        st.sampled_from(["a = b(c)", "  a = b(c)", "a = b(d)", "if a:", "  go(a)", "", "}", "x {", "go(b)"]),
        max_size=30,
    )
)
def test_a_longer_block_is_never_likelier_and_begins_with_the_shorter_one(lines):
    here = scene("\n".join([*lines, "a = b(█"]))
    described = propose.described(here.document, here.cursor, [], PatientIndex(None))
    found = [
        blocks.extend(
            described.situation, "c)", [], described.model.where, PatientIndex(None), max_lines=10, least=least
        )
        for least in (0.8, 0.4, 0.0)
    ]
    for one, other in pairwise(found):
        assert one is None or (other is not None and other.text.startswith(one.text) and other.likely <= one.likely)


def test_the_model_that_is_shipped_knows_the_features_that_there_are():
    content = json.loads(Path(blocks.__file__).with_name("blocks.json").read_text(encoding="utf-8"))
    assert set(content["thresholds"]) <= set(blocks.FEATURES)


def test_a_model_of_another_version_is_refused(monkeypatch, tmp_path):
    other = tmp_path / "blocks.json"
    other.write_text('{"version": 99}', encoding="utf-8")
    monkeypatch.setattr(blocks, "_FILE", other)
    blocks.model.cache_clear()
    with pytest.raises(ValueError, match="version 99, expected 1"):
        blocks.model()
    blocks.model.cache_clear()
