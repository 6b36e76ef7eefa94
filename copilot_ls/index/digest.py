"""What the store keeps of one file, worked out from its text alone.

Pure, and the same for the same text: taking a file out of the store means digesting its stored text once more.
Called by `store`.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_ls.index.definitions import find_definitions
from copilot_ls.index.terms import term_text

if TYPE_CHECKING:
    from copilot_ls.index.definitions import Definition

CHUNK_LINES = 10
BLOCK_LINES = 80
SHORTEST_LINE = 3
LONGEST_LINE = 240
_TELLING = re.compile(r"[^\W_]")
_LINE_END = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class Digest:
    """One file, taken apart.

    `chunks` holds the terms of each run of `CHUNK_LINES` lines. `keys` holds, for each line, the line without
    indentation, or an empty string for lines that teach nothing (blank, lone brackets, very long).
    """

    lines: list[str]
    chunks: list[str]
    keys: list[str]
    definitions: list[Definition]


def line_key(line: str) -> str:
    """The line as the table of lines has it: stripped; empty when it is too short, too long or holds no letter."""
    key = line.strip()
    if not SHORTEST_LINE <= len(key) <= LONGEST_LINE or not _TELLING.search(key):
        return ""
    return key


def digest(text: str, family: str) -> Digest:
    """Take a text apart. Line ends CRLF and CR count as LF."""
    if "\r" in text:
        text = _LINE_END.sub("\n", text)
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    chunks = [term_text("\n".join(lines[at : at + CHUNK_LINES])) for at in range(0, len(lines), CHUNK_LINES)]
    return Digest(lines, chunks, [line_key(line) for line in lines], find_definitions(text, family))


def pack(lines: list[str]) -> list[bytes]:
    """The lines, compressed in blocks of `BLOCK_LINES`."""
    return [
        zlib.compress("\n".join(lines[at : at + BLOCK_LINES]).encode("utf-8", "surrogatepass"), 1)
        for at in range(0, len(lines), BLOCK_LINES)
    ]


def unpack(block: bytes) -> list[str]:
    """The lines of one compressed block."""
    return zlib.decompress(block).decode("utf-8", "surrogatepass").split("\n")
