"""When accepted text is looked at, and what stands in the way: closing, renaming, other branches, commits."""

from __future__ import annotations

from typing import Any

import pytest

from copilot_ls.diagnostic import Diagnostic
from copilot_ls.features.diagnostics import DiagnosticBoard
from copilot_ls.features.document_history import DocumentHistory
from copilot_ls.features.documents import OpenDocuments
from copilot_ls.features.request_events import RequestEvents
from copilot_ls.features.retention import Retention
from copilot_ls.text import Point, Span, TextSnapshot
from tests.lifecycle.conftest import Clock, Editor

URI, PATH = "file:///w/a.py", "/w/a.py"
CODE = "a = 1\nb = 2\n"
TAKEN = "total = one + two"


class Files:
    """Branches, files on disk and commits of a test's choosing; all is answered at once."""

    def __init__(self) -> None:
        self.on = "ref: refs/heads/main"
        self.disk: dict[str, str] = {}
        self.commits: dict[str, tuple[str, str]] = {}
        self.n_asked = 0

    def branch(self, path: str) -> str:
        return self.on

    def read(self, path: str, then: Any) -> None:
        then(self.disk.get(path))

    def committed(self, path: str, then: Any) -> None:
        self.n_asked += 1
        then(self.commits.get(path))


class Story:
    """A document in which TAKEN was accepted as its second line, and everything that was recorded since."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.files = Files()
        self.events: list[Any] = []
        self.documents = OpenDocuments()
        self.board = DiagnosticBoard(self.documents, DocumentHistory(self.documents))
        recorder = RequestEvents(self.events.append, wall_clock=lambda: 1.0, session_id="s", workspace_of=None)
        self.retention = Retention(recorder, self.board, self.files, call_later=self.clock.call_later)
        self.documents.on_open.append(self._opened)
        self.documents.on_change.append(self._changed)
        self.documents.on_replace.append(lambda document: self._changed(document, []))
        self.documents.on_close.append(lambda document: self.retention.document_closed(document.uri))
        self.open(CODE)

    def open(self, text: str, uri: str = URI, path: str = PATH) -> None:
        self.uri = uri
        self.document = self.documents.open(uri, path, "python", 1, text)

    def _opened(self, document: Any) -> None:
        self.retention.document_opened(document.uri, document.path, document.buffer.snapshot())

    def _changed(self, document: Any, edits: Any) -> None:
        self.retention.document_changed(document.uri, edits, document.buffer.snapshot())

    def edit(self, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        self.documents.change(self.uri, self.document.version + 1, [(start, end, text)])

    def replace(self, text: str) -> None:
        self.documents.change(self.uri, self.document.version + 1, [(None, None, text)])

    def accept(self) -> None:
        self.edit((1, 0), (1, 0), TAKEN + "\n")
        suggestion = Editor("█").suggestion(TAKEN)
        object.__setattr__(suggestion, "uri", URI)
        span = Span(Point(1, 0), Point(1, len(TAKEN)))
        self.retention.accepted("s1", suggestion, PATH, span, self.document.buffer.snapshot())

    def told(self) -> list[tuple[str, float]]:
        return [(event.moment, event.kept) for event in self.events if hasattr(event, "moment")]


@pytest.fixture
def story() -> Story:
    story = Story()
    story.accept()
    return story


def test_it_is_looked_at_five_times(story: Story) -> None:
    story.clock.pass_time(20)
    story.edit((0, 0), (0, 0), "x = 0\n")
    story.clock.pass_time(60)
    story.edit((2, 8), (2, 11), "1")
    story.clock.pass_time(600)
    assert story.told() == [("15s", 1.0), ("30s", 1.0), ("120s", 0.8), ("300s", 0.8), ("600s", 0.8)]
    first = story.events[0]
    assert (first.survives, first.n_lexemes, first.kept_chars) == (True, 5, len(TAKEN))


def test_the_first_save_and_the_close_are_looked_at(story: Story) -> None:
    story.retention.document_saved(URI)
    story.edit((1, 0), (1, 5), "sum")
    story.retention.document_saved(URI)
    story.documents.close(URI)
    assert story.told() == [("save", 1.0), ("close", 0.8)]


def test_a_closed_document_is_looked_for_on_disk(story: Story) -> None:
    story.documents.close(URI)
    story.files.disk[PATH] = "import x\n" + CODE.replace("b", TAKEN + "\nb").replace("one", "1")
    story.clock.pass_time(20)
    del story.files.disk[PATH]
    story.clock.pass_time(20)
    assert story.told() == [("close", 1.0), ("15s", 0.8)]


def test_a_document_that_is_opened_again_is_followed_on(story: Story) -> None:
    story.documents.close(URI)
    story.open("import x\n" + CODE.replace("b", TAKEN + "\nb"))
    story.edit((2, 0), (2, 5), "sum")
    story.clock.pass_time(20)
    assert story.told() == [("close", 1.0), ("15s", 0.8)]


def test_a_file_that_is_renamed_is_followed_on(story: Story) -> None:
    story.documents.close(URI)
    story.retention.renamed(PATH, "file:///w/b.py", "/w/b.py")
    story.open(CODE.replace("b", TAKEN + "\nb"), "file:///w/b.py", "/w/b.py")
    story.clock.pass_time(20)
    assert story.told() == [("close", 1.0), ("15s", 1.0)]


def test_while_another_branch_is_checked_out_nothing_is_recorded(story: Story) -> None:
    story.clock.pass_time(20)
    story.files.on = "ref: refs/heads/other"
    story.replace("something = else\n")
    story.clock.pass_time(20)
    story.edit((0, 0), (0, 0), "y = 1\n")
    story.files.on = "ref: refs/heads/main"
    story.replace("import x\n" + CODE.replace("b", TAKEN + "\nb"))
    story.clock.pass_time(100)
    assert story.told() == [("15s", 1.0), ("120s", 1.0)]


def test_a_commit_counts_once_with_the_file_as_it_is_in_it() -> None:
    story = Story()
    story.files.commits[PATH] = ("old", CODE)
    story.accept()
    story.clock.pass_time(130)
    story.edit((1, 0), (2, 0), "")  # after staging
    story.files.commits[PATH] = ("new", CODE.replace("b", TAKEN + "\nb"))
    story.clock.pass_time(100)
    story.files.commits[PATH] = ("newer", CODE)
    story.clock.pass_time(10_000)
    assert [each for each in story.told() if each[0] == "commit"] == [("commit", 1.0)]
    assert story.told()[-1] == ("600s", 0.0)
    assert story.retention._followed == {}
    assert story.clock.n_waiting == 0


def test_without_a_repository_nothing_is_asked_and_all_is_forgotten() -> None:
    story = Story()
    story.files.on = ""
    story.accept()
    story.clock.pass_time(601)
    assert (story.files.n_asked, story.retention._followed, story.clock.n_waiting) == (0, {}, 0)


def test_after_a_day_nobody_waits_for_a_commit(story: Story) -> None:
    story.clock.pass_time(25 * 3600)
    assert (story.retention._followed, story.clock.n_waiting) == ({}, 0)


def test_another_accepted_word_makes_it_one_longer_text(story: Story) -> None:
    story.edit((1, len(TAKEN)), (1, len(TAKEN)), " + three")
    suggestion = Editor("█").suggestion(TAKEN)
    span = Span(Point(1, 0), Point(1, len(TAKEN) + 8))
    story.retention.accepted("s1", suggestion, PATH, span, story.document.buffer.snapshot())
    story.clock.pass_time(16)
    assert [event.n_lexemes for event in story.events if hasattr(event, "moment")] == [7]


def test_the_first_report_says_what_the_acceptance_brought() -> None:
    def report(*messages: str) -> list[Diagnostic]:
        return [Diagnostic(Span(Point(0, 0), Point(0, 1)), message) for message in messages]

    story = Story()
    story.board.published(URI, None, report("old", "other"))
    story.accept()
    story.board.published(URI, None, report("other", "new", "new"))
    story.board.published(URI, None, report())
    told = [(event.n_added, event.n_removed) for event in story.events if hasattr(event, "n_added")]
    assert told == [(2, 1)]


def test_the_session_may_end_at_any_time(story: Story) -> None:
    story.retention.close()
    assert story.clock.n_waiting == 0
    assert story.told() == []


def test_a_text_of_white_space_alone_is_not_followed() -> None:
    story = Story()
    text = TextSnapshot.of("a\n    \n")
    story.retention.accepted("s1", Editor("█").suggestion("    "), PATH, Span(Point(1, 0), Point(1, 4)), text)
    assert story.retention._followed == {}


def test_what_was_not_accepted_after_all_is_not_followed(story: Story) -> None:
    story.retention.withdrawn("s1")
    story.retention.withdrawn("nobody")
    story.clock.pass_time(600)
    assert story.told() == []
