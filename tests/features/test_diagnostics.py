"""Diagnostics stay with their text, whatever is typed; they are bounded, and gone with their document."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.diagnostic import Diagnostic
from copilot_ls.features.diagnostics import DiagnosticBoard
from copilot_ls.features.document_history import DocumentHistory
from copilot_ls.features.documents import OpenDocuments
from copilot_ls.text import Point, PositionEncoding, Span, TextSnapshot

URI = "file:///a.py"


class World:
    """One open document and its board. In texts, `⟦` and `⟧` mark what a diagnostic is about."""

    def __init__(self, marked: str) -> None:
        self.documents = OpenDocuments()
        self.documents.encoding = PositionEncoding.UTF32  # columns here are code points
        self.history = DocumentHistory(self.documents)
        self.board = DiagnosticBoard(self.documents, self.history)
        text, spans = unmarked(marked)
        self.document = self.documents.open(URI, "/a.py", "python", 1, text)
        self.board.published(URI, 1, [Diagnostic(span, f"number {n}") for n, span in enumerate(spans)])

    def edit(self, *edits: tuple[tuple[int, int], tuple[int, int], str]) -> None:
        self.documents.change(URI, self.document.version + 1, edits)

    def replace(self, text: str) -> None:
        self.documents.change(URI, self.document.version + 1, [(None, None, text)])

    def marked(self) -> str:
        """The text with marks where the board says."""
        text = self.document.buffer.snapshot()
        whole = text.text
        for each in reversed(self.board.of(URI)):
            start, end = text.offset_at(each.span.start), text.offset_at(each.span.end)
            whole = f"{whole[:start]}⟦{whole[start:end]}⟧{whole[end:]}"
        return whole


def unmarked(marked: str) -> tuple[str, list[Span]]:
    text = TextSnapshot.of(marked.replace("⟦", "").replace("⟧", ""))
    spans, at = [], 0
    for part in marked.split("⟦")[:-1]:
        at += len(part.replace("⟧", ""))
        inside = marked.split("⟦")[len(spans) + 1].partition("⟧")[0]
        spans.append(Span(text.point_at(at), text.point_at(at + len(inside))))
    return text.text, spans


@pytest.mark.parametrize(
    ("before", "edits", "after"),
    [
        ("a = ⟦b⟧\n", [((0, 0), (0, 0), "x\n")], "x\na = ⟦b⟧\n"),
        ("a = ⟦b⟧\n", [((0, 0), (0, 2), "")], "= ⟦b⟧\n"),
        ("a = ⟦b⟧\n", [((0, 5), (0, 5), "c")], "a = ⟦b⟧c\n"),
        ("a = ⟦b⟧\n", [((0, 4), (0, 4), "(")], "a = (⟦b⟧\n"),
        ("⟦abc⟧ d", [((0, 1), (0, 1), "\n")], "⟦a\nbc⟧ d"),
        ("⟦abc⟧ d", [((0, 2), (0, 4), "")], "⟦ab⟧d"),
        ("x ⟦abc⟧ d", [((0, 0), (0, 3), "y")], "y⟦bc⟧ d"),
        ("x ⟦abc⟧ ⟦d⟧", [((0, 1), (0, 6), "y")], "xy⟦d⟧"),
        ("⟦a⟧\n⟦b⟧\n⟦c⟧\n", [((1, 0), (2, 0), "")], "⟦a⟧\n⟦c⟧\n"),
        ("⟦a⟧\n⟦b⟧\n", [((0, 0), (0, 0), "1"), ((0, 0), (0, 0), "2"), ((1, 0), (1, 0), "\n")], "21⟦a⟧\n\n⟦b⟧\n"),
    ],
)
def test_spans_follow_edits(before: str, edits: list[tuple[tuple[int, int], tuple[int, int], str]], after: str) -> None:
    at_once, one_by_one = World(before), World(before)
    at_once.edit(*edits)
    for each in edits:
        one_by_one.edit(each)
    assert at_once.marked() == after
    assert one_by_one.marked() == after


@given(st.randoms(use_true_random=False))
def test_a_span_that_no_edit_touched_holds_the_same_text_as_before(chance: random.Random) -> None:
    lines = [f"line {n} of\n" for n in range(6)]
    world = World("".join(lines[:3]) + "⟦here⟧\n" + "".join(lines[3:]))
    for _ in range(chance.randrange(1, 12)):
        text = world.document.buffer.snapshot()
        (span,) = (each.span for each in world.board.of(URI)) if chance.random() < 0.5 else (find_here(text),)
        ends = sorted(text.point_at(chance.randrange(text.n_chars + 1)) for _ in range(2))
        if not (ends[1] <= span.start or ends[0] >= span.end):
            continue
        world.edit((tuple(ends[0]), tuple(ends[1]), chance.choice(["", "x", "\n", "a\nb\n", "ä😀"])))  # type: ignore[arg-type]
    (diagnostic,) = world.board.of(URI)
    assert world.document.buffer.snapshot().slice(diagnostic.span) == "here"


def find_here(text: TextSnapshot) -> Span:
    at = text.text.index("here")
    return Span(text.point_at(at), text.point_at(at + 4))


def test_what_is_said_of_an_older_version_is_carried_on() -> None:
    world = World("a = b\n")
    world.edit(((0, 0), (0, 0), "import x\n"))
    world.edit(((0, 8), (0, 8), "y"))
    world.board.published(URI, 1, [Diagnostic(Span(Point(0, 4), Point(0, 5)), "b is unknown")])
    assert world.marked() == "import xy\na = ⟦b⟧\n"


def test_an_editor_that_is_ahead_of_its_own_edits_is_waited_for() -> None:
    world = World("a = b\n")
    world.board.published(URI, 2, [Diagnostic(Span(Point(1, 4), Point(1, 5)), "b is unknown")])
    world.edit(((0, 0), (0, 0), "import x\n"))
    assert world.marked() == "import x\na = ⟦b⟧\n"


def test_a_text_that_is_sent_anew_keeps_what_stands_above_and_below_the_change() -> None:
    world = World("⟦a⟧\nx\ny\n⟦b⟧\n")
    world.replace("a\nz\nzz\nzzz\nb\n")
    assert world.marked() == "⟦a⟧\nz\nzz\nzzz\n⟦b⟧\n"
    one_word = World("⟦a⟧ x ⟦b⟧\n")
    one_word.replace("a y\ny ⟦b⟧\n".replace("⟦", "").replace("⟧", ""))
    assert one_word.marked() == "⟦a⟧ y\ny ⟦b⟧\n"


def test_a_version_that_nobody_remembers_is_nothing_rather_than_a_guess() -> None:
    world = World("a\n")
    world.board.published(URI, -7, [Diagnostic(Span(Point(0, 0), Point(0, 1)), "old")])
    assert world.board.of(URI) == ()


def test_where_the_editor_tells_of_all_what_a_request_comes_with_is_added() -> None:
    world = World("⟦a⟧\n⟦b⟧\nc\n")
    a, b = world.board.of(URI)
    new = Diagnostic(Span(Point(2, 0), Point(2, 1)), "new")
    world.board.seen(URI, [new])
    world.board.seen(URI, [b])
    world.board.seen(URI, [])
    assert world.board.of(URI) == (a, b, new)


def test_where_it_does_not_only_the_latest_request_counts() -> None:
    world = World("a\nb\nc\n")
    world.documents.close(URI)
    world.documents.open(URI, "/a.py", "python", 1, "a\nb\n")
    first, second = (Diagnostic(Span(Point(line, 0), Point(line, 1)), str(line)) for line in (0, 1))
    world.board.seen(URI, [first])
    world.board.seen(URI, [second])
    assert world.board.of(URI) == (second,)
    world.board.seen(URI, [])
    assert world.board.of(URI) == ()


def test_near_is_nearest_first_then_worst_first() -> None:
    world = World("0\n1\n2\n3\n4\n5\n")

    def at(line: int, severity: str) -> Diagnostic:
        return Diagnostic(Span(Point(line, 0), Point(line, 1)), f"{severity} {line}", severity=severity)  # type: ignore[arg-type]

    world.board.published(URI, None, [at(0, "error"), at(2, "hint"), at(3, "error"), at(4, "error"), at(2, "warning")])
    told = [each.message for each in world.board.near(URI, Point(2, 0), 1)]
    assert told == ["warning 2", "hint 2", "error 3"]


def test_too_many_keep_the_severest() -> None:
    world = World("a\n" * 10)
    hints = [Diagnostic(Span(Point(0, 0), Point(0, 1)), str(n), severity="hint") for n in range(2_000)]
    world.board.published(URI, None, [*hints, Diagnostic(Span(Point(5, 0), Point(5, 1)), "bad")])
    kept = world.board.of(URI)
    assert len(kept) == 500
    assert kept[-1].message == "bad"


def test_closed_documents_and_those_that_hold_keys_have_none() -> None:
    world = World("⟦a⟧\n")
    heard: list[str] = []
    world.board.on_published.append(heard.append)
    world.documents.open("file:///.env", "/.env", "plaintext", 1, "KEY=1\n")
    world.board.published("file:///.env", 1, [Diagnostic(Span(Point(0, 0), Point(0, 1)), "m")])
    world.board.published("file:///nowhere.py", 1, [Diagnostic(Span(Point(0, 0), Point(0, 1)), "m")])
    assert world.board.of("file:///.env") == world.board.of("file:///nowhere.py") == ()
    assert not heard
    world.documents.close(URI)
    assert world.board.of(URI) == ()
