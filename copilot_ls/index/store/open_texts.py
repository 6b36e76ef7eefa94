"""Open files as they are in the editor, in tables like those on disk, in memory: what `reading` lays over the index.

Their ids begin where those of no database on disk ever come, so that rows of both may be mixed. Called by `reading`,
one thread at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copilot_ls.index.hits import IndexedFile
from copilot_ls.index.store.writing import IndexStore

if TYPE_CHECKING:
    from copilot_ls.index.open_file import Prepared

FIRST_ID = 1 << 40


class OpenTexts:
    """The tables of open files."""

    def __init__(self) -> None:
        self._store = IndexStore(None, first_id=FIRST_ID)
        self.files: dict[int, IndexedFile] = {}

    def put(self, file: Prepared) -> None:
        """Put a file in, in place of what is there of it. Its lines are left out: nobody asks for them."""
        new, facts = file.new, file.facts
        if new is None or facts is None:
            return
        self.drop(new.path)
        with self._store.transaction():
            self._store.apply([new])
            (unfinished,) = self._store.unfinished_files()
            self._store.finish([(unfinished.file_id, "", facts)])
        self.files[unfinished.file_id] = IndexedFile(new.path, new.language, new.family, new.n_lines)

    def drop(self, path: str) -> None:
        """Take a file out, if it is in."""
        file = next((file for file, each in self.files.items() if each.path == path), None)
        if file is not None:
            self._store.apply([], [path])
            del self.files[file]

    def rows(self, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        """What a question answers here; nothing when no file is open."""
        return self._store.rows(query, values) if self.files else []
