"""Whatever is edited: a proposal's replacement makes just the lines that it says, and what is proposed parses no worse."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.edits import applied
from copilot_ls.features.next_edit import chance
from copilot_ls.features.next_edit.candidate import KINDS, Candidate
from copilot_ls.features.next_edit.evidence import FEATURES, derived, describe
from copilot_ls.features.next_edit.proposing import candidates_of, next_edit
from copilot_ls.features.next_edit.scene import Page
from copilot_ls.features.next_edit.trail import MadeEdit
from copilot_ls.syntax import SyntaxDocument
from copilot_ls.text import DocumentSnapshot, TextSnapshot
from tests.next_edit.session import Session

CODE = '''\
import os
from typing import Any


def first_of(items: list[Any], default: int = 0) -> Any:
    """The first of the items."""
    for item in items:
        return item
    return default


class Items:
    def __init__(self, items: list[Any], limit: int) -> None:
        self.items = items
        self.limit = limit

    def first(self) -> Any:
        return first_of(self.items, default=self.limit)

    def last(self) -> Any:
        return first_of(self.items[::-1], default=self.limit)
'''
WORDS = ("items", "limit", "default", "first_of", "Any", "self", "int", "item")


def edited(chance_: random.Random, code: str) -> Session:
    """A few lines changed as somebody might: a word replaced, a line put in, taken out or written twice."""
    session = Session({"a.py": code})
    for _ in range(chance_.randrange(1, 4)):
        lines = session.text("a.py").split("\n")
        at = chance_.randrange(len(lines))
        way = chance_.randrange(4)
        if way == 0:
            lines[at] = lines[at].replace(chance_.choice(WORDS), chance_.choice(["other", "(", "x.y", ""]))
        elif way == 1:
            lines.insert(at, lines[chance_.randrange(len(lines))].replace("limit", "size"))
        elif way == 2:
            del lines[at]
        else:
            lines[at] = lines[at] + " " + chance_.choice(["# why", ",", "+ 1"])
        session.become("a.py", "\n".join(lines))
    return session


@settings(max_examples=40)
@given(st.randoms(use_true_random=False), st.booleans())
def test_a_replacement_makes_the_lines_and_rows_have_all_numbers(chance_: random.Random, crlf: bool) -> None:
    session = edited(chance_, CODE.replace("\n", "\r\n") if crlf else CODE)
    if not session.trail.latest():
        return
    scene = session.scene()
    candidates = candidates_of(scene)
    assert all(len(row) == len(FEATURES) for row in describe(scene, candidates))
    for each in candidates:
        now = applied(each.page.document.text, [each.replacement()])
        wanted = [*each.page.lines[: each.first], *each.new, *each.page.lines[each.end :]]
        assert [now.line_text(number) for number in range(now.n_lines)] == wanted


@settings(max_examples=30)
@given(st.randoms(use_true_random=False))
def test_nothing_that_is_proposed_parses_worse(chance_: random.Random) -> None:
    session = edited(chance_, CODE)
    if not session.trail.latest():
        return
    edit = next_edit(session.scene(), least=0.0)
    if edit is not None:
        before, after = [
            SyntaxDocument("python", "a.py").tree_at(text).error_count()
            for text in (edit.document.text, applied(edit.document.text, [edit.replacement]))
        ]
        assert after <= before


@pytest.mark.parametrize("new", [(), ("",), ("a",), ("a", "b", "c")])
@pytest.mark.parametrize("end", [0, 1, 2, 3])
@pytest.mark.parametrize("text", ["one\ntwo\nthree", "one\ntwo\n", "one\r\ntwo\r\nthree\r\n", "", "\n"])
def test_whole_lines_at_every_end_of_a_text(text: str, end: int, new: tuple[str, ...]) -> None:
    page = Page(DocumentSnapshot("file:///a.txt", "/a.txt", "", 1, TextSnapshot.of(text)))
    made = MadeEdit("file:///a.txt", 0, ("x",), ("y",), "", "", 1)
    for first in range(min(end, len(page.lines)) + 1):
        until = min(end, len(page.lines))
        candidate = Candidate(page, first, until, new, "same_line", made)
        now = applied(page.document.text, [candidate.replacement()])
        wanted = [*page.lines[:first], *new, *page.lines[until:]] or [""]
        assert [now.line_text(number) for number in range(now.n_lines)] == wanted


def test_a_model_of_another_version_or_of_other_numbers_is_refused() -> None:
    assert 0.5 < chance.model().least < 0.9
    with pytest.raises(ValueError, match="version"):
        chance.read({"version": 0})
    with pytest.raises(ValueError, match="moon"):
        chance.read({"version": chance.VERSION, "trees": {"thresholds": {"moon": [1.0]}}})


def test_a_name_is_left_undeclared_when_its_one_declaration_was_renamed_alone() -> None:
    def row_of(code: str, new: str) -> list[float]:
        session = Session({"a.py": code})
        session.become("a.py", new)
        scene = session.scene()
        candidates = [each for each in candidates_of(scene) if each.kind == "renamed"]
        return describe(scene, candidates)[0]

    code = "size = 1\nprint(size)\n"
    alone = row_of(code, code.replace("size", "n", 1))
    assert alone[FEATURES.index("leaves_undeclared")] == 1
    assert derived(alone) == alone[-len(derived(alone)) :]
    again = "size = 1\nsize = 2\nprint(size)\n"
    assert row_of(again, again.replace("size", "n", 1))[FEATURES.index("leaves_undeclared")] == 0
    assert KINDS[int(alone[0])] == "renamed"
