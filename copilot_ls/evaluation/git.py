"""Reads the history of a repository that is not trusted: commits, trees, changed paths and texts.

Plumbing commands alone, which run no hook, filter, pager, external diff or signature check; nothing is fetched, no lock
is taken, and nothing is written. Blobs come from one long-lived process. Sync; called in processes of their own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple, Self

from copilot_ls.errors import CopilotLsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

LARGEST_BYTES = 300_000
"""A larger file is written by no hand."""

_WITHIN_S = 120.0
_LOOK_FOR_NUL = 8_000
_SAFE = (
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.attributesFile=/dev/null",
    "-c", "protocol.allow=never", "-c", "diff.external=", "-c", "core.pager=cat", "-c", "log.showSignature=false",
)  # fmt: skip
_QUIET = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C.UTF-8",
}
_KEPT = ("PATH", "HOME", "SYSTEMROOT", "USERPROFILE", "XDG_CONFIG_HOME", "TMPDIR", "TEMP")
_FILE_MODES = frozenset({"100644", "100755", "100664"})
_RENAMED = frozenset("RC")


class RepositoryError(CopilotLsError):
    """A repository that cannot be read or has nothing to evaluate; the message says what to do."""


class ChangedPath(NamedTuple):
    """A regular file that differs between two trees; a path is None where there is no file."""

    old: str | None
    new: str | None


class GitRepository:
    """A repository at `folder`: a working tree, or a git directory. Close it, or use it in a `with`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._git = shutil.which("git") or "git"
        self._blobs: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, *arguments: str) -> str:
        """What a command prints. Raises `RepositoryError`."""
        try:
            done = subprocess.run(  # noqa: S603 - the user's git, told object names and paths that it gave us
                [self._git, *_SAFE, *arguments],
                cwd=self.folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_WITHIN_S,
                check=True,
            )
        except FileNotFoundError as error:
            missing = "git is not on PATH" if self.folder.is_dir() else f"{self.folder} is not a folder"
            raise RepositoryError(f"{missing}; an evaluation reads the history of a git repository") from error
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode("utf-8", "replace").strip().splitlines()
            reason = said[-1].strip() if said else "no reason given"
            raise RepositoryError(f"git {arguments[0]} failed in {self.folder}: {reason}") from error
        except (OSError, subprocess.SubprocessError) as error:
            raise RepositoryError(f"git {arguments[0]} failed in {self.folder}: {type(error).__name__}") from error
        return done.stdout.decode("utf-8", "replace")

    def resolve(self, name: str = "HEAD") -> str:
        """The id of a commit. Raises `RepositoryError` where there is none."""
        try:
            return self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").strip()
        except RepositoryError as error:
            raise RepositoryError(self._why_no_commit(name)) from error

    def _why_no_commit(self, name: str) -> str:
        if not self.folder.is_dir():
            return f"{self.folder} is not a folder; expected that of a git repository, such as ."
        try:
            self.run("rev-parse", "--git-dir")
        except RepositoryError as error:
            if "safe.directory" in str(error):
                return (
                    f"{self.folder} belongs to another user, so that git does not read it; if you trust it, "
                    f"`git config --global --add safe.directory {self.folder}` lets it"
                )
            if "is not on PATH" in str(error):
                return str(error)
            return f"{self.folder} is no git repository that can be read; give the folder of one, such as ."
        return f"{self.folder} has no commit {name!r}; give a branch, a tag or the id of a commit"

    @property
    def is_shallow(self) -> bool:
        """Whether its history was cut when it was cloned."""
        return self.run("rev-parse", "--is-shallow-repository").strip() == "true"

    def first_parents(self, commit: str, limit: int) -> list[str]:
        """A commit and its first parents, newest first, at most `limit`."""
        return self.run("rev-list", "--first-parent", f"--max-count={limit}", commit, "--").split()

    def changed(self, old: str, new: str) -> list[ChangedPath]:
        """The regular files that differ; a rename is one entry. Links and submodules are left out."""
        words = self.run(
            "diff-tree", "-r", "-z", "-M", "--raw", "--no-ext-diff", "--no-textconv", old, new, "--"
        ).split("\0")
        found: list[ChangedPath] = []
        at = 0
        while at + 1 < len(words):
            facts = words[at].lstrip(":").split()
            status = facts[4][0]
            n_paths = 2 if status in _RENAMED else 1
            paths = words[at + 1 : at + 1 + n_paths]
            at += 1 + n_paths
            before = paths[0] if facts[0] in _FILE_MODES and status != "C" else None
            after = paths[-1] if facts[1] in _FILE_MODES else None
            kept = [path if path is None or is_plain(path) else None for path in (before, after)]
            if kept != [None, None]:
                found.append(ChangedPath(*kept))
        return found

    def files(self, commit: str) -> Iterator[tuple[str, int]]:
        """The regular files of a commit, and their sizes in bytes."""
        for line in self.run("ls-tree", "-r", "-z", "--long", "--full-tree", commit).split("\0"):
            facts, _, path = line.partition("\t")
            words = facts.split()
            if len(words) == 4 and words[0] in _FILE_MODES and words[3].isdigit() and is_plain(path):  # noqa: PLR2004
                yield path, int(words[3])

    def content(self, commit: str, path: str) -> bytes | None:
        """The bytes of a file in a commit; None when there is none."""
        if "\n" in path:
            return None
        if self._blobs is None:
            self._blobs = subprocess.Popen(  # noqa: S603 - as in `run`
                [self._git, *_SAFE, "cat-file", "--batch"],
                cwd=self.folder,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        stdin, stdout = self._blobs.stdin, self._blobs.stdout
        assert stdin is not None  # noqa: S101 - both are pipes
        assert stdout is not None  # noqa: S101
        try:
            stdin.write(f"{commit}:{path}\n".encode("utf-8", "surrogateescape"))
            stdin.flush()
            header = stdout.readline().split()
            if len(header) != 3 or header[1] != b"blob":  # noqa: PLR2004 - id, kind, size
                if len(header) == 3:  # noqa: PLR2004 - a folder or a submodule, which is given as well
                    stdout.read(int(header[2]) + 1)
                return None
            content = stdout.read(int(header[2]))
            stdout.read(1)
        except OSError as error:
            raise RepositoryError(f"git cat-file ended in {self.folder}") from error
        return content

    def text(self, commit: str, path: str) -> str | None:
        r"""A file as it was, line ends as `\n`; None when there is none, or it was not written by hand.

        That is: binary, not utf-8, or larger than `LARGEST_BYTES`.
        """
        content = self.content(commit, path)
        return None if content is None else text_of(content)

    def close(self) -> None:
        """End the process that reads blobs."""
        process, self._blobs = self._blobs, None
        if process is not None:
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
            process.wait()


def text_of(content: bytes) -> str | None:
    r"""The text of a file that somebody may have written, line ends as `\n`; None for any other."""
    if len(content) > LARGEST_BYTES or b"\0" in content[:_LOOK_FOR_NUL]:
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def is_plain(path: str) -> bool:
    """Whether a path of a tree, which anybody may have made up, stays below the folder that it is written to."""
    pure = PurePosixPath(path)
    parts = [part.lower().rstrip(". ") for part in pure.parts]
    return (
        bool(parts)
        and not pure.is_absolute()
        and ".git" not in parts
        and not any(part in {"", "..", "."} or "\\" in part or part.startswith(".git~") for part in parts)
        and ":" not in pure.parts[0]
        and "\n" not in path
    )


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | _QUIET
