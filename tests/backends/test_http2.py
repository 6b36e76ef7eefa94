"""HTTP/2: one connection for everything, and a request that is given up is taken back at once."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import pytest

from copilot_ls.backends.registry import create
from copilot_ls.errors import BackendProtocolError, BackendTimeoutError
from tests.backends.model_server import answer_of, gather, request, settings_for, text_of
from tests.backends.protocols import PROTOCOLS
from tests.backends.tls import certificate_in


class Http2Server:
    """`script` answers every request, a stream; `taken_back` are those that the client reset, by their numbers."""

    def __init__(self) -> None:
        self.script: Callable[[Http2Connection, int], Awaitable[None]] = hangs
        self.asked: list[int] = []
        self.taken_back: list[int] = []
        self.n_connections = 0
        self._connections: set[Http2Connection] = set()

    async def start(self, context) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        self.url = f"https://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        self._server.close()
        for connection in list(self._connections):
            connection.close()
        while self._connections:
            await asyncio.sleep(0.002)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.n_connections += 1
        connection = Http2Connection(self, writer)
        self._connections.add(connection)
        try:
            while data := await reader.read(65536):
                connection.receive(data)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            connection.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()
            self._connections.discard(connection)


class Http2Connection:
    """One connection: a task for each stream that is being answered."""

    def __init__(self, server: Http2Server, writer: asyncio.StreamWriter) -> None:
        self.state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self._server = server
        self._writer = writer
        self._tasks: dict[int, asyncio.Task] = {}
        self.state.initiate_connection()
        self.flush()

    def receive(self, data: bytes) -> None:
        for event in self.state.receive_data(data):
            if isinstance(event, h2.events.DataReceived):
                self.state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                self._server.asked.append(event.stream_id)
                task = asyncio.ensure_future(self._server.script(self, event.stream_id))
                self._tasks[event.stream_id] = task
            elif isinstance(event, h2.events.StreamReset):
                self._server.taken_back.append(event.stream_id)
                if task := self._tasks.pop(event.stream_id, None):
                    task.cancel()
        self.flush()

    def head(self, stream: int, content_type: str = "text/event-stream") -> None:
        self.state.send_headers(stream, [(":status", "200"), ("content-type", content_type)])
        self.flush()

    def send(self, stream: int, data: bytes, *, end: bool = False) -> None:
        with suppress(h2.exceptions.StreamClosedError):  # taken back a moment ago
            self.state.send_data(stream, data, end_stream=end)
        self.flush()

    def flush(self) -> None:
        if data := self.state.data_to_send():
            self._writer.write(data)

    def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        self._writer.transport.abort()


async def hangs(connection: Http2Connection, stream: int) -> None:
    await asyncio.Event().wait()


async def says_x(connection: Http2Connection, stream: int) -> None:
    connection.head(stream)
    for piece in answer_of("openai", ["x"]):
        connection.send(stream, piece)
    connection.send(stream, b"", end=True)


async def stalls(connection: Http2Connection, stream: int) -> None:
    connection.head(stream)
    connection.send(stream, answer_of("openai", ["x"])[0])
    await asyncio.Event().wait()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return certificate_in(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
async def server(certificate):
    found = Http2Server()
    await found.start(certificate.context("h2"))
    yield found
    await found.stop()


@pytest.fixture
def backend(server, opened, certificate):
    settings = settings_for("openai", server.url, ca_file=str(certificate.authority), first_byte_timeout_ms=800)
    return opened(create("it", settings))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.002)


async def test_requests_share_one_connection(backend, server):
    server.script = says_x
    await gather(backend)
    assert [text_of(chunks) for chunks in await asyncio.gather(*(gather(backend) for _ in range(8)))] == ["x"] * 8
    assert (server.n_connections, server.taken_back) == (1, [])


async def test_what_is_cancelled_before_its_first_byte_is_taken_back(backend, server):
    task = asyncio.ensure_future(gather(backend))
    await until(lambda: bool(server.asked))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await until(lambda: server.taken_back == server.asked)
    server.script = says_x
    assert text_of(await gather(backend)) == "x"
    assert server.n_connections == 1


async def test_what_is_closed_in_its_midst_is_taken_back(backend, server):
    server.script = stalls
    async with aclosing(backend.complete(request())) as chunks:
        async for _ in chunks:
            break
    await until(lambda: server.taken_back == server.asked)
    server.script = says_x
    assert text_of(await gather(backend)) == "x"
    assert server.n_connections == 1


async def test_a_deadline_takes_back_what_it_ends(backend, server):
    with pytest.raises(BackendTimeoutError) as caught:
        await gather(backend)
    assert caught.value.fault == "timeout_first_byte"
    await until(lambda: server.taken_back == server.asked)


async def test_giving_up_more_requests_than_a_connection_has_places_for(backend, server):
    """A hundred streams that nobody ends are all that a connection allows."""
    server.script = stalls
    for _ in range(120):
        async with aclosing(backend.complete(request())) as chunks:
            async for _ in chunks:
                break
    server.script = says_x
    assert text_of(await gather(backend)) == "x"
    assert server.n_connections == 1


async def test_what_was_sent_to_nobody_does_not_fill_the_connection(backend, server):
    """All that is in flight when a request is given up counts against the connection's window until it is given back."""

    async def says_much(connection: Http2Connection, stream: int) -> None:
        connection.head(stream)
        connection.send(stream, answer_of("openai", ["x"])[0])
        for _ in range(20):
            room = min(connection.state.local_flow_control_window(stream), 16_384)
            connection.send(stream, b":" * room)
        await asyncio.Event().wait()

    server.script = says_much
    for _ in range(64):  # some 20 MB, where the window is 16
        async with aclosing(backend.complete(request())) as chunks:
            async for _ in chunks:
                break
    server.script = says_x
    assert text_of(await gather(backend)) == "x"
    assert server.n_connections == 1


