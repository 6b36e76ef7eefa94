"""Explanations as files that an editor can open: Markdown in the state folder, their owner's alone, read-only.

Files older than a week are removed when a new one is written. Leaves opening them to `lsp`, which calls this.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FOLDER = "explanations"
KEPT_S = 7 * 24 * 3600.0
_READ_ONLY = 0o400
_UNFIT = re.compile(r"[^\w.-]+")
_MAX_NAME_CHARS = 40


def write_explanation(markdown: str, about: str, *, wall_clock: Callable[[], float] = time.time) -> Path:
    """Write an explanation of `about`, some words that its name is made of; raises `OSError` where that cannot be."""
    from copilot_ls.config.paths import private_dir, state_dir

    folder = private_dir(state_dir(create=True) / FOLDER)
    _remove_old(folder, wall_clock() - KEPT_S)
    name = _UNFIT.sub("-", about).strip("-.")[:_MAX_NAME_CHARS] or "explanation"
    descriptor, path = tempfile.mkstemp(prefix=f"{name}-", suffix=".md", dir=folder)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
        file.write(markdown)
    place = folder / os.path.basename(path)  # noqa: PTH119 - a name alone
    place.chmod(_READ_ONLY)
    return place


def _remove_old(folder: Path, before: float) -> None:
    """Remove the explanations that were written before this time; what cannot be removed stays."""
    for file in folder.glob("*.md"):
        try:
            if file.lstat().st_mtime < before:
                if os.name == "nt":  # which does not remove what is read-only
                    file.chmod(0o600)
                file.unlink()
        except OSError:
            continue


def first_paragraph(markdown: str, most: int = 600) -> str:
    """The first paragraph that is not a heading, on one line: for clients that can show no more than a message."""
    for block in re.split(r"\n\s*\n", markdown):
        lines = [line for line in block.strip().splitlines() if not line.startswith(("#", "```", "---"))]
        text = " ".join(" ".join(lines).split())
        if text:
            return text if len(text) <= most else text[: most - 1].rstrip() + "…"
    return ""
