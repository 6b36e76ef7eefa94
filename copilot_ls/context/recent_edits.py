"""What was changed lately, as diffs: a bounded log fed by `didChange`, and the context source that reads it.

The log remembers which lines of which document were edited and when, and how these lines read before, as long as they
are few; how they read now is in the document. What somebody has just changed elsewhere is likely to matter here.
`RecentEditLog.note` costs time for what was edited, not for the document, and is called by the server for every change;
`recent_edits` by `gather`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from copilot_ls.context.candidate import Candidate
from copilot_ls.context.request import relative_path
from copilot_ls.index.ignore import is_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.context.request import Situation
    from copilot_ls.text import AppliedEdit, TextSnapshot

SOURCE = "recent_edits"
_MOST_EDITS = 50
# Edits this close in lines are one piece of work.
_NEAR_LINES = 5
_LINES_AROUND = 3
_LONGEST = 20
_MOST_SNIPPETS = 8
# Of longer passages only the present text is shown.
_MOST_OLD_LINES = 40
_MOST_OLD_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class RecentEdit:
    """Lines `start` up to, not including, `end` of a document were edited at `time` (seconds of the log's clock).

    `old` is how they read before, with terminators; None where that is not known, or too long to keep.
    """

    uri: str
    start: int
    end: int
    time: float
    old: tuple[str, ...] | None = None


class RecentEditLog:
    """The latest edits of all documents, newest last, near ones joined; moved along as lines come and go above them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._edits: list[RecentEdit] = []
        self._texts: dict[str, TextSnapshot] = {}

    def opened(self, uri: str, text: TextSnapshot) -> None:
        """A document is open, and reads like this."""
        self._texts[uri] = text

    def note(self, uri: str, edits: Sequence[AppliedEdit], after: TextSnapshot) -> None:
        """Remember the edits of one notification, in order, that have made of an open document what it is now."""
        before = self._texts.get(uri)
        for at, edit in enumerate(edits):
            self._note(uri, edit, before, edits[:at])
        self._texts[uri] = after

    def _note(self, uri: str, edit: AppliedEdit, before: TextSnapshot | None, earlier: Sequence[AppliedEdit]) -> None:
        moved = edit.new_end.line - edit.old_end.line
        start, end = edit.start.line, edit.old_end.line + 1
        apart: list[RecentEdit] = []
        joined: list[RecentEdit] = []
        for each in self._edits:
            if each.uri != uri or each.end <= edit.start.line - _NEAR_LINES:
                apart.append(each)
            elif each.start >= edit.old_end.line + 1 + _NEAR_LINES:
                apart.append(replace(each, start=each.start + moved, end=each.end + moved) if moved else each)
            else:
                joined.append(each)
                start, end = min(start, each.start), max(end, each.end)
        old = None if before is None else _old_lines(start, end, joined, before, earlier)
        apart.append(RecentEdit(uri, start, max(end + moved, start + 1), self._clock(), old))
        self._edits = apart[-_MOST_EDITS:]

    def forget(self, uri: str) -> None:
        """The document was closed."""
        self._edits = [each for each in self._edits if each.uri != uri]
        self._texts.pop(uri, None)

    def replaced(self, uri: str, text: TextSnapshot) -> None:
        """The document's whole text was replaced: what was edited cannot be told."""
        self.forget(uri)
        self.opened(uri, text)

    def latest(self) -> tuple[RecentEdit, ...]:
        """All remembered edits, newest first."""
        return tuple(reversed(self._edits))


def _old_lines(
    start: int, end: int, joined: Sequence[RecentEdit], before: TextSnapshot, earlier: Sequence[AppliedEdit]
) -> tuple[str, ...] | None:
    """How lines `start` to `end` read at first: as the edits joined remember, and in between as they read `before`.

    Lines are counted as they were just before the edit, which came after the `earlier` ones of the same notification.
    """
    if end - start > _MOST_OLD_LINES * 2:
        return None
    lines: list[str] = []
    line = start
    for edit in [*sorted(joined, key=lambda each: each.start), RecentEdit("", end, end, 0.0, ())]:
        if edit.old is None:
            return None
        if line < edit.start:
            first = _before(line, earlier)
            lines += before.lines(first, first + edit.start - line)
        lines += edit.old
        line = max(line, edit.end)
    if len(lines) > _MOST_OLD_LINES or sum(map(len, lines)) > _MOST_OLD_CHARS:
        return None
    return tuple(lines)


def _before(line: int, earlier: Sequence[AppliedEdit]) -> int:
    """Where a line that the `earlier` edits did not touch was before them."""
    for edit in reversed(earlier):
        if line > edit.new_end.line:
            line += edit.old_end.line - edit.new_end.line
    return line


def recent_edits(situation: Situation) -> list[Candidate]:
    """What was edited lately away from the cursor, newest first, as diffs; the score falls with age in rank.

    Of the open file itself only what was removed or replaced, which is nowhere to be seen any more.
    """
    documents = {document.uri: document for document in situation.request.open_documents}
    documents[situation.request.document.uri] = situation.request.document
    candidates: list[Candidate] = []
    for edit in situation.request.recent_edits:
        document = documents.get(edit.uri)
        if document is None or situation.is_late():
            continue
        is_own = edit.uri == situation.request.document.uri
        path = relative_path(document.path, situation.request.root)
        if is_secret(path) or (is_own and not _is_elsewhere(edit, situation.request.cursor.line)):
            continue
        start = max(0, edit.start - _LINES_AROUND)
        end = min(edit.end + _LINES_AROUND, start + _LONGEST, document.text.n_lines)
        text = _diff(edit, document.text, start, end)
        if is_own and not any(line.startswith("-") for line in text.split("\n")):
            continue
        if text.strip():
            score = 1.0 / (1 + len(candidates))
            candidates.append(Candidate(path, start, end, text.split("\n"), SOURCE, score))
        if len(candidates) >= _MOST_SNIPPETS:
            break
    return candidates


def _is_elsewhere(edit: RecentEdit, line: int) -> bool:
    return line < edit.start - _LINES_AROUND or line >= edit.end + _LINES_AROUND


def _diff(edit: RecentEdit, text: TextSnapshot, start: int, end: int) -> str:
    """Lines `start` to `end` with what was edited in them as a diff; empty when the edit was undone.

    Where the old text is not known, or there is too much of the new, nothing is marked.
    """
    from difflib import SequenceMatcher

    now = [line.rstrip("\r\n") for line in text.lines(start, end)]
    if edit.old is None or edit.end > end:
        return "\n".join([" " + line for line in now])
    first, last = edit.start - start, edit.end - start
    old = [line.rstrip("\r\n") for line in edit.old]
    new = now[first:last]
    if old == new:
        return ""
    shown = [" " + line for line in now[:first]]
    for tag, at, to, new_at, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            shown += [" " + line for line in old[at:to]]
        else:
            shown += [*("-" + line for line in old[at:to]), *("+" + line for line in new[new_at:new_to])]
    return "\n".join([*shown, *(" " + line for line in now[last:])])
