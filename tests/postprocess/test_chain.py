"""The chain as its caller sees it: the syntax check, closing a stream, line ends, and what it leaves alone."""

from __future__ import annotations

import pytest

from copilot_ls.postprocess import Situation, run, stop_early
from copilot_ls.postprocess.edit_distance import within
from copilot_ls.postprocess.keep_parseable import keep_parseable


def situation(prefix="", suffix="", **facts):
    facts = {"language_id": "python", "indent_unit": "    ", "multiline": True, "max_lines": 16} | facts
    return Situation(prefix=prefix, suffix=suffix, **facts)


def balanced(text):
    """A parser's stand-in: no bracket is closed that was not opened, none is left open."""
    depth = 0
    for character in text:
        depth += {"(": 1, ")": -1, "{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("foo(a)", "foo(a)"),
        ("foo(a))", "foo(a)"),
        ("foo(a)));", "foo(a)"),
        ("foo(a)\nbar(b", "foo(a)"),
        ("foo(a)\nbar(b)\n)(", "foo(a)\nbar(b)"),
        ("foo(a", None),
    ],
)
def test_what_does_not_parse_is_shortened(text, kept):
    """First trailing closers go, then whole lines from the end; if nothing helps, there is no suggestion."""
    assert keep_parseable(text, balanced) == kept
    outcome = run(text, situation("x = 1\n"), parses_no_worse=balanced)
    assert outcome.text == kept
    assert (outcome.cut_by[-1:] == ("keep_parseable",)) == (kept != text)


def test_the_parser_is_asked_a_few_times_only():
    """A long text that never parses costs a bounded number of parses."""
    asked = []
    text = "\n".join(f"line_{number}(" for number in range(200))
    assert keep_parseable(text, lambda candidate: asked.append(candidate) or False) is None
    assert len(asked) <= 8
    assert asked[-1] == "line_0("


def test_the_parser_judges_what_would_be_shown():
    """It is asked about the text after all other filters."""
    asked = []
    run("a, b)", situation("f(", ")\n"), parses_no_worse=lambda text: bool(asked.append(text)) or True)
    assert set(asked) == {"a, b"}


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_make_no_difference(line_end):
    """A document and a model with any line ends give the same suggestion, written with LF."""
    lines = ["def f():", "    if x:", "        "]
    outcome = run(
        line_end.join(["return 1", "    return compute(2)"]),
        situation(line_end.join(lines), line_end + "    return compute(2)" + line_end),
    )
    assert outcome.text == "return 1"
    assert run(f"a{line_end}b", situation("x\n")).text == "a\nb"


@pytest.mark.parametrize(
    ("text", "facts", "reason"),
    [
        ("compute(1)", {"multiline": False}, None),
        ("compute(1)\n", {"multiline": False}, "limit_to_line"),
        ("compute(1)<eo", {"stop": ("<eot>",)}, None),
        ("compute(1)<eot>", {"stop": ("<eot>",)}, "cut_at_stop_sequence"),
        ("a = 1\nb = 2\n", {"max_lines": 3}, None),
        ("a = 1\nb = 2\n", {"max_lines": 2}, "limit_to_max_lines"),
        ("return 1\n", {"prefix": "def f():\n    "}, None),
        ("return 1\n\nx = 1\n", {"prefix": "def f():\n    "}, "limit_to_scope"),
        (
            "a = 1\n    return total\n",
            {"prefix": "def f():\n    ", "suffix": "\n    return total"},
            "drop_next_line_overlap",
        ),
        ("a = 1\na = 1\na = 1\n", {}, "cut_repetition"),
        ("0, " * 40, {"prefix": "x = ["}, "cut_repetition"),
        ("```python\na = 1\n", {}, None),
        ("```python\na = 1\n```\n", {}, "drop_fences"),
    ],
)
def test_a_stream_is_closed_when_nothing_more_can_matter(text, facts, reason):
    """The reason is the filter that would cut whatever may come."""
    assert stop_early(text, situation(**facts)) == reason


def test_a_very_long_generation_is_handled():
    """Megabytes on one line, or in one bracket, end in bounded time and within the limits."""
    for text in ("x" * 1_000_000, "(" * 100_000, "a b " * 100_000, "\n" * 100_000, '"' * 50_000):
        outcome = run(text, situation("def f():\n    ", "\n" + text[:2000]))
        assert outcome.text is None or outcome.text.count("\n") < 16


@pytest.mark.parametrize(
    ("left", "right", "bound", "near"),
    [
        ("kitten", "sitting", 3, True),
        ("kitten", "sitting", 2, False),
        ("", "abc", 3, True),
        ("abc", "", 2, False),
        ("same", "same", 0, True),
        ("abcd", "acbd", 2, True),
    ],
)
def test_edit_distance(left, right, bound, near):
    """The bound is inclusive, and the order of arguments makes no difference."""
    assert within(left, right, bound) is near
    assert within(right, left, bound) is near
