"""What lies around a cursor, worked out once: masked lines, open brackets, the container the cursor is in.

A window of some dozens of lines is looked at, so that the cost does not depend on the document. The tree says what it
knows; where the text being typed has broken it, brackets and quotes decide. Made by `copilot_ls.syntax.tree`, read by
the modules that answer its questions.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from copilot_ls.syntax.access import CLOSER_OF, Container
from copilot_ls.syntax.mask import MASK, Kind, Stretch, kind_at, lex, mask
from copilot_ls.text import Point

if TYPE_CHECKING:
    from copilot_ls_grammars import LanguageSpec

    from copilot_ls.syntax.access import TreeAccess
    from copilot_ls.text import TextSnapshot

# Lines looked at above and below the cursor. A statement or literal that is longer is judged by the tree alone.
LINES_ABOVE = 30
LINES_BELOW = 10

_OPENER_OF = {closer: opener for opener, closer in CLOSER_OF.items()}
_BRACKET = re.compile(r"[()\[\]{}]")
_TAB_WIDTH = 4

# Code nests less; what nests deeper is no code.
_MAX_OPEN = 100


class Bracket(NamedTuple):
    """An opening bracket in the text."""

    at: Point
    character: str


class Surroundings:
    """The neighbourhood of one cursor in one snapshot."""

    def __init__(
        self,
        spec: LanguageSpec | None,
        snapshot: TextSnapshot,
        point: Point,
        tree: TreeAccess | None,
    ) -> None:
        self.spec = spec
        self.snapshot = snapshot
        self.point = point
        if tree is not None and tree.is_swamped(point):
            tree = None
        self.tree = tree
        first = max(0, point.line - LINES_ABOVE)
        raw = snapshot.lines(first, point.line + LINES_BELOW + 1)
        lines = [line.rstrip("\r\n") for line in raw]
        if tree is None:
            self.stretches, quotes = lex(spec, first, lines, point)
            self.masked = mask(first, lines, self.stretches)
        else:
            self.stretches = tree.noncode(first, raw)
            self.masked = mask(first, lines, self.stretches)
            quotes = self._unclosed_quotes(tree)
        self.masked.open_quotes = quotes
        text = self.masked.line(point.line)
        self.before, self.after = text[: point.column], text[point.column :]

    @property
    def kind(self) -> Kind:
        """What the cursor stands in."""
        return kind_at(self.stretches, self.point)

    @cached_property
    def open_brackets(self) -> tuple[Bracket, ...]:
        """Brackets opened before the cursor within the window and not closed before it, outermost first."""
        stack: list[Bracket] = []
        n_open = dict.fromkeys(CLOSER_OF, 0)
        for number in range(self.masked.first, self.point.line + 1):
            text = self.before if number == self.point.line else self.masked.line(number)
            for match in _BRACKET.finditer(text):
                character = match[0]
                if character in CLOSER_OF:
                    stack.append(Bracket(Point(number, match.start()), character))
                    n_open[character] += 1
                elif n_open[opener := _OPENER_OF[character]]:
                    while (popped := stack.pop().character) != opener:
                        n_open[popped] -= 1
                    n_open[opener] -= 1
        return tuple(stack[-_MAX_OPEN:])

    @cached_property
    def container(self) -> Container:
        """What the cursor is in. An unclosed bracket nearer than what the tree knows of decides."""
        known = self.tree.container(self.point) if self.tree else None
        if self.open_brackets:
            at, character = self.open_brackets[-1]
            if known is None or at > known.start:
                return Container(self.role(self.open_brackets[-1]), at, character)
        return known or Container("top", Point(0, 0), "")

    def line_above(self) -> int:
        """The nearest line above the cursor's that holds code; -1 when there is none in the window."""
        for number in range(self.point.line - 1, self.masked.first - 1, -1):
            if not self.masked.line(number).isspace() and self.masked.line(number):
                return number
        return -1

    def line_below(self) -> int:
        """The nearest line below the cursor's that holds code; -1 when there is none in the window."""
        for number in range(self.point.line + 1, self.masked.first + len(self.masked.lines)):
            if self.masked.line(number).strip():
                return number
        return -1

    def header(self, line: int) -> tuple[int, str]:
        """The first line of the statement that ends on `line`, and its code up to there, on one line.

        Lines belong together as long as brackets that close have not been opened.
        """
        text = (self.before if line == self.point.line else self.masked.line(line)).rstrip()
        balance = _balance(text)
        while balance < 0 and line > self.masked.first:
            line -= 1
            above = self.masked.line(line).rstrip()
            balance += _balance(above)
            text = f"{above} {text.lstrip()}"
        return line, text

    def indent(self, line: int) -> int:
        """Columns of white space at the start of a line."""
        return indent_width(self.masked.line(line))

    def _unclosed_quotes(self, tree: TreeAccess) -> str:
        """Quotes that the grammar could make no string of, because their end is yet to be typed."""
        if self.spec is None or not tree.has_error:
            return next((stretch_quote(s, self.snapshot) for s in self.stretches if _open_at(s, self.point)), "")
        text = self.masked.lines[: self.point.line - self.masked.first + 1]
        text[-1] = text[-1][: self.point.column]
        suspicious = [
            number
            for number, line in enumerate(text, self.masked.first)
            for quote in self.spec.quotes
            if (column := line.find(quote)) >= 0
            and (number == self.point.line or quote in self.spec.multiline_quotes)
            and tree.is_stray(Point(number, column))
        ]
        if suspicious:
            first = min(suspicious)
            found, quotes = lex(self.spec, first, text[first - self.masked.first :], self.point)
            if quotes:
                self.stretches = [*self.stretches, *found]
                end = len(text)
                self.masked.lines[:end] = mask(self.masked.first, self.masked.lines, found).lines[:end]
                return quotes
        return next((stretch_quote(s, self.snapshot) for s in self.stretches if _open_at(s, self.point)), "")

    def role(self, bracket: Bracket) -> Literal["block", "arguments", "brackets"]:
        """What an opening bracket opens, by the code before it."""
        at, character = bracket
        line = self.masked.line(at.line)[: at.column].rstrip()
        if character == "(":
            return "arguments" if line and (line[-1].isalnum() or line[-1] in "_)]!?>") else "brackets"
        if character == "[" or self.spec is None or self.spec.block_style == "indent":
            return "brackets" if self.spec or character == "[" else "block"
        return "brackets" if looks_like_data(line) else "block"


