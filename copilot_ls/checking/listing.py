"""The listing that most compilers print: `file:line:column: severity: message`, as gcc, clang, go and others do.

Pure. Called by the checkers of C and Go, and for commands that the user names.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.checking.reading import severity_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from copilot_ls.diagnostic import Severity

_ENTRY = re.compile(
    r"^(?P<path>(?:[A-Za-z]:)?[^:\n]+):(?P<line>\d+)(?::(?P<column>\d+))?:?\s*"
    r"(?:(?P<severity>fatal error|error|warning|note|info|hint|failure)\b:?)?\s*(?P<message>.*)",
    re.IGNORECASE,
)


class Entry(NamedTuple):
    """One entry: zero-based line and column in whatever unit, `column` None where none is named."""

    line: int
    column: int | None
    severity: Severity
    message: str


def entries(said: str, paths: Iterable[Path], folder: Path, *, name: str = "") -> Iterator[Entry]:
    """The entries about the file at any of `paths`, or which the command calls `name`, started in `folder`.

    Indented lines continue an entry, as do a compiler's notes, even about other files.
    """
    real = {os.path.realpath(path) for path in paths}
    current: Entry | None = None
    for line in said.splitlines():
        match = _ENTRY.match(line)
        if match is None:
            if current is not None and line.startswith(("\t", "    ")) and line.strip():
                current = current._replace(message=f"{current.message}\n{line.strip()}")
            continue
        word = (match["severity"] or "error").lower()
        if word == "note" and current is not None:
            current = current._replace(message=f"{current.message}\nnote: {match['message']}")
            continue
        if current is not None:
            yield current
        named = match["path"].strip()
        is_ours = named == name or os.path.realpath(folder / named) in real
        column = None if match["column"] is None else int(match["column"]) - 1
        current = (
            Entry(int(match["line"]) - 1, column, severity_of(word), match["message"].strip()) if is_ours else None
        )
    if current is not None:
        yield current
