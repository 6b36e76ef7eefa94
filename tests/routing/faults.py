"""Faults of a model server: each with what a backend may call it, and a script that plays it in any protocol.

A `None` among the names means that the backend is to get over it: it is no fault of the backend's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.backends.model_server import Asked, Connection, Script, answer_of, content_type_of, hang

# Long enough for a busy machine to answer in, short enough to wait for.
DEADLINES = {
    "connect_timeout_ms": 400,
    "first_byte_timeout_ms": 400,
    "idle_timeout_ms": 400,
    "total_timeout_ms": 900,
}
_HUGE = 100_000_000


@dataclass(frozen=True)
class Fault:
    """`play` makes the script for a protocol; `retried` says that the request is safe to repeat."""

    called: frozenset[str | None]
    play: Callable[[str], Script]
    retried: bool = False
    settings: dict[str, Any] = field(default_factory=dict)


def _begun(protocol: str) -> bytes:
    return b"".join(answer_of(protocol, ["some"], finish=False))


def _is_lines(protocol: str) -> bool:
    return "ndjson" in content_type_of(protocol)


def _message(protocol: str, body: bytes) -> bytes:
    return body + b"\n" if _is_lines(protocol) else b"data: " + body + b"\n\n"


def _status(status: int, said: str = "no", *called: str, retried: bool = False, **headers: str) -> Fault:
    def play(_: str) -> Script:
        async def script(connection: Connection, asked: Asked) -> None:
            await connection.whole(status, json.dumps({"error": {"message": said}}).encode(), **headers)

        return script

    return Fault(frozenset(called or {f"http_{status}"}), play, retried)


def _body(*called: str | None, **settings: int) -> Callable[[Callable[[Connection, str], Any]], Fault]:
    """A fault after the head of an answer."""

    def decorate(write: Callable[[Connection, str], Any]) -> Fault:
        def play(protocol: str) -> Script:
            async def script(connection: Connection, asked: Asked) -> None:
                await connection.chunked_head(content_type_of(protocol))
                await write(connection, protocol)

            return script

        return Fault(frozenset(called), play, settings=settings)

    return decorate


def _whole(body: Callable[[str], bytes], called: str, content_type: str | None = None, **headers: str) -> Fault:
    def play(protocol: str) -> Script:
        async def script(connection: Connection, asked: Asked) -> None:
            await connection.whole(200, body(protocol), content_type or content_type_of(protocol), **headers)

        return script

    return Fault(frozenset({called}), play)


@_body("timeout_idle")
async def _stall(connection: Connection, protocol: str) -> None:
    await connection.chunk(_begun(protocol))
    await connection.until_closed()


@_body("timeout_first_byte")
async def _head_alone(connection: Connection, protocol: str) -> None:
    await connection.until_closed()


@_body("reset", "truncated")
async def _reset(connection: Connection, protocol: str) -> None:
    await connection.chunk(_begun(protocol))
    await asyncio.sleep(0.02)
    connection.reset()


@_body("truncated")
async def _truncated(connection: Connection, protocol: str) -> None:
    await connection.chunk(_begun(protocol)[:-9])
    connection.writer.close()


@_body("truncated", "empty", "bad_json")
async def _cut_within_a_message(connection: Connection, protocol: str) -> None:
    """The framing is whole, the message is not."""
    await connection.chunk(_begun(protocol)[:-9])
    await connection.end()


@_body(None)
async def _split_utf8(connection: Connection, protocol: str) -> None:
    for byte in b"".join(answer_of(protocol, ["CODE"])).replace(b"CODE", "é√😀".encode()):
        await connection.chunk(bytes([byte]))
    await connection.end()


@_body("timeout_total", "timeout_deadline")
async def _endless(connection: Connection, protocol: str) -> None:
    await connection.chunk(_begun(protocol))
    while True:
        await connection.chunk(b"\n" if _is_lines(protocol) else b": still here\n\n")
        await asyncio.sleep(0.05)


# Megabytes take their time on a busy machine.
@_body("too_large", total_timeout_ms=20_000)
async def _flood(connection: Connection, protocol: str) -> None:
    while True:
        await connection.chunk(b"\n" * 65536 if _is_lines(protocol) else b": still here\n\n" * 4096)


@_body("line_too_long", total_timeout_ms=20_000)
async def _huge_line(connection: Connection, protocol: str) -> None:
    await connection.chunk(b'{"x": "' if _is_lines(protocol) else b'data: {"x": "')
    piece = b"a" * 1_000_000
    for _ in range(_HUGE // len(piece)):
        await connection.chunk(piece)


@_body("stream_error")
async def _error_within(connection: Connection, protocol: str) -> None:
    await connection.chunk(_begun(protocol))
    await connection.chunk(_message(protocol, b'{"error": {"message": "out of memory", "type": "server_error"}}'))
    await connection.end()


def _breaks_off(_: str) -> Script:
    async def script(connection: Connection, asked: Asked) -> None:
        connection.reset()

    return script


def _speaks_smtp(_: str) -> Script:
    async def script(connection: Connection, asked: Asked) -> None:
        await connection.send(b"220 mail.example ESMTP ready\r\n\r\n")
        connection.writer.close()

    return script


def _hangs(_: str) -> Script:
    return hang


FAULTS: dict[str, Fault] = {
    "slow first byte": Fault(frozenset({"timeout_first_byte"}), _hangs),
    "a head alone": _head_alone,
    "stall in the midst": _stall,
    "reset before an answer": Fault(frozenset({"reset", "truncated"}), _breaks_off),
    "reset in the midst": _reset,
    "closed in the midst": _truncated,
    "cut within a message": _cut_within_a_message,
    "split UTF-8": _split_utf8,
    "broken UTF-8": _whole(lambda protocol: _message(protocol, b"\xff\xfe"), "bad_json"),
    "no JSON": _whole(lambda protocol: _message(protocol, b"{nonsense"), "bad_json"),
    "wrong schema": _whole(lambda protocol: _message(protocol, b'{"hello": "world"}'), "wrong_schema"),
    "a list for an object": _whole(lambda protocol: _message(protocol, b"[1]"), "wrong_schema"),
    "wrong content type": _whole(lambda _: b"<html>Welcome</html>", "wrong_content_type", "text/html"),
    "compressed": _whole(lambda _: b"\x1f\x8b", "content_encoding", Content_Encoding="gzip"),
    "empty body": _whole(lambda _: b"", "empty"),
    "error within the answer": _error_within,
    "endless by drops": _endless,
    "endless flood": _flood,
    "a line of 100 MB": _huge_line,
    "no HTTP": Fault(frozenset({"bad_http"}), _speaks_smtp),
    "redirect to another host": _status(307, "", Location="https://elsewhere.example/v1"),
    "400": _status(400),
    "401": _status(401),
    "403": _status(403),
    "404": _status(404),
    "404 model": _status(404, "The model `m` does not exist", "model_not_found"),
    "408": _status(408, retried=True),
    "413": _status(413),
    "422": _status(422),
    "context too long": _status(400, "This model's maximum context length is 2048 tokens", "context_length"),
    "429": _status(429, retried=True),
    "429 with a short pause": _status(429, retried=True, Retry_After="0"),
    "429 with a long pause": _status(429, Retry_After="3600"),
    "500": _status(500),
    "502": _status(502),
    "503": _status(503, retried=True),
    "503 with a long pause": _status(503, Retry_After="3600"),
    "504": _status(504),
}
