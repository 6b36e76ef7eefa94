"""Where no history can be cloned: two consecutive releases of a package stand for a commit.

What the newer one adds to the older one was written by its authors as much as a commit's lines were, in larger pieces, and
without the tests that packages leave out. Pinned, from the package registries of Python and of JavaScript, with their own
clients. Called by `bench_embedded`, which says which source it used.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

from tests.bench.replay import CACHE, Change, History, added_lines, sampled
from tests.bench.replay_repositories import SUFFIXES, Repository

RELEASES = CACHE.parent / "releases"
_LARGEST = 300_000


class Release(NamedTuple):
    """A package, two consecutive versions, and the folder within it that is its source."""

    package: str
    older: str
    newer: str
    language: str
    folder: str = ""


# By the repositories that they are released from. TypeScript's are those that ship their source.
JUDGES = {
    "pallets/flask": Release("flask", "3.0.3", "3.1.0", "python"),
    "psf/requests": Release("requests", "2.31.0", "2.32.3", "python"),
    "encode/httpx": Release("httpx", "0.27.2", "0.28.1", "python"),
    "simonw/datasette": Release("datasette", "0.64.8", "0.65.1", "python"),
    "colinhacks/zod": Release("zod", "4.0.17", "4.1.5", "typescript", "package/src"),
}


def releases_of(repository: Repository, *, n_lines: int, rng: random.Random) -> History | None:
    """The history of two releases; None where there are none, or they cannot be had."""
    pinned = JUDGES.get(repository.name)
    if pinned is None:
        return None
    folders = [_unpacked(pinned, version) for version in (pinned.older, pinned.newer)]
    if None in folders:
        return None
    older, newer = (_files(folder / pinned.folder, pinned.language) for folder in folders)
    changes = [Change(path if path in older else None, path, older.get(path), text) for path, text in newer.items()]
    gone = {line.strip() for path, text in older.items() if path not in newer for line in text.split("\n")}
    changes = [change for change in changes if change.old != change.new]
    for change in changes:
        change.added = added_lines(change, gone)
    changes = sampled(changes, rng, n_lines // 4, n_lines)
    return History(repository, older, [changes], "releases") if any(change.added for change in changes) else None


def _unpacked(pinned: Release, version: str) -> Path | None:
    folder = RELEASES / f"{pinned.package}-{version}"
    if folder.is_dir():
        return folder
    RELEASES.mkdir(parents=True, exist_ok=True)
    if pinned.language == "python":
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
        command += ["-d", str(RELEASES), f"{pinned.package}=={version}"]
    else:
        command = ["npm", "pack", "--silent", "--pack-destination", str(RELEASES), f"{pinned.package}@{version}"]
    try:
        got = subprocess.run(command, capture_output=True, check=False, timeout=120)
    except (OSError, subprocess.TimeoutExpired):
        return None
    archives = [*RELEASES.glob(f"{pinned.package}-{version}-*.whl"), *RELEASES.glob(f"{pinned.package}-{version}.tgz")]
    if got.returncode or not archives:
        return None
    if archives[0].suffix == ".whl":
        with zipfile.ZipFile(archives[0]) as wheel:
            wheel.extractall(folder)
    else:
        with tarfile.open(archives[0]) as archive:
            archive.extractall(folder, filter="data")
    return folder


def _files(root: Path, language: str) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
        for path in sorted(root.rglob("*"))
        if path.suffix in SUFFIXES[language] and path.is_file() and path.stat().st_size <= _LARGEST
    }
