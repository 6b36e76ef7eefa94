"""Shorten a text until the document parses no worse with it than without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.postprocess.lines import CLOSERS

if TYPE_CHECKING:
    from collections.abc import Callable

# Each question is a parse of part of the document, some 0.5 ms.
_MAX_QUESTIONS = 8


def keep_parseable(text: str, parses_no_worse: Callable[[str], bool]) -> str | None:
    """Return the longest of a few beginnings of `text` that parses no worse, or None.

    Tried in order: the whole; without its trailing closers, one by one; then without its last lines.
    """
    for number, beginning in enumerate(_beginnings(text)):
        if number == _MAX_QUESTIONS:
            break
        if parses_no_worse(beginning):
            return beginning
    return None


def _beginnings(text: str) -> list[str]:
    found = [text]
    shorter = text.rstrip()
    while shorter and shorter[-1] in CLOSERS + ";,":
        shorter = shorter[:-1].rstrip()
        found.append(shorter)
    found = found[:4]
    lines = text.split("\n")
    counts = [count for count in range(len(lines) - 1, 0, -1) if lines[count - 1].strip()]
    room = _MAX_QUESTIONS - len(found)
    if len(counts) > room:
        # The last lines, then ever larger steps down to the first line alone.
        counts = sorted({counts[(len(counts) - 1) * step // (room - 1)] for step in range(room)}, reverse=True)
    found += ["\n".join(lines[:count]) for count in counts]
    return [beginning for beginning in dict.fromkeys(found) if beginning.strip()]
