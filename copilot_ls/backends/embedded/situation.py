"""Where the cursor is, as far as the embedded engines need to know.

`Situation.at` reads it from a snapshot in time that does not depend on the length of the document, the text itself
excepted. It knows nothing of candidates. Called by `propose`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from copilot_ls.backends.embedded import lexing
from copilot_ls.text import Point

if TYPE_CHECKING:
    from copilot_ls.text import DocumentSnapshot, TextSnapshot

_LAST_WORD = re.compile(r"\w+\Z")

Place = Literal["line_start", "after_space", "after_dot", "after_open", "in_word", "after_other"]

# Nothing farther than this from the cursor, on its line, is looked at: minified files have lines of megabytes.
_MAX_HEAD = 400
_MAX_TAIL = 200
# Lines above whose brackets are followed, and lines around whose words are "near".
_BRACKET_LINES = 40
_NEAR_ABOVE = 300
_NEAR_BELOW = 80
_PREVIOUS_LINES = 6
_WORDS_REACH = 240
# Lines above in which names that were given a value are looked for.
_FRESH_LINES = 30
# Places in documents whose surroundings are remembered, some 40 kB each.
_REMEMBERED_PLACES = 8
# How far back a block comment may have been opened.
_PROSE_WINDOW = 20_000


@dataclass(frozen=True, slots=True)
class Situation:
    """The surroundings of one cursor.

    `head` is the line before the cursor without its indentation, `tail` the line after it. `previous` holds the
    stripped non-blank lines above, nearest first, with their indentation in columns in `previous_indents`; `gap` says
    whether a blank line lies between. `next_line` is the first non-blank line below, stripped. `offset` is where the
    cursor's line starts in `text`, `end` where it ends. `last_use` maps a word to how many lines above it last stood
    (0: this line). `near_above` and `near_below` are the lines around, as they stand. `index_path` is what a workspace
    index calls this document, whose saved lines say nothing new. `has_comment_mark`: a mark on this line began the
    comment that the cursor is in. `fresh_names` were given a value in the lines above, and not used since.
    """

    path: str
    index_path: str
    language_id: str
    text: str
    offset: int
    end: int
    line: int
    indent_text: str
    head: str
    tail: str
    region: lexing.Region
    place: Place
    previous: tuple[str, ...]
    previous_indents: tuple[int, ...]
    gap: bool
    next_line: str
    brackets: list[str]
    last_use: dict[str, int]
    words_above: frozenset[str]
    near_above: list[str]
    near_below: list[str]
    has_comment_mark: bool
    fresh_names: frozenset[str]

    @property
    def partial(self) -> str:
        """The word that ends at the cursor, finished or not."""
        match = _LAST_WORD.search(self.head)
        return match[0] if match is not None else ""

    @property
    def indent(self) -> int:
        """Columns of indentation, a tab counted as four."""
        return indent_width(self.indent_text)

    @classmethod
    def at(cls, document: DocumentSnapshot, cursor: Point, index_path: str = "") -> Situation:
        """Read the surroundings of `cursor`, which is clipped to the document."""
        snapshot = document.text
        cursor = snapshot.clip(cursor)
        line = snapshot.line_text(cursor.line)
        left, tail = line[: cursor.column], line[cursor.column : cursor.column + _MAX_TAIL]
        indent_text = left[: len(left) - len(left.lstrip())]
        head = left[max(len(indent_text), len(left) - _MAX_HEAD) :]
        previous, indents, gap = _lines_above(snapshot, cursor.line)
        text = snapshot.text
        offset = snapshot.offset_at(Point(cursor.line, 0))
        scanned = lexing.scan(head, document.language_id)
        region = scanned.region
        if region == "code" and _in_prose(text, offset + len(left), document.language_id):
            region = "comment"
        above = snapshot.lines(cursor.line - _NEAR_ABOVE, cursor.line)
        below = snapshot.lines(cursor.line + 1, cursor.line + 1 + _NEAR_BELOW)
        return cls(
            has_comment_mark=scanned.region == "comment",
            path=document.path,
            index_path=index_path,
            language_id=document.language_id,
            text=text,
            offset=offset,
            end=offset + len(line),
            line=cursor.line,
            indent_text=indent_text,
            head=head,
            tail=tail,
            region=region,
            place=place_of(head),
            previous=previous,
            previous_indents=indents,
            gap=gap,
            next_line=_line_below(snapshot, cursor.line),
            brackets=lexing.open_brackets(
                scanned.code, _brackets(tuple(above[-_BRACKET_LINES:]), document.language_id)
            ),
            last_use=_last_uses(tuple(above), tuple(below), head),
            words_above=frozenset(lexing.WORD.findall("".join(above[-8:])[-_WORDS_REACH:])),
            near_above=above,
            near_below=below,
            fresh_names=_fresh_names(above[-_FRESH_LINES:], head),
        )


def indent_width(indentation: str) -> int:
    """Columns that white space takes, a tab counted as four."""
    return len(indentation) + 3 * indentation.count("\t")


def place_of(head: str) -> Place:
    """Return what kind of place comes after `head`, a line without its indentation."""
    if not head:
        return "line_start"
    last = head[-1]
    if last.isspace():
        return "after_space"
    if lexing.is_word(last):
        return "in_word"
    if last == ".":
        return "after_dot"
    return "after_open" if last in lexing.OPENING else "after_other"


def _lines_above(snapshot: TextSnapshot, line: int) -> tuple[tuple[str, ...], tuple[int, ...], bool]:
    found: list[str] = []
    indents: list[int] = []
    gap = False
    for raw in reversed(snapshot.lines(line - 3 * _PREVIOUS_LINES, line)):
        stripped = raw[:_MAX_HEAD].strip()
        if not stripped:
            gap = gap or not found
            continue
        found.append(stripped)
        indents.append(indent_width(raw[: len(raw) - len(raw.lstrip())]))
        if len(found) == _PREVIOUS_LINES:
            break
    return tuple(found), tuple(indents), gap


def _line_below(snapshot: TextSnapshot, line: int) -> str:
    for raw in snapshot.lines(line + 1, line + 8):
        if stripped := raw[:_MAX_HEAD].strip():
            return stripped
    return ""


def _in_prose(text: str, offset: int, language_id: str) -> bool:
    """Whether `offset` lies in a docstring or a block comment, judged by counting their marks."""
    if language_id == "python":
        return bool(text.count('"""', 0, offset) % 2)
    start = max(0, offset - _PROSE_WINDOW)
    opened = text.rfind("/*", start, offset)
    if opened < 0 or text.rfind("*/", opened, offset) >= 0:
        return False
    # A `/*` within a line is more often a glob in a string than a comment that goes on below.
    return not text[text.rfind("\n", 0, opened) + 1 : opened].strip()


