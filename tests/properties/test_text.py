"""Random edits in three encodings leave the buffer equal to a plain string edited the plain way."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls import text as text_module
from copilot_ls.text import (
    Point,
    PositionEncoding,
    Span,
    TextBuffer,
    TextSnapshot,
    column_from_units,
    split_lines,
    units_from_column,
)

ALPHABET = "ab \t\n\r\x0c\x0b\x85\u2028é漢😀\ud800"
texts = st.text(alphabet=ALPHABET, max_size=40)
encodings = st.sampled_from(list(PositionEncoding))
small = st.integers(min_value=0, max_value=12)
edits = st.lists(st.tuples(small, small, small, small, texts), max_size=12)


def encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def reference_lines(text: str) -> list[str]:
    """Lines of a text, one character at a time: the plainest reading of the specification."""
    lines, line = [], ""
    for at, character in enumerate(text):
        line += character
        if character == "\n" or (character == "\r" and text[at + 1 : at + 2] != "\n"):
            lines.append(line)
            line = ""
    return [*lines, line]


def reference_offset(text: str, line: int, units: int, encoding: PositionEncoding) -> int:
    lines = reference_lines(text)
    if line >= len(lines):
        return len(text)
    before = sum(map(len, lines[:line]))
    body = lines[line].rstrip("\r\n")
    codec = {PositionEncoding.UTF8: "utf-8", PositionEncoding.UTF16: "utf-16-le", PositionEncoding.UTF32: "utf-32-le"}
    width = {PositionEncoding.UTF8: 1, PositionEncoding.UTF16: 2, PositionEncoding.UTF32: 4}[encoding]
    for column in range(len(body) + 1):
        if len(body[: column + 1].encode(codec[encoding], "surrogatepass")) // width > units or column == len(body):
            return before + column
    raise AssertionError


def in_small_blocks(monkey_lines: int, text: str) -> TextBuffer:
    text_module._BLOCK_LINES, text_module._BLOCK_LIMIT = monkey_lines, 2 * monkey_lines
    return TextBuffer(text)


@given(texts)
def test_lines_are_those_of_the_specification(text: str) -> None:
    assert split_lines(text) == reference_lines(text)


@given(texts, edits, encodings, st.sampled_from([1, 2, 256]))
@settings(max_examples=400)
def test_edits_equal_those_on_a_plain_string(text, changes, encoding, block_lines) -> None:
    before = text_module._BLOCK_LINES, text_module._BLOCK_LIMIT
    try:
        buffer = in_small_blocks(block_lines, text)
        kept: list[tuple[TextSnapshot, str]] = []
        for start_line, start_units, end_line, end_units, inserted in changes:
            if (start_line, start_units) > (end_line, end_units):
                start_line, start_units, end_line, end_units = end_line, end_units, start_line, start_units
            start = reference_offset(text, start_line, start_units, encoding)
            end = max(start, reference_offset(text, end_line, end_units, encoding))
            kept.append((buffer.snapshot(), text))
            edit = buffer.edit_units((start_line, start_units), (end_line, end_units), inserted, encoding)
            old, text = text, text[:start] + inserted + text[end:]
            assert edit.start_byte == len(encode(old[:start]))
            assert edit.old_end_byte == len(encode(old[:end]))
            assert edit.new_end_byte == len(encode(text[: start + len(inserted)]))
            assert edit.removed == end - start
            snapshot = buffer.snapshot()
            assert snapshot.text == text
            assert snapshot.encoded == encode(text)
            assert snapshot.lines(0, snapshot.n_lines) == reference_lines(text)
            assert snapshot.n_bytes == len(encode(text))
        for snapshot, was in kept:
            assert snapshot.text == was
    finally:
        text_module._BLOCK_LINES, text_module._BLOCK_LIMIT = before


@given(texts, st.integers(0, 60), st.integers(0, 60))
def test_points_offsets_and_bytes_agree(text: str, one: int, other: int) -> None:
    snapshot = TextSnapshot.of(text)
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    first, last = snapshot.point_at(start), snapshot.point_at(end)
    assert snapshot.offset_at(first) == start
    assert snapshot.byte_offset(first) == len(encode(text[:start]))
    assert snapshot.point_at_byte(len(encode(text[:start]))) == first
    assert snapshot.prefix(first) == text[:start]
    assert snapshot.suffix(first) == text[start:]
    assert snapshot.slice(Span(first, last)) == text[start:end]


@given(st.text(alphabet="aé漢😀\ud800", max_size=12), st.integers(0, 60), encodings)
def test_columns_translate_there_and_back(line: str, units: int, encoding: PositionEncoding) -> None:
    column = column_from_units(line, units, encoding)
    assert 0 <= column <= len(line)
    assert units_from_column(line, column, encoding) <= units
    for column in range(len(line) + 1):
        assert column_from_units(line, units_from_column(line, column, encoding), encoding) == column


def test_a_snapshot_is_the_same_object_until_the_next_edit() -> None:
    buffer = TextBuffer("a\nb")
    first = buffer.snapshot()
    assert buffer.snapshot() is first
    buffer.edit(Point(0, 0), Point(0, 0), "x")
    assert buffer.snapshot() is not first
    assert first.text == "a\nb"


@given(texts, st.integers(0, 60), st.integers(0, 60), texts)
def test_an_edited_snapshot_leaves_the_first_alone(text: str, one: int, other: int, inserted: str) -> None:
    snapshot = TextSnapshot.of(text)
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    span = Span(snapshot.point_at(start), snapshot.point_at(end))
    edited, edit = snapshot.edited(span, inserted)
    assert edit.start == span.start
    assert edited.text == text[:start] + inserted + text[end:]
    assert edited.lines(0, edited.n_lines) == reference_lines(edited.text)
    assert snapshot.text == text
