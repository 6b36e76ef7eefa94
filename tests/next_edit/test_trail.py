"""However somebody types, taking back what the trail remembers gives the text that there was."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.features.documents import OpenDocuments
from copilot_ls.features.next_edit.trail import EditTrail, MadeEdit
from copilot_ls.text import PositionEncoding

URI = "file:///a.py"


def typed(text: str) -> tuple[OpenDocuments, EditTrail]:
    documents = OpenDocuments()
    documents.encoding = PositionEncoding.UTF32
    trail = EditTrail(lambda: 0.0)
    document = documents.open(URI, "/a.py", "python", 1, text)
    trail.opened(URI, document.buffer.snapshot())
    documents.on_change.append(lambda document, edits: trail.note(URI, edits, document.buffer.snapshot()))
    documents.on_replace.append(lambda document: trail.replaced(URI, document.buffer.snapshot()))
    return documents, trail


def taken_back(lines: list[str], made: list[MadeEdit]) -> list[str]:
    for each in sorted(made, key=lambda one: one.line, reverse=True):
        assert tuple(lines[each.line : each.end]) == each.new
        lines[each.line : each.end] = each.old
    return lines


@given(st.randoms(use_true_random=False))
def test_what_is_remembered_leads_back_to_the_text_that_there_was(chance: random.Random) -> None:
    before = "".join(f"line {n} of it\n" for n in range(14))
    documents, trail = typed(before)
    document = documents.get(URI)
    assert document is not None
    for version in range(2, chance.randrange(3, 16)):
        changes = []
        if chance.random() < 0.15:
            changes.append((None, None, document.buffer.snapshot().text.replace("of", "OF", 1)))
        else:
            for _ in range(chance.choice([1, 1, 1, 3])):
                first = chance.randrange(12)
                ends = sorted((first + chance.choice([0, 0, 0, 1, 3]), chance.randrange(9)) for _ in range(2))
                changes.append(
                    (ends[0], chance.choice(ends), chance.choice(["", "x", "\n", "two\nlines\n", "if 1:\n    "]))
                )
        documents.change(URI, version, changes)
    lines = document.buffer.snapshot().text.split("\n")
    assert taken_back(lines, trail.latest()) == before.split("\n")


def test_what_is_taken_back_was_no_edit() -> None:
    documents, trail = typed("a = 1\nb = 2\n")
    documents.change(URI, 2, [((0, 0), (0, 1), "longer")])
    assert [(each.old, each.new) for each in trail.latest()] == [(("a = 1",), ("longer = 1",))]
    documents.change(URI, 3, [((0, 0), (0, 6), "a")])
    assert not trail.latest()


def test_keys_of_one_place_are_one_edit_and_the_latest_place_comes_first() -> None:
    documents, trail = typed("a = 1\nb = 2\nc = 3\n")
    for version, (line, key) in enumerate([(0, "x"), (0, "y"), (2, "z"), (0, "!")], start=2):
        documents.change(URI, version, [((line, 0), (line, 0), key)])
    assert [each.new for each in trail.latest()] == [("!yxa = 1",), ("zc = 3",)]


def test_a_page_of_new_code_teaches_nothing() -> None:
    documents, trail = typed("a = 1\n")
    documents.change(URI, 2, [((0, 0), (0, 0), "new\n" * 500)])
    assert not trail.latest()


def test_the_trail_is_bounded() -> None:
    documents, trail = typed("a\n" * 2_000)
    for n in range(500):
        documents.change(URI, n + 2, [((3 * n, 0), (3 * n, 0), "x")])
    assert len(trail.latest()) < 60
