"""Editing without an editor: documents, what was edited in them, and the next edit that follows.

For commands, and for replaying what somebody did. An editor's session is `suggester`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.features.documents import OpenDocuments
from copilot_ls.features.next_edit.candidate import of_whole_lines
from copilot_ls.features.next_edit.proposing import next_edit
from copilot_ls.features.next_edit.scene import Page, Scene
from copilot_ls.features.next_edit.trail import EditTrail
from copilot_ls.text import PositionEncoding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from copilot_ls.edits import Replacement
    from copilot_ls.features.documents import OpenDocument
    from copilot_ls.features.next_edit.candidate import Candidate
    from copilot_ls.features.next_edit.proposing import NextEdit


class Rehearsal:
    """Documents by address. The cursor is where the last edit was made."""

    def __init__(self) -> None:
        self.documents = OpenDocuments()
        self.documents.encoding = PositionEncoding.UTF32
        self.trail = EditTrail(lambda: 0.0)
        self._pages: dict[str, Page] = {}
        self._at: tuple[str, int] | None = None

    def open(self, uri: str, path: str, language_id: str, text: str) -> OpenDocument:
        """Open a document."""
        document = self.documents.open(uri, path, language_id, 1, text)
        self.trail.opened(uri, document.buffer.snapshot())
        return document

    def make(self, uri: str, replacements: Iterable[Replacement], cursor_line: int | None = None) -> None:
        """Edit an open document, from below, so that places hold; raises `KeyError` where it is not open."""
        document = self.documents.get(uri)
        if document is None:
            raise KeyError(uri)
        for each in sorted(replacements, key=lambda one: one.span, reverse=True):
            edit = document.buffer.edit(each.span.start, each.span.end, each.text)
            document.version += 1
            text = document.buffer.snapshot()
            self.trail.note(uri, [edit], text)
            for listener in self.documents.on_change:
                listener(document, [edit])
            self._at = uri, each.span.start.line if cursor_line is None else cursor_line

    def replace_lines(self, uri: str, first: int, end: int, new: Sequence[str]) -> None:
        """Let lines `first` up to, not including, `end` of an open document read `new`."""
        document = self.documents.get(uri)
        if document is None:
            raise KeyError(uri)
        self.make(uri, [of_whole_lines(document.buffer.snapshot(), first, end, tuple(new))], first)

    def scene(self) -> Scene | None:
        """What an answer is made from; None before anything was edited."""
        if self._at is None:
            return None
        uri, line = self._at
        pages = {document.uri: self._page(document.uri) for document in self.documents.snapshots()}
        return Scene(pages.pop(uri), line, self.trail.latest(), tuple(pages.values()))

    def next_edit(
        self,
        *,
        least: float | None = None,
        turned_down: Callable[[Candidate], bool] = lambda _: False,
        elsewhere: Callable[[Scene], Sequence[Page]] = lambda _: (),
    ) -> NextEdit | None:
        """The edit to propose; arguments as for `proposing.next_edit`."""
        scene = self.scene()
        if scene is None:
            return None
        return next_edit(scene, least=least, turned_down=turned_down, elsewhere=lambda: elsewhere(scene))

    def _page(self, uri: str) -> Page:
        document = self.documents.get(uri)
        if document is None:
            raise KeyError(uri)
        page, snapshot = self._pages.get(uri), document.snapshot()
        if page is None or page.document is not snapshot:
            page = self._pages[uri] = Page(snapshot)
        return page
