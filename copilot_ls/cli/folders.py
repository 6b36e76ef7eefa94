"""Whether a folder of ours can be there, and what to say when it cannot. Called by `doctor`, `indexed` and `stats`."""

from __future__ import annotations

import contextlib
import os
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def fault_of(folder: Path) -> str | None:
    """Why a folder cannot be made or written to; None when it can.

    Tried, not guessed: the mode of a folder says little on read-only disks, in /proc, and to the superuser. What is
    tried with, an empty folder beside or in it, is taken away at once.
    """
    try:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            folder.lstat()  # fails for a name that no file can have
        nearest = next(parent for parent in (folder, *folder.parents) if os.path.lexists(parent))
        if not nearest.is_dir():
            kind = "a link that leads to no folder" if nearest.is_symlink() else "a file"
            return f"{folder} cannot be made: {nearest} is {kind}"
        with tempfile.TemporaryDirectory(prefix=".copilot-ls-", dir=nearest):
            return None
    except OSError as error:
        return f"{folder} cannot be written to: {error.strerror or error}"
