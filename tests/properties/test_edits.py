"""Replacements between two texts make the one of the other, and touch nothing that both have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.edits import Replacement, applied, between, touched_lines
from copilot_ls.text import Point, Span, TextSnapshot

ALPHABET = "ab \t\n\r\x0c\u2028é😀"
texts = st.text(alphabet=ALPHABET, max_size=40)


@given(texts, texts)
def test_they_make_one_text_of_the_other(old: str, new: str) -> None:
    before = TextSnapshot.of(old)
    assert applied(before, between(before, TextSnapshot.of(new))).text == new


@given(texts)
def test_there_are_none_between_equal_texts(text: str) -> None:
    assert between(TextSnapshot.of(text), TextSnapshot.of(text)) == ()


def test_only_what_differs_is_replaced() -> None:
    old = TextSnapshot.of("def f(a):\n    retrun a\n\n\ndef g():\n    pass\n")
    new = TextSnapshot.of("def f(a):\n    return a\n\n\ndef g():\n    pass\n")
    assert between(old, new) == (Replacement(Span(Point(1, 7), Point(1, 9)), "ur"),)
    assert touched_lines(between(old, new)) == {1}


def test_replacements_that_overlap_are_refused() -> None:
    text = TextSnapshot.of("abcdef\n")
    overlapping = [Replacement(Span(Point(0, 0), Point(0, 3)), "x"), Replacement(Span(Point(0, 2), Point(0, 4)), "y")]
    with pytest.raises(ValueError, match="line 1"):
        applied(text, overlapping)
