"""Which files this process opens, and for what, as Python's own audit sees it."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Where code is imported from, and what the interpreter itself reads.
_OF_PYTHON = tuple(
    os.path.realpath(path)
    for path in {*sysconfig.get_paths().values(), sys.base_prefix, sys.prefix, str(Path(__file__).parents[2])}
)
_OF_THE_SYSTEM = ("/dev/null", "/proc/", "/sys/", "/etc/localtime", "/usr/share/zoneinfo")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass
class Opened:
    """What was opened while it was watched: real paths, and whether for writing."""

    files: list[tuple[str, bool]] = field(default_factory=list)

    def outside(self, root: Path) -> list[str]:
        """The files outside of `root` that are none of Python's, nor of this run's own folders."""
        allowed = (os.path.realpath(root), *_OF_PYTHON, *_OF_THE_SYSTEM, *_own_folders())
        return [path for path, _ in self.files if not path.startswith(allowed)]

    def written(self, root: Path) -> set[str]:
        """The files below `root` that were opened for writing."""
        real = os.path.realpath(root) + os.sep
        return {path.removeprefix(real) for path, writes in self.files if writes and path.startswith(real)}


def _own_folders() -> tuple[str, ...]:
    names = ("COPILOT_LS_STATE_DIR", "COPILOT_LS_CACHE_DIR", "COPILOT_LS_CONFIG_DIR")
    return tuple(os.path.realpath(os.environ[name]) for name in names)


_watching: list[Opened] = []


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open" or not _watching or not isinstance(arguments[0], str | bytes | os.PathLike):
        return
    path, mode, flags = arguments
    writes = bool((flags or 0) & _WRITES) or (isinstance(mode, str) and any(sign in mode for sign in "wax+"))
    for each in _watching:
        each.files.append((os.path.realpath(os.fsdecode(path)), writes))


sys.addaudithook(_heard)  # for the life of the process: it cannot be taken back


@contextmanager
def opened_files() -> Iterator[Opened]:
    """Watch what is opened."""
    opened = Opened()
    _watching.append(opened)
    try:
        yield opened
    finally:
        _watching.remove(opened)
