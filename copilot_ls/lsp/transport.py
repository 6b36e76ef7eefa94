"""Carries JSON-RPC messages over stdio or one TCP connection: frames in, frames out.

pygls' own reader takes three trips through a thread pool per message, shares that pool with handlers, and knows one
spelling of `Content-Length`. This one reads from the event loop. It leaves the meaning of a message to `protocol`.
Called by `copilot_ls.lsp.server`.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections import deque
from typing import TYPE_CHECKING, BinaryIO, Protocol

from copilot_ls.errors import place_of

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger("copilot_ls.lsp")

# Longer than any document that an editor opens: past this a header is taken as noise rather than obeyed.
MAX_BODY_BYTES = 256 * 1024 * 1024
_MAX_HEADER_BYTES = 64 * 1024
_READ_BYTES = 256 * 1024


class Receiver(Protocol):
    """What takes the frames. `finished` says that it wants no more."""

    finished: bool

    def feed(self, body: bytes) -> None:
        """Take the body of one message."""
        ...

    def feed_noise(self, reason: str) -> None:
        """Take notice of bytes that are no message."""
        ...


class FrameReader:
    """Cuts a byte stream into message bodies; survives noise by looking for the next header.

    Header names are case-insensitive, other headers are ignored. A frame without a usable `Content-Length` is reported
    as noise, and reading goes on behind it.
    """

    def __init__(self, on_body: Callable[[bytes], None], on_noise: Callable[[str], None]) -> None:
        self._on_body = on_body
        self._on_noise = on_noise
        self._buffer = bytearray()
        self._wanted: int | None = None
        self._skipping = 0

    def feed(self, data: bytes) -> None:
        """Take some bytes, in any chunking, and hand on every message that is complete."""
        buffer = self._buffer
        buffer += data
        while True:
            if self._skipping:
                n_skipped = min(self._skipping, len(buffer))
                del buffer[:n_skipped]
                self._skipping -= n_skipped
                if self._skipping:
                    return
            if self._wanted is None and not self._take_header():
                return
            if self._wanted is not None:
                if len(buffer) < self._wanted:
                    return
                body = bytes(buffer[: self._wanted])
                del buffer[: self._wanted]
                self._wanted = None
                self._on_body(body)

    def _take_header(self) -> bool:
        """Read one header block; False when more bytes are needed."""
        buffer = self._buffer
        end, n_end = buffer.find(b"\r\n\r\n"), 4
        bare = buffer.find(b"\n\n", 0, end if end >= 0 else len(buffer))
        if bare >= 0:
            end, n_end = bare, 2
        if end < 0:
            if len(buffer) > _MAX_HEADER_BYTES:
                self._on_noise(f"{len(buffer)} bytes without a message header")
                start = bytes(buffer).lower().rfind(b"content-length")
                del buffer[: start if start > 0 else len(buffer) - 32]
            return False
        header = bytes(buffer[:end])
        del buffer[: end + n_end]
        length = _content_length(header)
        if length is None:
            self._on_noise("a message header without a usable Content-Length")
        elif length > MAX_BODY_BYTES:
            self._on_noise(f"a message of {length} bytes; at most {MAX_BODY_BYTES} are taken")
            self._skipping = length
        else:
            self._wanted = length
        return True


def _content_length(header: bytes) -> int | None:
    for line in reversed(header.splitlines()):
        name, _, value = line.partition(b":")
        # Noise may stand in front of a name, on the same line, when an earlier frame was cut short.
        if name.strip().lower().endswith(b"content-length"):
            digits = value.strip()
            return int(digits) if digits.isdigit() else None
    return None


class StdoutWriter:
    """Writes frames to the client; a client that has gone is not an error of ours."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, data: bytes) -> None:
        """Write one frame and flush it."""
        try:
            self._stream.write(data)
            self._stream.flush()
        except (BrokenPipeError, ValueError):
            pass

    def close(self) -> None:
        """Keep the stream open: the process is about to end, and late answers must not raise."""


