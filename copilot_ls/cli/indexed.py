"""The index of a workspace folder for a command: brought up to date in this process, under the folder's settings.

Problems go to standard error. Called by the commands that look into the index.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from copilot_ls.config.settings import IndexSettings
    from copilot_ls.index.lookup import WorkspaceIndex


def settings_of(root: Path) -> IndexSettings:
    """The folder's settings of the index; what is wrong with them goes to standard error."""
    from copilot_ls.config.load import load
    from copilot_ls.config.paths import config_dir

    loaded = load(user_file=config_dir() / "config.toml", workspace_roots=[root], editor=None)
    for problem in loaded.problems:
        print(f"copilot-ls: {problem}", file=sys.stderr)
    return loaded.settings.index


def bring_up_to_date(
    root: Path, settings: IndexSettings, tell: Callable[[dict[str, Any]], None] = lambda _: None
) -> Path:
    """Index the folder and the packages that it imports; returns the database.

    `tell` hears the events of `copilot_ls.index.worker`. Raises `IndexUnavailableError` when it cannot be written.
    """
    from copilot_ls.config.paths import cache_dir
    from copilot_ls.index.bounds import limits_of
    from copilot_ls.index.dependencies.collecting import Collector
    from copilot_ls.index.location import database_for
    from copilot_ls.index.worker import build

    database = database_for(root, _made(cache_dir()))
    build(root, database, tell=tell, limits=limits_of(settings), exclude=settings.exclude)
    if settings.dependencies:
        Collector(root, database, tell).after_pass()
    return database


def _made(folder: Path) -> Path:
    from copilot_ls.cli.folders import fault_of
    from copilot_ls.config.paths import private_dir
    from copilot_ls.errors import IndexUnavailableError

    try:
        return private_dir(folder)
    except OSError as error:
        raise IndexUnavailableError(
            f"the cache folder {fault_of(folder) or f'{folder} cannot be made: {error}'}; expected a folder with write "
            "permission, set COPILOT_LS_CACHE_DIR to another one"
        ) from error


def open_index(
    root: Path, command: str, *, query_ms: float, settings: IndexSettings | None = None
) -> WorkspaceIndex | None:
    """The folder's index, brought up to date first; None, and a sentence on standard error, when there can be none.

    Without `settings` those of the folder are read, and what is wrong with them is told.
    """
    from copilot_ls.errors import IndexUnavailableError
    from copilot_ls.index.lookup import WorkspaceIndex

    try:
        return WorkspaceIndex.open(bring_up_to_date(root, settings or settings_of(root)), query_ms=query_ms)
    except (IndexUnavailableError, OSError) as error:
        print(f"copilot-ls {command}: {error}", file=sys.stderr)
        return None
