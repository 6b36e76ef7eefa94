"""Documents as text: positions, an editable buffer whose edits cost O(edit), and immutable snapshots of it.

Four notations of a place meet here, and nowhere else but in `copilot_ls.lsp`:

* `Point`: line and column in *code points*. Everything inside copilot-ls speaks this.
* LSP columns: utf-8, utf-16 or utf-32 code units, as negotiated; `column_from_units` and `units_from_column` translate.
* byte offsets and byte columns into the utf-8 text: what tree-sitter speaks; `AppliedEdit` carries them.
* character offsets into the whole text: only `TextSnapshot.offset_at` and `point_at`, which cost O(document / block).

A line ends at LF, CRLF or CR and nowhere else (LSP 3.18, "Text Documents"): not at form feeds, NEL or U+2028, where
`str.splitlines` would break it. Lone surrogates, which JSON can carry, survive; `surrogatepass` encodes them.

The buffer keeps lines in blocks of a few hundred. Blocks are never changed once made, so that a snapshot is a copy of
the list of blocks, and an edit makes one new block. It knows nothing of files, languages or LSP.
Called by `lsp` (edits), `syntax` (bytes), and every feature (snapshots).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n|\n|\r")
_TERMINATORS = "\r\n"

# Lines a block holds when it is made, and the size at which it is split. Copying a block is the price of an edit, and
# the number of blocks that of a snapshot: at 256 an edit costs the same at 1,000 and at 100,000 lines (`make bench`).
_BLOCK_LINES = 256
_BLOCK_LIMIT = 2 * _BLOCK_LINES


class PositionEncoding(Enum):
    """The unit that an LSP client counts columns in."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


class Point(NamedTuple):
    """A place between two characters: zero-based line, and column in code points."""

    line: int
    column: int


class Span(NamedTuple):
    """The text from `start` up to, not including, `end`."""

    start: Point
    end: Point


class AppliedEdit(NamedTuple):
    """One replacement that a buffer has made, in every notation that its listeners need.

    `start_byte`, `old_end_byte`, `new_end_byte` and the `*_byte_column`s count utf-8 bytes, as tree-sitter does.
    `removed` is the number of code points that went, `text` what came; `start`, `old_end`, `new_end` are points.
    """

    start: Point
    old_end: Point
    new_end: Point
    start_byte: int
    old_end_byte: int
    new_end_byte: int
    start_byte_column: int
    old_end_byte_column: int
    new_end_byte_column: int
    text: str
    removed: int


def split_lines(text: str) -> list[str]:
    """Lines of `text` with their terminators; the last one has none, and is empty after a final terminator."""
    if "\r" not in text:
        lines = [line + "\n" for line in text.split("\n")]
        lines[-1] = lines[-1][:-1]
        return lines
    lines = []
    start = 0
    for end in _LINE_END.finditer(text):
        lines.append(text[start : end.end()])
        start = end.end()
    lines.append(text[start:])
    return lines


