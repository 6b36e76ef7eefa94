"""What holds for every filter and for the chain, whatever the text and wherever the cursor."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.postprocess import Situation, run, stop_early
from copilot_ls.postprocess.chain import FILTERS

PIECES = [
    "foo", "bar", "return x", "x = 1", "self.", "total += price", "def f(a):", "class A:", "if x:", "else:", "pass",
    "function f() {", "} else {", "});", "}", "{", "(", ")", "[", "]", '"', "'", "`", '"""', "=>", ",", ";", ":", "end",
    "# note", "// note", "/*", "*/", "```", "```python", " ", "    ", "  ", "\t", "\n", "\n\n", "\r\n", "\r", "\n    ",
    "\n        ", "\n}", "\n\t", "é", "😀", "\ud800", "\x0c", "\u2028", "0, ", "a a a ", "<div>", "</div>", "*", "case 1:",
]  # fmt: skip
LANGUAGES = [
    "python",
    "typescript",
    "go",
    "rust",
    "ruby",
    "c",
    "markdown",
    "plaintext",
    "",
    "shellscript",
    "unheard-of",
]

code = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=24).map("".join),
    st.text(max_size=40),
    # Repetition, as from a model that has lost its way.
    st.tuples(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join), st.integers(1, 40)).map(
        lambda pair: pair[0] * pair[1]
    ),
)
situations = st.builds(
    Situation,
    prefix=code,
    suffix=code,
    language_id=st.sampled_from(LANGUAGES),
    indent_unit=st.sampled_from(["    ", "  ", "\t"]),
    multiline=st.booleans(),
    max_lines=st.integers(1, 12),
    stop=st.lists(st.sampled_from(["\n\n", "</s>", "foo", "}\n", "\r\n", "a a"]), max_size=3).map(tuple),
    in_comment=st.booleans(),
    selected_completion=st.one_of(st.none(), st.sampled_from(["foo", "bar", "self.x"])),
)


@st.composite
def texts_there(draw):
    """A situation, and a generation that likes to say what is around the cursor."""
    situation = draw(situations)
    parts = st.one_of(
        code,
        st.just(situation.current_line_prefix),
        st.just(situation.current_line_suffix),
        st.just(situation.suffix),
        st.just(situation.prefix[-30:]),
    )
    return "".join(draw(st.lists(parts, min_size=1, max_size=4))), situation


def without_whitespace(text: str) -> str:
    return "".join(text.split())


def is_subsequence(part: str, whole: str) -> bool:
    remaining = iter(whole)
    return all(character in remaining for character in part)


@pytest.mark.parametrize("each", FILTERS, ids=lambda each: each.__name__)
@settings(max_examples=80, deadline=None)
@given(texts_there())
def test_each_filter_is_idempotent_and_invents_nothing(each, there):
    """A filter's result passes it unchanged, and has no character but whitespace that was not there in this order."""
    text, situation = there
    once = each(text, situation)
    if once is None:
        return
    assert each(once, situation) == once
    assert is_subsequence(without_whitespace(once), without_whitespace(text))


@settings(max_examples=500, deadline=None)
@given(texts_there())
def test_the_chain_is_idempotent_and_invents_nothing(there):
    """What the chain gives passes it unchanged; it is None or not blank, within the limits, and nothing is invented."""
    text, situation = there
    once = run(text, situation)
    if once.text is None:
        assert once.cut_by
        return
    assert once.text.strip()
    assert is_subsequence(without_whitespace(once.text), without_whitespace(text))
    assert once.text.count("\n") < (situation.max_lines if situation.multiline else 1)
    assert 0 <= once.replaced_suffix <= len(situation.current_line_suffix)
    again = run(once.text, situation)
    assert (again.text, again.replaced_suffix) == (once.text, once.replaced_suffix)


@settings(max_examples=400, deadline=None)
@given(texts_there(), st.integers(0, 400))
def test_any_chunking_gives_the_same(there, seed):
    """Closing a stream where `stop_early` says so gives what the whole stream gives."""
    text, situation = there
    ends = [seed % (len(text) + 1)] if len(text) > 60 else range(len(text) + 1)
    whole = run(text, situation)
    for end in ends:
        reason = stop_early(text[:end], situation)
        if reason is not None:
            early = run(text[:end], situation)
            assert (early.text, early.replaced_suffix) == (whole.text, whole.replaced_suffix), (reason, text[:end])


@settings(max_examples=200, deadline=None)
@given(texts_there(), st.sets(st.integers(0, 60)))
def test_the_chain_is_idempotent_whatever_the_parser_says(there, refused_lengths):
    """With any verdicts of the syntax check, the result is a text that it has let pass, or nothing."""
    text, situation = there

    def parses_no_worse(candidate: str) -> bool:
        return len(candidate) not in refused_lengths

    once = run(text, situation, parses_no_worse=parses_no_worse)
    if once.text is not None:
        assert parses_no_worse(once.text)
        again = run(once.text, situation, parses_no_worse=parses_no_worse)
        assert again.text == once.text
