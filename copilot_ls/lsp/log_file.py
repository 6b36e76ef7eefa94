"""A log file that only its owner can read, turned over when it grows; all its generations together are bounded.

Apart from `log`, which imports it where a file is configured: start-up does without `logging.handlers`.
"""

from __future__ import annotations

import os
from io import FileIO, TextIOWrapper
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 1_000_000
N_OLD_FILES = 3


class PrivateLogFile(RotatingFileHandler):
    """Appends to `path`; `path.1` to `path.3` are what went before. Raises OSError where it cannot be made."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(path, maxBytes=MAX_BYTES, backupCount=N_OLD_FILES, encoding="utf-8", errors="replace")

    def _open(self) -> TextIOWrapper:
        """Each generation is made with the rights of the first: what stands in it names files."""
        descriptor = os.open(self.baseFilename, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        return TextIOWrapper(FileIO(descriptor, "a"), encoding=self.encoding, errors=self.errors, write_through=True)
