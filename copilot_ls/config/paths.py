"""Where copilot-ls keeps its own files: configuration, state (telemetry, trust) and caches (index, completions).

`COPILOT_LS_CONFIG_DIR`, `COPILOT_LS_STATE_DIR` and `COPILOT_LS_CACHE_DIR` override the platform's places, for tests and
for people who want everything in one folder. Folders are made only when asked, and readable by their owner alone.
Called by everything that opens a file of its own; what is in the files is the business of those callers.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

_APPLICATION = "copilot-ls"
_OWNER_ONLY = 0o700


def config_dir(*, create: bool = False) -> Path:
    """Return the folder of the user's `config.toml`."""
    return _folder("config", create=create)


def state_dir(*, create: bool = False) -> Path:
    """Return the folder of what must survive: the telemetry database and the list of trusted workspaces."""
    return _folder("state", create=create)


def cache_dir(*, create: bool = False) -> Path:
    """Return the folder of what can be made again: the workspace indexes and the completion cache."""
    return _folder("cache", create=create)


def private_dir(path: Path) -> Path:
    """Make `path` with mode 0700, parents included, and return it; raises OSError where that is impossible.

    A folder that is already there keeps its mode: someone chose it.
    """
    missing = [path, *path.parents]
    missing = missing[: next((i for i, folder in enumerate(missing) if folder.is_dir()), len(missing))]
    for folder in reversed(missing):
        folder.mkdir(mode=_OWNER_ONLY, exist_ok=True)
    return path


def _folder(kind: Literal["config", "state", "cache"], *, create: bool) -> Path:
    override = os.environ.get(f"COPILOT_LS_{kind.upper()}_DIR")
    if override:
        # Absolute, because the server's working folder is the editor's choice and may change.
        folder = Path(override).expanduser().absolute()
    else:
        import platformdirs

        places = platformdirs.PlatformDirs(_APPLICATION, appauthor=False)
        folder = Path(
            {"config": places.user_config_dir, "state": places.user_state_dir}.get(kind, places.user_cache_dir)
        )
    return private_dir(folder) if create else folder
