"""Streams decode alike however they are cut, and hold back no more than they may."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.backends._sse import JsonLinesDecoder, LineTooLongError, Message, SseDecoder

STREAM_BYTES = st.lists(
    st.sampled_from(
        [
            b"data: ",
            b"data:",
            b"data",
            b"event: error\n",
            b": comment",
            b"\n",
            b"\r\n",
            b"\r",
            b"\n\n",
            b"[DONE]",
            b"error: x",
            b"{}",
            b"id: 1\n",
            "é√😀".encode(),
            "é".encode()[:1],
            b"\xef\xbb\xbf",
            b"a",
            b" ",
        ]
    ),
    max_size=40,
).map(b"".join)


def decoded(decoder, pieces) -> list[Message]:
    return [message for piece in pieces for message in decoder.feed(piece)] + decoder.end()


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({min(place, len(data)) for place in places} | {0, len(data)})
    return [data[start:end] for start, end in itertools.pairwise(ends)] or [b""]


@pytest.mark.parametrize("make", [SseDecoder, JsonLinesDecoder])
@settings(max_examples=300)
@given(data=STREAM_BYTES, places=st.lists(st.integers(0, 200), max_size=30))
def test_any_chunking_decodes_alike(make, data, places):
    assert decoded(make(), cut(data, places)) == decoded(make(), [data])
    assert decoded(make(), [bytes([byte]) for byte in data]) == decoded(make(), [data])


@settings(max_examples=200)
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")), max_size=6),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_what_is_sent_as_events_arrives(texts, end):
    data = "".join(f"data: {text}{end}{end}" for text in texts).encode()
    assert [message.data for message in decoded(SseDecoder(), [data])] == texts


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_no_bytes_can_break_a_decoder(data):
    decoded(SseDecoder(), [data])
    decoded(JsonLinesDecoder(), [data])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"data: a\ndata: b\n\n", [Message("a\nb")]),
        (b"data:a\n\n", [Message("a")]),
        (b"data:  a\n\n", [Message(" a")]),
        (b"data\n\n", [Message("")]),
        (b": keep alive\n\ndata: a\n\n", [Message("a")]),
        (b"id: 7\nretry: 10\nunknown: x\ndata: a\n\n", [Message("a")]),
        (b"event: error\ndata: broken\n\ndata: a\n\n", [Message("broken", is_error=True), Message("a")]),
        (b'error: {"code":500}\n\n', [Message('{"code":500}', is_error=True)]),
        (b"\xef\xbb\xbfdata: a\n\n", [Message("a")]),
        (b"data: a\r\n\r\ndata: b\r\r", [Message("a"), Message("b")]),
        (b"data: last", [Message("last")]),
        (b"\n\n\n", []),
        (b"", []),
    ],
)
def test_events_are_read_as_the_standard_says(data, expected):
    assert decoded(SseDecoder(), [data]) == expected


def test_blank_lines_between_json_lines_mean_nothing():
    assert decoded(JsonLinesDecoder(), [b'\n{"a":1}\r\n \n{"b":2}']) == [Message('{"a":1}'), Message('{"b":2}')]


@pytest.mark.parametrize("make", [SseDecoder, JsonLinesDecoder])
@pytest.mark.parametrize(
    "pieces", [[b"data: " + b"x" * 200], [b"data: "] + [b"x" * 10] * 20, [b"data: " + b"x" * 200 + b"\n\n"]]
)
def test_a_line_past_the_bound_is_refused(make, pieces):
    with pytest.raises(LineTooLongError):
        decoded(make(max_line_bytes=100), pieces)


def test_an_event_of_many_lines_is_bounded_too():
    with pytest.raises(LineTooLongError):
        decoded(SseDecoder(max_line_bytes=100), [b"data: xxxxxxxxxx\n" * 20])


def test_many_short_lines_are_not_one_long_one():
    assert len(decoded(JsonLinesDecoder(max_line_bytes=100), [b"{}\n" * 1000])) == 1000