@lru_cache(_REMEMBERED_PLACES)
def _brackets(above: tuple[str, ...], language_id: str) -> list[str]:
    """The brackets that the lines above leave open, which stay what they are while the cursor's line is typed."""
    stack: list[str] = []
    for raw in above:
        if len(raw) <= _MAX_HEAD:
            stack = lexing.open_brackets(lexing.scan(raw, language_id).code, stack)
    return stack


# `name = `, `const name = `, `a, b := `, `name: Type = `, `for name in`, `as name:`.
_GIVEN = re.compile(
    r"\s*(?:(?:const|let|var|val|final|auto|for|async for|for \((?:const|let|var))\s+)?(?:[\w<>\[\].]+\s+(?=\w+ =))?"
    r"([^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*)\s*(?::\s*[^=()]+)?(?::?=(?!=)|in\b|of\b)|.*\bas (\w+):$"
)


@lru_cache(8192)
def _given(line: str) -> frozenset[str]:
    """The names that a line gives a value to."""
    match = _GIVEN.match(line[:_MAX_HEAD].rstrip())
    return frozenset(lexing.WORD.findall(match[1] or match[2])) if match is not None else frozenset()


def _fresh_names(above: list[str], head: str) -> frozenset[str]:
    fresh: set[str] = set()
    used = set(_words_of(head))
    for raw in reversed(above):
        given = _given(raw)
        fresh |= given - used
        used.update(_words_of(raw))
    return frozenset(fresh)


@lru_cache(8192)
def _words_of(line: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lexing.WORD.findall(line[:_MAX_HEAD])))


def _last_uses(above: tuple[str, ...], below: tuple[str, ...], head: str) -> dict[str, int]:
    uses = dict(_uses_around(above, below))
    for match in lexing.WORD.finditer(head):
        if match.end() < len(head):  # a word that may be unfinished is no use of it
            uses[match[0]] = 0
    return uses


@lru_cache(_REMEMBERED_PLACES)
def _uses_around(above: tuple[str, ...], below: tuple[str, ...]) -> dict[str, int]:
    """The words of the lines around, which stay what they are while the cursor's line is typed."""
    uses: dict[str, int] = {}
    for distance, raw in enumerate(below, 1):
        for word in _words_of(raw):
            uses.setdefault(word, distance)
    n_above = len(above)
    for at in range(n_above):
        distance = n_above - at
        for word in _words_of(above[at]):
            if uses.get(word, distance) >= distance:
                uses[word] = distance
    return uses
