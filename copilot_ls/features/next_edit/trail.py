"""What was edited lately, line by line: how stretches of lines read before they were touched, and where they are now.

Keys, pastes and accepted suggestions that touch the same lines are one edit, however long it took. An edit that was
taken back is none. Recording costs O(edit), and a bounded number of stretches is remembered. Told of every change by
`suggester`; what is to be learnt from an edit is left to the kinds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.edits import shift_between
from copilot_ls.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from copilot_ls.text import AppliedEdit, TextSnapshot

_MOST_STRETCHES = 48
# Of longer stretches nothing is to be learnt: they are new code, or a file that was formatted.
_MOST_OLD_LINES = 60
_MOST_NEW_LINES = 200
# What somebody did longer ago is not what they are doing now.
_FORGOTTEN_AFTER_S = 1_800.0
_TERMINATORS = "\r\n"


class MadeEdit(NamedTuple):
    """Lines that were edited: `old` read so before, `new` stand there now from `line` on (no terminators in either).

    `above` and `below` are the lines around, empty at the ends of the document. `order` grows with each edit that is
    made; those of one stretch that was edited as a whole share it.
    """

    uri: str
    line: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    above: str
    below: str
    order: int

    @property
    def end(self) -> int:
        """The line behind the edited ones."""
        return self.line + len(self.new)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Lines `start` up to, not including, `end`; `old` is how they read at first, None when that is too much."""

    uri: str
    start: int
    end: int
    old: tuple[str, ...] | None
    order: int
    time: float


class EditTrail:
    """The latest edits of all open documents. `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._stretches: list[_Stretch] = []
        self._texts: dict[str, TextSnapshot] = {}
        self._n_edits = 0

    @property
    def n_edits(self) -> int:
        """How many changes have been heard of."""
        return self._n_edits

    def opened(self, uri: str, text: TextSnapshot) -> None:
        """A document is open, and reads like this."""
        self.forget(uri)
        self._texts[uri] = text

    def note(self, uri: str, edits: Sequence[AppliedEdit], after: TextSnapshot) -> None:
        """Remember the edits of one notification, in order, that have made of a document what it is now."""
        text = self._texts.get(uri)
        self._texts[uri] = after
        if text is None:
            return
        for at, edit in enumerate(edits):
            self._note(uri, text, edit.start.line, edit.old_end.line + 1, edit.new_end.line + 1)
            if at + 1 < len(edits):
                text, _ = text.edited(Span(edit.start, edit.old_end), edit.text)

    def replaced(self, uri: str, after: TextSnapshot) -> None:
        """The whole text was sent anew: what differs is the edit."""
        before = self._texts.get(uri)
        self._texts[uri] = after
        if before is not None and before.text != after.text:
            shift = shift_between(before, after)
            self._note(uri, before, shift.start.line, shift.old_end.line + 1, shift.new_end.line + 1)

    def forget(self, uri: str) -> None:
        """The document was closed."""
        self._stretches = [each for each in self._stretches if each.uri != uri]
        self._texts.pop(uri, None)

    def latest(self) -> list[MadeEdit]:
        """The edits that still stand, the latest first."""
        since = self._clock() - _FORGOTTEN_AFTER_S
        found: list[MadeEdit] = []
        for stretch in sorted(self._stretches, key=lambda each: -each.order):
            text = self._texts.get(stretch.uri)
            if text is not None and stretch.old is not None and stretch.time >= since:
                found += _made_in(stretch, stretch.old, text)
        return found

    def _note(self, uri: str, before: TextSnapshot, first: int, old_end: int, new_end: int) -> None:
        """Lines `first` to `old_end` of `before` became lines `first` to `new_end`."""
        self._n_edits += 1
        moved = new_end - old_end
        start, end = first, old_end
        apart: list[_Stretch] = []
        joined: list[_Stretch] = []
        for each in self._stretches:
            if each.uri != uri or each.end <= first:
                apart.append(each)
            elif each.start >= old_end:
                apart.append(replace(each, start=each.start + moved, end=each.end + moved) if moved else each)
            else:
                joined.append(each)
                start, end = min(start, each.start), max(end, each.end)
        old = _old_lines(before, start, end, joined)
        if end + moved - start > _MOST_NEW_LINES:
            old = None
        apart.append(_Stretch(uri, start, end + moved, old, self._n_edits, self._clock()))
        self._stretches = apart[-_MOST_STRETCHES:]


def _old_lines(before: TextSnapshot, start: int, end: int, joined: Sequence[_Stretch]) -> tuple[str, ...] | None:
    """How lines `start` to `end` of `before` read at first: as the stretches remember, and between as they are."""
    lines: list[str] = []
    at = start
    for stretch in sorted(joined, key=lambda each: each.start):
        if stretch.old is None:
            return None
        lines += _plain(before.lines(at, stretch.start))
        lines += stretch.old
        at = max(at, stretch.end)
    if len(lines) + end - at > _MOST_OLD_LINES:
        return None
    return (*lines, *_plain(before.lines(at, end)))


def _plain(lines: Iterable[str]) -> list[str]:
    return [line.rstrip(_TERMINATORS) for line in lines]


def _made_in(stretch: _Stretch, old: tuple[str, ...], text: TextSnapshot) -> list[MadeEdit]:
    """The edits of a stretch: its lines compared, and lines that answer to one another taken by themselves."""
    new = _plain(text.lines(stretch.start, stretch.end))
    found: list[MadeEdit] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        pairs = b - a == d - c
        # Lines that were replaced one for one are edits of their own.
        pieces = [(a + n, a + n + 1, c + n, c + n + 1) for n in range(b - a)] if pairs else [(a, b, c, d)]
        for first, last, new_first, new_last in pieces:
            line = stretch.start + new_first
            above, below = text.line_text(line - 1), text.line_text(stretch.start + new_last)
            made = tuple(old[first:last]), tuple(new[new_first:new_last])
            found.append(MadeEdit(stretch.uri, line, *made, above, below, stretch.order))
    return found
