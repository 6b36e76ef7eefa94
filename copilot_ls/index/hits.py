"""What the index answers: chunks, lines, what follows lines, declarations, files. Made by `lookup`; plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class ChunkHit(NamedTuple):
    """Lines `start` up to, not including, `end` of a file, and how well they fit."""

    path: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class LineHit:
    """A line without indentation, how often the workspace has it, and one place of it (`line` is zero-based)."""

    text: str
    count: int
    path: str
    line: int


class FollowHit(NamedTuple):
    """What stands below one occurrence of a line.

    `path` and `line` (zero-based) are the occurrence; `indent` is the white space that it begins with; `following` are
    the lines below it as they stand, without terminators. `matched_previous`: the line above it was the one asked for.
    """

    path: str
    line: int
    indent: str
    following: tuple[str, ...]
    matched_previous: bool

    @property
    def lines(self) -> tuple[str, ...]:
        """`following` without `indent`, up to the first line that is indented less."""
        relative = []
        for line in self.following:
            if line.strip() and not line.startswith(self.indent):
                break
            relative.append(line[len(self.indent) :].rstrip())
        return tuple(relative)


class DefinitionHit(NamedTuple):
    """A declaration: see `copilot_ls.index.definitions.Definition`.

    `end` is the end of the signature, `body_end` that of the whole declaration, both exclusive. Until the file's syntax
    has been looked at, both are the same.
    """

    name: str
    kind: str
    path: str
    line: int
    end: int
    container: str
    signature: str
    body_end: int


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """A file in the index."""

    path: str
    language: str
    family: str
    n_lines: int


class ReferenceHit(NamedTuple):
    """A name in use: `kind` is call, type or member; `scope` is the declaration around it, `Type.member` or empty."""

    name: str
    kind: str
    path: str
    line: int
    scope: str


class ImportHit(NamedTuple):
    """One imported name, empty where a whole module is meant, in the file `path`; all as it is written there."""

    module: str
    name: str
    alias: str
    path: str
    line: int


class BaseHit(NamedTuple):
    """The type `name`, declared in `path`, is derived from, implements or includes `base`."""

    name: str
    base: str
    path: str
    line: int
