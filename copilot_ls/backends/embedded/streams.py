"""Texts as streams of tokens, in which suffixes are found again whatever the white space, and across line ends.

A line end is a token that says how the indentation changes, so that streams at any depth agree. Streams are made of
chunks of some dozens of lines, each remembered by its text: while somebody types, the chunks above and below the cursor
stay what they are, and an edit costs nothing until the chunk that it is in is asked for. Called by `propose`;
`ngrams`, `renaming` and `alignment` look things up in it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from functools import lru_cache
from itertools import pairwise
from sys import intern
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from copilot_ls.backends.embedded import lexing
from copilot_ls.backends.embedded.shapes import KEYWORDS, shape
from copilot_ls.backends.embedded.situation import indent_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.backends.embedded.evidence import Source
    from copilot_ls.text import DocumentSnapshot, TextSnapshot

CHUNK_LINES = 64
# Some 50 kB each: a few large documents, and not all that ever were open.
_REMEMBERED_CHUNKS = 256
# Chunks made within one answer, 0.3 ms each. What is left is made with the next answers, the nearest first.
_MADE_AT_ONCE = 20
_LONGEST_LINE = 300
# Contexts of which it is remembered what follows them, some 700 bytes each.
_REMEMBERED_CONTEXTS = 2_048
# Lines that are remembered as tokens, some 700 bytes each.
_REMEMBERED_LINES = 8_192
# Lines of the document above and below the cursor, of each other document, and how many of those.
_ABOVE, _BELOW, _OTHER = 4_000, 2_000, 1_000
_MOST_OTHERS = 4
# The token of a line end, by what the indentation does after it.
DEEPER, SAME, SHALLOWER = "\n>", "\n=", "\n<"
# In an outline any name is this, and any number.
NAME, NUMBER = "a", "0"
NAMED = frozenset((NAME, NUMBER))
# Where the characters begin that stand for keywords and line ends, and how many there are: two rarely share one.
_WORDS_FROM, _WORDS = 0x4000, 0x8000


class Chunk(NamedTuple):
    """Some consecutive lines as tokens.

    `spaces` is the white space before each token. `starts` are the places of each line's first token, `numbers` those
    lines, counted from the chunk's first. `pairs` has the place of the second of two tokens by both of them, or the
    list of its places where there are several. `lines` are the lines as they stand, `first_kinds` the numbers of those
    whose shape begins with one or two kinds of tokens, `end_kinds` of those that begin with one and end with another.
    `outline` has one character for each token, see `outline_of`.
    """

    tokens: list[str]
    spaces: list[str]
    starts: list[int]
    numbers: list[int]
    pairs: dict[tuple[str, str], int | list[int]]
    lines: tuple[str, ...]
    first_kinds: dict[tuple[str, ...], list[int]]
    end_kinds: dict[tuple[str, str], list[int]]
    outline: str

    def line_of(self, at: int) -> int:
        """The line of the token at a place, counted from the chunk's first."""
        return self.numbers[bisect_right(self.starts, at) - 1]


class Stretch(NamedTuple):
    """A chunk in its document: the number of its first line, and where it lies as seen from the cursor."""

    chunk: Chunk
    first_line: int
    source: Source
    path: str


class Following(NamedTuple):
    """What follows a context: the weight of each token, and the weight of all, the unseen included."""

    shares: dict[str, float]
    total: float


def line_tokens(line: str) -> list[tuple[str, str]]:
    """Each token of a line without indentation, after the white space before it; of a very long line nothing."""
    read = _read(line)
    return [] if read is None else list(zip(read.spaces, read.tokens, strict=True))


class _Line(NamedTuple):
    """A line that is not blank: columns of its indentation, tokens, white space before each, outline, kinds."""

    indent: int
    tokens: tuple[str, ...]
    spaces: tuple[str, ...]
    outline: str
    kinds: tuple[str, ...]


@lru_cache(_REMEMBERED_LINES)
def _read(raw: str) -> _Line | None:
    """A line, remembered: an edit changes one, and the chunk that it is in is made anew."""
    line = raw.strip()
    if not line:
        return None
    tokens: list[str] = []
    spaces: list[str] = []
    space = ""
    for token in lexing.tokens(line) if len(line) <= _LONGEST_LINE else ():
        if token.isspace():
            space = intern(token)
        else:
            tokens.append(intern(token))
            spaces.append(space)
            space = ""
    indent = indent_width(raw[: len(raw) - len(raw.lstrip())])
    return _Line(indent, tuple(tokens), tuple(spaces), "".join(map(outline_of, tokens)), shape(line))


def line_end(before: int, after: int) -> str:
    """The token of the end of a line that is indented by `before` columns, the next one by `after`."""
    return SAME if before == after else DEEPER if after > before else SHALLOWER


@lru_cache(16_384)
def outline_of(token: str) -> str:
    """The one character that stands for a token: names are all alike, and numbers; keywords and marks stay apart."""
    if len(token) > 1 or lexing.is_word(token):
        if token[0].isdigit():
            return NUMBER
        if lexing.is_word(token[0]) and token not in KEYWORDS:
            return NAME
        return chr(_WORDS_FROM + crc32(token.encode()) % _WORDS)
    return token


