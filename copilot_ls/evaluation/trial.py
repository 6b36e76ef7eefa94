"""Runs the tests of a repository in a copy of it: without a network, without keys, for a bounded time.

The copy is made of one commit: regular files alone, no links, no hooks. The folder itself is mounted read-only where
the system can, and the copy comes first on the path of imports, so that what is installed of the project is not what is
tested. Only what the user asked for in so many words is run. Leaves the sandbox to `copilot_ls.checking`.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_ls.checking.runner import run
from copilot_ls.checking.sandbox import confined, environment
from copilot_ls.errors import SettingsError
from copilot_ls.evaluation.git import is_plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.evaluation.git import GitRepository

_EXECUTABLE = 0o755
_COMMANDS = {"go.mod": "go test ./...", "Cargo.toml": "cargo test --offline", "package.json": "npm test --silent"}
_PYTHON = ("pyproject.toml", "setup.py", "setup.cfg", "pytest.ini", "tox.ini")
_MOST_SAID = 200


@dataclass(frozen=True, slots=True)
class Trial:
    """How a run of the tests ended. `passed` is False also where they could not be run or took too long."""

    passed: bool
    timed_out: bool
    said: str
    took_s: float


def test_command(folder: Path, given: str | None) -> list[str]:
    """The command that tests a repository: as given, or as its files suggest. Raises `SettingsError`."""
    words = shlex.split(given) if given else _suggested(folder)
    if not words:
        raise SettingsError(f"how {folder} is tested cannot be told from its files; say it, as in --test 'make test'")
    own = folder / words[0]
    if "/" in words[0] and not Path(words[0]).is_absolute() and own.exists():
        # An environment is no part of a commit: the one in the folder is used.
        return [str(own.absolute()), *words[1:]]
    if shutil.which(words[0]) is None:
        raise SettingsError(f"the command {words[0]!r} that tests {folder} is not on PATH; say another with --test")
    return words


def _suggested(folder: Path) -> list[str]:
    if any((folder / name).exists() for name in _PYTHON) or list(folder.glob("test*/**/test_*.py"))[:1]:
        own = next((each for each in (".venv/bin/python", "venv/bin/python") if (folder / each).exists()), None)
        return [own or sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    return next((command.split() for name, command in _COMMANDS.items() if (folder / name).exists()), [])


def export(repository: GitRepository, commit: str, folder: Path) -> None:
    """Write the regular files of a commit into `folder`, which is made."""
    folder.mkdir(parents=True)
    executable = {
        line.partition("\t")[2]
        for line in repository.run("ls-tree", "-r", "-z", "--full-tree", commit).split("\0")
        if line.startswith("100755")
    }
    for path, _ in repository.files(commit):
        content = repository.content(commit, path)
        if content is None or not is_plain(path):
            continue
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        if path in executable:
            place.chmod(_EXECUTABLE)


@contextmanager
def copied(repository: GitRepository, commit: str, name: str = "copy") -> Iterator[Path]:
    """A copy of a commit in a folder of that name, of its own; removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="copilot-ls-eval-") as place:
        copy = Path(place).resolve() / name
        export(repository, commit, copy)
        yield copy


async def tried(command: Sequence[str], copy: Path, original: Path, *, timeout_s: float) -> Trial:
    """Run the tests in the copy."""
    scratch = copy.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    first = os.pathsep.join([str(copy), str(copy / "src"), str(copy / "lib")])
    more = {"PYTHONPATH": first, "PYTEST_ADDOPTS": "", "TMPDIR": str(scratch), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = await run(
        await confined(command, read_only=None if copy.is_relative_to(original) else original),
        folder=copy,
        environment=await asyncio.to_thread(environment, os.environ, more=more),
        stdin=None,
        timeout_s=timeout_s,
    )
    said = (ran.stdout + b"\n" + ran.stderr).decode("utf-8", "replace").strip()
    last = next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "")
    words = "".join(sign if sign.isprintable() else " " for sign in (ran.problem or last))[:_MOST_SAID]
    return Trial(ran.status == 0 and not ran.problem, "did not end within" in ran.problem, words, ran.took_ms / 1000)
