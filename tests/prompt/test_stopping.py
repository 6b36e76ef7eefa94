"""An answer ends at its stop sequence, however it is cut into pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.prompt import profiles
from copilot_ls.prompt.stopping import Stopping


def said(stops, pieces) -> tuple[str, bool]:
    stopping = Stopping(stops)
    text = "".join([*map(stopping.feed, pieces), stopping.end()])
    return text, stopping.stopped


@pytest.mark.parametrize(
    ("stops", "pieces", "text", "stopped"),
    [
        (["<|end|>"], ["a", "b"], "ab", False),
        (["<|end|>"], ["a<|end|>b"], "a", True),
        (["<|end|>"], ["a<|e", "nd|>b", "c"], "a", True),
        (["<|end|>"], ["a<|", "x"], "a<|x", False),
        (["<|end|>"], ["a<|end"], "a<|end", False),  # it never became one
        (["<|end|>", "<|endless"], ["<|end", "|>"], "", True),
        (["\n\n", "\n"], ["a", "\n", "\n"], "a", True),
        (["bc", "abcd"], ["x", "a", "b", "c", "d"], "xa", True),  # the first to be complete
        (["c", "abc"], ["x", "abc"], "x", True),  # of those, the longest
        (["aab"], ["a", "a", "a", "b"], "a", True),
        ([], ["a<", "b"], "a<b", False),
        ([""], ["a"], "a", False),
    ],
)
def test_an_answer_is_cut(stops, pieces, text, stopped):
    assert said(stops, pieces) == (text, stopped)


def test_what_is_certain_comes_at_once():
    stopping = Stopping(["<|end|>"])
    assert stopping.feed("return a < ") == "return a < "
    assert stopping.feed("b <") == "b "
    assert stopping.feed("c") == "<c"


def chunked(draw, text: str) -> list[str]:
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@pytest.mark.parametrize("profile", profiles.PROFILES, ids=lambda profile: profile.name)
@given(data=st.data())
def test_no_stop_sequence_is_swallowed_and_none_gets_through(profile, data):
    """For every family: any text around any of its stop sequences, in any pieces, comes to the text before it."""
    draw = data.draw
    parts = st.sampled_from([*profile.ends, *(end[: len(end) // 2] for end in profile.ends), "a", "<", "|", " ", "\n"])
    text = "".join(draw(st.lists(parts, max_size=10)))
    found = [(text.find(end) + len(end), text.find(end)) for end in profile.ends if end in text]
    expected = text[: min(found)[1]] if found else text
    assert said(profile.ends, chunked(draw, text)) == (expected, bool(found))


@given(st.data(), st.lists(st.text("ab<", min_size=1, max_size=4), max_size=4))
def test_pieces_make_no_difference(data, stops):
    text = data.draw(st.text("ab<c", max_size=30))
    assert said(stops, chunked(data.draw, text)) == said(stops, [text])
