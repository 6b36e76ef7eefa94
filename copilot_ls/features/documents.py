"""The documents that the editor has open: their text, their tree, and who wants to hear of edits.

Knows nothing of LSP: the rim translates positions' units and calls in. Reading files from disk is left to the index.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from copilot_ls.text import AppliedEdit, DocumentSnapshot, PositionEncoding, TextBuffer

if TYPE_CHECKING:
    from copilot_ls.syntax import SyntaxDocument

# Start and end as (line, code units), and the new text; None instead of the places replaces the whole document.
Change = tuple[tuple[int, int] | None, tuple[int, int] | None, str]
# Files that were looked at lately: what somebody has in mind is a handful.
_MOST_CLOSED = 12
ChangeListener = Callable[["OpenDocument", Sequence[AppliedEdit]], None]


class OpenDocument:
    """One open document: an editable text, and the incremental tree that follows it."""

    def __init__(self, uri: str, path: str, language_id: str, version: int, text: str) -> None:
        self.uri = uri
        self.path = path
        self.language_id = language_id
        self.version = version
        self.buffer = TextBuffer(text)
        self._is_secret: bool | None = None
        self._syntax: SyntaxDocument | None = None
        self._snapshot: DocumentSnapshot | None = None

    @property
    def syntax(self) -> SyntaxDocument:
        """The incremental tree; made on first demand, because the binding is not part of start-up."""
        if self._syntax is None:
            from copilot_ls.syntax import SyntaxDocument

            self._syntax = SyntaxDocument(self.language_id, self.path)
        return self._syntax

    @property
    def is_secret(self) -> bool:
        """Whether its name says that it holds keys: then nothing of it is sent, learnt or offered."""
        if self._is_secret is None:
            from urllib.parse import unquote, urlsplit

            from copilot_ls.index.ignore import is_secret

            self._is_secret = is_secret(self.path or unquote(urlsplit(self.uri).path))
        return self._is_secret

    def snapshot(self) -> DocumentSnapshot:
        """The document as it is now; the same object until the next edit."""
        text = self.buffer.snapshot()
        kept = self._snapshot
        if kept is None or kept.text is not text or kept.version != self.version:
            kept = DocumentSnapshot(self.uri, self.path, self.language_id, self.version, text)
            self._snapshot = kept
        return kept

    def apply(self, version: int, changes: Sequence[Change], encoding: PositionEncoding) -> list[AppliedEdit] | None:
        """Make the changes of one notification in order; None when the text was replaced whole."""
        applied: list[AppliedEdit] | None = []
        for start, end, text in changes:
            if start is None or end is None:
                self.buffer.replace(text)
                applied = None
                if self._syntax is not None:
                    self._syntax.reset()
                continue
            edit = self.buffer.edit_units(start, end, text, encoding)
            if applied is not None:
                applied.append(edit)
            if self._syntax is not None:
                self._syntax.edit(edit)
        self.version = version
        return applied


class OpenDocuments:
    """All open documents, the most recently used first."""

    def __init__(self) -> None:
        self._documents: dict[str, OpenDocument] = {}
        self._closed_paths: deque[str] = deque(maxlen=_MOST_CLOSED)
        self.encoding = PositionEncoding.UTF16
        self.on_open: list[Callable[[OpenDocument], None]] = []
        self.on_change: list[ChangeListener] = []
        self.on_replace: list[Callable[[OpenDocument], None]] = []
        self.on_close: list[Callable[[OpenDocument], None]] = []

    def __len__(self) -> int:
        return len(self._documents)

    def get(self, uri: str) -> OpenDocument | None:
        """The open document of this address, if there is one."""
        return self._documents.get(uri)

    def open(self, uri: str, path: str, language_id: str, version: int, text: str) -> OpenDocument:
        """Take over a document from disk; one that is open already is replaced."""
        document = OpenDocument(uri, path, language_id, version, text)
        self._documents[uri] = document
        for listener in self.on_open:
            listener(document)
        return document

    def change(self, uri: str, version: int, changes: Sequence[Change]) -> bool:
        """Apply one notification's changes; False when no such document is open."""
        document = self._documents.get(uri)
        if document is None:
            return False
        applied = document.apply(version, changes, self.encoding)
        if applied is None:
            for replaced in self.on_replace:
                replaced(document)
        else:
            for changed in self.on_change:
                changed(document, applied)
        return True

    def close(self, uri: str) -> None:
        """Give a document back to disk."""
        document = self._documents.pop(uri, None)
        if document is not None:
            if document.path and not document.is_secret:
                self._closed_paths.appendleft(document.path)
            for listener in self.on_close:
                listener(document)

    def closed_paths(self) -> list[str]:
        """The files that were open lately and are not now, the last one first; not those that hold keys."""
        opened = {document.path for document in self._documents.values()}
        return [path for path in dict.fromkeys(self._closed_paths) if path not in opened]

    def use(self, uri: str) -> None:
        """Note that this document is the one being worked in."""
        document = self._documents.pop(uri, None)
        if document is not None:
            self._documents[uri] = document

    def snapshots(self) -> list[DocumentSnapshot]:
        """Snapshots of all open documents that hold no keys, the one used last first."""
        return [document.snapshot() for document in reversed(self._documents.values()) if not document.is_secret]
