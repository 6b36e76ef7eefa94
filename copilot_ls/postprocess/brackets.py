"""Which bracket and quote belongs to which, in code without a tree: before the cursor, after it, in a generation.

A scan goes over text once, leaving out comments, and tells what was opened and not closed, and what was closed without
having been opened in it. A quote counts as a pair like a bracket. It is a reader of half lines, not a parser: where
it errs (a regular expression literal, say) the filters lose a cut, and the syntax check has the last word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from copilot_ls.postprocess.lines import CLOSERS, OPENERS, PAIRS, PROSE

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation

_HASH = frozenset({
    "python", "ruby", "shellscript", "bash", "sh", "yaml", "toml", "perl", "r", "elixir", "julia", "makefile",
    "dockerfile", "cython", "starlark", "nim", "php",
})  # fmt: skip
_DASHES = frozenset({"sql", "lua", "haskell", "elm"})
_TRIPLE = frozenset({"python", "cython", "starlark", "nim", "julia", "elixir", "swift", "kotlin", "scala", "java"})
_BACKTICK = frozenset({
    "javascript", "javascriptreact", "typescript", "typescriptreact", "go", "vue", "svelte", "kotlin",
})  # fmt: skip
# A single apostrophe is no string delimiter here: lifetimes, digit separators, type variables, primes.
_NO_APOSTROPHE = frozenset({"rust", "cpp", "haskell", "ocaml", "html", "xml"})


@dataclass(frozen=True, slots=True)
class Bracket:
    """A bracket or quote and the offset it stands at."""

    offset: int
    character: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What a stretch of text opens and closes.

    `opened` are the openers left open, outermost first; `closed` the closers of what was opened before the text.
    `opener_of` gives for each closer's offset the offset of its opener, for the pairs within the text.
    `string` is the quote of the string that the text ends in, if it does; `in_string` the offsets of line ends that lie
    inside a string or block comment.
    """

    opened: tuple[Bracket, ...]
    closed: tuple[Bracket, ...]
    opener_of: dict[int, int]
    string: str | None
    in_string: frozenset[int]


@lru_cache(maxsize=64)
def _tokens(language_id: str) -> re.Pattern[str]:
    parts = [r"(?P<bracket>[()\[\]{}])"]
    comments = []
    if language_id in _HASH:
        comments.append(r"(?<![\w$&{])\#[^\n]*")
    if language_id in _DASHES:
        comments.append(r"--[^\n]*")
    if language_id not in (_HASH - {"php"}) | _DASHES | PROSE | {"html", "xml"}:
        comments.append(r"//[^\n]*")
        parts.insert(0, r"(?P<block>/\*)")
    if comments:
        parts.insert(0, "(?P<comment>" + "|".join(comments) + ")")
    if language_id not in PROSE:
        quotes = ['"'] if language_id in _NO_APOSTROPHE else ['"', "'"]
        if language_id in _BACKTICK:
            quotes.append("`")
        if language_id in _TRIPLE:
            quotes[:0] = ['"""', "'''"]
        if language_id in _NO_APOSTROPHE:
            parts.append(r"(?P<character>'(?:\\.[^'\n]{0,8}|[^\\'\n])')")
        parts.append("(?P<quote>" + "|".join(quotes) + ")")
    return re.compile("|".join(parts))


# Where each kind of string ends: at its quote, and at the end of the line unless it is one that spans lines.
_STRING_END = {
    quote: re.compile(rf"(?:\\.|(?!{quote}).)*?(?P<end>{quote})", re.DOTALL) for quote in ('"""', "'''", "`")
} | {quote: re.compile(rf"(?:\\[^\n]|[^\\\n{quote}])*(?P<end>{quote}|\\?(?=\n|\Z))") for quote in ('"', "'")}


@lru_cache(maxsize=32)
def scan(text: str, language_id: str, string: str | None = None) -> Scan:
    """Scan `text`, which starts inside a string that `string` opened, if given."""
    tokens = _tokens(language_id)
    stack: list[Bracket] = []
    closed: list[Bracket] = []
    opener_of: dict[int, int] = {}
    inside: set[int] = set()
    position = 0
    opened_at = -1
    while position <= len(text):
        if string is not None:
            position, string = _leave_string(text, position, string, opened_at, closed, opener_of, inside)
            if string is not None:
                break
            continue
        token = tokens.search(text, position)
        if token is None:
            break
        position = token.end()
        kind = token.lastgroup
        if kind == "quote":
            string, opened_at = token.group(), token.start()
        elif kind == "block":
            end = text.find("*/", position)
            end = len(text) if end < 0 else end + 2
            inside.update(match.start() for match in re.finditer("\n", text[position:end]))
            position = end
        elif kind == "bracket":
            _place(Bracket(token.start(), token.group()), stack, closed, opener_of)
    return Scan(tuple(stack), tuple(closed), opener_of, string, frozenset(inside))


