"""The bounds of one pass over a workspace, and what is said when one is reached.

Numbers and sizes of files are watched by `walk`, time and disk here. Whoever reaches one goes on with what is there:
the index stays right, and is not complete. Called by `worker`, `indexing`, `parsing`; `said_of_bound` by the commands.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_ls.config.settings import IndexSettings

# How long what lies beyond a bound is counted.
COUNTING_S = 2.0
_SETTINGS = {"max_files", "max_seconds", "max_disk_bytes"}


class WalkLimits(NamedTuple):
    """Bounds: number of files, bytes of one file, bytes of all files, seconds of a pass, bytes of the database."""

    max_files: int = 50_000
    max_file_bytes: int = 1024 * 1024
    max_total_bytes: int = 512 * 1024 * 1024
    max_seconds: float = math.inf
    max_disk_bytes: float = math.inf


def limits_of(settings: IndexSettings) -> WalkLimits:
    """The bounds that the settings say."""
    return WalkLimits(
        max_files=settings.max_files,
        max_file_bytes=settings.max_file_bytes,
        max_seconds=settings.max_seconds,
        max_disk_bytes=settings.max_disk_bytes,
    )


class Bounds:
    """Time and disk of one pass, which begins now. `used_bytes` says how large the database has become."""

    def __init__(self, limits: WalkLimits, clock: Callable[[], float], used_bytes: Callable[[], int]) -> None:
        self._limits = limits
        self._clock = clock
        self._used_bytes = used_bytes
        self._ends = clock() + limits.max_seconds
        self._reached: str | None = None
        self._counts_until = math.inf

    def reached(self) -> str | None:
        """The name of the bound that has been reached; once reached, it stays so for the pass."""
        if self._reached is None:
            if self._clock() > self._ends:
                self._reached = "max_seconds"
            elif self._used_bytes() > self._limits.max_disk_bytes:
                self._reached = "max_disk_bytes"
            if self._reached is not None:
                self._counts_until = self._clock() + COUNTING_S
        return self._reached

    def is_counted_out(self) -> bool:
        """Whether to count what lies beyond the bound would take too long by now."""
        return self._clock() > self._counts_until


def said_of_bound(bound: str, n_beyond: int = 0, n_unfinished: int = 0, *, is_counted: bool = True) -> str:
    """What to say of the bound that a pass has reached, of what it left out, and what to do about it.

    `n_beyond` files are left out, or more unless that `is_counted`.
    """
    is_setting = bound in _SETTINGS
    files = "file is" if n_beyond == 1 else "files are"
    said = [f"{'' if is_counted else 'at least '}{n_beyond:,} more {files} left out"] if n_beyond else []
    said += [f"{n_unfinished:,} are known by their words alone"] if n_unfinished else []
    what = f"index.{bound}" if is_setting else f"the bound {bound}"
    what += " was reached" + (f": {', '.join(said)}" if said else "")
    remedy = f"{'raise it, or ' if is_setting else ''}leave folders out with index.exclude"
    return f"{what}; {remedy}" + ("; the next pass goes on from there" if bound == "max_seconds" else "")
