"""Follows one offered text through the edits of its document: how much of it stands there now, and how it came to.

The judge is the document, not the edit: what stands in the region that the suggestion was to replace is compared with
the suggestion's text after every change. It makes no difference, then, whether an editor inserts at the cursor,
replaces the whole line, deletes first and inserts after, or sends the smallest difference. Costs grow with the edit and
the suggestion, not with the document.

Line ends are compared as LF, because editors insert a suggestion with the document's own. Knows no events; `lifecycle`
turns its verdicts into them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.text import AppliedEdit, TextSnapshot

Verdict = Literal["untouched", "typing", "typed_out", "taken_part", "taken_whole", "disagreed"]

# An editor that gathers changes (Neovim waits 150 ms) sends this many keys of a fast typist as one insertion.
_GATHERED_KEYS = 3
# Code points before the region that are remembered, to recognise an edit that starts left of it and repeats what stood
# there.
_LEAD_CHARS = 256
# More auto-closed brackets than this are no brackets that an editor closed.
_MAX_CLOSERS = 32

_CLOSER_OF = {"(": ")", "[": "]", "{": "}", "<": ">"} | {quote: quote for quote in ('"', "'", "`", '"""', "'''", "```")}
_MARKS = re.compile(r"\"{3}|'{3}|`{3}|[()\[\]{}<>\"'`]")
_CLOSERS = re.compile(r"(?:\s*[)\]}>\"'`])+\s*")
_ONE_KEY = re.compile(r"[(\[{<\"'`][\s)\]}>\"'`]*")


class Step(NamedTuple):
    """What a change meant: the verdict, and the code points of the text that stood before and stand now."""

    verdict: Verdict
    before: int
    now: int


