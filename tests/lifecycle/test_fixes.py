"""What becomes of a fix: each story of an edit, its diagnostics and the clock, and the events that it makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from copilot_ls.diagnostic import Diagnostic
from copilot_ls.edits import Replacement, applied
from copilot_ls.features.diagnostics import DiagnosticBoard
from copilot_ls.features.document_history import DocumentHistory
from copilot_ls.features.documents import OpenDocuments
from copilot_ls.features.fix_events import FixEvents
from copilot_ls.features.fix_lifecycle import RESOLVED_AFTER_S, FixLifecycle, rule_of
from copilot_ls.features.fixing.outcome import FixOutcome, FixTask, Verdict
from copilot_ls.text import Point, Span, TextSnapshot

URI = "file:///a.py"
CODE = "import os\nimport sys\nprint(sys.argv)\n"
UNUSED = Diagnostic(Span(Point(0, 7), Point(0, 9)), "`os` imported but unused", "Ruff", "F401")
REMOVE = Replacement(Span(Point(0, 0), Point(1, 0)), "")


class Timer:
    def __init__(self, call: Callable[[], None]) -> None:
        self.call = call
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class Story:
    """One document, one fix, and everything that was recorded."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.timers: list[Timer] = []
        self.documents = OpenDocuments()
        self.board = DiagnosticBoard(self.documents, DocumentHistory(self.documents))
        recorder = FixEvents(self.events.append, wall_clock=lambda: 1.0, session_id="s", workspace_of=None)
        self.fixes = FixLifecycle(recorder, self.board, call_later=self._later)
        self.documents.on_change.append(lambda document, _: self._changed(document))
        self.documents.on_close.append(lambda document: self.fixes.document_closed(document.uri))
        self.document = self.documents.open(URI, "/a.py", "python", 1, CODE)

    def _later(self, delay_s: float, call: Callable[[], None]) -> Timer:
        assert delay_s == RESOLVED_AFTER_S
        self.timers.append(Timer(call))
        return self.timers[-1]

    def _changed(self, document: Any) -> None:
        self.fixes.document_changed(document.uri, document.buffer.snapshot())

    def report(self, *diagnostics: Diagnostic) -> None:
        self.board.published(URI, None, diagnostics)

    def edit(self, span: Span, text: str) -> None:
        start, end = tuple(span.start), tuple(span.end)
        self.documents.change(URI, self.document.version + 1, [(start, end, text)])

    def fix(self, *diagnostics: Diagnostic, told_first: bool = True, kind: Any = "fix") -> None:
        """Ask, and make the edit: the editor tells of the change before it answers, or after."""
        before = self.document.buffer.snapshot()
        task = FixTask(kind, self.document.snapshot(), UNUSED.span, diagnostics)
        outcome = FixOutcome("f", task, "Remove", Verdict("verified", ("tree-sitter",)), (REMOVE,), n_tries=1)
        self.fixes.opened("f", task)
        self.fixes.proposed(outcome)
        assert applied(before, outcome.replacements).text == CODE.partition("\n")[2]
        if told_first:
            self.edit(REMOVE.span, "")
        self.fixes.applied(outcome, before, self.document.buffer.snapshot())
        if not told_first:
            self.edit(REMOVE.span, "")

    def undo(self) -> None:
        self.edit(Span(Point(0, 0), Point(0, 0)), "import os\n")

    def wait(self) -> None:
        """Five minutes."""
        for timer in self.timers:
            if not timer.is_cancelled:
                timer.call()

    def told(self) -> list[str]:
        """The events after the fix was applied, with what they say."""
        names = [type(event).__name__ for event in self.events]
        found = []
        for event in self.events[names.index("FixApplied") + 1 :]:
            said = [str(getattr(event, name)) for name in ("gone", "resolved", "reason") if hasattr(event, name)]
            found.append(" ".join([type(event).__name__, *said]))
        return found


