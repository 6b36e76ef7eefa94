"""Giving a request up frees its connection at once, however often that happens."""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing

import pytest

from copilot_ls.backends._http import HttpClient
from copilot_ls.backends._options import endpoint
from copilot_ls.backends.registry import create
from tests.backends.model_server import (
    HTTP_KINDS,
    content_type_of,
    first_piece_of,
    gather,
    hang,
    request,
    says,
    settings_for,
    text_of,
)


@pytest.fixture(params=HTTP_KINDS)
def kind(request) -> str:
    return request.param


def patient(kind: str, url: str):
    """Settings whose deadlines end nothing in a test."""
    return settings_for(
        kind,
        url,
        connect_timeout_ms=60_000,
        first_byte_timeout_ms=60_000,
        idle_timeout_ms=60_000,
        total_timeout_ms=60_000,
    )


async def asked_by(server, n: int = 1):
    async with asyncio.timeout(5):
        while len(server.asked) < n:
            await asyncio.sleep(0.002)
    return server.asked[n - 1]


async def test_cancelling_before_the_first_byte_closes_the_socket(kind, server, opened):
    server.script = hang
    task = asyncio.ensure_future(gather(opened(create("it", patient(kind, server.url)))))
    asked = await asked_by(server)
    task.cancel()
    async with asyncio.timeout(1):
        await asked.gone.wait()
    assert asked.closed_early
    assert task.cancelled() or not await asyncio.gather(task, return_exceptions=True) or task.cancelled()


@pytest.mark.parametrize("how", ["cancel", "aclose"])
async def test_giving_up_in_the_midst_closes_the_socket(kind, server, opened, how):
    async def stalls(connection, asked):
        await connection.chunked_head(content_type_of(kind))
        await connection.chunk(first_piece_of(kind))
        await hang(connection, asked)

    server.script = stalls
    backend = opened(create("it", patient(kind, server.url)))
    first = asyncio.Event()

    async def read() -> None:
        async with aclosing(backend.complete(request())) as chunks:
            async for _ in chunks:
                first.set()
                if how == "aclose":
                    return

    task = asyncio.ensure_future(read())
    async with asyncio.timeout(5):
        await first.wait()
    if how == "cancel":
        task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(1):
        await server.asked[0].gone.wait()
    assert server.asked[0].closed_early


async def test_cancelling_while_connecting(kind, opened, monkeypatch):
    reached = asyncio.Event()

    async def slow_name(*_, **__):
        reached.set()
        await asyncio.sleep(60)

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", slow_name)
    task = asyncio.ensure_future(gather(opened(create("it", patient(kind, "https://models.invalid")))))
    async with asyncio.timeout(5):
        await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(1):
            await task


@pytest.mark.parametrize("kind", ["openai", "ollama"])
async def test_the_pool_is_healthy_after_churn(kind, server, opened):
    """Hundreds of requests, most given up at a random moment; then the next one is answered and nothing is left open."""
    said = says(kind, *"abcdefgh")

    async def slowly(connection, asked):
        await asyncio.sleep(chance.random() * 0.004)
        await said(connection, asked)

    chance = random.Random(7)
    server.script = slowly
    backend = opened(create("it", patient(kind, server.url)))
    await gather(backend)

    async def one() -> str:
        task = asyncio.ensure_future(gather(backend))
        await asyncio.sleep(chance.random() * 0.012)
        if chance.random() < 0.8:
            task.cancel()
        result = (await asyncio.gather(task, return_exceptions=True))[0]
        if isinstance(result, asyncio.CancelledError):
            return "cancelled"
        assert not isinstance(result, BaseException), repr(result)
        return text_of(result)

    outcomes: list[str] = []
    for _ in range(25):
        outcomes += await asyncio.gather(*(one() for _ in range(8)))
    assert set(outcomes) == {"cancelled", "abcdefgh"}
    async with asyncio.timeout(2):
        assert text_of(await gather(backend)) == "abcdefgh"
    await backend.aclose()
    async with asyncio.timeout(2):
        while server.n_open:
            await asyncio.sleep(0.01)


async def test_an_answer_that_is_read_to_its_end_keeps_its_connection(kind, server, opened):
    server.script = says(kind, "x")
    backend = opened(create("it", patient(kind, server.url)))
    for _ in range(10):
        await gather(backend)
    assert server.n_connections == 1


async def test_closing_a_reply_closes_the_socket_though_the_reply_is_kept(server):
    """It must not be left to the garbage collector, which closes what nobody refers to, sooner or later."""

    async def stalls(connection, asked):
        await connection.chunked_head()
        await connection.chunk(b"data: 1\n\n")
        await hang(connection, asked)

    server.script = stalls
    settings = patient("openai", server.url)
    client = HttpClient("it", settings, endpoint("it", settings, default_url=server.url))
    reply = await client.post("completions", {})
    assert await reply.read() == b"data: 1\n\n"
    await reply.aclose()
    async with asyncio.timeout(1):
        await server.asked[0].gone.wait()
    assert reply.content_type == "text/event-stream"
    await client.aclose()
