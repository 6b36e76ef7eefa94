"""Bringing the index of a workspace up to date: what has changed, in batches.

A file whose size and time of modification are the stored ones is not read; one whose content has the stored hash is not
taken apart. Leaves processes and locks to `worker`. Called by `worker` and, for `copilot-ls index`, by the command
line.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copilot_ls.index.filetypes import FileType, file_type
from copilot_ls.index.ignore import IgnoreRules
from copilot_ls.index.store import NewFile
from copilot_ls.index.walk import FileStat, WalkLimits, WalkReport, read_source, source_text, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from copilot_ls.index.store import IndexStore, StoredFile

# Characters of text. A batch is what a kill may cost, and what a reader waits for at first: the first one is small, so
# that something is there soon.
_FIRST_BATCH = 512 * 1024
_BATCH = 4 * 1024 * 1024
_BATCH_FILES = 2_000
_LONGEST_PATH = 1_024


@dataclass(slots=True)
class PassReport:
    """What one pass over a workspace did.

    `n_files` and `n_bytes` count what the index now holds of the files met, `n_changed` those put in, `n_removed` those
    taken out; `left_out` counts paths by reason; `bound_reached` names the bound that ended the walk early.
    """

    n_files: int = 0
    n_bytes: int = 0
    n_changed: int = 0
    n_changed_bytes: int = 0
    n_removed: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    bound_reached: str | None = None


def index_workspace(
    root: Path,
    store: IndexStore,
    *,
    limits: WalkLimits | None = None,
    exclude: Sequence[str] = (),
    progress: Callable[[PassReport], None] = lambda _: None,
) -> PassReport:
    """Walk the whole workspace and put in, replace and take out what has changed.

    `progress` is called after each batch.
    """
    limits = limits or WalkLimits()
    report = PassReport()
    walked = WalkReport(report.left_out)
    stored = store.stored_files()
    touched: list[tuple[int, int, int]] = []
    batch = _Batch(store)
    for stat in walk(root, IgnoreRules(root, exclude), walked, limits):
        known = stored.pop(stat.path, None)
        skipped = known.skipped if known is not None else None
        if known is None or (known.size, known.mtime_ns) != (stat.size, stat.mtime_ns):
            new = _read(root, stat, known, limits.max_file_bytes)
            if new is not None:
                skipped = new.skipped
                batch.add(new)
                report.n_changed += skipped is None
                report.n_changed_bytes += stat.size if skipped is None else 0
            elif known is not None:
                touched.append((stat.size, stat.mtime_ns, known.file_id))
        if skipped is not None:
            walked.count(skipped)
        else:
            report.n_files += 1
            report.n_bytes += stat.size
        if batch.is_full:
            batch.write()
            progress(report)
    batch.write(list(stored))
    if touched:
        store.touch(touched)
    report.n_removed = len(stored)
    report.bound_reached = walked.bound_reached
    return report


class _Batch:
    """Files that wait to be put in together."""

    def __init__(self, store: IndexStore) -> None:
        self._store = store
        self._files: list[NewFile] = []
        self._n_characters = 0
        self._limit = _FIRST_BATCH

    def add(self, new: NewFile) -> None:
        self._files.append(new)
        self._n_characters += len(new.text)

    @property
    def is_full(self) -> bool:
        return self._n_characters >= self._limit or len(self._files) >= _BATCH_FILES

    def write(self, gone: Sequence[str] = ()) -> None:
        if self._files or gone:
            self._store.apply(self._files, gone)
        self._files, self._n_characters, self._limit = [], 0, _BATCH


def refresh_files(
    root: Path,
    store: IndexStore,
    paths: Iterable[str],
    *,
    limits: WalkLimits | None = None,
    exclude: Sequence[str] = (),
) -> int:
    """Bring single files (relative paths with `/`) up to date, as after a save. Returns how many changed.

    A path that is gone may have been a folder: then all that was below it is gone.
    """
    limits = limits or WalkLimits()
    rules = IgnoreRules(root, exclude)
    stored = store.stored_files()
    folders: set[str] | None = None
    new: list[NewFile] = []
    gone: list[str] = []
    for path in dict.fromkeys(paths):
        known = stored.get(path)
        counts = _is_inside(path) and file_type(path) is not None and rules.reason(path) is None
        stat = _stat(root, path) if counts else None
        if stat is None or stat.size > limits.max_file_bytes:
            if known is not None:
                gone.append(path)
            elif stat is None and not (root / path).exists():
                folders = _folders_of(stored) if folders is None else folders
                gone += [each for each in stored if each.startswith(path + "/")] if path in folders else []
            continue
        found = _read(root, stat, known, limits.max_file_bytes)
        if found is not None:
            new.append(found)
    if new or gone:
        store.apply(new, list(dict.fromkeys(gone)))
    return len(new) + len(gone)


def names_folder(root: Path, paths: Iterable[str], exclude: Sequence[str] = ()) -> bool:
    """Whether one of the paths is a folder that counts: what is in it is to be walked."""
    rules = IgnoreRules(root, exclude)
    return any(
        _is_inside(path) and (root / path).is_dir() and rules.reason(path, is_folder=True) is None for path in paths
    )


def _folders_of(paths: Iterable[str]) -> set[str]:
    folders: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return folders


def _is_inside(path: str) -> bool:
    parts = path.split("/")
    return bool(path) and len(path) <= _LONGEST_PATH and ".." not in parts and "" not in parts and "\\" not in path


def _stat(root: Path, path: str) -> FileStat | None:
    """The file, unless it is a link or stands behind one."""
    place = root
    try:
        for part in path.split("/"):
            place /= part
            if place.is_symlink():
                return None
        if not place.is_file():
            return None
        found = place.stat()
    except OSError:
        return None
    return FileStat(path, found.st_size, found.st_mtime_ns)


def _read(root: Path, stat: FileStat, known: StoredFile | None, max_bytes: int) -> NewFile | None:
    """The file as it is to be put in; None when its content is known."""
    kind = file_type(stat.path) or FileType("", "", is_code=False)
    data = read_source(root, stat.path, max_bytes)
    if data is None:
        return NewFile(stat.path, stat.size, stat.mtime_ns, b"", kind.language, kind.family, "", "unreadable")
    content_hash = hashlib.blake2b(data, digest_size=16).digest()
    if known is not None and known.hash == content_hash:
        return None
    text, skipped = source_text(data)
    return NewFile(stat.path, stat.size, stat.mtime_ns, content_hash, kind.language, kind.family, text, skipped)