@pytest.fixture(params=[True, False], ids=["told first", "answered first"])
def told_first(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_gone_and_still_gone_is_resolved(told_first: bool) -> None:
    story = Story()
    story.report(UNUSED)
    story.fix(UNUSED, told_first=told_first)
    story.report()
    story.report()
    story.wait()
    assert story.told() == ["FixChecked True", "FixResolved True gone"]
    assert [type(event).__name__ for event in story.events][:3] == ["FixOpened", "FixProposed", "FixApplied"]
    assert (story.events[0].rule, story.events[0].n_diagnostics) == ("ruff:F401", 1)
    assert (story.events[1].checked_by, story.events[1].n_tries) == (("tree-sitter",), 1)


def test_still_there_is_not_resolved(told_first: bool) -> None:
    story = Story()
    story.report(UNUSED)
    story.fix(UNUSED, told_first=told_first)
    story.report(UNUSED)
    story.wait()
    assert story.told() == ["FixChecked False", "FixResolved False still_there"]


def test_what_comes_back_is_not_resolved() -> None:
    story = Story()
    story.report(UNUSED)
    story.fix(UNUSED)
    story.report()
    story.report(UNUSED)
    story.wait()
    assert story.told() == ["FixChecked True", "FixResolved False came_back"]


def test_one_of_two_alike_is_gone() -> None:
    story = Story()
    story.report(UNUSED, UNUSED)
    story.fix(UNUSED)
    story.report(UNUSED)
    story.wait()
    assert story.told() == ["FixChecked True", "FixResolved True gone"]


def test_an_edit_that_is_undone_is_not_resolved(told_first: bool) -> None:
    story = Story()
    story.report(UNUSED)
    story.fix(UNUSED, told_first=told_first)
    story.report()
    story.edit(Span(Point(1, 0), Point(1, 0)), "x = 1\n")
    story.edit(Span(Point(1, 0), Point(2, 0)), "")
    story.undo()
    story.wait()
    assert story.told() == ["FixChecked True", "FixUndone", "FixResolved False undone"]


def test_typing_on_is_no_undoing() -> None:
    story = Story()
    story.report(UNUSED)
    story.fix(UNUSED)
    story.edit(Span(Point(0, 0), Point(0, 0)), "import re\n")  # as long as what was removed
    story.report()
    story.wait()
    assert story.told() == ["FixChecked True", "FixResolved True gone"]


def test_an_editor_that_reports_nothing_decides_nothing() -> None:
    story = Story()
    story.fix(UNUSED)
    story.wait()
    assert story.told() == ["FixResolved None not_reported"]


def test_a_change_is_kept_unless_it_is_undone() -> None:
    story = Story()
    story.fix(kind="change")
    story.wait()
    assert story.told() == ["FixResolved True gone"]


@pytest.mark.parametrize(("how", "reason"), [("close", "document_closed"), ("end", "session_ended")])
def test_what_cannot_be_followed_is_not_known(how: str, reason: str) -> None:
    story = Story()
    story.report(UNUSED)
    story.fix(UNUSED)
    story.report()
    if how == "close":
        story.documents.close(URI)
    else:
        story.fixes.close()
    story.wait()
    assert story.told() == ["FixChecked True", f"FixResolved None {reason}"]


def test_a_diagnostic_is_offered_once() -> None:
    story = Story()
    for _ in range(3):
        story.fixes.offered(URI, "python", [UNUSED])
    assert [(type(event).__name__, event.rule) for event in story.events] == [("FixOffered", "ruff:F401")]


def test_dropped_and_cancelled_are_told() -> None:
    story = Story()
    story.fixes.cancelled("f", URI, 12.0)
    story.fixes.dropped("f", URI, "stale")
    assert (story.events[0].verdict, story.events[0].latency_ms, story.events[1].reason) == ("cancelled", 12.0, "stale")


@pytest.mark.parametrize(
    ("source", "code", "rule"),
    [
        ("Ruff", "F401", "ruff:F401"),
        ("ts", "2304", "ts:2304"),
        ("", "", ""),
        ("eslint", "@typescript-eslint/no-unused-vars", "eslint:@typescript-eslint/no-unused-vars"),
        ("evil says\nhello", "x" * 61, ""),
    ],
)
def test_a_rule_is_a_name_and_nothing_else(source: str, code: str, rule: str) -> None:
    assert rule_of(Diagnostic(UNUSED.span, "secret = 1", source, code)) == rule


def test_a_snapshot_is_kept_no_longer_than_five_minutes() -> None:
    story = Story()
    story.fix(UNUSED)
    story.wait()
    assert story.fixes._applied == {}
    assert isinstance(story.document.buffer.snapshot(), TextSnapshot)
