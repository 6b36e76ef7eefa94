"""What follows the tokens before the cursor in other code."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.context.leads import leads

TEXTS = ["for each in sorted(names):\n    if each in known:\n", "if other in kept:\n    for one in sorted(kept):\n"]


@pytest.mark.parametrize(
    ("before", "one", "two", "three"),
    [
        ("for each in", {"sorted": 2, "known": 1, "kept": 1}, {"sorted": 1, "known": 1}, {"sorted": 1}),
        ("    if", {"each": 1, "other": 1}, {"each": 1, "other": 1}, {}),
        ("    ", {"for": 2, "if": 2}, {"for": 2, "if": 2}, {}),
        ("x = sorted(", {"names": 1, "kept": 1}, {"names": 1, "kept": 1}, {}),
        ("known.", {}, {}, {}),
    ],
)
def test_after_the_last_token_the_last_two_and_the_last_three(before, one, two, three):
    assert leads(before, TEXTS) == (one, two, three)


def test_a_member_is_told_by_two_tokens():
    assert leads("box.", ["box.weight\nother.height", "toolbox.length"]) == ({}, {"weight": 1}, {})


@given(st.text(max_size=20), st.lists(st.text(max_size=40), max_size=4))
def test_any_text_may_stand_before_the_cursor(before, texts):
    found = leads(before, texts)
    assert all(re.fullmatch(r"[^\W\d]\w*", name) and n_times > 0 for each in found for name, n_times in each.items())


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
    assert list(leads(before, text.split("\n")).two) == list(leads(before, [text]).two) == names
