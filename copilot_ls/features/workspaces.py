"""The workspace folders' indexes: for each a reading handle, and an indexing process in step with the settings.

Leaves walking, storing and asking to `copilot_ls.index`. A folder whose index cannot be had is a folder without one.
Called by `workbench`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.config.settings import IndexSettings
    from copilot_ls.index.builder import IndexBuilder
    from copilot_ls.index.lookup import WorkspaceIndex
    from copilot_ls.text import DocumentSnapshot

logger = logging.getLogger("copilot_ls.index")


@dataclass(slots=True)
class _Folder:
    database: Path
    builder: IndexBuilder | None
    index: WorkspaceIndex | None = None


class Workspaces:
    """The indexes of the folders that the editor has open."""

    def __init__(self) -> None:
        self._folders: dict[Path, _Folder] = {}
        self._gone: list[IndexBuilder] = []

    def use(self, roots: Sequence[Path], settings: IndexSettings, *, build: bool = True) -> None:
        """Make `roots` the folders in use; with `build`, a process of its own brings each index up to date."""
        for root in set(self._folders) - set(roots):
            self._close(self._folders.pop(root))
        for root in roots:
            if root not in self._folders and _is_sensible(root):
                self._folders[root] = self._opened(root, settings, build=build)

    def index_of(self, path: str) -> WorkspaceIndex | None:
        """The index of the folder that the file at `path` lies in; None when there is none yet."""
        inside = [root for root in self._folders if path and Path(path).is_relative_to(root)]
        if not inside:
            return None
        folder = self._folders[max(inside, key=lambda root: len(root.parts))]
        if folder.index is None:
            from copilot_ls.index.lookup import WorkspaceIndex

            folder.index = WorkspaceIndex.open(folder.database)
        return folder.index

    def bring_up_to_date(self, settings: IndexSettings) -> None:
        """Wait until a process of its own has brought every index up to date; for commands, not for a server."""
        import subprocess

        from copilot_ls.index.builder import worker_command

        for root, folder in self._folders.items():
            command = worker_command(
                root,
                folder.database,
                exclude=settings.exclude,
                max_files=settings.max_files,
                max_file_bytes=settings.max_file_bytes,
            )
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - us

    def file_saved(self, root: Path, document: DocumentSnapshot) -> None:
        """Have the index take in a file that was saved. Returns at once."""
        folder = self._folders.get(root)
        if folder is not None and folder.builder is not None and document.path:
            folder.builder.refresh(Path(document.path).relative_to(root).as_posix())

    def path_changed(self, path: str) -> None:
        """Have the index look again at a file that came, changed or went outside of the editor. Returns at once."""
        for root, folder in self._folders.items():
            if folder.builder is not None and Path(path).is_relative_to(root):
                folder.builder.refresh(Path(path).relative_to(root).as_posix())

    async def aclose(self) -> None:
        """End the indexing processes and close the indexes."""
        for folder in self._folders.values():
            self._close(folder)
        self._folders.clear()
        for builder in self._gone:
            await builder.aclose()
        self._gone.clear()

    def _opened(self, root: Path, settings: IndexSettings, *, build: bool) -> _Folder:
        from copilot_ls.config.paths import cache_dir
        from copilot_ls.index.builder import IndexBuilder
        from copilot_ls.index.location import database_for

        database = database_for(root, cache_dir())
        builder = None
        if build:
            builder = IndexBuilder(
                root,
                database,
                exclude=settings.exclude,
                max_files=settings.max_files,
                max_file_bytes=settings.max_file_bytes,
            )
            builder.start()
        return _Folder(database, builder)

    def _close(self, folder: _Folder) -> None:
        if folder.index is not None:
            folder.index.close()
        if folder.builder is not None:
            self._gone.append(folder.builder)


def _is_sensible(root: Path) -> bool:
    """Whether a folder is a project's: an editor without one often names the home folder or the file system's root."""
    sensible = root.is_dir() and root != Path(root.anchor) and root != Path.home()
    if not sensible:
        logger.info("a folder is not indexed: it is missing, the home folder, or the root of a file system")
    return sensible
