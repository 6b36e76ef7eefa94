"""From what checkers print to diagnostics: lines and columns in their own units, ends where they name none, paths.

Pure. Called by the checkers, one file each.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.text import Point, PositionEncoding, Span, TextSnapshot, column_from_units

if TYPE_CHECKING:
    from copilot_ls.diagnostic import Severity

CODE_POINTS = PositionEncoding.UTF32
UTF16 = PositionEncoding.UTF16
BYTES = PositionEncoding.UTF8

_TOKEN = re.compile(r"\w+|\"[^\"]*\"|'[^']*'|[^\w\s]")
_SEVERITIES: dict[str, Severity] = {
    "error": "error",
    "fatal error": "error",
    "failure": "error",
    "warning": "warning",
    "note": "information",
    "information": "information",
    "info": "information",
    "hint": "hint",
}


class UnreadableOutputError(Exception):
    """The output is not what the checker should print; the message is half a sentence without source text."""


def span_of(
    text: TextSnapshot,
    start: tuple[int, int],
    end: tuple[int, int] | None = None,
    *,
    unit: PositionEncoding = CODE_POINTS,
) -> Span:
    """The span between two places, zero-based lines and columns in `unit`; without an end, the token that begins there.

    Places outside of the text become the nearest within it.
    """
    first = _point(text, start, unit)
    last = _point(text, end, unit) if end is not None else None
    if last is None or last < first:
        token = _TOKEN.match(text.line_text(first.line), first.column)
        last = Point(first.line, token.end() if token else first.column)
    return Span(first, last)


def severity_of(word: str) -> Severity:
    """The severity that a checker calls `word`; an unknown one is an error, so that nothing is passed over."""
    return _SEVERITIES.get(word.lower(), "error")


def _point(text: TextSnapshot, place: tuple[int, int], unit: PositionEncoding) -> Point:
    line = min(max(place[0], 0), text.n_lines - 1)
    return Point(line, column_from_units(text.line(line), place[1], unit))
