"""What a watching worker is asked to look at again: by its server, and by what it notices itself.

The server's requests are JSON lines, `{"refresh": [paths]}` and `{"rescan": true}`. Those that wait are merged, because
a checkout or a build says the same a hundred times. Between requests the worker looks whether another branch, commit or
merge is checked out: most editors do not watch files unless they are told to, some not at all. When the server's end of
the pipe closes, the process ends at once, in the midst of a pass too: batches are transactions. Called by `worker`.
"""

from __future__ import annotations

import json
import os
import queue
import threading
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_READ_BYTES = 64 * 1024
_LONGEST_LINE = 4 * 1024 * 1024
_LOOK_EVERY_S = 2.0
# Of more paths than this, walking the workspace is the quicker way.
_MOST_PATHS = 1_000
# Files whose change changes what counts: everything is looked at again.
_RULE_FILES = frozenset({".gitignore", ".copilotignore"})
_RULE_PATHS = frozenset({".git/info/exclude", ".git/HEAD", ".git/logs/HEAD"})


class Request(NamedTuple):
    """Paths to look at again, or with `rescan` the whole workspace."""

    rescan: bool = False
    paths: tuple[str, ...] = ()

    def merged(self, other: Request) -> Request:
        """Both in one, each path once; of very many paths a rescan."""
        paths = tuple(dict.fromkeys((*self.paths, *other.paths)))
        rescan = self.rescan or other.rescan or len(paths) > _MOST_PATHS
        return Request(rescan, () if rescan else paths)


def parse(line: bytes) -> Request:
    """One line of a server; whatever makes no sense asks for nothing."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return Request()
    if not isinstance(said, dict):
        return Request()
    listed = said.get("refresh")
    paths = tuple(path for path in listed if isinstance(path, str)) if isinstance(listed, list) else ()
    if said.get("rescan") or any(path in _RULE_PATHS or path.rpartition("/")[2] in _RULE_FILES for path in paths):
        return Request(rescan=True)
    return Request(paths=tuple(path for path in paths if path != ".git" and not path.startswith(".git/")))


def requests(
    descriptor: int,
    root: Path,
    *,
    on_end: Callable[[], None],
    look_every_s: float = _LOOK_EVERY_S,
) -> Iterator[Request]:
    """The requests that come in through `descriptor`, and rescans of our own; `on_end` is called when it closes.

    Reading begins at once, in a thread, so that the end is noticed during a pass. The iterator itself never ends by
    that: `on_end` is meant to end the process.
    """
    arrived: queue.SimpleQueue[Request] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(descriptor, arrived, on_end), daemon=True).start()
    return _merged(arrived, root, checked_out(root), look_every_s)


def _merged(
    arrived: queue.SimpleQueue[Request], root: Path, seen: tuple[object, ...], look_every_s: float
) -> Iterator[Request]:
    while True:
        request = Request()
        try:
            request = arrived.get(timeout=look_every_s)
            while True:
                request = request.merged(arrived.get_nowait())
        except queue.Empty:
            pass
        now = checked_out(root)
        if now != seen:
            seen, request = now, Request(rescan=True)
        if request.rescan or request.paths:
            yield request


def _listen(descriptor: int, arrived: queue.SimpleQueue[Request], on_end: Callable[[], None]) -> None:
    """Not through `sys.stdin`: a thread that waits in its buffer's lock would hold up the end of the interpreter."""
    rest = b""
    while True:
        try:
            data = os.read(descriptor, _READ_BYTES)
        except OSError:
            data = b""
        if not data:
            on_end()
            return
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            arrived.put(parse(line))
        if len(rest) > _LONGEST_LINE:
            rest = b""
            arrived.put(Request(rescan=True))


def checked_out(root: Path) -> tuple[object, ...]:
    """What changes with each checkout, commit, merge, rebase and reset of a git repository; empty where there is none.

    Git appends each of them to the log of HEAD; HEAD itself names the branch.
    """
    folder = git_folder(root)
    if folder is None:
        return ()
    seen: list[object] = []
    for name in ("HEAD", "logs/HEAD"):
        try:
            found = (folder / name).stat()
        except OSError:
            continue
        seen.append((name, found.st_mtime_ns, found.st_size))
    return tuple(seen)


def git_folder(root: Path) -> Path | None:
    """The repository's own folder; a linked worktree and a submodule name it in a file."""
    place = root / ".git"
    try:
        if place.is_dir():
            return place
        with place.open("rb") as file:
            head = file.read(4096)
    except OSError:
        return None
    kind, _, named = head.decode("utf-8", "replace").partition(":")
    return root / named.strip() if kind == "gitdir" and "\0" not in named else None