async def test_others_on_the_connection_are_not_disturbed(backend, server):
    chance = random.Random(3)

    async def slowly(connection: Http2Connection, stream: int) -> None:
        connection.head(stream)
        for piece in answer_of("openai", list("abcdefgh")):
            await asyncio.sleep(chance.random() * 0.002)
            connection.send(stream, piece)
        connection.send(stream, b"", end=True)

    async def one() -> str:
        task = asyncio.ensure_future(gather(backend))
        await asyncio.sleep(chance.random() * 0.012)
        if chance.random() < 0.7:
            task.cancel()
        (found,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(found, asyncio.CancelledError):
            return "cancelled"
        assert not isinstance(found, BaseException), repr(found)
        return text_of(found)

    server.script = slowly
    await gather(backend)
    outcomes: list[str] = []
    for _ in range(20):
        outcomes += await asyncio.gather(*(one() for _ in range(6)))
    assert set(outcomes) == {"cancelled", "abcdefgh"}
    assert server.n_connections == 1


async def test_a_server_that_takes_its_answer_back_is_a_fault(backend, server):
    async def resets(connection: Http2Connection, stream: int) -> None:
        connection.head(stream)
        connection.send(stream, answer_of("openai", ["x"])[0])
        connection.state.reset_stream(stream)
        connection.flush()

    server.script = resets
    with pytest.raises(BackendProtocolError) as caught:
        await gather(backend)
    assert caught.value.fault == "reset"


async def test_a_server_that_goes_away_while_idle_is_asked_anew(backend, server):
    server.script = says_x
    await gather(backend)
    for connection in list(server._connections):
        connection.close()
    await until(lambda: not server._connections)
    assert text_of(await gather(backend)) == "x"
    assert server.n_connections == 2


@pytest.mark.parametrize(("offered", "http2"), [(("http/1.1",), True), (("h2", "http/1.1"), False)])
async def test_http1_is_spoken_where_the_server_or_the_settings_want_it(certificate, opened, offered, http2):
    spoken = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        spoken.set_result(writer.get_extra_info("ssl_object").selected_alpn_protocol())
        body = b"".join(answer_of("openai", ["x"]))
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=certificate.context(*offered))
    url = f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    settings = settings_for("openai", url, ca_file=str(certificate.authority), http2=http2)
    assert text_of(await gather(opened(create("it", settings)))) == "x"
    assert await spoken == "http/1.1"
    listener.close()
    await listener.wait_closed()


async def test_a_connection_is_opened_ahead(backend, server):
    async def not_found(connection: Http2Connection, stream: int) -> None:
        connection.state.send_headers(stream, [(":status", "404")], end_stream=True)
        connection.flush()

    server.script = not_found
    await backend.warm()
    server.script = says_x
    assert text_of(await gather(backend)) == "x"
    assert (server.n_connections, len(server.asked)) == (1, 2)


def test_every_protocol_may_speak_it():
    assert all(settings_for(name, "https://models.example").http2 for name in PROTOCOLS)
