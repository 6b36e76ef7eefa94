"""A prompt holds what fits its budget, ends and starts at the cursor, and stays the same from key to key at its head."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.context.snippet import ContextSnippet
from copilot_ls.prompt.assemble import Prompt, Shares, assemble
from copilot_ls.prompt.fim import render
from copilot_ls.prompt.profiles import profile_for
from copilot_ls.prompt.tokens import estimate
from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot

LINE = st.text("ab_ =(){}.,\"'0é😀\t", max_size=60)
ENDS = st.sampled_from(["\n", "\r\n"])


def document(text: str, path: str = "/w/main.py") -> DocumentSnapshot:
    return DocumentSnapshot("file://" + path, path, "python", 1, TextSnapshot.of(text))


def at(marked: str) -> tuple[DocumentSnapshot, Point]:
    """The document and the place of `█` in it."""
    text = marked.replace("█", "")
    snapshot = TextSnapshot.of(text)
    return document(text), snapshot.point_at(marked.index("█"))


def snippet(
    path: str = "lib.py", start: int = 0, n_lines: int = 4, score: float = 1.0, text: str = ""
) -> ContextSnippet:
    text = text or "".join(f"value_{start + line} = compute({line})\n" for line in range(n_lines))
    return ContextSnippet(path, start, start + n_lines, text, "similar_code", score, estimate(text))


def code(n_lines: int) -> str:
    return "".join(f"    result_{line} = transform(result_{line - 1}, scale={line})\n" for line in range(n_lines))


@st.composite
def situations(draw):
    text = "".join(line + draw(ENDS) for line in draw(st.lists(LINE, max_size=60))) + draw(LINE)
    snapshot = TextSnapshot.of(text)
    point = snapshot.clip(snapshot.point_at(draw(st.integers(0, len(text)))))
    snippets = [
        snippet(f"f{number}.py", draw(st.integers(0, 50)), draw(st.integers(1, 20)), draw(st.floats(0, 1)))
        for number in range(draw(st.integers(0, 6)))
    ]
    return document(text), point, snippets, draw(st.integers(0, 400))


@settings(max_examples=200, deadline=None)
@given(situations())
def test_the_windows_meet_at_the_cursor_and_end_at_whole_lines(situation):
    found, point, snippets, budget = situation
    prompt = assemble(found, point, snippets, budget_tokens=budget, path="main.py", comment="#")
    before, after = found.text.prefix(point), found.text.suffix(point)
    assert before.endswith(prompt.prefix)
    assert after.startswith(prompt.suffix)
    far = before[: len(before) - len(prompt.prefix)]
    current_line = found.text.line(point.line)[: point.column]
    assert not far or far.endswith(("\n", "\r")) or len(prompt.prefix) <= len(current_line)
    rest_of_line = found.text.line(point.line)[point.column :]
    assert prompt.suffix == after or prompt.suffix.endswith(("\n", "\r")) or len(prompt.suffix) <= len(rest_of_line)


@settings(max_examples=200, deadline=None)
@given(situations())
def test_the_budget_holds_and_every_part_says_where_it_comes_from(situation):
    found, point, snippets, budget = situation
    prompt = assemble(found, point, snippets, budget_tokens=budget, path="main.py", comment="#")
    assert prompt.tokens <= budget
    assert sum(part.tokens for part in prompt.parts) == prompt.tokens
    assert [part.what for part in prompt.parts] == ["snippet"] * len(prompt.snippets) + ["prefix", "suffix"]
    *_, prefix, suffix = prompt.parts
    assert (prefix.text, suffix.text) == (prompt.prefix, prompt.suffix)
    assert (
        "".join(found.text.lines(prefix.start_line, prefix.end_line)).startswith(prompt.prefix)
        or prefix.start_line == point.line
    )
    assert {*prompt.snippets} | {left.snippet for left in prompt.left_out} == {*snippets}
    assert len(prompt.snippets) + len(prompt.left_out) == len(snippets)


@settings(max_examples=50, deadline=None)
@given(situations())
def test_the_same_question_has_the_same_answer(situation):
    found, point, snippets, budget = situation
    prompts = [
        assemble(found, point, order, budget_tokens=budget, path="main.py", comment="#")
        for order in (snippets, snippets)
    ]
    assert prompts[0] == prompts[1]


def test_a_short_file_goes_whole():
    found, cursor = at("import os\n\ndef f():\n    return █\n\nprint(f())\n")
    prompt = assemble(found, cursor, [snippet()], budget_tokens=2048, path="main.py")
    assert prompt.prefix == "import os\n\ndef f():\n    return "
    assert prompt.suffix == "\n\nprint(f())\n"
    assert prompt.snippets == (snippet(),)


@pytest.mark.parametrize(("line", "n_snippets"), [(0, 0), (0, 60), (400, 0), (400, 60), (799, 0), (799, 60)])
def test_what_one_part_does_not_need_is_handed_on(line, n_snippets):
    """Wherever the cursor is, and with or without snippets, nearly the whole budget is used."""
    snippets = [snippet(f"f{number:02}.py", score=number) for number in range(n_snippets)]
    prompt = assemble(document(code(800)), Point(line, 0), snippets, budget_tokens=2048, path="main.py", comment="#")
    assert 0.8 * 2048 <= prompt.tokens <= 2048


def test_while_all_have_more_to_give_each_gets_its_share():
    snippets = [snippet(f"f{number:02}.py", score=number) for number in range(90)]
    prompt = assemble(document(code(800)), Point(400, 0), snippets, budget_tokens=2000, path="main.py", comment="#")
    spent = {
        what: sum(part.tokens for part in prompt.parts if part.what == what) for what in ("prefix", "suffix", "snippet")
    }
    shares = Shares()
    for what, share in (("prefix", shares.prefix), ("suffix", shares.suffix), ("snippet", shares.snippets)):
        assert 0.75 * share <= spent[what] / 2000 <= share


def test_the_best_snippets_are_kept_and_stand_in_the_order_of_their_rank():
    snippets = [snippet(f"{name}.py", n_lines=20, score=score) for name, score in (("c", 0.9), ("a", 0.8), ("b", 0.1))]
    one = snippets[0].tokens + 10
    prompt = assemble(
        document("x = 1\n"), Point(0, 0), snippets, budget_tokens=2 * one + 40, path="main.py", comment="#"
    )
    assert [kept.path for kept in prompt.snippets] == ["c.py", "a.py"]
    assert [(left.snippet.path, left.reason) for left in prompt.left_out] == [("b.py", "budget")]


def test_the_order_does_not_change_when_only_scores_do():
    prompts = [
        assemble(
            document(code(50)),
            Point(20, 0),
            [snippet("a.py", score=first), snippet("b.py", score=1 - first)],
            budget_tokens=2048,
            path="main.py",
        )
        for first in (0.1, 0.9)
    ]
    assert [kept.path for kept in prompts[0].snippets] == [kept.path for kept in prompts[1].snippets]


def test_lines_that_the_windows_show_are_not_shown_again():
    visible, elsewhere = snippet("main.py", start=390), snippet("main.py", start=0)
    prompt = assemble(document(code(800)), Point(400, 0), [visible, elsewhere], budget_tokens=1000, path="main.py")
    assert prompt.snippets == (elsewhere,)
    assert [(left.snippet, left.reason) for left in prompt.left_out] == [(visible, "visible")]


def test_blank_snippets_are_left_out():
    prompt = assemble(document("x"), Point(0, 1), [snippet(text="  \n\n")], budget_tokens=100, path="main.py")
    assert [left.reason for left in prompt.left_out] == ["blank"]


def test_a_cursor_outside_the_document_is_taken_as_the_nearest_place():
    prompt = assemble(document("a\nb"), Point(7, 9), budget_tokens=100, path="main.py")
    assert (prompt.prefix, prompt.suffix) == ("a\nb", "")


@pytest.mark.parametrize("column", [0, 5_000_000, 10_000_000])
def test_a_line_of_ten_megabytes_is_cut_within_it(column):
    line = "abc = [1, 2]; " * 800_000
    prompt = assemble(document(line[:10_000_000]), Point(0, column), budget_tokens=500, path="main.js")
    assert prompt.tokens <= 500
    assert line[:column].endswith(prompt.prefix)
    assert line[column:].startswith(prompt.suffix)
    assert bool(prompt.prefix) == (column > 0)
    assert len(prompt.prefix) + len(prompt.suffix) > 500


def test_a_budget_of_nothing_gives_nothing():
    prompt = assemble(document("abc def"), Point(0, 3), [snippet()], budget_tokens=0, path="main.py")
    assert (prompt.prefix, prompt.suffix, prompt.snippets) == ("", "", ())


def typed(n_lines_before: int, text: str, snippets: list[ContextSnippet], budget: int) -> list[Prompt]:
    """The prompt after each key of typing `text` into the middle of a file of 1,000 lines."""
    head, tail = code(n_lines_before), code(1000 - n_lines_before)
    found: list[Prompt] = []
    for end in range(1, len(text) + 1):
        done = text[:end]
        line = n_lines_before + done.count("\n")
        point = Point(line, len(done) - done.rfind("\n") - 1)
        found.append(
            assemble(document(head + done + tail), point, snippets, budget_tokens=budget, path="main.py", comment="#")
        )
    return found


@pytest.mark.parametrize("n_lines_before", [0, 3, 60, 333, 700])
@pytest.mark.parametrize("n_snippets", [0, 3, 40])
@pytest.mark.parametrize("budget", [1024, 2048])
def test_the_head_of_the_prompt_stays_while_typing(n_lines_before, n_snippets, budget):
    """A server can reuse what stands before the cursor for at least 99 of 100 keys over 12 typed lines."""
    snippets = [snippet(f"f{number:02}.py", score=number) for number in range(n_snippets)]
    prompts = typed(n_lines_before, code(12), snippets, budget)
    profile = profile_for("qwen2.5-coder")
    heads = []
    for prompt in prompts:
        whole = render(profile, prefix=prompt.prefix, suffix="", snippets=prompt.snippets, path="main.py")
        heads.append(whole[: whole.rindex(profile.fim.suffix)])
    kept = sum(after.startswith(before) for before, after in itertools.pairwise(heads))
    assert kept / (len(heads) - 1) >= 0.99


@pytest.mark.parametrize("n_lines_before", [0, 3, 20])
def test_snippets_do_not_come_and_go_while_a_short_file_grows(n_lines_before):
    snippets = [snippet(f"f{number:02}.py", score=number) for number in range(40)]
    kept = [prompt.snippets for prompt in typed(n_lines_before, code(12), snippets, 2048)]
    assert sum(before != after for before, after in itertools.pairwise(kept)) <= 2


@given(st.text(alphabet="ab_ \n(é漢", max_size=80), st.integers(0, 80))
def test_a_document_that_fits_is_sent_whole(text: str, offset: int) -> None:
    snapshot = TextSnapshot.of(text)
    cursor = snapshot.clip(snapshot.point_at(offset))
    document = DocumentSnapshot("file:///a.py", "/a.py", "python", 1, snapshot)
    prompt = assemble(document, cursor, budget_tokens=2048, path="a.py")
    assert prompt.prefix + prompt.suffix == text