class StreamWriter:
    """Writes frames to a TCP client."""

    def __init__(self, stream: asyncio.StreamWriter) -> None:
        self._stream = stream

    def write(self, data: bytes) -> None:
        """Queue one frame."""
        if not self._stream.is_closing():
            self._stream.write(data)

    def close(self) -> None:
        """Close the connection after what is queued."""
        self._stream.close()


class Delivery:
    """Hands messages to a receiver one by one, until the input ends or the receiver has had enough.

    After each message the loop has a turn: a request's handler starts before the next message is looked at, so that it
    sees the document as of its request.
    """

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._waiting: deque[bytes] = deque()
        self._busy = False
        self._loop = asyncio.get_running_loop()
        self._input_ended = False
        self.ended: asyncio.Future[None] = self._loop.create_future()

    def take(self, body: bytes) -> None:
        """Take the body of a message; it is handed on at once if none is before it."""
        self._waiting.append(body)
        if not self._busy:
            self._next()

    def end(self) -> None:
        """No more is to come."""
        self._input_ended = True
        if not self._busy:
            self._next()

    def _next(self) -> None:
        if self.ended.done():
            return
        if self._waiting:
            self._busy = True
            try:
                self._receiver.feed(self._waiting.popleft())
            except Exception as error:  # noqa: BLE001 - one message must not stop those that follow
                logger.error("a message could not be handled: %s", place_of(error))  # noqa: TRY400 - it may quote text
            self._loop.call_soon(self._next)
            if self._receiver.finished:
                self.ended.set_result(None)
        else:
            self._busy = False
            if self._input_ended:
                self.ended.set_result(None)


async def read_stdio(receiver: Receiver) -> None:
    """Feed frames from standard input to `receiver` until it closes, or the receiver has finished."""
    stdin = sys.stdin.buffer
    delivery = Delivery(receiver)
    reader = FrameReader(delivery.take, receiver.feed_noise)
    loop = asyncio.get_running_loop()
    transport: asyncio.BaseTransport | None = None
    try:
        transport, _ = await loop.connect_read_pipe(lambda: _PipeProtocol(reader, delivery), stdin)
    except (ValueError, OSError, NotImplementedError):
        # A regular file, or a platform whose loop cannot poll a pipe: one thread of our own reads.
        threading.Thread(target=_read_in_thread, args=(stdin, reader, delivery, loop), daemon=True).start()
    try:
        await delivery.ended
    finally:
        if transport is not None:
            transport.close()


class _PipeProtocol(asyncio.Protocol):
    def __init__(self, reader: FrameReader, delivery: Delivery) -> None:
        self._reader = reader
        self._delivery = delivery

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)

    def connection_lost(self, _error: Exception | None) -> None:
        self._delivery.end()


def _read_in_thread(stdin: BinaryIO, reader: FrameReader, delivery: Delivery, loop: asyncio.AbstractEventLoop) -> None:
    read = getattr(stdin, "read1", stdin.read)
    try:
        while data := read(_READ_BYTES):
            loop.call_soon_threadsafe(reader.feed, data)
        loop.call_soon_threadsafe(delivery.end)
    except RuntimeError:  # the loop has closed: the server is gone
        return


async def read_stream(stream: asyncio.StreamReader, receiver: Receiver) -> None:
    """Feed frames from a TCP connection to `receiver` until it closes, or the receiver has finished."""
    delivery = Delivery(receiver)
    reader = FrameReader(delivery.take, receiver.feed_noise)

    async def pump() -> None:
        try:
            while data := await stream.read(_READ_BYTES):
                reader.feed(data)
        except (ConnectionError, OSError):
            pass
        finally:
            delivery.end()

    pumping = asyncio.ensure_future(pump())
    try:
        await delivery.ended
    finally:
        pumping.cancel()
