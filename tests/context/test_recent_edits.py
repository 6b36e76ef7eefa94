"""The log of edits is bounded, knows how lines read before, and its diffs say what was changed and nothing else."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.context.recent_edits import RecentEditLog, recent_edits
from copilot_ls.context.request import ContextRequest, Situation
from copilot_ls.text import AppliedEdit, DocumentSnapshot, Point, TextBuffer, TextSnapshot

LIB = "def price(article):\n    return article.price\n\n\ndef name(article):\n    return article.name\n"


class Editor:
    """A document that is edited, and the log that hears of it."""

    def __init__(self, text: str, uri: str = "file:///w/lib.py") -> None:
        self.uri = uri
        self.buffer = TextBuffer(text)
        self.log = RecentEditLog(lambda: 0.0)
        self.log.opened(uri, self.buffer.snapshot())

    def edit(self, *changes: tuple[tuple[int, int], tuple[int, int], str]) -> None:
        """One notification."""
        edits = []
        for start, end, text in changes:
            clip = self.buffer.snapshot().clip
            edits.append(self.buffer.edit(clip(Point(*start)), clip(Point(*end)), text))
        self.log.note(self.uri, edits, self.buffer.snapshot())

    def shown(self, cursor_in: str = "file:///w/main.py", line: int = 0) -> list[str]:
        """The texts of the source's candidates, the cursor in this file or in another."""
        lib = DocumentSnapshot(self.uri, self.uri.removeprefix("file://"), "python", 2, self.buffer.snapshot())
        main = DocumentSnapshot("file:///w/main.py", "/w/main.py", "python", 1, TextSnapshot.of(""))
        document = lib if cursor_in == self.uri else main
        request = ContextRequest(document, Point(line, 0), Path("/w"), [lib, main], recent_edits=self.log.latest())
        return [candidate.text for candidate in recent_edits(Situation(request))]


def test_an_edit_is_shown_as_a_diff_with_what_is_around_it():
    editor = Editor(LIB)
    editor.edit(((0, 17), (0, 17), ", percent"))
    editor.edit(((1, 24), (1, 24), " * percent"))
    (text,) = editor.shown()
    assert text == (
        "-def price(article):\n-    return article.price\n"
        "+def price(article, percent):\n+    return article.price * percent\n"
        " \n \n def name(article):"
    )


def test_what_was_undone_is_not_shown():
    editor = Editor(LIB)
    editor.edit(((0, 4), (0, 9), "cost"))
    editor.edit(((0, 4), (0, 8), "price"))
    assert editor.shown() == []


def test_lines_that_came_and_lines_that_went():
    editor = Editor(LIB)
    editor.edit(((4, 0), (6, 0), ""))
    (text,) = editor.shown()
    assert "-def name(article):\n-    return article.name" in text
    editor = Editor(LIB)
    editor.edit(((2, 0), (2, 0), "x = 1\ny = 2\n"))
    (text,) = editor.shown()
    assert "+x = 1\n+y = 2" in text
    assert "-" not in text


def test_of_the_open_file_only_what_was_replaced_elsewhere_is_shown():
    editor = Editor(LIB + "\n" * 30)
    editor.edit(((0, 4), (0, 9), "cost"))
    assert editor.shown(editor.uri, line=1) == []
    (text,) = editor.shown(editor.uri, line=30)
    assert text.startswith("-def price(article):\n+def cost(article):")
    editor.edit(((20, 0), (20, 0), "new = 1"))
    assert len(editor.shown(editor.uri, line=30)) == 2
    editor = Editor(LIB + "\n" * 30)
    editor.edit(((3, 0), (3, 0), "added = 1\n"))
    assert editor.shown(editor.uri, line=30) == []


def test_a_document_replaced_whole_or_never_seen_before_has_no_past():
    editor = Editor(LIB)
    editor.edit(((0, 4), (0, 9), "cost"))
    editor.log.replaced(editor.uri, editor.buffer.snapshot())
    assert editor.log.latest() == ()
    log = RecentEditLog(lambda: 0.0)
    log.note("a", [editor.buffer.edit(Point(0, 0), Point(0, 0), "x")], editor.buffer.snapshot())
    assert [each.old for each in log.latest()] == [None]


PLACE = st.tuples(st.integers(0, 40), st.integers(0, 6))
CHANGE = st.tuples(PLACE, PLACE, st.text("ab\n", max_size=6))


@given(st.integers(0, 40), st.lists(st.lists(CHANGE, min_size=1, max_size=3), max_size=12))
def test_putting_the_old_lines_back_gives_the_text_that_was(n_lines, notifications):
    text = "".join(f"line {number}\n" for number in range(n_lines))
    editor = Editor(text)
    for changes in notifications:
        editor.edit(*((min(start, end), max(start, end), new) for start, end, new in changes))
    known = editor.log.latest()
    if any(edit.old is None for edit in known):
        return
    lines = editor.buffer.snapshot().lines(0, editor.buffer.n_lines)
    for edit in sorted(known, key=lambda each: -each.start):
        lines[edit.start : edit.end] = edit.old
    assert "".join(lines) == text


def edit(start, old_end, new_end):
    return AppliedEdit(Point(start, 0), Point(old_end, 0), Point(new_end, 0), 0, 0, 0, 0, 0, 0, "", 0)


def test_the_log_joins_near_edits_and_moves_with_lines_that_come_above():
    ticks = iter(range(100))
    log = RecentEditLog(lambda: float(next(ticks)))
    note = partial(log.note, after=TextSnapshot.of(""))
    note("a", [edit(50, 50, 50)])
    note("a", [edit(52, 52, 54)])
    note("b", [edit(9, 9, 9)])
    note("a", [edit(0, 0, 10)])
    assert [(each.uri, each.start, each.end) for each in log.latest()] == [("a", 0, 11), ("b", 9, 10), ("a", 60, 65)]
    log.forget("a")
    assert [each.uri for each in log.latest()] == ["b"]


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 20), st.integers(0, 20)), max_size=80))
def test_the_log_is_bounded_and_its_spans_apart_whatever_is_edited(edits):
    log = RecentEditLog(lambda: 0.0)
    for start, removed, added in edits:
        log.note("a", [edit(start, start + removed, start + added)], TextSnapshot.of(""))
    spans = sorted((each.start, each.end) for each in log.latest())
    assert len(spans) <= 50
    assert all(0 <= start < end for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
