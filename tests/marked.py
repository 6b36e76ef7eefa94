"""Case files: tests as text that a person can read and review.

A file starts with free text that says what the case is for, then has sections, each under a line `-- name --`:

    Suffix overlap: the model repeats the closing call that is already below the cursor.
    -- main.py --
    items = load(
        █
    )
    -- @generation --
    path,
    )
    -- @suggestion --
    path,

A section named like a file is one file of a workspace, and `█` marks the cursor in it. A section whose name starts with
`@` is input or expectation of the runner. A section's text ends before the line end of its last line; an empty section is
the empty text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CURSOR = "█"
_HEADER = re.compile(r"^-- (\S+) --$")


@dataclass
class Case:
    """One parsed case file: why it exists, and its sections in order."""

    reason: str
    sections: dict[str, str] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, str]:
        """The sections that are files of the workspace."""
        return {name: text for name, text in self.sections.items() if not name.startswith("@") and name != "case.toml"}

    def file_with_cursor(self) -> tuple[str, str, str]:
        """Return the name of the file that has the cursor, and its text before and after the cursor."""
        for name, text in self.files.items():
            if CURSOR in text:
                prefix, suffix = split_cursor(text)
                return name, prefix, suffix
        raise ValueError(f"no {CURSOR} in any of {list(self.files)}")

    def render(self) -> str:
        """Return the text that parses to this case."""
        parts = [self.reason, "\n"] if self.reason else []
        for name, text in self.sections.items():
            parts += [f"-- {name} --\n", text + "\n" if text else ""]
        return "".join(parts)


def parse(text: str) -> Case:
    """Parse the text of a case file."""
    case = Case("")
    name: str | None = None
    lines: list[str] = []

    def finish() -> None:
        nonlocal lines
        if name is None:
            case.reason = "\n".join(lines).strip()
        else:
            case.sections[name] = "\n".join(lines)
        lines = []

    for line in text.removesuffix("\n").split("\n"):
        header = _HEADER.match(line)
        if header is None:
            lines.append(line)
            continue
        finish()
        name = header.group(1)
        if name in case.sections:
            raise ValueError(f"section {name} twice")
    finish()
    return case


def load(path: Path) -> Case:
    """Read a case file."""
    return parse(path.read_text(encoding="utf-8"))


def split_cursor(text: str) -> tuple[str, str]:
    """Split at the one cursor mark."""
    if text.count(CURSOR) != 1:
        raise ValueError(f"expected one {CURSOR}, found {text.count(CURSOR)} in {text!r}")
    prefix, suffix = text.split(CURSOR)
    return prefix, suffix
