"""What checkers reported before an edit and after it: which reports went, which stayed, which came.

A report keeps its identity when its text moves: who reports, which rule, which words, line numbers in them aside. Pure.
Called by `judging`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.edits import Replacement

_LINE_NUMBER = re.compile(r"(\blines? )\d+")
_SYNTAX = re.compile(
    r"syntax|\bexpected\b|unexpected|unterminated|unclosed|not closed|never closed|unmatched|was not closed|indent"
    r"|invalid character|unindent|missing .* (?:token|bracket|brace|parenthesis)",
    re.IGNORECASE,
)
# Rules of type checkers speak of what is expected, too: "expected 2 arguments".
_NO_SYNTAX = re.compile(r"\barguments?\b|\btype\b|\battribute\b|\bparameters?\b", re.IGNORECASE)
_CODE_PREFIX = re.compile(r"^(?:ts|ts-|error\[|e(?=\d{4}$))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LineMap:
    """Where the lines of a text went, which `replacements` changed."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    deltas: tuple[int, ...]

    @classmethod
    def of(cls, replacements: Sequence[Replacement]) -> LineMap:
        """The map of replacements that do not overlap."""
        ordered = sorted(replacements, key=lambda each: each.span)
        grown = [_n_line_ends(each.text) - (each.span.end.line - each.span.start.line) for each in ordered]
        return cls(
            tuple(each.span.start.line for each in ordered),
            tuple(each.span.end.line for each in ordered),
            tuple(accumulate(grown)),
        )

    def after(self, line: int) -> range:
        """The lines that `line` may have become: itself, moved, or all that took its place."""
        at = bisect_right(self.starts, line) - 1
        if at < 0:
            return range(line, line + 1)
        before = self.deltas[at - 1] if at else 0
        if line <= self.ends[at]:
            return range(self.starts[at] + before, max(self.ends[at] + self.deltas[at], self.starts[at] + before) + 1)
        return range(line + self.deltas[at], line + self.deltas[at] + 1)

    def new_lines(self) -> frozenset[int]:
        """The lines of the new text that the replacements made."""
        return frozenset(line for start in self.starts for line in self.after(start))


def same_report(one: Diagnostic, other: Diagnostic) -> bool:
    """Whether two reports, of the editor's and of a checker, mean the same: rule or words, at one line."""
    if abs(one.span.start.line - other.span.start.line) > 1:
        return False
    if one.code and other.code:
        return _code(one.code) == _code(other.code)
    return _words(one.message) == _words(other.message)


def meant_by(target: Diagnostic, reports: Sequence[Diagnostic]) -> Diagnostic | None:
    """The checker's report that is the same as `target`: the likest near its line, or the only one in its words."""

    def likeness(each: Diagnostic) -> tuple[bool, bool, int]:
        place, own = each.span.start, target.span.start
        return _words(each.message) == _words(target.message), place.line == own.line, -abs(place.column - own.column)

    near = [each for each in reports if same_report(target, each)]
    if near:
        return max(near, key=likeness)
    alike = [each for each in reports if _identity(each) == _identity(target)]
    return alike[0] if len(alike) == 1 else None


def is_syntactic(diagnostic: Diagnostic) -> bool:
    """Whether it says that the text cannot be parsed."""
    said = f"{diagnostic.code} {diagnostic.message}"
    return diagnostic.severity == "error" and bool(_SYNTAX.search(said)) and not _NO_SYNTAX.search(said)


def still_there(target: Diagnostic, before: Sequence[Diagnostic], after: Sequence[Diagnostic], moved: LineMap) -> bool:
    """Whether `target`, one of those `before`, is among those `after` an edit."""
    key = _identity(target)
    n_before = sum(_identity(each) == key for each in before)
    alike = [each for each in after if _identity(each) == key]
    if len(alike) >= n_before:
        return True
    where = moved.after(target.span.start.line)
    on_line = sum(_identity(each) == key and each.span.start.line == target.span.start.line for each in before)
    return sum(each.span.start.line in where for each in alike) >= on_line


def new_reports(
    before: Iterable[Diagnostic], after: Sequence[Diagnostic], moved: LineMap, *, was_hidden: bool
) -> list[Diagnostic]:
    """The reports that were not there before.

    With `was_hidden`, the text could not be parsed before: what is now reported of lines that nobody touched was there,
    and could not be seen.
    """
    known = Counter(map(_identity, before))
    touched = moved.new_lines()
    found = []
    for each in after:
        key = _identity(each)
        if known[key] > 0:
            known[key] -= 1
        elif not (was_hidden and each.span.start.line not in touched):
            found.append(each)
    return found


def _identity(diagnostic: Diagnostic) -> tuple[str, str, str]:
    return diagnostic.source.lower(), _code(diagnostic.code), _words(diagnostic.message)


def _code(code: str) -> str:
    return _CODE_PREFIX.sub("", code).rstrip("]").lower()


def _words(message: str) -> str:
    return _LINE_NUMBER.sub(r"\1N", " ".join(message.split()))


def _n_line_ends(text: str) -> int:
    return len(re.findall(r"\r\n|\r|\n", text))