def byte_length(text: str) -> int:
    """Bytes of `text` in utf-8, lone surrogates included."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def column_from_units(line: str, units: int, encoding: PositionEncoding) -> int:
    """Column in code points of `units` code units into `line`; past its text it is the end of the text.

    A count that falls within a character is taken as the place before that character.
    """
    text = line.rstrip(_TERMINATORS) if line.endswith(("\n", "\r")) else line
    if units <= 0:
        return 0
    if encoding is PositionEncoding.UTF32 or text.isascii():
        return min(units, len(text))
    if encoding is PositionEncoding.UTF16:
        if units >= 2 * len(text):
            return len(text)
        head = text[:units]
        if head.isascii() or max(head) <= "\uffff":
            return min(units, len(text))
    seen = 0
    for column, character in enumerate(text):
        width = _width(character, encoding)
        if seen + width > units:
            return column
        seen += width
    return len(text)


def units_from_column(line: str, column: int, encoding: PositionEncoding) -> int:
    """Code units of `encoding` in the first `column` code points of `line`."""
    head = line[:column]
    if encoding is PositionEncoding.UTF32 or head.isascii():
        return len(head)
    if encoding is PositionEncoding.UTF8:
        return byte_length(head)
    return len(head) + sum(1 for character in head if character > "\uffff")


def _width(character: str, encoding: PositionEncoding) -> int:
    if encoding is PositionEncoding.UTF16:
        return 2 if character > "\uffff" else 1
    return byte_length(character)


class _Block:
    """Some consecutive lines. Never changed once made; its bytes are encoded on first demand."""

    __slots__ = ("_encoded", "lines", "n_bytes", "n_chars")

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        text = "".join(lines)
        self.n_chars = len(text)
        self.n_bytes = byte_length(text)
        self._encoded: bytes | None = None

    @property
    def text(self) -> str:
        return "".join(self.lines)

    @property
    def encoded(self) -> bytes:
        if self._encoded is None:
            self._encoded = self.text.encode("utf-8", "surrogatepass")
        return self._encoded


def _blocks(lines: list[str]) -> list[_Block]:
    return [_Block(lines[at : at + _BLOCK_LINES]) for at in range(0, len(lines), _BLOCK_LINES)]


class TextSnapshot:
    """A text as it was at one moment; cheap to take, safe to keep, never changed."""

    __slots__ = ("_blocks", "_encoded", "_first_lines", "_text", "n_lines")

    def __init__(self, blocks: list[_Block], first_lines: list[int], n_lines: int) -> None:
        self._blocks = blocks
        self._first_lines = first_lines
        self.n_lines = n_lines
        self._text: str | None = None
        self._encoded: bytes | None = None

    @classmethod
    def of(cls, text: str) -> TextSnapshot:
        """The snapshot of a text that no editor holds."""
        return TextBuffer(text).snapshot()

    @property
    def text(self) -> str:
        """The whole text; joined on first demand, O(document)."""
        if self._text is None:
            self._text = "".join([block.text for block in self._blocks])
        return self._text

    @property
    def encoded(self) -> bytes:
        """The whole text in utf-8; blocks that were encoded before are reused."""
        if self._encoded is None:
            self._encoded = b"".join([block.encoded for block in self._blocks])
        return self._encoded

    @property
    def n_bytes(self) -> int:
        """Length in utf-8 bytes."""
        return sum(block.n_bytes for block in self._blocks)

    @property
    def n_chars(self) -> int:
        """Length in code points."""
        return sum(block.n_chars for block in self._blocks)

    def line(self, line: int) -> str:
        """Line number `line` with its terminator; empty outside the document."""
        if not 0 <= line < self.n_lines:
            return ""
        at = bisect_right(self._first_lines, line) - 1
        return self._blocks[at].lines[line - self._first_lines[at]]

    def line_text(self, line: int) -> str:
        """Line number `line` without its terminator."""
        return self.line(line).rstrip(_TERMINATORS)

    def lines(self, start: int, end: int) -> list[str]:
        """Lines `start` up to, not including, `end`, with terminators, clipped to the document."""
        start, end = max(start, 0), min(end, self.n_lines)
        result: list[str] = []
        at = bisect_right(self._first_lines, start) - 1
        while start < end:
            first = self._first_lines[at]
            part = self._blocks[at].lines[start - first : end - first]
            result += part
            start += len(part)
            at += 1
        return result

    def clip(self, point: Point) -> Point:
        """The nearest place that exists: line within the document, column within the line's text."""
        line = min(max(point.line, 0), self.n_lines - 1)
        if line != point.line:
            return Point(line, len(self.line_text(line))) if point.line > line else Point(0, 0)
        return Point(line, min(max(point.column, 0), len(self.line_text(line))))

    def prefix(self, point: Point, max_lines: int | None = None) -> str:
        """Text before `point`, from at most `max_lines` whole lines above it."""
        start = 0 if max_lines is None else max(0, point.line - max_lines)
        return "".join(self.lines(start, point.line)) + self.line(point.line)[: point.column]

    def suffix(self, point: Point, max_lines: int | None = None) -> str:
        """Text after `point`, up to at most `max_lines` whole lines below it."""
        end = self.n_lines if max_lines is None else point.line + 1 + max_lines
        return self.line(point.line)[point.column :] + "".join(self.lines(point.line + 1, end))

    def slice(self, span: Span) -> str:
        """The text of `span`."""
        (first, start), (last, end) = span
        if first == last:
            return self.line(first)[start:end]
        return self.line(first)[start:] + "".join(self.lines(first + 1, last)) + self.line(last)[:end]

    def edited(self, span: Span, text: str) -> tuple[TextSnapshot, AppliedEdit]:
        """This text with `span` replaced, sharing every untouched block, and the edit that made it."""
        buffer = TextBuffer.__new__(TextBuffer)
        buffer._adopt(self)  # noqa: SLF001 - the two classes are one module's
        edit = buffer.edit(span.start, span.end, text)
        return buffer.snapshot(), edit

    def offset_at(self, point: Point) -> int:
        """Code points before `point`."""
        at = bisect_right(self._first_lines, point.line) - 1
        before = sum(block.n_chars for block in self._blocks[:at])
        lines = self._blocks[at].lines[: point.line - self._first_lines[at]]
        return before + sum(map(len, lines)) + point.column

    def point_at(self, offset: int) -> Point:
        """The point of a character offset, clipped to the document."""
        rest = max(offset, 0)
        for first, block in zip(self._first_lines, self._blocks, strict=True):
            if rest < block.n_chars:
                for at, line in enumerate(block.lines):
                    if rest < len(line):
                        return Point(first + at, rest)
                    rest -= len(line)
            rest -= block.n_chars
        last = self.n_lines - 1
        return Point(last, len(self.line(last)))

    def byte_column(self, point: Point) -> int:
        """Utf-8 bytes of the line before `point`."""
        return byte_length(self.line(point.line)[: point.column])

    def byte_offset(self, point: Point) -> int:
        """Utf-8 bytes before `point`."""
        at = bisect_right(self._first_lines, point.line) - 1
        before = sum(block.n_bytes for block in self._blocks[:at])
        lines = self._blocks[at].lines[: point.line - self._first_lines[at]]
        return before + byte_length("".join(lines)) + self.byte_column(point)

    def point_at_byte(self, offset: int) -> Point:
        """The point of a byte offset, clipped to the document; one within a character is the place before it."""
        rest = max(offset, 0)
        for first, block in zip(self._first_lines, self._blocks, strict=True):
            if rest < block.n_bytes:
                for at, line in enumerate(block.lines):
                    n_bytes = byte_length(line)
                    if rest < n_bytes:
                        behind = rest - byte_length(text := line.rstrip(_TERMINATORS))
                        if behind > 0:  # between a CR and its LF
                            return Point(first + at, len(text) + behind)
                        return Point(first + at, column_from_units(text, rest, PositionEncoding.UTF8))
                    rest -= n_bytes
            rest -= block.n_bytes
        last = self.n_lines - 1
        return Point(last, len(self.line(last)))

    def point_from_bytes(self, line: int, byte_column: int) -> Point:
        """The point of a tree-sitter position; a column within a character is taken as the place before it."""
        return Point(line, column_from_units(self.line(line), byte_column, PositionEncoding.UTF8))