def chunk_of(lines: tuple[str, ...]) -> Chunk:
    """The stream of some lines; blank ones leave no trace."""
    tokens: list[str] = []
    spaces: list[str] = []
    starts: list[int] = []
    numbers: list[int] = []
    pairs: dict[tuple[str, str], int | list[int]] = {}
    first_kinds: dict[tuple[str, ...], list[int]] = {}
    end_kinds: dict[tuple[str, str], list[int]] = {}
    outlines: list[str] = []
    depth = 0
    for number, raw in enumerate(lines):
        line = _read(raw)
        if line is None:
            continue
        indent, its_tokens, its_spaces, outline, kinds = line
        starts.append(len(tokens))
        numbers.append(number)
        end = line_end(depth, indent)
        tokens.append(end)
        tokens += its_tokens
        spaces.append("")
        spaces += its_spaces
        outlines += outline_of(end), outline
        depth = indent
        if kinds:
            first_kinds.setdefault(kinds[:2], []).append(number)
            end_kinds.setdefault((kinds[0], kinds[-1]), []).append(number)
    for here, pair in enumerate(zip(("", *tokens), tokens, strict=False)):
        places = pairs.setdefault(pair, here)
        if places is not here:
            if isinstance(places, list):
                places.append(here)
            else:
                pairs[pair] = [places, here]
    return Chunk(tokens, spaces, starts, numbers, pairs, lines, first_kinds, end_kinds, "".join(outlines))


class Chunks:
    """The chunks made lately, and what `ngrams` looked up in the latest ones, for any number of threads."""

    __slots__ = ("_chunks", "_followings", "_lock", "_looked_in")

    def __init__(self) -> None:
        self._chunks: OrderedDict[tuple[str, ...], Chunk] = OrderedDict()
        self._lock = Lock()
        self._looked_in: Sequence[Stretch] = ()
        self._followings: dict[tuple[str, ...], Following] = {}

    def followings(self, where: Sequence[Stretch]) -> dict[tuple[str, ...], Following]:
        """What is known to follow contexts in these stretches, to be added to: the same while one line is typed."""
        with self._lock:
            same = [(id(one.chunk), one.source) for one in where] == [
                (id(one.chunk), one.source) for one in self._looked_in
            ]
            if not same or len(self._followings) > _REMEMBERED_CONTEXTS:
                self._looked_in, self._followings = where, {}
            return self._followings

    def known(self, lines: tuple[str, ...]) -> Chunk | None:
        """The chunk of these lines, if it was made before and is remembered."""
        with self._lock:
            chunk = self._chunks.get(lines)
            if chunk is not None:
                self._chunks.move_to_end(lines)
            return chunk

    def made(self, lines: tuple[str, ...]) -> Chunk:
        """The chunk of these lines, new; remembered from now on."""
        chunk = chunk_of(lines)
        with self._lock:
            self._chunks[lines] = chunk
            if len(self._chunks) > _REMEMBERED_CHUNKS:
                self._chunks.popitem(last=False)
        return chunk


def around(document: DocumentSnapshot, line: int, others: Sequence[DocumentSnapshot], chunks: Chunks) -> list[Stretch]:
    """What stands around a line, the nearest first: the document without that line, then others of its language."""
    reader = Reader(chunks)
    text, path = document.text, document.path
    where = [*reader.stretches(text, max(0, line - _ABOVE), line, "above", path)]
    where += reader.stretches(text, line + 1, min(text.n_lines, line + 1 + _BELOW), "below", path)
    for other in [other for other in others if other.language_id == document.language_id][:_MOST_OTHERS]:
        where += reader.stretches(other.text, 0, min(other.text.n_lines, _OTHER), "open", other.path)
    return where


class Reader:
    """Reads documents as stretches for one answer, in which only so many chunks are made."""

    __slots__ = ("_chunks", "_left")

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self._left = _MADE_AT_ONCE

    def stretches(self, text: TextSnapshot, start: int, end: int, source: Source, path: str) -> Iterator[Stretch]:
        """The chunks of lines `start` up to `end`, those nearest to the cursor first.

        Above the cursor they are counted from the top of the document, below it from the bottom, so that most of them
        are the same whatever happens at the cursor.
        """
        first_cut = text.n_lines % CHUNK_LINES if source == "below" else 0
        cuts = [start, *(at for at in range(first_cut, end, CHUNK_LINES) if at > start), end]
        spans = [(first, last) for first, last in pairwise(cuts) if last > first]
        for first, last in reversed(spans) if source == "above" else spans:
            lines = tuple(text.lines(first, last))
            chunk = self._chunks.known(lines)
            if chunk is None:
                if not self._left:
                    return
                self._left -= 1
                chunk = self._chunks.made(lines)
            yield Stretch(chunk, first, source, path)
