"""How likely identifiers are to be written next."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.context.candidate import Candidate
from copilot_ls.context.relevance import _INTERCEPT, _SHARPNESS, _WEIGHTS, FEATURES, _following, chances, features
from copilot_ls.context.request import ContextRequest, Situation
from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot


def chunk(text, score=10.0, path="other/stock.py"):
    return Candidate(path, 0, text.count("\n") + 1, text.split("\n"), "similar_code", score)


def ranked(request, *similar, declaring=()):
    found = chances(similar, declaring, Situation(request), limit=100)
    return sorted(found, key=lambda name: -found[name])


def test_what_the_open_file_has_is_not_asked_about(request_at):
    request = request_at("shop/a.py", "known = 1\nx = █\n", with_index=False)
    assert ranked(request, chunk("x = known + novel")) == ["novel"]


def test_words_of_languages_are_not_asked_about(request_at):
    request = request_at("shop/a.py", "x = █\n", with_index=False)
    assert set(ranked(request, chunk("for each in None: return yields"))) == {"each", "yields"}


def test_the_most_similar_code_speaks_loudest(request_at):
    request = request_at("shop/a.py", "x = █\n", with_index=False)
    assert ranked(request, chunk("one", 10.0), chunk("two", 2.0)) == ["one", "two"]


def test_members_come_first_after_a_dot(request_at):
    similar = chunk("shelf.weight\nweightless = shelf")
    members = ranked(request_at("shop/a.py", "shelf\nx.█\n", with_index=False), similar)
    assert members == ["weight", "weightless"]


def test_what_follows_the_same_tokens_comes_first(request_at):
    similar = chunk("drawer.handle\nshelf.weight")
    assert ranked(request_at("shop/a.py", "drawer, shelf\nshelf.█\n", with_index=False), similar)[0] == "weight"


def test_a_typed_beginning_comes_before_everything(request_at):
    similar = [chunk("one", 10.0), chunk("weight", 1.0)]
    assert ranked(request_at("shop/a.py", "x = we█\n", with_index=False), *similar)[0] == "weight"


def test_what_something_referred_to_declares_is_likelier_than_its_parameters(request_at):
    declaring = [
        Candidate("net/client.py", 4, 5, ["def send(parcel)"], "definitions", 12.0, (4,), ("send",)),
    ]
    request = request_at("shop/a.py", "client.█\n", with_index=False)
    assert ranked(request, declaring=declaring) == ["send", "parcel"]


def test_there_is_a_value_for_each_feature(request_at):
    request = request_at("shop/a.py", "x = █\n", with_index=False)
    assert all(len(values) == len(FEATURES) for values in features([chunk("one")], [], Situation(request)).values())


def test_regular_expressions_in_the_line_are_taken_literally(request_at):
    request = request_at("shop/a.py", "x = a[(*+?█\n", with_index=False)
    assert ranked(request, chunk("other\ny = b[(*+? novel"))[0] == "novel"


@pytest.mark.parametrize(
    ("before", "text", "names"),
    [
        ("x = shelf.", "shelf.weight\nmyshelf.other\n  shelf . size\nshelf.(three)", ["weight", "size"]),
        ("return", "return one\n\treturn two\nif x: return three\nreturn (four)", ["one", "two"]),
        ("", "one two\n    three.four\n(five)\n6 seven", ["one", "three"]),
        ("f(", "f(one)\noff(two)\nf( three)", ["one", "three"]),
        ("a[(*+?", "b(*+? one\n*+? two", ["one", "two"]),
    ],
)
def test_what_follows_the_tokens_before_the_cursor(before, text, names):
    assert list(_following(before, text.split("\n"))) == list(_following(before, [text])) == names


CODE = st.lists(st.sampled_from(["a", "bc", "Def_g", ".", "(", " ", "\n", "=", "é", "1"]), max_size=40).map("".join)


@given(st.lists(st.tuples(CODE, st.floats(0.1, 20), st.sampled_from(["s/a.py", "s/b.py", "t/c.py"])), max_size=8), CODE)
def test_chances_are_of_the_features_by_their_weights(chunks, declared):
    document = DocumentSnapshot("file:///s/o.py", "/s/o.py", "python", 1, TextSnapshot.of("bc = a\nx = a.\nDef_g"))
    situation = Situation(ContextRequest(document, Point(1, 6)))
    similar = [
        Candidate(path, 0, text.count("\n") + 1, text.split("\n"), "similar_code", score)
        for text, score, path in sorted(chunks, key=lambda each: -each[1])
    ]
    lines = declared.split("\n")
    declaring = [Candidate("t/d.py", 0, len(lines), lines, "definitions", 2.0, (), ["a"] * len(lines))]
    found = chances(similar, declaring, situation, limit=1_000)
    values = features(similar, declaring, situation)
    assert found.keys() == values.keys()
    for name, its in values.items():
        total = _SHARPNESS * sum(weight * value for weight, value in zip(_WEIGHTS, its, strict=True))
        assert found[name] == pytest.approx(1 / (1 + math.exp(-_INTERCEPT - total)))
