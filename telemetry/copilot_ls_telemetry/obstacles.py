"""What keeps the database from being used, in words that name the file and what mends it.

Opens nothing. Called by `store`, `recorder`, and through them by the commands.
"""

from __future__ import annotations

import errno
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class _Code(IntEnum):
    """SQLite's primary result codes (https://sqlite.org/rescode.html)."""

    BUSY = 5
    LOCKED = 6
    READONLY = 8
    CORRUPT = 11
    FULL = 13
    CANTOPEN = 14
    NOTADB = 26


_FREE_IT = "close what holds it, and recording goes on by itself"
_MAKE_ROOM = "make room on the disk, and recording goes on by itself"
_LET_WRITE = "let yourself write to it and its folder, or set COPILOT_LS_STATE_DIR to another folder"
_SET_ASIDE = "the next server that records sets it aside and begins a new one"
_MEND: dict[int, str] = {
    _Code.BUSY: _FREE_IT,
    _Code.LOCKED: _FREE_IT,
    _Code.READONLY: _LET_WRITE,
    _Code.CANTOPEN: _LET_WRITE,
    _Code.FULL: _MAKE_ROOM,
    _Code.CORRUPT: _SET_ASIDE,
    _Code.NOTADB: _SET_ASIDE,
}
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_OTHERWISE = "check that the folder can be written to and the disk has room"


class StoreError(Exception):
    """The database cannot be used; the message says why and what mends it."""


class NewerSchemaError(StoreError):
    """A newer version wrote the database, or another program did: it must be left alone."""


class NothingRecordedError(StoreError):
    """There is no database, or one that its server is only just making."""


def is_corrupt(error: Exception) -> bool:
    """Whether `error` says that the file is damaged or no database, rather than busy, full or unwritable."""
    return _primary(error) in (_Code.CORRUPT, _Code.NOTADB)


def kind_of(error: Exception) -> str:
    """A short name of what is wrong, the same for the same obstacle."""
    return getattr(error, "sqlite_errorname", None) or type(error).__name__


def reason_of(error: Exception, path: Path) -> str:
    """The error in words that name the file and what mends it."""
    if isinstance(error, StoreError):
        return str(error)
    if isinstance(error, OSError):
        mend = _MAKE_ROOM if error.errno in _NO_ROOM else _LET_WRITE
    else:
        mend = _MEND.get(_primary(error), _OTHERWISE)
    return f"{path}: {error}; {mend}, or set telemetry.enable = false"


def _primary(error: Exception) -> int:
    """SQLite's primary code of an error, 0 for none."""
    return int(getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
