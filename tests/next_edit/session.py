"""A rehearsal with files by path: the address of `a/b.py` is `file:///a/b.py`."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from copilot_ls.edits import between
from copilot_ls.features.next_edit.rehearsal import Rehearsal
from copilot_ls.text import TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from copilot_ls.edits import Replacement
    from copilot_ls.features.documents import OpenDocument
    from copilot_ls.features.next_edit.scene import Scene

LANGUAGES = {".py": "python", ".ts": "typescript", ".tsx": "typescriptreact", ".go": "go", ".java": "java", ".txt": ""}


class Session:
    """The open files by path. `cursor` is where the last edit was made: a path and a line."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.rehearsal = Rehearsal()
        self.documents, self.trail = self.rehearsal.documents, self.rehearsal.trail
        self.next_edit = self.rehearsal.next_edit
        for path, text in files.items():
            self.open(path, text)
        self.cursor = (next(iter(files)), 0)

    def open(self, path: str, text: str) -> None:
        self.rehearsal.open(uri_of(path), f"/{path}", language_of(path), text)

    def document(self, path: str) -> OpenDocument:
        document = self.documents.get(uri_of(path))
        assert document is not None
        return document

    def text(self, path: str) -> str:
        return self.document(path).buffer.snapshot().text

    def become(self, path: str, text: str) -> None:
        """Edit a document, stretch by stretch from below, until it reads so."""
        self.make(path, between(self.document(path).buffer.snapshot(), TextSnapshot.of(text)))

    def make(self, path: str, replacements: Iterable[Replacement], line: int | None = None) -> None:
        replacements = list(replacements)
        self.rehearsal.make(uri_of(path), replacements, line)
        if replacements:
            self.cursor = (path, min(each.span.start.line for each in replacements) if line is None else line)

    def replace_lines(self, path: str, first: int, end: int, new: Sequence[str]) -> None:
        self.rehearsal.replace_lines(uri_of(path), first, end, new)
        self.cursor = (path, first)

    def scene(self) -> Scene:
        scene = self.rehearsal.scene()
        assert scene is not None
        return scene


def language_of(path: str) -> str:
    return LANGUAGES.get(PurePosixPath(path).suffix, "")


def uri_of(path: str) -> str:
    return f"file:///{path}"


def path_of(uri: str) -> str:
    return uri.removeprefix("file:///")
