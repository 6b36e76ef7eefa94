"""The shape of a line: its tokens with names, numbers and literals made anonymous; and renaming between shapes.

`self.width = width` and `self.height = height` have one shape, and the renaming `width -> height` leads from one to the
other; it is applied to whole names and, where a name has several parts, to parts (`set_width -> set_height`). Pure, but
for a bounded memory of lines seen. Called by `renaming` and `series`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

# Words that keep their identity in a shape: what says what kind of statement it is, in most languages at once.
KEYWORDS = frozenset(
    """
    False None True and as assert async await break class continue def del elif else except finally for from global
    if import in is lambda nonlocal not or pass raise return try while with yield self cls super const let var
    function export default interface type extends implements new this typeof instanceof void null undefined true
    false switch case throw catch readonly public private protected static enum abstract declare namespace func
    package struct map chan go defer range nil error int long double float char boolean bool string fn impl pub mut
    use mod match trait where end do then begin rescue module require echo local fi esac done unless foreach final
    override throws
    """.split()  # noqa: SIM905 - a list would take a page
)

_PIECE = re.compile(
    r"(?P<literal>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`)|(?P<word>\w+)|[=!<>+\-*/%&|^~:?]+|[^\w\s]"
)
_TOKEN = re.compile(_PIECE.pattern.replace("?P<literal>", "?:").replace("?P<word>", "?:"))
_QUOTES = frozenset("\"'`")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_REMEMBERED_LINES = 16_384
_LONGEST = 240


class Piece(NamedTuple):
    """A token of a line: its text, its kind (itself, or "a" for a name, "0" a number, '"' a literal), its place."""

    text: str
    kind: str
    start: int
    end: int


@lru_cache(_REMEMBERED_LINES)
def pieces(line: str) -> tuple[Piece, ...]:
    """Return the tokens of a line without white space; of a very long line, its beginning."""
    found = []
    for match in _PIECE.finditer(line[:_LONGEST]):
        text = match[0]
        kind = text
        if match["literal"]:
            kind = '"'
        elif match["word"]:
            kind = "0" if text[0].isdigit() else text if text in KEYWORDS else "a"
        found.append(Piece(text, kind, match.start(), match.end()))
    return tuple(found)


@lru_cache(_REMEMBERED_LINES)
def shape(line: str) -> tuple[str, ...]:
    """Return the kinds of the tokens of a line: those of `pieces`, made without making those."""
    kinds = []
    for token in _TOKEN.findall(line[:_LONGEST]):
        first = token[0]
        if first == "_" or first.isalnum():
            kinds.append("0" if first.isdigit() else token if token in KEYWORDS else "a")
        else:
            kinds.append('"' if first in _QUOTES and len(token) > 1 else token)
    return tuple(kinds)


def names_between(theirs: tuple[Piece, ...], ours: tuple[Piece, ...]) -> dict[str, str] | None:
    """The renaming that makes `ours` of `theirs`, two lines of one shape; None when a name would have to become two."""
    renaming: dict[str, str] = {}
    for one, other in zip(theirs, ours, strict=False):
        if one.kind in {"a", '"', "0"} and renaming.setdefault(one.text, other.text) != other.text:
            return None
    return renaming


def renamed(text: str, renaming: dict[str, str]) -> tuple[str, int]:
    """`text` with names, or parts of them, and literals replaced as `renaming` says; and how many were."""
    changes = {one: other for one, other in renaming.items() if one != other}
    if not changes:
        return text, 0
    parts = _part_changes(changes)
    out: list[str] = []
    at = changed = 0
    for piece in pieces(text):
        new = renaming.get(piece.text)
        if new is None and piece.kind == "a" and parts:
            new = _by_parts(piece.text, parts)
        if new is not None and new != piece.text:
            out += [text[at : piece.start], new]
            at = piece.end
            changed += 1
    out.append(text[at:])
    return "".join(out), changed


def _part_changes(changes: dict[str, str]) -> dict[str, str]:
    """Parts of names that stand for one another (`width -> height` in `set_width -> set_height`), lower case."""
    parts: dict[str, str] = {}
    for one, other in changes.items():
        theirs, ours = _PART.findall(one), _PART.findall(other)
        if not theirs or not ours or len(theirs) != len(ours):
            continue
        differing = [(a.lower(), b.lower()) for a, b in zip(theirs, ours, strict=True) if a.lower() != b.lower()]
        if len(differing) == 1 and len(differing[0][0]) > 1:
            parts.setdefault(*differing[0])
    return parts


def _by_parts(name: str, parts: dict[str, str]) -> str | None:
    lowered = name.lower()
    if not any(part in lowered for part in parts):
        return None
    changed = _PART.sub(lambda match: _cased(match[0], parts.get(match[0].lower(), match[0])), name)
    return changed if changed != name else None


def _cased(like: str, word: str) -> str:
    if like.isupper() and len(like) > 1:
        return word.upper()
    return word.capitalize() if like[:1].isupper() else word
