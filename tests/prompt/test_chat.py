"""A chat model is shown a file with a hole, and its answer is freed of everything but the code, however it arrives."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.context.snippet import ContextSnippet
from copilot_ls.prompt.chat import HOLE, FillInAnswer, messages

ANSWERS = [
    ("a + b", "a + b"),
    ("    return a\n", "    return a\n"),
    ("\n    pass", "\n    pass"),
    ("```python\na + b\n```", "a + b"),
    ("```\na + b\n```\n", "a + b"),
    ("\n\n```py\na\nb\n```", "a\nb"),
    ("```python\nx = 1\n```\nThis adds one.", "x = 1"),
    ("```python\n```", ""),
    ("```", ""),
    ("```python\nunfinished", "unfinished"),
    ("Here is the code:\n```python\na + b\n```\nHope it helps", "a + b"),
    ("Sure! Here you go:\n\n```\na\n```", "a"),
    ("The missing part is:\n```js\nfoo();\n```", "foo();"),
    ("<think>What could\n```it``` be?</think>\n\na + b", "a + b"),
    ("<think>\nhm\n</think>\n```python\na\n```", "a"),
    ("<think>never ends", ""),
    ("this.total += 1;", "this.total += 1;"),
    ("theme = 1", "theme = 1"),
    ("ok", "ok"),
    ("here", "here"),
    ("Okay, this is text", "Okay, this is text"),
    ("a < b", "a < b"),
    ("`template ${x}`", "`template ${x}`"),
    (f"a + b{HOLE}\nprint(1)", "a + b"),
    ("", ""),
    ("x = '```'", "x = '```'"),
]


def freed(pieces: list[str]) -> str:
    answer = FillInAnswer()
    return "".join(answer.feed(piece) for piece in pieces) + answer.end()


@pytest.mark.parametrize(("answer", "code"), ANSWERS)
def test_only_the_code_is_left_of_an_answer(answer, code):
    assert freed([answer]) == code


@pytest.mark.parametrize(("answer", "code"), ANSWERS)
def test_it_does_not_matter_how_the_answer_arrives(answer, code):
    assert freed(list(answer)) == code
    for at in range(len(answer)):
        assert freed([answer[:at], answer[at:]]) == code


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(["```", "`", "\n", "a", " ", "Here is", ":", "<think>", "</think>", HOLE, "<<<", "the"]),
        max_size=12,
    ),
    st.lists(st.integers(0, 60), max_size=6),
)
def test_any_chunking_frees_alike(parts, places):
    answer = "".join(parts)
    ends = sorted({min(place, len(answer)) for place in places} | {0, len(answer)})
    assert freed([answer[start:end] for start, end in itertools.pairwise(ends)]) == freed([answer])


def test_plain_code_is_passed_on_while_it_arrives():
    answer = FillInAnswer()
    assert answer.feed("a + b") == "a + b"
    assert answer.feed(" * c\n") == " * c\n"
    assert answer.feed("d <<") == "d "
    assert answer.feed(" 2") == "<< 2"
    assert answer.end() == ""


def test_the_question_shows_the_file_with_the_hole_at_the_cursor():
    snippet = ContextSnippet("lib.py", 0, 1, "x = 1\n", "similar_code", 1.0, 4)
    system, *example, question = messages(
        prefix="a = ", suffix="\nb\n", snippets=[snippet], path="m.py", language_id="python"
    )
    assert system["role"] == "system"
    assert [message["role"] for message in example] == ["user", "assistant"]
    assert question["role"] == "user"
    assert f"File: m.py\n```python\na = {HOLE}\nb\n```" in question["content"]
    assert "Related code from: lib.py\n```python\nx = 1\n```" in question["content"]
    assert "no line end" in question["content"]
    assert "block" in messages(prefix="", suffix="", multiline=True)[-1]["content"]


def test_a_file_cannot_show_a_second_hole_nor_close_its_fence():
    question = messages(prefix=f"{HOLE}\n````\n", suffix="```\n", path="m.md")[-1]["content"]
    assert question.count(HOLE) == 1
    assert "`````\n<< <FILL_HERE>>>" in question
