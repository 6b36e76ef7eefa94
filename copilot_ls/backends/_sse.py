"""Streams of messages, decoded as their bytes arrive: server-sent events and JSON lines.

Both decoders take any chunking alike, split utf-8 sequences and line ends included, and bound what they hold back.
They know nothing of HTTP or of any backend's messages. Called by `_stream`.

Server-sent events: WHATWG HTML Living Standard, section 9.2.6 "Interpreting an event stream".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

# A completion of a few hundred tokens never needs a longer line; what does is not a completion.
MAX_LINE_BYTES = 1 << 20


class LineTooLongError(Exception):
    """A line, or the lines of one event, went past the bound."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its text, and whether the stream's framing says that it is an error."""

    data: str
    is_error: bool = False


class Decoder(Protocol):
    """Turns bytes into messages, a chunk at a time."""

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are complete with `data`. Raises `LineTooLongError`."""
        ...

    def end(self) -> list[Message]:
        """What the end of the stream completes."""
        ...


class _Lines:
    """Cuts bytes into lines at LF, CRLF or CR."""

    def __init__(self, max_line_bytes: int) -> None:
        self._pieces: list[bytes] = []
        self._held = 0
        self._after_cr = False
        self._max = max_line_bytes

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are complete with `data`, without their ends."""
        if self._after_cr and data:
            data = data.removeprefix(b"\n")
            self._after_cr = False
        if data.endswith(b"\r"):
            self._after_cr = True  # an LF that comes next belongs to it
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = b"".join([*self._pieces, lines[0]])
            self._pieces = []
            self._held = 0
        if rest:
            self._pieces.append(rest)
            self._held += len(rest)
        if self._held > self._max or any(len(line) > self._max for line in lines):
            raise LineTooLongError
        return lines

    def end(self) -> list[bytes]:
        """The last line, if the stream stopped short of its end."""
        rest = b"".join(self._pieces)
        self._pieces = []
        self._held = 0
        return [rest] if rest else []


class SseDecoder:
    """Server-sent events. Fields other than `data`, `event` and `error` are ignored, as the standard asks.

    `error:` is no field of the standard: llama.cpp's server reports with it what went wrong within a stream.
    """

    def __init__(self, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._lines = _Lines(max_line_bytes)
        self._max = max_line_bytes
        self._data: list[str] = []
        self._size = 0
        self._event = ""
        self._first = True

    def feed(self, data: bytes) -> list[Message]:
        """The events that are complete with `data`."""
        messages: list[Message] = []
        for line in self._lines.feed(data):
            self._take(line, messages)
        return messages

    def end(self) -> list[Message]:
        """What is left at the end. The standard drops an event without its blank line; servers that forget it exist."""
        messages: list[Message] = []
        for line in self._lines.end():
            self._take(line, messages)
        self._dispatch(messages)
        return messages

    def _take(self, line: bytes, messages: list[Message]) -> None:
        if self._first:
            line = line.removeprefix(b"\xef\xbb\xbf")
            self._first = False
        if not line:
            self._dispatch(messages)
            return
        name, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
            self._size += len(line)
            if self._size > self._max:
                raise LineTooLongError
        elif name == "event":
            self._event = value
        elif name == "error":
            messages.append(Message(value, is_error=True))

    def _dispatch(self, messages: list[Message]) -> None:
        if self._data:
            messages.append(Message("\n".join(self._data), is_error=self._event == "error"))
        self._data = []
        self._size = 0
        self._event = ""


class JsonLinesDecoder:
    """One JSON text a line; blank lines mean nothing."""

    def __init__(self, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._lines = _Lines(max_line_bytes)

    def feed(self, data: bytes) -> list[Message]:
        """The lines that are complete with `data`."""
        return _messages(self._lines.feed(data))

    def end(self) -> list[Message]:
        """The last line, if it has no line end."""
        return _messages(self._lines.end())


def _messages(lines: list[bytes]) -> list[Message]:
    return [Message(text) for line in lines if line and (text := line.decode("utf-8", "replace").strip())]
