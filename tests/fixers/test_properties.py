"""What holds for every proposal, on code that was broken at random: no parse made worse, no other line, no chance."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.diagnostic import Diagnostic
from copilot_ls.edits import applied, touched_lines
from copilot_ls.fixers.base import Problem, Proposal
from copilot_ls.fixers.propose import propose
from copilot_ls.fixers.rule import Rule
from copilot_ls.fixers.table import rules
from copilot_ls.syntax import SyntaxDocument
from copilot_ls.syntax.faults import Trials
from copilot_ls.text import DocumentSnapshot, Point, Span, TextSnapshot

PYTHON = '''"""What it is for."""

from __future__ import annotations

import os
from typing import Any


class Box(dict):
    """A box."""

    size: int = 3

    def __init__(self, width: int, *, colour: str = "red", parts: list[int] = []) -> None:
        self.width = width
        self.colour = colour if width != None else f"x"
        self.parts = [part for part in parts if part > 0]

    async def area(self, factor: float) -> float:
        if self.width is None:
            return 0.0
        try:
            total = await self.weigh(factor, depth=2)
        except (OSError, ValueError) as error:
            raise RuntimeError("no " + str(error)) from error
        return total * self.width


def load(path, *others):
    with open(path) as file, open(os.devnull) as nothing:
        rows = {line: len(line) for line in file}
    box = Box(3, colour='blue')
    return rows, box.width, lambda x: x + 1
'''
TYPESCRIPT = """import { a, b } from "./x";

export class Box<T> {
  constructor(private readonly width: number, public colour = `red ${a}`) {}

  area(factor: number): number {
    if (this.width === undefined) {
      return [1, 2, 3].map((each) => each * factor)[0];
    }
    return this.width * factor;
  }
}
"""
SOURCES = {"python": PYTHON, "typescript": TYPESCRIPT}
REPORTS = (
    "", '"{}" is not defined', 'Cannot access attribute "{}" for class "Box*"', 'No parameter named "{}"', "Expected expression",
    "Expected 1 positional argument", 'Argument missing for parameter "{}"', '"{}" is not a known attribute of "None"',
    "Local variable `{}` is assigned to but never used", "`{}` imported but unused", "Function must return value",
    "Result of async function call is not used", "Do not use mutable data structures for argument defaults",
    "Comparison to `None` should be", "f-string without any placeholders", '"(" was not closed',
    'Instance methods should take a "self" parameter', "Cannot find name '{}'. Did you mean 'width'?",
)  # fmt: skip


@st.composite
def problems(draw):
    """A text with some characters gone or doubled, and a report of any kind at any place."""
    language = draw(st.sampled_from(sorted(SOURCES)))
    text = SOURCES[language]
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text) - 1))
        end = min(len(text), at + draw(st.integers(1, 6)))
        text = (
            text[:at]
            + draw(st.sampled_from(["", text[at:end] * 2, ")", "(", ":", "\t", '"', "\n", "é\U0001f600"]))
            + text[end:]
        )
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    snapshot = TextSnapshot.of(text)
    message = draw(st.sampled_from(REPORTS))
    line = draw(st.integers(0, snapshot.n_lines - 1))
    start = draw(st.integers(0, len(snapshot.line_text(line))))
    end = draw(st.integers(start, len(snapshot.line_text(line))))
    span = Span(Point(line, start), Point(line, end))
    diagnostic = Diagnostic(span, message.format(snapshot.slice(span) or "x"), "Test") if message else None
    document = DocumentSnapshot("file:///a.py", "/a.py", language, 1, snapshot)
    return Problem(document, SyntaxDocument(language, "").tree_at(snapshot), diagnostic)


@given(problems())
def test_proposals_keep_their_promises(problem) -> None:
    found = propose(problem)
    assert propose(problem) == found
    assert bool(found.found) != bool(found.why_none)
    before = problem.document.text
    trials = Trials(problem.tree)
    for each in found.found:
        after = applied(before, each.replacements)
        assert after.text != before.text
        score = trials.score_after(each.replacements)
        assert score is None or score <= trials.score
        again = SyntaxDocument(problem.document.language_id, "").tree_at(after)
        assert Trials(again).score <= trials.score, "parsing again finds what the trial found"
        first, last = min(touched_lines(each.replacements)), max(touched_lines(each.replacements))
        assert after.lines(0, first) == before.lines(0, first)
        n_below = before.n_lines - last - 1
        assert n_below == 0 or after.lines(0, after.n_lines)[-n_below:] == before.lines(0, before.n_lines)[-n_below:]
    assert [each.certainty for each in found.found] == sorted((each.certainty for each in found.found), reverse=True)


@given(problems())
def test_no_rule_fails(problem) -> None:
    """`propose` survives a rule's fault; there should be none."""
    for rule in rules():
        if rule.is_for(problem.document.language_id, problem.diagnostic):
            for proposal in rule.propose(problem):
                assert isinstance(proposal, Proposal)
                assert proposal.rule == rule.name


def test_a_rule_that_fails_costs_its_own_proposals_alone(monkeypatch, caplog) -> None:
    def failing(problem):
        raise RuntimeError("secret = 1")
        yield

    from copilot_ls.fixers import propose as module

    monkeypatch.setattr(module, "rules", lambda: (Rule("failing", failing), *rules()))
    text = TextSnapshot.of("def f(colour):\n    return colur\n")
    diagnostic = Diagnostic(Span(Point(1, 11), Point(1, 16)), '"colur" is not defined', "Pyright")
    problem = Problem(
        DocumentSnapshot("file:///a.py", "/a.py", "python", 1, text),
        SyntaxDocument("python", "").tree_at(text),
        diagnostic,
    )
    with caplog.at_level(logging.WARNING):
        found = propose(problem)
    assert [each.rule for each in found.found] == ["misspelt_name"]
    assert "failing" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("language", ["plaintext", "markdown"])
def test_without_a_grammar_there_is_a_reason(language) -> None:
    text = TextSnapshot.of("some words\n")
    diagnostic = Diagnostic(Span(Point(0, 0), Point(0, 4)), "wrong", "Test", "W1")
    problem = Problem(
        DocumentSnapshot("file:///a", "/a", language, 1, text), SyntaxDocument(language, "").tree_at(text), diagnostic
    )
    assert propose(problem).why_none == "no rule without a model is for Test W1"


def test_names_of_rules_are_those_of_their_modules() -> None:
    names = [rule.name for rule in rules()]
    assert len(set(names)) == len(names)
    assert all(rule.propose.__module__ == f"copilot_ls.fixers.{rule.name}" for rule in rules())
