"""What an installed package is, to the index: a name, a version, and some files that declare things.

The workspace is somebody else's text and may hold links to anywhere: files count only where their real place lies below
a folder that package managers write to. Called by the modules that find packages, and by `collecting`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from copilot_ls.index.ignore import is_secret

if TYPE_CHECKING:
    from collections.abc import Callable

Ecosystem = Literal["python", "node", "go"]

MOST_FILES = 1_500
MOST_BYTES = 16_000_000
LARGEST_FILE = 2_000_000
_MANAGED = frozenset({"site-packages", "dist-packages", "node_modules", "vendor"})
_NOT_FOR_USERS = frozenset(
    {"test", "tests", "testing", "__tests__", "_vendor", "node_modules", "__pycache__", "testdata"}
)
_LARGEST_MANIFEST = 512 * 1024


class SourceFile(NamedTuple):
    """A file of a package: where it is, the path that is shown, and the module that it is, both with `/`."""

    place: Path
    path: str
    module: str
    language: str


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package in one version. Two of the same key hold the same declarations.

    `name` is what modules of it begin with. `files` looks for its files: only packages that are not known are asked.
    """

    ecosystem: Ecosystem
    name: str
    version: str
    files: Callable[[], tuple[SourceFile, ...]]

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by."""
        return self.ecosystem, self.name, self.version


def real_folder(folder: Path) -> Path | None:
    """The real place of a folder that package managers write to; None for one that lies anywhere else."""
    try:
        place = folder.resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    return place if place.is_dir() and _MANAGED.intersection(place.parts) else None


def files_below(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    """The files of a package that count, sorted, those near the top first; within bounds, no link followed."""
    found: list[Path] = []
    n_bytes = 0
    folders = [str(folder)]
    while folders and len(found) < MOST_FILES:
        below: list[str] = []
        for each in folders:
            try:
                with os.scandir(each) as entries:
                    listed = sorted(entries, key=lambda entry: entry.name)
            except OSError:
                continue
            for entry in listed:
                if entry.is_symlink() or is_secret(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _NOT_FOR_USERS and not entry.name.startswith("."):
                        below.append(entry.path)
                elif entry.name.endswith(endings):
                    size = entry.stat(follow_symlinks=False).st_size
                    n_bytes += size
                    if size <= LARGEST_FILE and n_bytes <= MOST_BYTES:
                        found.append(Path(entry.path))
        folders = below
    return found[:MOST_FILES]


def manifest(place: Path) -> str:
    """The beginning of a small text file; empty when there is none."""
    try:
        with place.open(encoding="utf-8", errors="replace") as file:
            return file.read(_LARGEST_MANIFEST)
    except OSError:
        return ""


def fingerprint(place: Path) -> str:
    """A version for what names none: when it was last written."""
    try:
        return f"written {place.stat().st_mtime_ns}"
    except OSError:
        return "unknown"
