"""Lines without what is not code: comments blanked, strings masked, every column where it was.

With a grammar its `noncode` query says where comments and strings are; a string that is still being typed is found by
its quotes. Without a grammar a small lexer reads quotes and comment signs line by line. Rules on masked lines are then
plain text rules, and the same for both. Pure but for the tree it asks; called by `copilot_ls.syntax.surroundings`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from copilot_ls.text import Point

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from copilot_ls_grammars import LanguageSpec

Kind = Literal["code", "comment", "string"]

MASK = "\uffff"
"""Stands for a character of a string: not blank, not a bracket, not part of a word, in no source."""

_UNKNOWN_QUOTES = ('"',)


class Stretch(NamedTuple):
    """Something that is not code, or code again within it (`interpolation`).

    `open_ended` is true when the cursor may stand at `end` and still be inside: a line comment, an unclosed string.
    """

    start: Point
    end: Point
    kind: Literal["comment", "string", "interpolation"]
    open_ended: bool


@dataclass(slots=True)
class MaskedLines:
    """Consecutive lines from `first` on, without terminators; `open_quotes` is what is still open at the cursor."""

    first: int
    lines: list[str]
    open_quotes: str = ""

    def line(self, line: int) -> str:
        """A line by its number in the document; empty outside of the window."""
        at = line - self.first
        return self.lines[at] if 0 <= at < len(self.lines) else ""


def mask(first: int, lines: Sequence[str], stretches: Iterable[Stretch]) -> MaskedLines:
    """Blank the stretches out. They are in the order of their starts, outer before inner."""
    masked = list(lines)
    for stretch in stretches:
        for line in range(max(stretch.start.line, first), min(stretch.end.line + 1, first + len(lines))):
            text = masked[line - first]
            start = stretch.start.column if line == stretch.start.line else 0
            end = min(stretch.end.column if line == stretch.end.line else len(text), len(text))
            if start >= end:
                continue
            if stretch.kind == "interpolation":
                middle = lines[line - first][start:end]
            else:
                middle = (" " if stretch.kind == "comment" else MASK) * (end - start)
            masked[line - first] = text[:start] + middle + text[end:]
    return MaskedLines(first, masked)


def kind_at(stretches: Iterable[Stretch], point: Point) -> Kind:
    """What the cursor stands in: the innermost stretch around it."""
    kind: Kind = "code"
    for stretch in stretches:
        if stretch.start < point and (point < stretch.end or (stretch.open_ended and point == stretch.end)):
            kind = "code" if stretch.kind == "interpolation" else stretch.kind
    return kind


def lex(  # noqa: C901, PLR0912 - one loop over characters; parts of it would have to share all its state
    spec: LanguageSpec | None, first: int, lines: Sequence[str], until: Point
) -> tuple[list[Stretch], str]:
    """Comments and strings by their signs alone, and the quotes that are open at `until`.

    The first line is taken to start as code. A quote that may not span lines ends with its line.
    """
    quotes = spec.quotes if spec else _UNKNOWN_QUOTES
    multiline = spec.multiline_quotes if spec else frozenset[str]()
    line_comments = spec.line_comments if spec else ()
    block_comments = dict(spec.block_comments) if spec else {}
    starts = (*block_comments, *line_comments, *quotes)
    first_characters = {sign[0] for sign in starts}
    found: list[Stretch] = []
    closer, closes, opened = "", "string", Point(0, 0)
    for number, text in enumerate(lines, first):
        if number > until.line:
            break
        end = until.column if number == until.line else len(text)
        if not closer and not any(sign in text for sign in starts):
            continue
        at = 0
        while at < end:
            if closer:
                if text[at] == "\\" and closes == "string":
                    at += 2
                elif text.startswith(closer, at):
                    at += len(closer)
                    found.append(_stretch(opened, Point(number, at), closes))
                    closer = ""
                else:
                    at += 1
            elif text[at] in first_characters and (sign := next((s for s in starts if text.startswith(s, at)), "")):
                opened = Point(number, at)
                at += len(sign)
                if sign in line_comments:
                    found.append(Stretch(opened, Point(number, len(text)), "comment", open_ended=True))
                    at = len(text)
                else:
                    closer, closes = block_comments.get(sign, sign), "comment" if sign in block_comments else "string"
            else:
                at += 1
        if closer and number < until.line and closes == "string" and closer not in multiline:
            found.append(_stretch(opened, Point(number, len(text)), closes))
            closer = ""
    if closer:
        found.append(_stretch(opened, until, closes, open_ended=True))
    return found, closer if closes == "string" else ""


def _stretch(start: Point, end: Point, kind: str, *, open_ended: bool = False) -> Stretch:
    return Stretch(start, end, "comment" if kind == "comment" else "string", open_ended)
