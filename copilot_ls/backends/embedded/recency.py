"""Which of the places that engines find were written lately: what somebody just wrote is likelier to be said again.

Asked once for every place, so the edits are kept by document, in lines and in offsets. Pure. Called by `evidence`;
`copilot_ls.context.recent_edits` remembers what was edited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.text import Point

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.backends.embedded.evidence import Found
    from copilot_ls.context.recent_edits import RecentEdit
    from copilot_ls.text import DocumentSnapshot


class Recency:
    """The latest edits of the open documents."""

    __slots__ = ("_lines", "_offsets")

    def __init__(self, edits: Sequence[RecentEdit], documents: Sequence[DocumentSnapshot]) -> None:
        by_uri = {one.uri: one for one in documents}
        self._lines: dict[str, list[tuple[int, int]]] = {}
        self._offsets: dict[str, list[tuple[int, int]]] = {}
        for edit in edits:
            document = by_uri.get(edit.uri)
            if document is not None and edit.end > edit.start:
                text = document.text
                offsets = text.offset_at(Point(edit.start, 0)), text.offset_at(Point(edit.end, 0))
                self._lines.setdefault(document.path, []).append((edit.start, edit.end))
                self._offsets.setdefault(document.path, []).append(offsets)

    def holds(self, found: Found) -> bool:
        """Whether a place is within an edit; one in the workspace never is."""
        at = found.at
        ranges = None if found.source == "workspace" else (self._lines if at >= 0 else self._offsets).get(found.path)
        if ranges is None:
            return False
        if at < 0:
            at = -1 - at
        for start, end in ranges:  # noqa: SIM110 - asked for each place, where a generator costs more than the comparison
            if start <= at < end:
                return True
        return False
