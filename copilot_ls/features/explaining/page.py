"""A page of markdown being written, which remembers what it rests on. Pure; filled by `embedded` and `diagnostic`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_TICKS = re.compile(r"`+")


class Page:
    """Sections of markdown in their order, and the places that they name."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._sources: dict[str, None] = {}

    @property
    def sources(self) -> tuple[str, ...]:
        """The places named so far, each once."""
        return tuple(self._sources)

    def add(self, text: str) -> None:
        """A block: heading, paragraph, list or fence."""
        if text.strip():
            self._parts.append(text.strip("\n"))

    def bullets(self, lines: Iterable[str]) -> None:
        """A list, if there is anything in it."""
        self.add("\n".join(f"- {line}" for line in lines))

    def place(self, path: str, line: int, end: int | None = None) -> str:
        """A place as it is written, and remembered: zero-based `line` up to, not including, `end`."""
        source = f"{path}:{line + 1}" if end is None or end <= line + 1 else f"{path}:{line + 1}-{end}"
        self._sources.setdefault(source)
        return code(source)

    def __str__(self) -> str:
        return "\n\n".join(self._parts) + "\n"


def code(text: str) -> str:
    """Code within a line. Whatever it holds, it ends where it ends: it may come from anywhere."""
    text = " ".join(text.split())
    ticks = "`" * (1 + max((len(run) for run in _TICKS.findall(text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fence(text: str, language: str) -> str:
    """Code as a block."""
    ticks = "`" * max(3, 1 + max((len(run) for run in _TICKS.findall(text)), default=0))
    return f"{ticks}{language if language.isidentifier() else ''}\n{text}\n{ticks}"


def quoted(text: str) -> str:
    """Somebody else's words as a quotation, in which no markdown and no link works."""
    escaped = re.sub(r"([\\`*_\[\]<>#!|])", r"\\\1", text)
    return "\n".join(f"> {line}".rstrip() for line in escaped.splitlines())


def listed(words: Iterable[str], most: int) -> str:
    """Some words and how many there are besides."""
    words = list(words)
    rest = len(words) - most
    return ", ".join(words[:most]) + (f" and {rest} more" if rest > 0 else "")