_CONTROL = re.compile(r"^\s*\}?\s*(if|else|for|foreach|while|match|switch|loop|impl|do|try|unless|until|select|with)\b")
_VALUE = re.compile(r"(^|[^=!<>])(=)(?![=>])|\breturn\b|[(\[,:?]$")


def looks_like_data(before_brace: str) -> bool:
    """Whether a brace after this code opens a literal rather than a block; asked where the tree does not know."""
    if not before_brace or before_brace.endswith((")", "=>", "->")) or _CONTROL.match(before_brace):
        return False
    return _VALUE.search(before_brace) is not None


def indent_width(line: str) -> int:
    """Columns of white space at the start of a line; a tab reaches to the next multiple of four."""
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(_TAB_WIDTH))


def stretch_quote(stretch: Stretch, snapshot: TextSnapshot) -> str:
    """The quote that would close an unclosed string: its first sign that is no letter."""
    text = snapshot.line(stretch.start.line)[stretch.start.column :]
    return next((character for character in text if not character.isalnum() and character != MASK), "")


def _open_at(stretch: Stretch, point: Point) -> bool:
    return stretch.kind == "string" and stretch.open_ended and stretch.start < point == stretch.end


def _balance(text: str) -> int:
    return sum(1 if bracket in CLOSER_OF else -1 for bracket in _BRACKET.findall(text))
