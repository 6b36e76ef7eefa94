"""How places of open documents moved from version to version, so that what was said of an older one can be carried on.

Diagnostics, resolved code actions and edits of a model all arrive for a version that the user has typed on from.
Recording costs O(edit); a bounded number of versions is remembered. Told of every edit by `workbench`; asked by
`diagnostics` and `pending_edits`.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.edits import Shift, shift_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.features.documents import OpenDocument, OpenDocuments
    from copilot_ls.text import AppliedEdit, TextSnapshot

_MAX_VERSIONS = 2_000
# An edit of more pieces than this (an editor that sends a reformatted file line by line) is remembered as one of all.
_MAX_SHIFTS = 256


class _Step(NamedTuple):
    """What led to `version`, and the text before it."""

    version_before: int
    version: int
    shifts: tuple[Shift, ...]


class _Trail:
    """One document's latest versions, and the texts of a few of them."""

    def __init__(self, version: int, text: TextSnapshot) -> None:
        self.steps: deque[_Step] = deque(maxlen=_MAX_VERSIONS)
        self.texts: deque[tuple[int, TextSnapshot]] = deque([(version, text)], maxlen=16)

    @property
    def latest(self) -> tuple[int, TextSnapshot]:
        return self.texts[-1]


class DocumentHistory:
    """The latest versions of every open document."""

    def __init__(self, documents: OpenDocuments) -> None:
        self._trails: dict[str, _Trail] = {}
        documents.on_open.append(self._opened)
        documents.on_change.append(self._changed)
        documents.on_replace.append(self._replaced)
        documents.on_close.append(self._closed)

    def since(self, uri: str, version: int) -> tuple[Shift, ...] | None:
        """What happened to places after `version`, in order; None when that is not known any more."""
        trail = self._trails.get(uri)
        if trail is None:
            return None
        if version >= trail.latest[0]:
            return ()
        found: list[tuple[Shift, ...]] = []
        for step in reversed(trail.steps):
            found.append(step.shifts)
            if step.version_before == version:
                return _merged([shift for shifts in reversed(found) for shift in shifts])
            if step.version_before < version:
                return None
        return None

    def text_at(self, uri: str, version: int) -> TextSnapshot | None:
        """The text at one of the latest few versions."""
        trail = self._trails.get(uri)
        return None if trail is None else next((text for each, text in reversed(trail.texts) if each == version), None)

    def _opened(self, document: OpenDocument) -> None:
        self._trails[document.uri] = _Trail(document.version, document.buffer.snapshot())

    def _changed(self, document: OpenDocument, edits: Sequence[AppliedEdit]) -> None:
        self._note(document, tuple(map(Shift.of, edits)) if len(edits) <= _MAX_SHIFTS else None)

    def _replaced(self, document: OpenDocument) -> None:
        self._note(document, None)

    def _note(self, document: OpenDocument, shifts: tuple[Shift, ...] | None) -> None:
        trail = self._trails.get(document.uri)
        if trail is None:
            return
        version, text = trail.latest
        now = document.buffer.snapshot()
        trail.steps.append(_Step(version, document.version, shifts or (shift_between(text, now),)))
        trail.texts.append((document.version, now))

    def _closed(self, document: OpenDocument) -> None:
        self._trails.pop(document.uri, None)


def _merged(shifts: Sequence[Shift]) -> tuple[Shift, ...]:
    """The same with what was typed in one go as one: an edit of what the edit before it wrote."""
    result: list[Shift] = []
    for shift in shifts:
        last = result[-1] if result else None
        if last is not None and last.start <= shift.start and shift.old_end <= last.new_end:
            result[-1] = Shift(last.start, last.old_end, shift.behind(last.new_end))
        else:
            result.append(shift)
    return tuple(result)