class OfferedText:
    """An offered text and the region of the document that it is to fill.

    `text` is what the region holds once the suggestion is accepted; `head` of its code points stood there when it was
    offered (none, unless the suggestion rewrites the line from its start), `progress` stand now.
    """

    __slots__ = (
        "_below",
        "_content",
        "_lead",
        "_n_unknown",
        "_right",
        "_tail",
        "end",
        "head",
        "progress",
        "start",
        "text",
    )

    def __init__(self, text: str, replaced: Span, snapshot: TextSnapshot | None) -> None:
        self.text = _with_lf(text)
        self.start, self.end = replaced
        self._lead: str | None = None
        self._below = self._right = -1
        self._begin_with(_with_lf(snapshot.slice(replaced)) if snapshot else "")
        # Without a snapshot, what is replaced becomes known with the first change.
        self._n_unknown = 0 if snapshot else replaced.end.column - replaced.start.column
        if snapshot:
            self._remember_surroundings(snapshot)

    def _begin_with(self, content: str) -> None:
        """Take `content` as what the region held when the text was offered."""
        self._content = content
        self.progress = self.head = _n_common(content, self.text)
        self._tail = content[self.head :]

    def go_on_with(self, newer: OfferedText) -> None:
        """Follow a newer offer that continues this one, still from where this one began: the user may step back."""
        done = self.text[: self.progress]
        self.text = done + newer.remaining
        self._content = done + newer._content[newer.progress :]
        self._tail = newer._tail
        self._n_unknown = 0
        self.end = newer.end
        self._below, self._right = newer._below, newer._right

    @property
    def remaining(self) -> str:
        """What the user would still see as ghost text."""
        return self.text[self.progress :]

    @property
    def cursor(self) -> Point:
        """Where the ghost text begins now."""
        return self.place_of(self.progress)

    def place_of(self, n_chars: int) -> Point:
        """Where the first `n_chars` code points of the text end in the document, once they stand there."""
        done = self.text[:n_chars]
        n_lines = done.count("\n")
        if n_lines:
            return Point(self.start.line + n_lines, len(done) - done.rfind("\n") - 1)
        return Point(self.start.line, self.start.column + len(done))

    def holds(self, point: Point) -> bool:
        """Whether `point` lies in the region, its ends included."""
        return self.start <= point <= self.end

    def follow(self, edits: Sequence[AppliedEdit], snapshot: TextSnapshot, *, gathers_keys: bool = False) -> Step:
        """Take in one change: its edits in their order, and the text after all of them.

        No edits means that the whole text was replaced. `gathers_keys` says that acceptance would be heard of in
        another way, so that a short insertion is taken as fast typing.
        """
        unmoved = self.start
        if not edits or not self._move(edits):
            if not self._find_again(snapshot):
                return Step("disagreed", self.progress, self.progress)
        elif edits[0].start > self.end and len(edits) == 1:
            self._remember_surroundings(snapshot)
            return Step("untouched", self.progress, self.progress)
        content = _with_lf(snapshot.slice(Span(self.start, self.end)))
        if self._n_unknown:
            inserts = bool(edits) and edits[0].old_end == unmoved
            self._begin_with(content[-self._n_unknown :] if inserts else "")
            self._n_unknown = 0
        before = self.progress
        self._remember_surroundings(snapshot)
        if content == self._content:
            return Step("untouched", before, before)
        now = self._standing(content)
        if now is None:
            return Step("disagreed", before, before)
        inserted = _inserted(self._content, content)
        self._content = content
        self.progress = now
        return Step(self._verdict(before, now, inserted, gathers_keys=gathers_keys), before, now)

    def _verdict(self, before: int, now: int, inserted: str, *, gathers_keys: bool) -> Verdict:
        one_key = len(inserted) <= 1 or inserted.isspace() or _ONE_KEY.fullmatch(inserted) is not None
        if now == len(self.text):
            few = gathers_keys and len(inserted) <= _GATHERED_KEYS and "\n" not in inserted
            return "typed_out" if one_key or few else "taken_whole"
        if one_key or now - before < 2 or not self._ends_word(now):  # noqa: PLR2004  # a single character is a key
            return "typing"
        if now - before <= _GATHERED_KEYS and not self._ends_word(before):
            return "typing"
        return "taken_part"

    def _ends_word(self, at: int) -> bool:
        """Whether a word or a line ends, or none is, at `at`: commands that take a part never stop within a word."""
        left = self.text[at - 1] if at else (self._lead or "")[-1:]
        return not (_is_word(left) and _is_word(self.text[at : at + 1]))

    def _standing(self, content: str) -> int | None:
        """Code points of the text that `content` holds; None when it holds something else.

        `content` may be a prefix of the text, then closers that the editor added for brackets typed within it, then
        what is left of what stood behind the cursor (an editor may delete it before it inserts the whole).
        """
        if content.startswith(self.text):
            return len(self.text)
        n_common = _n_common(content, self.text)
        for tail in (self._tail, "") if self._tail else ("",):
            if content.endswith(tail):
                now = min(n_common, len(content) - len(tail))
                between = content[now : len(content) - len(tail)]
                if not between or self._were_opened(between, now):
                    return now
        return n_common if self._tail.endswith(content[n_common:]) else None

    def _were_opened(self, closers: str, now: int) -> bool:
        """Whether `closers` close brackets or quotes that were typed between the head and `now`."""
        if len(closers) > _MAX_CLOSERS or not _CLOSERS.fullmatch(closers):
            return False
        opened: list[str] = []
        for mark in _MARKS.findall(self.text[self.head : now]):
            if opened and mark == opened[-1]:
                opened.pop()
            elif mark in _CLOSER_OF:
                opened.append(_CLOSER_OF[mark])
        for closer in _MARKS.findall(closers):
            while opened and opened[-1] != closer:
                opened.pop()
            if not opened:
                return False
            opened.pop()
        return True

    def _move(self, edits: Sequence[AppliedEdit]) -> bool:
        """Move the region with the edits; False when one of them swallowed its start."""
        for edit in edits:
            start, end = self.start, self.end
            if edit.start > end:
                continue
            if edit.start < start <= edit.old_end and edit.old_end != edit.start:
                return False
            if edit.old_end <= start and edit.start < start:
                if edit.old_end.line == start.line:
                    self._lead = None
                self.start = _shifted(start, edit)
            self.end = _shifted(end, edit) if edit.old_end <= end else edit.new_end
        return True

    def _find_again(self, snapshot: TextSnapshot) -> bool:
        """Find the region by what stands around it, after an edit that began left of it or replaced all."""
        if self._lead is None:
            return False
        line = snapshot.n_lines - 1 - self._below
        end = Point(line, len(snapshot.line_text(line)) - self._right)
        if end < self.start or end.column < 0 or self._lead_in(snapshot) != self._lead:
            return False
        self.end = end
        return True

    def _remember_surroundings(self, snapshot: TextSnapshot) -> None:
        self._lead = self._lead_in(snapshot)
        self._below = snapshot.n_lines - 1 - self.end.line
        self._right = len(snapshot.line_text(self.end.line)) - self.end.column

    def _lead_in(self, snapshot: TextSnapshot) -> str:
        line, column = self.start
        return snapshot.line(line)[max(0, column - _LEAD_CHARS) : column]


def _shifted(point: Point, edit: AppliedEdit) -> Point:
    """Where a point at or behind the end of `edit` lies after it."""
    if point.line == edit.old_end.line:
        return Point(edit.new_end.line, edit.new_end.column + point.column - edit.old_end.column)
    return Point(point.line + edit.new_end.line - edit.old_end.line, point.column)


def _inserted(old: str, new: str) -> str:
    """What came, in the smallest difference between two texts that is one replacement."""
    at = _n_common(old, new)
    n_same_end = _n_common(old[at:][::-1], new[at:][::-1])
    return new[at : len(new) - n_same_end]


def _n_common(one: str, other: str) -> int:
    """Code points that two texts begin with alike."""
    n = min(len(one), len(other))
    if one[:n] == other[:n]:
        return n
    return next(at for at in range(n) if one[at] != other[at])


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _with_lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
