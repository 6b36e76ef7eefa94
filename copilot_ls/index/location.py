"""Where the index of a workspace lies: `index/<hash of the folder>.db` below the cache folder. Pure."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def database_for(root: Path, cache_dir: Path) -> Path:
    """The database of the workspace folder `root`, the same for every spelling of its path."""
    name = hashlib.blake2b(os.fsencode(os.path.realpath(root)), digest_size=12).hexdigest()
    return cache_dir / "index" / f"{name}.db"
