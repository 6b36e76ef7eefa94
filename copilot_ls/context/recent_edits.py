"""What was changed lately: a bounded log fed by `didChange`, and the context source that reads it.

The log remembers which lines of which document were edited and when, never their text: the source takes the lines as
they are now, with a little around them. What somebody has just changed elsewhere is likely to matter here.
`RecentEditLog.note` costs microseconds and is called by the server for every change; `recent_edits` by `gather`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_ls.context.candidate import Candidate
from copilot_ls.context.request import relative_path
from copilot_ls.index.ignore import is_secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_ls.context.request import Situation
    from copilot_ls.text import AppliedEdit

SOURCE = "recent_edits"
_MOST_EDITS = 50
# Edits this close in lines are one piece of work.
_NEAR_LINES = 5
_LINES_AROUND = 3
_LONGEST = 20
_MOST_SNIPPETS = 8


@dataclass(frozen=True, slots=True)
class RecentEdit:
    """Lines `start` up to, not including, `end` of a document were edited at `time` (seconds of the log's clock)."""

    uri: str
    start: int
    end: int
    time: float


class RecentEditLog:
    """The latest edits of all documents, newest last, near ones joined; moved along as lines come and go above them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._edits: list[RecentEdit] = []

    def note(self, uri: str, edit: AppliedEdit) -> None:
        """Remember an edit of an open document."""
        n_new, n_old = edit.new_end.line - edit.start.line, edit.old_end.line - edit.start.line
        start, old_end, end = edit.start.line, edit.old_end.line + 1, edit.new_end.line + 1
        kept: list[RecentEdit] = []
        for each in self._edits:
            if each.uri != uri or each.end <= start - _NEAR_LINES:
                kept.append(each)
            elif each.start >= old_end + _NEAR_LINES:
                moved = n_new - n_old
                kept.append(RecentEdit(uri, each.start + moved, each.end + moved, each.time) if moved else each)
            else:
                start = min(start, each.start)
                end = max(end, each.end + n_new - n_old)
        kept.append(RecentEdit(uri, start, max(end, start + 1), self._clock()))
        self._edits = kept[-_MOST_EDITS:]

    def forget(self, uri: str) -> None:
        """The document was closed."""
        self._edits = [each for each in self._edits if each.uri != uri]

    def latest(self) -> tuple[RecentEdit, ...]:
        """All remembered edits, newest first."""
        return tuple(reversed(self._edits))


def recent_edits(situation: Situation) -> list[Candidate]:
    """Recently edited lines of other open files, newest first; the score falls with age in rank."""
    documents = {document.uri: document for document in situation.request.open_documents}
    candidates: list[Candidate] = []
    for edit in situation.request.recent_edits:
        document = documents.get(edit.uri)
        if document is None or edit.uri == situation.request.document.uri or situation.is_late():
            continue
        path = relative_path(document.path, situation.request.root)
        if is_secret(path):
            continue
        start = max(0, edit.start - _LINES_AROUND)
        end = min(edit.end + _LINES_AROUND, start + _LONGEST, document.text.n_lines)
        lines = [line.rstrip("\r\n") for line in document.text.lines(start, end)]
        if any(line.strip() for line in lines):
            score = 1.0 / (1 + len(candidates))
            candidates.append(Candidate(path, start, start + len(lines), "\n".join(lines), SOURCE, score))
        if len(candidates) >= _MOST_SNIPPETS:
            break
    return candidates