class TextBuffer:
    """A text that is edited in place at O(edit), and photographed at O(blocks)."""

    __slots__ = ("_blocks", "_first_lines", "_n_lines", "_shared", "_sizes", "_snapshot")

    def __init__(self, text: str = "") -> None:
        self._n_lines = 0
        self._snapshot: TextSnapshot | None = None
        self._shared = False
        self.replace(text)

    @property
    def n_lines(self) -> int:
        """Number of lines; at least one."""
        return self._n_lines

    def replace(self, text: str) -> None:
        """Make `text` the whole content."""
        lines = split_lines(text)
        self._blocks = _blocks(lines)
        self._n_lines = len(lines)
        self._renumber()
        self._snapshot = None

    def snapshot(self) -> TextSnapshot:
        """The text as it is now. Equal snapshots are the same object until the next edit."""
        if self._snapshot is None:
            self._snapshot = TextSnapshot(self._blocks, self._first_lines, self._n_lines)
            self._shared = True
        return self._snapshot

    def edit_units(
        self, start: tuple[int, int], end: tuple[int, int], text: str, encoding: PositionEncoding
    ) -> AppliedEdit:
        """Replace what lies between two LSP positions, clipped to the document, and say what changed."""
        start_point = self._clip_units(start, encoding)
        end_point = start_point if start == end else max(start_point, self._clip_units(end, encoding))
        return self.edit(start_point, end_point, text)

    def edit(self, start: Point, end: Point, text: str) -> AppliedEdit:
        """Replace what lies between two points that exist, and say what changed."""
        first_at, first_line = self._find(start.line)
        last_at, last_line = (first_at, first_line) if end.line == start.line else self._find(end.line)
        first_block, last_block = self._blocks[first_at], self._blocks[last_at]
        old_last = last_block.lines[last_line]
        head, tail = first_block.lines[first_line][: start.column], old_last[end.column :]
        above = first_block.lines[:first_line]
        start_column = byte_length(head)
        start_byte = sum(self._sizes[:first_at]) + byte_length("".join(above)) + start_column
        edit = _describe(
            start, end, text, self._between(start, end), start_byte, start_column, byte_length(old_last[: end.column])
        )
        changed = head + text + tail
        if changed.startswith("\n") and start.line and self._line(start.line - 1).endswith("\r"):
            # A CR and an LF that meet are one line end, not two.
            if not above:
                first_at -= 1
                above = self._blocks[first_at].lines
            changed = above[-1] + changed
            above = above[:-1]
        lines = split_lines(changed)
        if end.line < self._n_lines - 1:
            lines.pop()  # what follows the terminator is the next line, which stands already
        self._put(first_at, last_at + 1, above + lines + last_block.lines[last_line + 1 :])
        return edit

    def _adopt(self, snapshot: TextSnapshot) -> None:
        """Become the text of a snapshot without copying it."""
        self._blocks = snapshot._blocks  # noqa: SLF001 - see `TextSnapshot.edited`
        self._renumber()
        self._snapshot = None
        self._shared = True

    def _between(self, start: Point, end: Point) -> str:
        if start.line == end.line:
            return self._line(start.line)[start.column : end.column]
        return self.snapshot().slice(Span(start, end))

    def _line(self, line: int) -> str:
        at, within = self._find(line)
        return self._blocks[at].lines[within]

    def _find(self, line: int) -> tuple[int, int]:
        at = bisect_right(self._first_lines, line) - 1
        return at, line - self._first_lines[at]

    def _clip_units(self, position: tuple[int, int], encoding: PositionEncoding) -> Point:
        line, units = position
        if line < 0:
            return Point(0, 0)
        if line >= self._n_lines:
            return Point(self._n_lines - 1, len(self._line(self._n_lines - 1).rstrip(_TERMINATORS)))
        return Point(line, column_from_units(self._line(line), units, encoding))

    def _put(self, start: int, end: int, lines: list[str]) -> None:
        """Make `lines` stand where blocks `start` to `end` stood."""
        if self._shared:  # a snapshot holds these lists
            self._blocks = self._blocks.copy()
            self._shared = False
        self._snapshot = None
        if end - start == 1 and lines and len(lines) <= _BLOCK_LIMIT:
            n_lines_before = len(self._blocks[start].lines)
            self._blocks[start] = block = _Block(lines)
            if len(lines) == n_lines_before:
                self._sizes[start] = block.n_bytes
                return
        else:
            self._blocks[start:end] = _blocks(lines)
        self._renumber()

    def _renumber(self) -> None:
        ends = list(accumulate([len(block.lines) for block in self._blocks]))
        self._n_lines = ends.pop()
        self._first_lines = [0, *ends]
        self._sizes = [block.n_bytes for block in self._blocks]


def _describe(
    start: Point, end: Point, text: str, replaced: str, start_byte: int, start_column: int, old_end_column: int
) -> AppliedEdit:
    n_text_bytes = byte_length(text)
    *above, last = split_lines(text) if text else [""]
    if above:
        new_end = Point(start.line + len(above), len(last))
        new_end_column = byte_length(last)
    else:
        new_end = Point(start.line, start.column + len(text))
        new_end_column = start_column + n_text_bytes
    return AppliedEdit(
        start=start,
        old_end=end,
        new_end=new_end,
        start_byte=start_byte,
        old_end_byte=start_byte + byte_length(replaced),
        new_end_byte=start_byte + n_text_bytes,
        start_byte_column=start_column,
        old_end_byte_column=old_end_column,
        new_end_byte_column=new_end_column,
        text=text,
        removed=len(replaced),
    )


@dataclass(frozen=True, slots=True)
class DocumentSnapshot:
    """One open document at one version. `path` is the file's absolute path, empty for documents without a file."""

    uri: str
    path: str
    language_id: str
    version: int
    text: TextSnapshot
