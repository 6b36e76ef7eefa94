"""Which files of a workspace a model's tools may read, and their text.

A path is relative to the workspace folder, and names a regular file in it: not one outside that a link leads to, not
one that is ignored, vendored or holds keys, whatever its spelling. Blocks; called in a thread by the tools.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_ls.index.ignore import IgnoreRules, is_secret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MAX_BYTES = 1_000_000
_LONGEST_PATH = 1_000


class NoAccessError(Exception):
    """A file cannot be read by a tool; the message is for the model."""


class WorkspaceFiles:
    """The files below `root`. `open_texts` are those of documents that the editor has open, by absolute path."""

    def __init__(self, root: Path, exclude: Sequence[str], open_texts: Mapping[str, str]) -> None:
        self.root = root
        self._real_root = Path(os.path.realpath(root))
        self._open_texts = {os.path.realpath(path): text for path, text in open_texts.items()}
        self._rules = IgnoreRules(self._real_root, exclude)

    def may_read(self, path: str) -> bool:
        """Whether a tool may say anything of a file."""
        try:
            self._real(path)
        except NoAccessError:
            return False
        return True

    def text(self, path: str) -> str:
        """The text of a file as the editor has it, else as it is saved. Raises `NoAccessError`."""
        real = self._real(path)
        if (text := self._open_texts.get(str(real))) is not None:
            return text
        try:
            # A link that was put there in the meantime, a pipe or a device is not followed, read or waited for.
            handle = os.open(real, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
            with os.fdopen(handle, "rb") as stream:
                status = os.fstat(stream.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise NoAccessError(f"{path} is no regular file.")
                if status.st_size > _MAX_BYTES:
                    raise NoAccessError(f"{path} has more than {_MAX_BYTES} bytes.")
                content = stream.read(_MAX_BYTES + 1)
        except OSError:
            raise NoAccessError(f"{path} cannot be read.") from None
        if b"\0" in content:
            raise NoAccessError(f"{path} is no text.")
        return content.decode("utf-8-sig", "replace")

    def _real(self, path: str) -> Path:
        relative = self._relative(path)
        place = self._real_root / relative
        real = Path(os.path.realpath(place))
        if not real.is_relative_to(self._real_root):
            raise NoAccessError(f"{path} is not in the workspace.")
        # The ignore rules are asked of the name that was given and of the file that it leads to.
        for name in {relative, real.relative_to(self._real_root).as_posix()}:
            if not self._is_spelt(name):
                raise NoAccessError(f"There is no file {path}.")
            if is_secret(name) or self._rules.reason(name) is not None:
                raise NoAccessError(f"{path} is ignored, and cannot be read.")
        if not real.is_file():
            raise NoAccessError(f"There is no file {path}.")
        return real

    def _relative(self, path: str) -> str:
        plain = path.strip().replace("\\", "/")
        if not plain or len(plain) > _LONGEST_PATH or not plain.isprintable():
            raise NoAccessError("The path of a file is expected, relative to the workspace.")
        if plain.startswith(("/", "~")) or ":" in plain.partition("/")[0]:
            raise NoAccessError(f"{path} is not relative to the workspace.")
        normal = os.path.normpath(plain).replace(os.sep, "/")
        if normal == ".." or normal.startswith("../"):
            raise NoAccessError(f"{path} is not in the workspace.")
        return normal

    def _is_spelt(self, relative: str) -> bool:
        """Whether every folder has the name as it is written: a disk may not tell `.ENV` and `.env` apart."""
        folder = self._real_root
        for part in relative.split("/"):
            try:
                if all(each.name != part for each in folder.iterdir()):
                    return False
            except OSError:
                return False
            folder /= part
        return True
