"""What is known of a cursor beside what the engines find: fresh names, what was written lately, what was foreseeable."""

from __future__ import annotations

import pytest

from copilot_ls.backends.embedded import evidence, ngrams, streams
from copilot_ls.backends.embedded.evidence import Found
from copilot_ls.backends.embedded.recency import Recency
from copilot_ls.backends.embedded.situation import Situation
from copilot_ls.backends.embedded.surroundings import keyword_class
from copilot_ls.context.recent_edits import RecentEdit
from tests.embedded.conftest import scene, snapshot_of


def situation(text: str, path: str = "main.py") -> Situation:
    here = scene(text, path)
    return Situation.at(here.document, here.cursor)


@pytest.mark.parametrize(
    ("path", "line", "names"),
    [
        ("main.py", "width = 3", {"width"}),
        ("main.py", "width: int = 3", {"width"}),
        ("main.py", "with open(path) as stream:", {"stream"}),
        ("main.py", "for name, value in pairs:", {"name", "value"}),
        ("main.py", "self.width = 3", set()),
        ("main.py", "if width == 3:", set()),
        ("main.py", "call(width=3)", set()),
        ("main.go", "value, err := parse(text)", {"value", "err"}),
        ("main.ts", "const total = sum(items)", {"total"}),
        ("Main.java", "String name = read();", {"name"}),
    ],
)
def test_a_name_is_fresh_once_it_was_given_a_value(path, line, names):
    assert situation(f"{line}\n█", path).fresh_names == names


def test_a_name_that_was_used_is_not_fresh():
    assert situation("width = 3\nheight = 4\nprint(width)\n█").fresh_names == {"height"}
    assert situation("width = 3\nheight = 4\nprint(height, █").fresh_names == {"width"}
    assert situation("width = 3\nprint(width)\nwidth = 4\n█").fresh_names == {"width"}


def test_a_place_is_recent_where_its_line_was_edited():
    document = snapshot_of("main.py", "a\nb\nc\nd\n")
    recency = Recency([RecentEdit("file:///gone", 0, 9, 2.0), RecentEdit(document.uri, 1, 3, 1.0)], [document])
    assert [at for at in range(4) if recency.holds(Found("x", 1, "above", "main.py", at))] == [1, 2]
    offsets = [0, 2, 4, 6]
    assert [at for at in offsets if recency.holds(Found("x", 1, "above", "main.py", -1 - at))] == [2, 4]
    assert not recency.holds(Found("x", 1, "open", "other.py", 1))
    assert not recency.holds(Found("x", 1, "workspace", "main.py", 1))


def test_votes_of_recent_places_are_told_apart():
    here = scene("a = b\n\n\n\n\na = b\na = █")
    recency = Recency([RecentEdit(here.document.uri, 0, 1, 0.0)], [here.document])
    places = [
        Found("b", 3, "above", "main.py", 0),
        Found("b", 4, "above", "main.py", 5),
        Found("c", 2, "above", "x", 0),
    ]
    found = {one.text: one for one in evidence.gather(places, Situation.at(here.document, here.cursor), recency)}
    assert 0 < found["b"].recent < found["b"].weight / 2
    assert found["b"].recent_level == 3
    assert found["c"].recent == 0


def expected(text: str) -> tuple[float, float]:
    here = scene(text)
    at = Situation.at(here.document, here.cursor)
    return ngrams.Model(at, streams.around(here.document, at.line, [], streams.Chunks())).expected()


def test_what_stood_there_before_was_foreseeable():
    again = expected("total = compute(width)\nprint(total)\ntotal = compute(width)\nprint(total)\ntotal = compute(█")
    anew = expected("total = compute(width)\nprint(total)\nother = gather(height)\nshow(other)\nthird = missing(█")
    assert again[0] > anew[0]
    assert again[1] > anew[1]
    # A line does not foresee itself.
    assert expected("zebra = quagga(okapi)\n█")[1] < again[1]


def test_a_line_is_known_by_its_first_word():
    assert keyword_class("import os") == keyword_class("from os import path")
    assert keyword_class("@property") == keyword_class("total = 3") == 1
    assert keyword_class(")") == 0
    assert len({keyword_class(line) for line in ["return x", "if x:", "for x in y:", "def f():", "class A:", "x"]}) == 6
