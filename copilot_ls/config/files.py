"""Reading one settings file: untrusted bytes in, a table or one problem out."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

# A settings file is some kilobytes; more is a mistake, or an attempt to keep the server busy.
MAX_BYTES = 256 * 1024

_AT_LINE = re.compile(r"\s*\(at line (\d+), column (\d+)\)$")


class UnusableFileError(Exception):
    """A settings file that cannot be read or parsed; its message begins with the place."""


def read(path: Path) -> bytes | None:
    """Return the bytes of `path`, None if there is no such file; raises UnusableFileError."""
    try:
        # Not blocking, so that a named pipe in a workspace cannot stop the server.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise UnusableFileError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
    # `fdopen` refuses a folder with an error of its own, and leaves the descriptor open.
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnusableFileError(f"{path}: is not a regular file")
    with os.fdopen(descriptor, "rb") as stream:
        try:
            content = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise UnusableFileError(f"{path}: cannot be read ({error.strerror or error})") from error
    if len(content) > MAX_BYTES:
        raise UnusableFileError(f"{path}: is larger than {MAX_BYTES // 1024} kB, which no settings file is")
    return content


def parse(path: Path, content: bytes) -> dict[str, Any]:
    """Parse TOML; raises UnusableFileError that begins with `file:line:column`."""
    import tomllib

    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnusableFileError(f"{path}:{line}: is not UTF-8") from error
    except RecursionError as error:
        raise UnusableFileError(f"{path}: is nested too deeply") from error
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _AT_LINE.search(message)
        where = f"{path}:{place.group(1)}:{place.group(2)}" if place else f"{path}"
        raise UnusableFileError(f"{where}: is not TOML: {_AT_LINE.sub('', message)}") from error
