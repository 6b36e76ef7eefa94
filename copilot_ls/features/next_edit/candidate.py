"""A proposal for the next edit, and what speaks for it. Made by the kinds, weighed by `evidence` and `chance`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from copilot_ls.edits import Replacement
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.features.next_edit.scene import Page
    from copilot_ls.features.next_edit.trail import MadeEdit
    from copilot_ls.text import TextSnapshot

Kind = Literal[
    "renamed",  # a name that was replaced by another
    "same_tokens",  # tokens replaced, put in or taken out between the same neighbours
    "same_line",  # a line, or several, that read exactly as those that were edited
    "same_shape",  # the same but for names, numbers and literals
    "template",  # the same pieces around other code
    "inserted",  # lines put beside a line like that beside which lines were put
    "part_of_name",  # a part of a name that was replaced, within other names
    "unused_import",  # an import whose last use went
    "sibling",  # what stands beside its neighbour elsewhere too
    "model",  # what a model says
]
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]


@dataclass(slots=True)
class Candidate:
    """Lines `first` up to, not including, `end` of a page are to read `new`, as was learnt from the edit `made`.

    `agreement` is what its kind knows of how well the places agree, by name, see `evidence`.
    """

    page: Page
    first: int
    end: int
    new: tuple[str, ...]
    kind: Kind
    made: MadeEdit
    agreement: dict[str, float] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, int, int, tuple[str, ...]]:
        """What tells it from others: where, and what."""
        return self.page.uri, self.first, self.end, self.new

    def replacement(self) -> Replacement:
        """The smallest replacement of whole words that makes the edit."""
        text = self.page.document.text
        old = tuple(self.page.lines[self.first : self.end])
        if not old or not self.new:
            return of_whole_lines(text, self.first, self.end, self.new)
        if len(old) == len(self.new) == 1:
            return _of_one_line(self.first, old[0], self.new[0])
        head = _n_common(old[:-1], self.new[:-1])
        tail = min(_n_common(old[::-1], self.new[::-1]), len(old) - 1 - head, len(self.new) - 1 - head)
        last = self.end - 1 - tail
        span = Span(Point(self.first + head, 0), Point(last, len(self.page.lines[last])))
        return Replacement(span, line_end_of(text).join(self.new[head : len(self.new) - tail]))


def line_end_of(text: TextSnapshot) -> str:
    """How the lines of a text end."""
    first = text.line(0)
    return first[len(first.rstrip("\r\n")) :] or "\n"


def of_whole_lines(text: TextSnapshot, first: int, end: int, new: tuple[str, ...]) -> Replacement:
    """Lines put in or taken out, with their line ends."""
    ending = line_end_of(text)
    if end < text.n_lines:
        return Replacement(Span(Point(first, 0), Point(end, 0)), "".join(line + ending for line in new))
    # At the end of a text whose last line has no terminator: the one before goes, or comes, with them.
    if first == 0:
        last = text.n_lines - 1
        return Replacement(Span(Point(0, 0), Point(last, len(text.line_text(last)))), ending.join(new))
    start = Point(first - 1, len(text.line_text(first - 1)))
    last_point = Point(text.n_lines - 1, len(text.line_text(text.n_lines - 1))) if end > first else start
    return Replacement(Span(start, last_point), "".join(ending + line for line in new))


def _of_one_line(number: int, old: str, new: str) -> Replacement:
    """What differs in a line, no word cut in two."""
    head = _n_common(old, new)
    while head and _is_word(old[head - 1]) and (_is_word(old[head : head + 1]) or _is_word(new[head : head + 1])):
        head -= 1
    most = min(len(old), len(new)) - head
    tail = min(_n_common(old[::-1], new[::-1]), most)
    while tail and _is_word(old[-tail]) and (_is_word(_before(old, tail)) or _is_word(_before(new, tail))):
        tail -= 1
    span = Span(Point(number, head), Point(number, len(old) - tail))
    return Replacement(span, new[head : len(new) - tail])


def _before(line: str, behind: int) -> str:
    """The character before the last `behind` ones, if there is one."""
    return line[-behind - 1] if len(line) > behind else ""


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _n_common(one: Sequence[str], other: Sequence[str]) -> int:
    n = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        n += 1
    return n
