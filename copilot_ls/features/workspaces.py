"""The workspace folders' indexes: for each a reading handle, and an indexing process in step with the settings.

Leaves walking, storing and asking to `copilot_ls.index`, and what is said of their state to `index_status`. A folder
whose index cannot be had is a folder without one. Called by `workbench`.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot_ls.features.index_status import IndexStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.config.settings import IndexSettings
    from copilot_ls.index.builder import IndexBuilder
    from copilot_ls.index.lookup import WorkspaceIndex

logger = logging.getLogger("copilot_ls.index")


@dataclass(slots=True)
class _Folder:
    database: Path
    builder: IndexBuilder | None
    status: IndexStatus
    index: WorkspaceIndex | None = None


class Workspaces:
    """The indexes of the folders that the editor has open.

    `on_status` is called with each change of a folder's state, on the event loop.
    """

    def __init__(self, on_status: Callable[[IndexStatus], None] = lambda _: None) -> None:
        self._on_status = on_status
        self._folders: dict[Path, _Folder] = {}
        self._settings: IndexSettings | None = None
        self._ending: set[asyncio.Task[None]] = set()

    def use(self, roots: Sequence[Path], settings: IndexSettings, *, build: bool = True) -> None:
        """Make `roots` the folders in use; with `build`, a process of its own brings each index up to date.

        Folders that were in use stay so; other settings start their processes anew.
        """
        changed = self._settings is not None and settings != self._settings
        self._settings = settings
        for root in set(self._folders) - set(roots):
            folder = self._folders.pop(root)
            if folder.index is not None:
                folder.index.close()
            self._end(folder)
            self._on_status(folder.status.closed())
        for root in roots:
            known = self._folders.get(root)
            if known is None and _is_sensible(root):
                self._folders[root] = self._opened(root, settings, build=build)
            elif known is not None and changed:
                self._end(known)
                known.builder = self._builder(root, known.database, settings) if build else None

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

        from copilot_ls.index.bounds import limits_of
        from copilot_ls.index.builder import worker_command

        for root, folder in self._folders.items():
            command = worker_command(
                root,
                folder.database,
                exclude=settings.exclude,
                limits=limits_of(settings),
                dependencies=settings.dependencies,
            )
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - us

    def path_changed(self, path: str) -> None:
        """Have the index look again at a file that came, changed or went. Returns at once."""
        place = Path(path)
        for root, folder in self._folders.items():
            if folder.builder is not None and place != root and place.is_relative_to(root):
                folder.builder.refresh(place.relative_to(root).as_posix())

    def look_again(self) -> None:
        """Have every folder walked again. Returns at once."""
        for folder in self._folders.values():
            if folder.builder is not None:
                folder.builder.rescan()

    async def aclose(self) -> None:
        """End the indexing processes and close the indexes."""
        for folder in self._folders.values():
            if folder.index is not None:
                folder.index.close()
            self._end(folder)
        self._folders.clear()
        await asyncio.gather(*self._ending)

    def _opened(self, root: Path, settings: IndexSettings, *, build: bool) -> _Folder:
        from copilot_ls.config.paths import cache_dir
        from copilot_ls.index.location import database_for

        database = database_for(root, cache_dir())
        builder = self._builder(root, database, settings) if build else None
        return _Folder(database, builder, IndexStatus(root))

    def _builder(self, root: Path, database: Path, settings: IndexSettings) -> IndexBuilder:
        from copilot_ls.index.bounds import limits_of
        from copilot_ls.index.builder import IndexBuilder

        builder = IndexBuilder(
            root,
            database,
            exclude=settings.exclude,
            limits=limits_of(settings),
            dependencies=settings.dependencies,
            on_event=partial(self._heard, root),
        )
        builder.start()
        return builder

    def _heard(self, root: Path, event: dict[str, Any]) -> None:
        folder = self._folders.get(root)
        if folder is None:
            return
        status = folder.status.after(event)
        if status != folder.status:
            folder.status = status
            self._on_status(status)

    def _end(self, folder: _Folder) -> None:
        """End a folder's process, in the background: it may take a moment."""
        if folder.builder is not None:
            task = asyncio.get_running_loop().create_task(folder.builder.aclose())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
            folder.builder = None


def _is_sensible(root: Path) -> bool:
    """Whether a folder is a project's: an editor without one often names the home folder or the file system's root."""
    sensible = root.is_dir() and root != Path(root.anchor) and root != Path.home()
    if not sensible:
        logger.info("a folder is not indexed: it is missing, the home folder, or the root of a file system")
    return sensible
