"""Bringing the index of a workspace up to date: what has changed, in batches.

A file whose size and time of modification are the stored ones is not read; one whose content has the stored hash is not
taken apart. Leaves processes and locks to `worker`. Called by `worker` and, for `copilot-ls index`, by the command
line.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot_ls.index.bounds import Bounds, WalkLimits
from copilot_ls.index.crew import Crew
from copilot_ls.index.digest import digest
from copilot_ls.index.filetypes import FileType, file_type
from copilot_ls.index.ignore import IgnoreRules
from copilot_ls.index.parsing import finish_files
from copilot_ls.index.store import NewFile
from copilot_ls.index.walk import FileStat, WalkReport, read_source, source_text, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from copilot_ls.index.store import IndexStore, StoredFile

# Bytes. A batch is what a kill may cost, and what a reader waits for at first: the first one is small, so
# that something is there soon.
_FIRST_BATCH = 512 * 1024
_BATCH = 4 * 1024 * 1024
_BATCH_FILES = 2_000
_PIECE_BYTES = 128 * 1024
_LONGEST_PATH = 1_024


@dataclass(slots=True)
class PassReport:
    """What one pass over a workspace did.

    `n_files` and `n_bytes` count what the index now holds of the files met, `n_changed` those put in, `n_removed` those
    taken out; `left_out` counts paths by reason; `bound_reached` names the bound that was reached first; `n_unfinished`
    files are known by their words alone.
    """

    n_files: int = 0
    n_bytes: int = 0
    n_changed: int = 0
    n_changed_bytes: int = 0
    n_removed: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    bound_reached: str | None = None
    is_whole: bool = True
    n_unfinished: int = 0

    @property
    def n_beyond(self) -> int:
        """How many files the bound has left out, as far as they were counted."""
        return self.left_out.get(self.bound_reached or "", 0)


def index_workspace(
    root: Path,
    store: IndexStore,
    *,
    limits: WalkLimits | None = None,
    exclude: Sequence[str] = (),
    progress: Callable[[PassReport], None] = lambda _: None,
    crew: Crew | None = None,
    bounds: Bounds | None = None,
) -> PassReport:
    """The first half of a pass: walk the whole workspace and put in, replace and take out what has changed.

    `progress` is called after each batch. `parsing.finish_files` is the second half.
    """
    limits = limits or WalkLimits()
    work = _Pass(root, store, limits, exclude, bounds or Bounds(limits, time.monotonic, store.used_bytes))
    batch = _Batch(store)
    for rows in (crew or Crew(helper=False)).run("indexing:read_files", work.wanted()):
        for row in rows:
            new = work.taken(*row)
            if new is not None:
                batch.add(new)
        if batch.is_full:
            batch.write()
            progress(work.report)
    batch.write(work.gone)
    return work.ended()


class _Pass:
    """What one pass knows while it goes on."""

    def __init__(
        self, root: Path, store: IndexStore, limits: WalkLimits, exclude: Sequence[str], bounds: Bounds
    ) -> None:
        self.report = PassReport()
        self._root = root
        self._store = store
        self._limits = limits
        self._bounds = bounds
        self._rules = IgnoreRules(root, exclude)
        self._walked = WalkReport(self.report.left_out)
        self._stored = store.stored_files()
        self._asked: dict[str, StoredFile] = {}
        self._touched: list[tuple[int, int, int]] = []
        self._stale: list[str] = []

    def wanted(self) -> Iterator[tuple[str, int, list[_Wanted]]]:
        """The files that have to be read, in pieces."""
        piece = _Piece()
        for stat in walk(self._root, self._rules, self._walked, self._limits):
            known = self._stored.pop(stat.path, None)
            if known is not None and (known.size, known.mtime_ns) == (stat.size, stat.mtime_ns):
                self._count(known.skipped, stat.size)
                continue
            if self._is_beyond(stat.path, known):
                if self._bounds.is_counted_out():
                    self._walked.is_whole = False
                    self._stored.clear()  # whether these are there is not known
                    break
                continue
            if known is not None:
                self._asked[stat.path] = known
            piece.add((*stat, known.hash if known is not None else None))
            if piece.is_full:
                yield str(self._root), self._limits.max_file_bytes, piece.taken()
        if rest := piece.taken():
            yield str(self._root), self._limits.max_file_bytes, rest

    def taken(self, path: str, size: int, mtime_ns: int, *rest: Any) -> NewFile | None:  # noqa: ANN401 -- a row of `NewFile`
        """Take account of a file that was read; None when its content is the one that is known."""
        if not rest:
            known = self._asked[path]
            self._count(known.skipped, size)
            self._touched.append((size, mtime_ns, known.file_id))
            return None
        new = NewFile(path, size, mtime_ns, *rest)
        self._count(new.skipped, size)
        if new.skipped is None:
            self.report.n_changed += 1
            self.report.n_changed_bytes += size
        return new

    def _is_beyond(self, path: str, known: StoredFile | None) -> bool:
        """Whether a file is left out because of a bound; what is known of it then goes, since it is true no more."""
        bound = self._bounds.reached()
        if bound is None or (bound == "max_disk_bytes" and known is not None):
            return False  # a file in place of itself needs no more room
        self._walked.bound_reached = self._walked.bound_reached or bound
        self._walked.count(bound)
        if known is not None:
            self._stale.append(path)
        return True

    @property
    def gone(self) -> list[str]:
        """What the walk, once it is over, has not met, and what has changed and may not be read."""
        return [*self._stale, *self._stored]

    def ended(self) -> PassReport:
        """Note what is left to note."""
        if self._touched:
            self._store.touch(self._touched)
        self.report.n_removed = len(self.gone)
        self.report.bound_reached = self._walked.bound_reached
        self.report.is_whole = self._walked.is_whole
        return self.report

    def _count(self, skipped: str | None, size: int) -> None:
        if skipped is not None:
            self._walked.count(skipped)
        else:
            self.report.n_files += 1
            self.report.n_bytes += size


# Path, size and time of modification of a file, and the hash that the store knows of it, if any.
_Wanted = tuple[str, int, int, bytes | None]


class _Piece:
    """Files that are read together: small, so that two processes share the work evenly."""

    def __init__(self) -> None:
        self._files: list[_Wanted] = []
        self._n_bytes = 0

    def add(self, wanted: _Wanted) -> None:
        self._files.append(wanted)
        self._n_bytes += wanted[1]

    @property
    def is_full(self) -> bool:
        return self._n_bytes >= _PIECE_BYTES

    def taken(self) -> list[_Wanted]:
        files, self._files, self._n_bytes = self._files, [], 0
        return files


class _Batch:
    """Files that wait to be put in together. The first batch is small and is finished at once."""

    def __init__(self, store: IndexStore) -> None:
        self._store = store
        self._files: list[NewFile] = []
        self._n_bytes = 0
        self._limit = _FIRST_BATCH

    def add(self, new: NewFile) -> None:
        self._files.append(new)
        self._n_bytes += new.size

    @property
    def is_full(self) -> bool:
        return self._n_bytes >= self._limit or len(self._files) >= _BATCH_FILES

    def write(self, gone: Sequence[str] = ()) -> None:
        if self._files or gone:
            with self._store.transaction():
                self._store.apply(self._files, gone)
                if self._limit == _FIRST_BATCH:
                    finish_files(self._store, most_bytes=_FIRST_BATCH)
        self._files, self._n_bytes, self._limit = [], 0, _BATCH


def read_files(root: str, max_bytes: int, wanted: Iterable[_Wanted]) -> list[tuple[object, ...]]:
    """The rows of files as they are on disk, for `NewFile`; cut off where the content is known. What a crew does."""
    place = Path(root)
    stats = ((FileStat(path, size, mtime_ns), known) for path, size, mtime_ns, known in wanted)
    return [tuple(_read(place, stat, known, max_bytes) or stat) for stat, known in stats]


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
        found = _read(root, stat, known.hash if known is not None else None, limits.max_file_bytes)
        if found is not None:
            new.append(found)
    if new or gone:
        with store.transaction():
            store.apply(new, list(dict.fromkeys(gone)))
            finish_files(store)
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


def _read(root: Path, stat: FileStat, known_hash: bytes | None, max_bytes: int) -> NewFile | None:
    """The file as it is to be put in; None when its content is known."""
    kind = file_type(stat.path) or FileType("", "", is_code=False)
    data = read_source(root, stat.path, max_bytes)
    if data is None:
        return NewFile(*stat, b"", kind.language, kind.family, "unreadable")
    content_hash = hashlib.blake2b(data, digest_size=16).digest()
    if known_hash == content_hash:
        return None
    text, skipped = source_text(data)
    taken = digest(text) if skipped is None else ()
    return NewFile(*stat, content_hash, kind.language, kind.family, skipped, *taken)
