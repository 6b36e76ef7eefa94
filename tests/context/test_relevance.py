"""How likely identifiers are to be written next."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.context.candidate import Candidate
from copilot_ls.context.relevance import _INTERCEPT, _SHARPNESS, _WEIGHTS, FEATURES, chances, features
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


def test_between_lines_like_those_around_the_cursor_it_is_likelier(request_at):
    marked = "drawer = find(shelf)\n█\nreturn parcel\n"
    similar = chunk("drawer = find(shelf)\nfirst()\nreturn parcel\nother = 1\nsecond()")
    assert ranked(request_at("shop/a.py", marked, with_index=False), similar)[0] == "first"


def test_the_rarer_word_that_lines_share_tells_more(request_at):
    similar = [chunk("count one\nmark first"), chunk("count two"), chunk("count three"), chunk("seal second")]
    likely = ranked(request_at("shop/a.py", "count, mark, seal\nseal + count + █\n", with_index=False), *similar)
    assert likely.index("second") < likely.index("one")


def test_what_has_parts_of_the_names_around_is_likelier(request_at):
    similar = chunk("parcel_weight\nletter_weight")
    for path, marked in (("shop/parcel.py", "x = █\n"), ("shop/a.py", "def send_parcel():\n    x = █\n")):
        assert ranked(request_at(path, marked, with_index=False), similar)[0] == "parcel_weight"


def test_with_room_the_unlikely_is_weighed_too(request_at):
    request = request_at("shop/a.py", "x = █\n", with_index=False)
    similar = [chunk("one two", 10.0), chunk("three", 1.0), chunk("four", 0.5)]
    assert set(chances(similar, (), Situation(request, budget_tokens=1_000), limit=100)) == {"one", "two", "three"}
    assert "four" in chances(similar, (), Situation(request, budget_tokens=4_000), limit=100)
