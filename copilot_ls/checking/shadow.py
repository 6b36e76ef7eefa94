"""A workspace as it would be with a draft in it: a tree of links in the state folder, removed afterwards.

Along the path of the draft there are real folders, in which every other entry is a link to the workspace's, and the
draft is a real file. What checkers leave lying about (caches, build output) is not linked, so that they write it anew
into the tree. Folders that a killed process left behind go when the next one makes its first. Called by `command`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from copilot_ls.config.paths import private_dir, state_dir

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from copilot_ls.checking.base import Draft

# What checkers write into a project by themselves: a link would lead them into the workspace.
_WRITTEN_BY_CHECKERS = frozenset(
    {
        ".mypy_cache", ".ruff_cache", ".pytest_cache", ".pytype", ".pyre", ".hypothesis", "__pycache__", ".coverage",
        ".eslintcache", ".tsbuildinfo", "tsconfig.tsbuildinfo", ".cache", ".turbo", ".nx", "target", ".git", ".hg",
    }
)  # fmt: skip
_FOLDER = "checking"
_STALE_S = 3600.0

_numbers = count()


@dataclass(frozen=True, slots=True)
class Shadow:
    """`root` stands for the workspace folder (or the draft's own), `path` for the draft, `scratch` is for caches."""

    root: Path
    path: Path
    scratch: Path


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """An empty folder of our own, removed afterwards. Raises OSError where the state folder cannot be written."""
    number = next(_numbers)
    if number == 0:
        sweep()
    folder = private_dir(state_dir() / _FOLDER / f"{os.getpid()}-{number}")
    try:
        yield folder
    finally:
        _remove(folder)


def shadow_of(draft: Draft, scratch: Path) -> Shadow:
    """Make the tree within `scratch`. Raises OSError where something cannot be read or made; links on Windows, say."""
    real_root = root_of(draft)
    # Checkers tell tests, stubs and packages by names, the root's own included.
    root = scratch / "tree" / (real_root.name or "root")
    root.mkdir(parents=True)
    packages = next((each for folder in real_root.parents if (each := folder / "node_modules").is_dir()), None)
    if packages is not None:
        # Looked for upwards from a file, beyond the workspace too where that is one package of several.
        (root.parent / packages.name).symlink_to(packages)
    real, shade = real_root, root
    for part in draft.path.relative_to(real_root).parts[:-1]:
        _link_all(real, shade, but=part)
        real, shade = real / part, shade / part
        shade.mkdir()
    _link_all(real, shade, but=draft.path.name)
    path = shade / draft.path.name
    path.write_bytes(encoded(draft.text))
    return Shadow(root, path, scratch)


def root_of(draft: Draft) -> Path:
    """The workspace folder, or the draft's own where it is in no workspace."""
    root = draft.root
    return root if root is not None and draft.path.is_relative_to(root) else draft.path.parent


def encoded(text: str) -> bytes:
    """The bytes of a file; what came from bytes that were no utf-8 becomes those again."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def sweep() -> None:
    """Remove what processes that are gone left behind. Never raises."""
    with contextlib.suppress(OSError):
        for folder in (state_dir() / _FOLDER).iterdir():
            owner = folder.name.partition("-")[0]
            is_stale = time.time() - folder.stat().st_mtime > _STALE_S
            if owner.isdigit() and (not _is_alive(int(owner)) or (is_stale and int(owner) != os.getpid())):
                _remove(folder)


def _link_all(real: Path, shade: Path, *, but: str) -> None:
    with os.scandir(real) as entries:
        for entry in entries:
            if entry.name != but and entry.name not in _WRITTEN_BY_CHECKERS:
                (shade / entry.name).symlink_to(entry.path)


def _remove(folder: Path) -> None:
    # rmtree removes links, never what they lead to.
    shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    if os.name == "nt":
        return True  # os.kill would end it; age decides
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
