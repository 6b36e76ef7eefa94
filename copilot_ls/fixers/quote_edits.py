"""Edits for a quote that opens a string which nothing closes: where the string may end, or have begun.

Called by `syntax_edits`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.idea import Idea, removed
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.text import TextSnapshot

_PREFIXES = "rRbBfFuUtTL8"
_OTHER = {"'": '"', '"': "'"}


_TWO_AT_END = re.compile(r"^[^\"]*(?:\"{3}[^\"]*)?[^\s\"(=,\[{:+][ \t]*\"\"(?=[ \t]*$)|^[ \t]*\"\"(?=[ \t]*$)")
_TWO_AT_START = re.compile(r"^[ \t]*\"\"(?=[^\"\s])")
_OUT_OF_STEP = re.compile(r"(?<=[^\W_])(?=\s*[,)\]}:])")


def quote_edits(text: TextSnapshot, written: str, span: Span) -> Iterator[Idea]:
    """All ideas for a quote, with its prefix, that stands alone."""
    quote = written.lstrip(_PREFIXES)
    line = text.line_text(span.start.line)
    yield from _ends(line, quote, span)
    rest = line[span.end.column :]
    other = _OTHER.get(quote, "")
    if other and line.count(other) == 1:
        column = line.index(other)
        # Of two that do not go together, the one that the file uses more was meant.
        cost = 0.9 + 0.04 * (text.text.count(other) > text.text.count(quote))
        place = Span(Point(span.start.line, column), Point(span.start.line, column + 1))
        yield Idea(cost, (Replacement(place, quote),), f"Write the quote {quote} for {other}", quote)
    if not rest.strip(")]},:; "):
        yield from _starts(line, quote, span)
    # Further up the line a string may have lost its end, and all after it began where they should have ended.
    for match in _OUT_OF_STEP.finditer(line, 0, span.start.column):
        end = Point(span.start.line, match.start())
        cost = 1.2 + 0.001 * (span.start.column - match.start())
        yield Idea(cost, (Replacement(Span(end, end), quote),), f"Close the string with {quote}", quote)
    yield removed(1.7, span, written)


def triple_quote_edits(text: TextSnapshot) -> Iterator[Idea]:
    """Where two of three quotes end a line of text, or begin one."""
    if '"""' not in text.text:
        return
    for number in range(text.n_lines):
        line = text.line_text(number)
        if '""' not in line:
            continue
        for pattern, cost in ((_TWO_AT_END, 0.75), (_TWO_AT_START, 0.8)):
            match = pattern.search(line)
            if match is not None:
                place = Point(number, match.end())
                yield Idea(cost, (Replacement(Span(place, place), '"'),), 'Write three quotes: """', '"')


def _ends(line: str, quote: str, span: Span) -> Iterator[Idea]:
    end = len(line.rstrip())
    for column in range(span.end.column, end + 1):
        if 0 < column < end and _is_inner(line[column]) and _is_inner(line[column - 1]):
            continue
        tail = line[column:end]
        # Closers and signs that end a line are mostly code; a space before them is mostly none of the string's.
        if not tail:
            cost = 1.05
        elif not tail.strip(")]},:;"):
            cost = 0.95
        else:
            cost = 1.5 - 0.2 * (tail[0] in ",)]}:")
        cost += 0.2 * (column > 0 and line[column - 1] in ",)]}: (")
        cost -= 0.3 * (column > 0 and line[column - 1] in ")]}" and _is_balanced(line[span.end.column : column]))
        place = Point(span.start.line, column)
        yield Idea(cost, (Replacement(Span(place, place), quote),), f"Close the string with {quote}", quote)


def _starts(line: str, quote: str, span: Span) -> Iterator[Idea]:
    """Where a string began whose end is taken for its beginning."""
    for column in range(span.start.column):
        if _is_inner(line[column]) and (column == 0 or not (_is_inner(line[column - 1]) or line[column - 1] == ".")):
            place = Point(span.start.line, column)
            cost = 1.35 - 0.001 * column
            yield Idea(cost, (Replacement(Span(place, place), quote),), f"Begin the string with {quote}", quote)


def _is_balanced(text: str) -> bool:
    """Whether there are brackets, as many closed as opened."""
    n_opened = sum(text.count(sign) for sign in "([{")
    return 0 < n_opened == sum(text.count(sign) for sign in ")]}")


def _is_inner(character: str) -> bool:
    return character.isalnum() or character == "_"
