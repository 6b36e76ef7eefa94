"""Frames come out whole, however the bytes come in, and noise between them costs nothing but itself."""

from __future__ import annotations

import asyncio
import itertools

from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.lsp.transport import MAX_BODY_BYTES, Delivery, FrameReader

bodies = st.lists(st.binary(max_size=60), max_size=6)
HEADERS = (
    b"Content-Length: %d\r\n\r\n",
    b"content-length: %d\r\n\r\n",
    b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n\r\n",
    b"CONTENT-LENGTH:%d\n\n",
)


def read(chunks: list[bytes]) -> tuple[list[bytes], list[str]]:
    taken: list[bytes] = []
    noise: list[str] = []
    reader = FrameReader(taken.append, noise.append)
    for chunk in chunks:
        reader.feed(chunk)
    return taken, noise


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(place % (len(data) + 1) for place in cuts)})
    return [data[start:end] for start, end in itertools.pairwise(places)]


@given(bodies, st.lists(st.integers(0, 3), min_size=6, max_size=6), st.lists(st.integers(0, 1000), max_size=20))
def test_any_chunking_gives_the_same_bodies(bodies: list[bytes], kinds: list[int], cuts: list[int]) -> None:
    data = b"".join(HEADERS[kind] % len(body) + body for kind, body in zip(kinds, bodies, strict=False))
    assert read(cut(data, cuts)) == (bodies, [])


def test_a_header_without_length_is_noise_and_reading_goes_on() -> None:
    taken, noise = read([b"Content-Type: x\r\n\r\nContent-Length: 2\r\n\r\n{}"])
    assert taken == [b"{}"]
    assert len(noise) == 1


def test_a_length_that_is_no_number_is_noise() -> None:
    taken, noise = read([b"Content-Length: -5\r\n\r\nContent-Length: 2\r\n\r\n{}"])
    assert (taken, len(noise)) == ([b"{}"], 1)


def test_endless_bytes_without_a_header_are_dropped_and_a_message_after_them_is_read() -> None:
    taken, noise = read([b"x" * 40_000] * 5 + [b"\r\n\r\nContent-Length: 2\r\n\r\n{}"])
    assert taken == [b"{}"]
    assert noise


def test_a_message_that_is_too_long_is_skipped_without_keeping_it() -> None:
    size = MAX_BODY_BYTES + 10
    taken: list[bytes] = []
    noise: list[str] = []
    reader = FrameReader(taken.append, noise.append)
    reader.feed(b"Content-Length: %d\r\n\r\n" % size)
    piece = b"x" * (1 << 20)
    for _ in range(size // len(piece)):
        reader.feed(piece)
        assert len(reader._buffer) <= len(piece)
    reader.feed(b"x" * (size % len(piece)) + b"Content-Length: 2\r\n\r\n{}")
    assert taken == [b"{}"]
    assert "at most" in noise[0]


class Receiver:
    """Starts a task for each message, as a server does for a request, and notes what the task sees first."""

    def __init__(self, last: bytes = b"") -> None:
        self.finished = False
        self.now = b""
        self.seen: list[tuple[bytes, bytes]] = []
        self._last = last
        self._tasks: list[asyncio.Task[None]] = []

    def feed(self, body: bytes) -> None:
        self.now = body
        self.finished = body == self._last
        self._tasks.append(asyncio.ensure_future(self._handle(body)))

    def feed_noise(self, reason: str) -> None:
        raise AssertionError(reason)

    async def _handle(self, body: bytes) -> None:
        self.seen.append((body, self.now))


async def test_a_handler_starts_before_the_next_message_is_taken() -> None:
    receiver = Receiver()
    delivery = Delivery(receiver)
    for number in range(50):
        delivery.take(b"%d" % number)
    delivery.end()
    await delivery.ended
    assert receiver.seen == [(b"%d" % number, b"%d" % number) for number in range(50)]


async def test_a_message_that_cannot_be_handled_does_not_stop_those_that_follow(caplog) -> None:
    receiver = Receiver()
    feed = receiver.feed

    def fails_at_first(body: bytes) -> None:
        if body == b"bad":
            raise ValueError("secret text")
        feed(body)

    receiver.feed = fails_at_first  # type: ignore[method-assign]
    delivery = Delivery(receiver)
    for body in (b"bad", b"good"):
        delivery.take(body)
    delivery.end()
    await delivery.ended
    assert [body for body, _ in receiver.seen] == [b"good"]
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


async def test_nothing_is_taken_after_the_receiver_has_finished() -> None:
    receiver = Receiver(last=b"exit")
    delivery = Delivery(receiver)
    for body in (b"one", b"exit", b"two"):
        delivery.take(body)
    await delivery.ended
    await asyncio.sleep(0)
    assert [body for body, _ in receiver.seen] == [b"one", b"exit"]