def _place(bracket: Bracket, stack: list[Bracket], closed: list[Bracket], opener_of: dict[int, int]) -> None:
    if bracket.character in OPENERS:
        stack.append(bracket)
    elif not stack:
        closed.append(bracket)
    elif stack[-1].character == PAIRS[bracket.character]:
        opener_of[bracket.offset] = stack.pop().offset
    # Otherwise it closes something else than what is open: a typing error, which is nobody's pair.


def _leave_string(
    text: str,
    position: int,
    quote: str,
    opened_at: int,
    closed: list[Bracket],
    opener_of: dict[int, int],
    inside: set[int],
) -> tuple[int, str | None]:
    match = _STRING_END[quote].match(text, position)
    if match is None:  # a string over several lines that does not end
        inside.update(at for at in range(position, len(text)) if text[at] == "\n")
        return len(text), quote
    if quote not in ('"', "'"):
        inside.update(at for at in range(position, match.end()) if text[at] == "\n")
    if match.group("end") != quote:  # the line ended first; at the end of the text the string goes on
        return (match.end(), quote) if match.end() == len(text) else (match.end(), None)
    if opened_at >= 0:
        opener_of[match.start("end")] = opened_at
    else:
        closed.append(Bracket(match.start("end"), quote))
    return match.end(), None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is open at the cursor, and what of it is closed after it.

    `string` is the quote of the string that the cursor is in. `opened` are the openers before the cursor with the
    indentation of their lines, innermost first; `closed` the closers after it, in order, with the indentation of their
    lines, or None where other code stands before them on the line.
    """

    string: str | None
    opened: tuple[tuple[str, int], ...]
    closed: tuple[tuple[str, int | None], ...]

    def is_closed_below(self, index: int) -> bool:
        """Whether the `index`-th thing open at the cursor (innermost is 0) has its closer after the cursor already.

        A closer that stands first on its line belongs to an opener whose line is indented alike. Where the opener lies
        before the window that we see, a closer that is there is taken to belong to it.
        """
        if index >= len(self.closed):
            return False
        for (opener, _), (closer, _) in zip(self.opened[: index + 1], self.closed, strict=False):
            if PAIRS.get(closer, closer) != opener:
                return False
        if index >= len(self.opened):
            return True
        closer_indent = self.closed[index][1]
        return closer_indent is None or closer_indent == self.opened[index][1]


@lru_cache(maxsize=8)
def surroundings(prefix: str, suffix: str, language_id: str, tab_width: int) -> Surroundings:
    """Look at both sides of the cursor."""
    before = scan(prefix, language_id)
    after = scan(suffix, language_id, before.string)
    opened = [(bracket.character, _line_indent(prefix, bracket.offset, tab_width)) for bracket in before.opened]
    if before.string is not None:
        opened.append((before.string, -1))
    closed = [(bracket.character, _own_indent(suffix, bracket.offset, tab_width)) for bracket in after.closed]
    return Surroundings(before.string, tuple(reversed(opened)), tuple(closed))


def _line_indent(text: str, offset: int, tab_width: int) -> int:
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    line = text[start:offset]
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(tab_width))


def _own_indent(text: str, offset: int, tab_width: int) -> int | None:
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    lead = text[start:offset].rstrip(CLOSERS)
    if start == 0 or lead.strip(" \t"):
        return None
    return len(lead.expandtabs(tab_width))


def surroundings_of(situation: Situation) -> Surroundings:
    """Look at both sides of the cursor of `situation`."""
    return surroundings(situation.prefix, situation.suffix, situation.language_id, situation.tab_width)


def scan_at(text: str, situation: Situation) -> Scan:
    """Scan a generation, which starts inside whatever string the cursor is in."""
    return scan(text, situation.language_id, surroundings_of(situation).string)


def lines_in_strings(text: str, situation: Situation) -> set[int]:
    """Numbers of the lines of a generation that start inside a string or block comment: their blanks are content."""
    return {text.count("\n", 0, offset) + 1 for offset in scan_at(text, situation).in_string}
