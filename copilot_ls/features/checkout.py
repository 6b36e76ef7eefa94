"""What a file is in: the branch that is checked out around it, the file on disk, the file in the last commit.

Branches are read from git's own files; what is committed is asked of `git`, where there is one on PATH: of a plumbing
command that runs no filter, no hook and no pager, takes no lock and fetches nothing. Both in a thread, bounded in time
and size; whatever goes wrong is an answer of None. Called by `retention`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from copilot_ls.index.requests import checked_out, git_folder

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_MAX_BYTES = 2_000_000
_GIT_WITHIN_S = 5.0
_MOST_KNOWN = 500
# Answers that are kept until something is committed: those who wait for a commit ask once a minute for each text.
_MOST_ANSWERS = 16
_QUIET = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
_KEPT = ("PATH", "HOME", "SYSTEMROOT", "USERPROFILE", "XDG_CONFIG_HOME")


class Checkout:
    """Asks about files of any repository."""

    def __init__(self) -> None:
        self._repositories: dict[Path, Path | None] = {}
        self._answers: dict[str, tuple[tuple[object, ...], tuple[str, str] | None]] = {}

    def branch(self, path: str) -> str:
        """What `HEAD` says around a file: a branch's name or a commit; empty outside of repositories."""
        root = self._root_of(path)
        folder = git_folder(root) if root is not None else None
        try:
            return (folder / "HEAD").read_text("utf-8", "replace").strip() if folder is not None else ""
        except OSError:
            return ""

    def read(self, path: str, then: Callable[[str | None], None]) -> None:
        """Call back with the file's text; None when it is not there, too large or cannot be read."""
        _in_thread(lambda: _read(path), then)

    def committed(self, path: str, then: Callable[[tuple[str, str] | None], None]) -> None:
        """Call back with the file in the last commit: the id of its content, and its text."""
        root = self._root_of(path)
        if root is None:
            then(None)
        else:
            _in_thread(lambda: self._committed(root, path), then)

    def _committed(self, root: Path, path: str) -> tuple[str, str] | None:
        """The answer of before while nothing was committed since; in a thread."""
        stamp = checked_out(root)
        known = self._answers.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        answer = _committed(root, path)
        # Without a log of HEAD nothing tells that there was a commit.
        if len(stamp) > 1:
            while len(self._answers) >= _MOST_ANSWERS:
                self._answers.pop(next(iter(self._answers)), None)
            self._answers[path] = (stamp, answer)
        return answer

    def _root_of(self, path: str) -> Path | None:
        """The top of the repository that a file lies in."""
        folder = Path(path).parent
        if not path:
            return None
        if folder not in self._repositories:
            if len(self._repositories) >= _MOST_KNOWN:
                self._repositories.clear()
            found = next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)
            self._repositories[folder] = found
        return self._repositories[folder]


def _read(path: str) -> str | None:
    place = Path(path)
    try:
        if not place.is_file() or place.stat().st_size > _MAX_BYTES:
            return None
        return place.read_bytes().decode("utf-8-sig", "replace")
    except OSError:
        return None


def _committed(root: Path, path: str) -> tuple[str, str] | None:
    git = shutil.which("git")
    try:
        relative = Path(path).relative_to(root).as_posix()
    except ValueError:
        return None
    if git is None or "\n" in relative:
        return None
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | _QUIET
    try:
        answer = subprocess.run(  # noqa: S603 - the user's git, told a name and nothing else
            [git, "-c", "core.fsmonitor=false", "cat-file", "--batch"],
            cwd=root,
            env=environment,
            input=f"HEAD:{relative}\n".encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_GIT_WITHIN_S,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    head, _, body = answer.partition(b"\n")
    words = head.split()
    if len(words) != 3 or words[1] != b"blob" or int(words[2]) > _MAX_BYTES:  # noqa: PLR2004 - id, kind and size
        return None
    return words[0].decode(), body[: int(words[2])].decode("utf-8-sig", "replace")


def _in_thread(work: Callable[[], T], then: Callable[[T], None]) -> None:
    loop = asyncio.get_running_loop()

    def done(future: asyncio.Future[T]) -> None:
        if not future.cancelled() and future.exception() is None:
            then(future.result())

    loop.run_in_executor(None, work).add_done_callback(done)
