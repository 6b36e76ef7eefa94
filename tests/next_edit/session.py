"""Somebody who edits, without an editor: documents, the trail of what was edited, and the next edit that follows."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from copilot_ls.edits import between
from copilot_ls.features.documents import OpenDocuments
from copilot_ls.features.next_edit.proposing import NextEdit, next_edit
from copilot_ls.features.next_edit.scene import Page, Scene
from copilot_ls.features.next_edit.trail import EditTrail
from copilot_ls.text import PositionEncoding, TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from copilot_ls.edits import Replacement
    from copilot_ls.features.documents import OpenDocument

LANGUAGES = {".py": "python", ".ts": "typescript", ".tsx": "typescriptreact", ".go": "go", ".java": "java", ".txt": ""}


class Session:
    """The open files by path. `cursor` is where the last edit was made: a path and a line."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.documents = OpenDocuments()
        self.documents.encoding = PositionEncoding.UTF32
        self.trail = EditTrail(lambda: 0.0)
        self.documents.on_open.append(lambda document: self.trail.opened(document.uri, document.buffer.snapshot()))
        self.documents.on_change.append(
            lambda document, edits: self.trail.note(document.uri, edits, document.buffer.snapshot())
        )
        for path, text in files.items():
            self.open(path, text)
        self.cursor = (next(iter(files)), 0)

    def open(self, path: str, text: str) -> None:
        language = LANGUAGES.get(PurePosixPath(path).suffix, "")
        self.documents.open(uri_of(path), f"/{path}", language, 1, text)

    def document(self, path: str) -> OpenDocument:
        document = self.documents.get(uri_of(path))
        assert document is not None
        return document

    def text(self, path: str) -> str:
        return self.document(path).buffer.snapshot().text

    def become(self, path: str, text: str) -> None:
        """Edit a document, stretch by stretch from above, until it reads so."""
        self.make(path, between(self.document(path).buffer.snapshot(), TextSnapshot.of(text)))

    def make(self, path: str, replacements: Iterable[Replacement]) -> None:
        document = self.document(path)
        for each in sorted(replacements, key=lambda one: one.span, reverse=True):
            change = (tuple(each.span.start), tuple(each.span.end), each.text)
            self.documents.change(document.uri, document.version + 1, [change])  # type: ignore[list-item]
            self.cursor = (path, each.span.start.line)

    def scene(self) -> Scene:
        path, line = self.cursor
        page = Page(self.document(path).snapshot())
        others = [Page(each) for each in self.documents.snapshots() if each.uri != page.uri]
        return Scene(page, line, self.trail.latest(), others)

    def next_edit(self, **options: object) -> NextEdit | None:
        return next_edit(self.scene(), **options)  # type: ignore[arg-type]


def uri_of(path: str) -> str:
    return f"file:///{path}"


def path_of(uri: str) -> str:
    return uri.removeprefix("file:///")
