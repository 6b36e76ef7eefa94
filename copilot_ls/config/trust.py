"""Which project files the user trusts: a list of paths and content hashes in the state folder.

A workspace is someone else's text. Its `.copilot-ls.toml` may tune completion, but must not say where code is sent,
before the user has said so with `copilot-ls trust`. Trust belongs to a content: after a change it is asked for again.
A folder without such a file can be trusted too, as long as there is none: checkers run in trusted folders alone.
`copilot_ls.config.load` and whoever runs checkers ask; `copilot_ls.cli.trust` changes the list.
"""

from __future__ import annotations

import os
from pathlib import Path

from copilot_ls.config.files import UnusableFileError, read
from copilot_ls.config.paths import private_dir, state_dir

PROJECT_FILE = ".copilot-ls.toml"

_LIST = "trusted.json"
_FORMAT = 1


class TrustStore:
    """The list of trusted project files, read anew at every question: several servers and a command line share it."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    @property
    def path(self) -> Path:
        """The file that holds the list."""
        return self._path or state_dir() / _LIST

    def is_trusted(self, file: Path, content: bytes) -> bool:
        """Whether the user has trusted `file` with exactly this content."""
        return self._read().get(_name(file)) == _digest(content)

    def trusts_folder(self, root: Path) -> bool:
        """Whether the user has trusted a workspace folder as it is, its project file or that it has none."""
        file = root / PROJECT_FILE
        try:
            content = read(file)
        except UnusableFileError:
            return False
        return self.is_trusted(file, content or b"")

    def trust(self, file: Path, content: bytes) -> None:
        """Trust `file` as long as it has this content; raises OSError when the list cannot be written."""
        self._write(self._read() | {_name(file): _digest(content)})

    def revoke(self, file: Path) -> bool:
        """Forget `file`; false if it was not trusted. Raises OSError when the list cannot be written."""
        trusted = self._read()
        known = trusted.pop(_name(file), None) is not None
        if known:
            self._write(trusted)
        return known

    def files(self) -> list[str]:
        """Return the paths of all files that were trusted with some content."""
        return sorted(self._read())

    def _read(self) -> dict[str, str]:
        """The list; empty when it is missing, unreadable, or could have been written by somebody else."""
        import json

        try:
            with self.path.open("rb") as stream:
                status = os.fstat(stream.fileno())
                if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
                    return {}
                content = json.loads(stream.read())
            trusted = content["trusted"] if content["format"] == _FORMAT else {}
            return {str(file): str(digest) for file, digest in trusted.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}

    def _write(self, trusted: dict[str, str]) -> None:
        import json

        private_dir(self.path.parent)
        content = json.dumps({"format": _FORMAT, "trusted": trusted}, indent=1)
        part = self.path.with_name(f"{self.path.name}.{os.getpid()}.part")
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(content)
        part.replace(self.path)


def _name(file: Path) -> str:
    return str(Path(os.path.realpath(file)))


def _digest(content: bytes) -> str:
    from hashlib import sha256

    return sha256(content).hexdigest()
