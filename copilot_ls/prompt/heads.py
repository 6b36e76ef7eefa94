"""What a long file keeps of the lines above the prefix's window: where the cursor is, and what its code imports.

The first lines of the classes and functions around the cursor, and the imports of which the window uses a name. A
comment marks what is left out between them. Which scopes there are is told by the caller, who asks the syntax tree.
Called by `assemble`, their only user.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.prompt.comments import comment_line
from copilot_ls.prompt.tokens import estimate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.text import TextSnapshot

LineRange = tuple[int, int]
"""First line and the line after the last, counted from zero."""

_IMPORT = re.compile(
    r"\s*(?:from\s+\S+\s+import\b|import\b|(?:pub\s+)?use\s|using\s|#\s*include\b|require\b|require_once\b"
    r"|(?:const|let|var)\s[^=]*=\s*require\()"
)
_WORD = re.compile(r"[^\W\d]\w*")
_NO_NAMES = frozenset(
    word
    for line in (
        "as const crate export from h hpp import include let pub",
        "require require_once self static super type use using var",
    )
    for word in line.split()
)
# Imports stand near the top; statements of more lines, and heads of more, are no heads any more.
_LINES_OF_IMPORTS = 200
_MOST_LINES = 12
_MOST_CHARS = 400


class Heads(NamedTuple):
    """Text to put before the window, whole lines; the ranges of lines that it shows; and its tokens."""

    text: str
    ranges: tuple[LineRange, ...]
    tokens: int


NOTHING = Heads("", (), 0)


def heads_above(
    text: TextSnapshot, window: LineRange, scopes: Sequence[LineRange], *, budget: int, comment: str
) -> Heads:
    """The heads above a window that begins at line `window[0]` and ends with the cursor's, before `window[1]`.

    `scopes` are the first lines of what is around the cursor, outermost first. The inner ones have the budget, then the
    outer ones, then imports from the top.
    """
    first = window[0]
    wanted = [
        (max(start, 0), min(end, start + _MOST_LINES, first)) for start, end in reversed(scopes) if 0 <= start < first
    ]
    chosen: list[LineRange] = []
    for each in (*wanted, *_imports(text, window)):
        ranges = _joined([*chosen, each])
        if estimate(_written(text, ranges, first, comment)) <= budget:
            chosen = ranges
    if not chosen:
        return NOTHING
    written = _written(text, chosen, first, comment)
    return Heads(written, tuple(chosen), estimate(written))


def _imports(text: TextSnapshot, window: LineRange) -> Iterator[LineRange]:
    """The statements that import a name which a whole line of the window has."""
    first, end = window
    # Not the cursor's own line: what is put before the window would change while a name is typed.
    used = _words_of(_shortened(text.lines(first, end - 1)))
    top = _shortened(text.lines(0, min(first, _LINES_OF_IMPORTS)))
    line = 0
    while line < len(top):
        if not _is_import(top[line]):
            line += 1
            continue
        after = _statement_end(top, line)
        names = _words_of(top[line:after]) - _NO_NAMES
        if after - line <= _MOST_LINES and not names.isdisjoint(used):
            yield (line, after)
        line = after


def _shortened(lines: Sequence[str]) -> list[str]:
    return [line[:_MOST_CHARS] for line in lines]


def _words_of(lines: Sequence[str]) -> set[str]:
    words: set[str] = set()
    words.update(*map(_words_of_line, lines))
    return words


# Most lines are the same, and the same objects, from one key to the next. They are short: that bounds the memory.
@lru_cache(maxsize=4096)
def _words_of_line(line: str) -> frozenset[str]:
    return frozenset(_WORD.findall(line))


@lru_cache(maxsize=4096)
def _is_import(line: str) -> bool:
    return _IMPORT.match(line) is not None


def _statement_end(lines: Sequence[str], line: int) -> int:
    """The line after a statement, which goes on while a bracket is open."""
    depth = 0
    while line < len(lines):
        content = lines[line]
        depth += sum(content.count(bracket) for bracket in "({[") - sum(content.count(bracket) for bracket in ")}]")
        line += 1
        if depth <= 0:
            break
    return line


def _joined(ranges: Sequence[LineRange]) -> list[LineRange]:
    """In the order of lines, those that touch made one."""
    joined: list[LineRange] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _written(text: TextSnapshot, ranges: Sequence[LineRange], first: int, comment: str) -> str:
    """The lines of the ranges, with a comment wherever lines are left out before `first`."""
    written: list[str] = []
    shown = 0
    for start, end in ranges:
        written.append(_gap(text, shown, start, comment))
        written += [line if len(line) <= _MOST_CHARS else line[:_MOST_CHARS] + "\n" for line in text.lines(start, end)]
        shown = end
    return "".join([*written, _gap(text, shown, first, comment)])


def _gap(text: TextSnapshot, start: int, end: int, comment: str) -> str:
    if start >= end:
        return ""
    if all(not line.strip() for line in text.lines(start, min(end, start + 3))) and end - start <= 3:  # noqa: PLR2004
        return "\n"
    below = text.line(end)[:_MOST_CHARS]
    indent = below[: len(below) - len(below.lstrip())].strip("\r\n")
    return indent + comment_line(comment, f"... {end - start} lines left out")
