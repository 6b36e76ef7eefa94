"""A folder with the files of a repository at one commit, moved on to others, and its index.

What is written is what the index reads and the rules it is read under; never links, never the project's own settings.
The index is the one that the server uses, built in this process. Called by `replay` and `fixes`, and by the benches.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_ls.evaluation.git import LARGEST_BYTES, is_plain, text_of
from copilot_ls.index.filetypes import file_type
from copilot_ls.index.ignore import is_secret
from copilot_ls.index.indexing import index_workspace, refresh_files
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.parsing import finish_files
from copilot_ls.index.store import IndexStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from copilot_ls.evaluation.git import GitRepository

# A busy machine is to make an evaluation slow, and not another one.
_PATIENT_MS = 1_000
_RULES = frozenset({".gitignore", ".copilotignore"})


class SnapshotFolder:
    """The folder `workspace` below `folder`, with these files beside those that are there, and its index."""

    def __init__(self, folder: Path, files: Mapping[str, str], *, exclude: Sequence[str] = ()) -> None:
        self.root = folder / "workspace"
        self._exclude = exclude
        self.root.mkdir(exist_ok=True)
        for path, text in files.items():
            self._write(path, text)
        database = folder / "index.db"
        self._store = IndexStore(database)
        index_workspace(self.root, self._store, exclude=exclude)
        finish_files(self._store)
        self.index = WorkspaceIndex(database, query_ms=_PATIENT_MS)

    def replace(self, files: Mapping[str, str | None]) -> None:
        """Give files another text, or take them away, and have the index know it."""
        for path, text in files.items():
            if text is None:
                (self.root / path).unlink(missing_ok=True)
            else:
                self._write(path, text)
        refresh_files(self.root, self._store, list(files), exclude=self._exclude)

    def close(self) -> None:
        """Close the index."""
        self.index.close()
        self._store.close()

    def _write(self, path: str, text: str) -> None:
        if not is_plain(path):
            return
        target = self.root / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="")
        except (NotADirectoryError, FileExistsError, IsADirectoryError):
            # A file became a folder, or the other way about: the one that was there first stays.
            return


@contextmanager
def snapshot_folder(files: Mapping[str, str], *, exclude: Sequence[str] = ()) -> Iterator[SnapshotFolder]:
    """Such a folder, removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="copilot-ls-eval-") as folder:
        opened = SnapshotFolder(Path(folder).resolve(), files, exclude=exclude)
        try:
            yield opened
        finally:
            opened.close()


def is_kept(path: str) -> bool:
    """Whether a file of a repository belongs into the folder."""
    is_rule = path.rpartition("/")[2] in _RULES
    return is_plain(path) and (is_rule or file_type(path) is not None) and not is_secret(path)


def files_of(repository: GitRepository, commit: str) -> dict[str, str]:
    """The texts of a commit that belong into the folder, by path."""
    found: dict[str, str] = {}
    for path, size in repository.files(commit):
        if size <= LARGEST_BYTES and is_kept(path):
            content = repository.content(commit, path)
            text = None if content is None else text_of(content)
            if text is not None:
                found[path] = text
    return found


def moved_on(repository: GitRepository, old: str, new: str) -> dict[str, str | None]:
    """What the folder has to become another commit: texts by path, None for what goes."""
    found: dict[str, str | None] = {}
    for changed in repository.changed(old, new):
        if changed.old is not None and changed.old != changed.new and is_kept(changed.old):
            found[changed.old] = None
        if changed.new is not None and is_kept(changed.new):
            found[changed.new] = repository.text(new, changed.new)
    return found
