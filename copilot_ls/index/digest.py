"""What the store keeps of the words of one file, worked out from its text alone.

Pure, and the same for the same text: taking a file out of the store means working out from its stored text once more
what was put in. Called by `indexing` and `store`.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import NamedTuple

from copilot_ls.index.terms import chunk_terms

CHUNK_LINES = 10
BLOCK_LINES = 40
SHORTEST_LINE = 3
LONGEST_LINE = 240
_TELLING = re.compile(r"[^\W_]")
_LINE_END = re.compile(r"\r\n?")


class Digest(NamedTuple):
    """One file, taken apart: its lines in blocks, and the terms of each run of `CHUNK_LINES` lines."""

    n_lines: int
    blocks: list[str]
    chunks: list[str]


def line_key(line: str) -> str:
    """The line as the table of lines has it: stripped; empty when it is not kept."""
    key = line.strip()
    return key if is_kept(key) else ""


def is_kept(key: str) -> bool:
    """Whether the table of lines has a stripped line: it may be too short, too long or hold no letter and no digit."""
    return SHORTEST_LINE <= len(key) <= LONGEST_LINE and (key[0].isalnum() or _TELLING.search(key) is not None)


def digest(text: str) -> Digest:
    """Take a text apart. Line ends CRLF and CR count as LF."""
    if "\r" in text:
        text = _LINE_END.sub("\n", text)
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    n_lines = len(lines)
    starts = list(accumulate([len(line) + 1 for line in lines], initial=0))
    # Blocks are not compressed, which would cost more than it takes to read them.
    ends = [*starts[BLOCK_LINES:n_lines:BLOCK_LINES], starts[n_lines]]
    blocks = [text[start : end - 1] for start, end in zip(starts[:n_lines:BLOCK_LINES], ends, strict=False)]
    return Digest(n_lines, blocks, chunk_terms(text, starts[:n_lines:CHUNK_LINES]))
