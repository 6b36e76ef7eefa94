"""A model server on loopback that says exactly what a test tells it to, byte by byte, faults included."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from copilot_ls.backends.base import Backend, Chunk, CompletionRequest
from copilot_ls.config.settings import BackendSettings
from tests.backends.protocols import PROTOCOLS

HTTP_KINDS = tuple(PROTOCOLS)


@dataclass
class Asked:
    """One request as the server saw it; `gone` is set when its client closed the connection, or it was answered."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    closed_early: bool = False


class Connection:
    """What a scripted answer writes to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self, status: int = 200, content_type: str = "text/event-stream", **headers: str) -> None:
        """A head after which the body ends with the connection."""
        lines = [f"HTTP/1.1 {status} Said", f"Content-Type: {content_type}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.send("\r\n".join([*lines, "", ""]).encode())

    async def chunked_head(self, content_type: str = "text/event-stream") -> None:
        await self.send(
            f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )

    async def chunk(self, data: bytes) -> None:
        await self.send(b"%x\r\n%s\r\n" % (len(data), data))

    async def end(self) -> None:
        await self.send(b"0\r\n\r\n")

    async def whole(self, status: int, body: bytes, content_type: str = "application/json", **headers: str) -> None:
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        await self.send(
            f"HTTP/1.1 {status} Said\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode()
            + body
        )

    async def until_closed(self) -> None:
        """Wait until the client is gone."""
        while await self.reader.read(65536):
            pass

    def reset(self) -> None:
        """Break the connection off with a reset."""
        self.writer.transport.abort()


Script = Callable[[Connection, Asked], Awaitable[None]]


class ModelServer:
    """`script` answers every request; `asked` remembers them; `n_connections` counts how often one was opened."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.script: Script = hang
        self.n_connections = 0
        self.n_open = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        self.n_connections += 1
        self.n_open += 1
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.n_open -= 1
            self._tasks.discard(task)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        method, path, _ = first.split()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        asked = Asked(method, path, headers, json.loads(body) if body else {})
        self.asked.append(asked)
        try:
            await self.script(Connection(reader, writer), asked)
        except ConnectionError:
            asked.closed_early = True
            raise
        finally:
            asked.gone.set()
        return not writer.is_closing()


async def hang(connection: Connection, asked: Asked) -> None:
    """Say nothing until the client has had enough."""
    await connection.until_closed()
    asked.closed_early = True
    connection.writer.close()


def answer_of(name: str, texts: list[str], *, finish: bool = True) -> list[bytes]:
    """What a server of this protocol streams for `texts`."""
    return PROTOCOLS[name].stream(texts, finish=finish)


def first_piece_of(name: str) -> bytes:
    """The beginning of an answer, with some text of it."""
    return b"".join(answer_of(name, ["a"], finish=False))


def content_type_of(name: str) -> str:
    return PROTOCOLS[name].content_type


def streams(content_type: str, pieces: list[bytes], models: dict | None = None) -> Script:
    """A script that streams these pieces to every request, and keeps the connection for the next."""

    async def script(connection: Connection, asked: Asked) -> None:
        if asked.method == "GET":
            await connection.whole(200, json.dumps(models or {}).encode())
            return
        await connection.chunked_head(content_type)
        for piece in pieces:
            await connection.chunk(piece)
        await connection.end()

    return script


def says(name: str, *texts: str) -> Script:
    """A script that streams an answer as a server of this protocol does, and lists its models."""
    return streams(content_type_of(name), answer_of(name, list(texts)), PROTOCOLS[name].models)


def settings_for(name: str, url: str, **more) -> BackendSettings:
    """Settings with deadlines short enough for a test and long enough for a slow machine."""
    protocol = PROTOCOLS[name]
    given = {
        "connect_timeout_ms": 2000,
        "first_byte_timeout_ms": 2000,
        "idle_timeout_ms": 2000,
        "total_timeout_ms": 8000,
        "kind": protocol.kind,
        "url": url,
        "model": protocol.model,
    }
    options = protocol.options | more.pop("options", {})
    return BackendSettings(**(given | more), options=options)


def request(
    prefix: str = "def add(a, b):\n    return ", suffix: str = "\n\nprint(add(1, 2))\n", **more
) -> CompletionRequest:
    return CompletionRequest("add.py", "python", prefix, suffix, **more)


async def gather(backend: Backend, asked: CompletionRequest | None = None) -> list[Chunk]:
    """All chunks of one answer."""
    async with aclosing(backend.complete(asked or request())) as chunks:
        return [chunk async for chunk in chunks]


def text_of(chunks: list[Chunk], choice: int = 0) -> str:
    return "".join(chunk.text for chunk in chunks if chunk.choice == choice)
