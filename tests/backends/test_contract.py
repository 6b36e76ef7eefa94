"""What every backend owes its callers, whichever protocol it speaks."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from copilot_ls.backends.base import Backend, BackendCheck
from copilot_ls.backends.registry import create
from copilot_ls.config.settings import BackendSettings
from tests.backends.model_server import HTTP_KINDS, ModelServer, gather, hang, request, says, settings_for, text_of

ALL_KINDS = (*HTTP_KINDS, "scripted")


@pytest.fixture(params=ALL_KINDS)
def kind(request) -> str:
    return request.param


def make(kind: str, server: ModelServer, *texts: str) -> Backend:
    """A backend of this kind whose other side says `texts`."""
    if kind == "scripted":
        return create("it", BackendSettings(kind=kind, model="script", options={"answers": [{"chunks": list(texts)}]}))
    server.script = says(kind, *texts)
    return create("it", settings_for(kind, server.url))


async def test_it_is_a_backend_with_the_name_and_the_model_of_its_settings(kind, server, opened):
    backend = opened(make(kind, server, "a"))
    assert isinstance(backend, Backend)
    assert backend.name == "it"
    assert backend.model


async def test_what_it_streams_is_the_text_and_ends_with_a_reason(kind, server, opened):
    chunks = await gather(opened(make(kind, server, "a", " + ", "b")))
    assert text_of(chunks) == "a + b"
    assert [chunk.finish_reason for chunk in chunks if chunk.finish_reason] == ["stop"]


async def test_it_answers_as_often_as_it_is_asked(kind, server, opened):
    backend = opened(make(kind, server, "x"))
    assert [text_of(await gather(backend)) for _ in range(5)] == ["x"] * 5


async def test_two_requests_at_once_do_not_mix(kind, server, opened):
    backend = opened(make(kind, server, "x", "y", "z"))
    assert [text_of(chunks) for chunks in await asyncio.gather(*(gather(backend) for _ in range(4)))] == ["xyz"] * 4


async def test_closing_in_the_middle_leaves_it_usable(kind, server, opened):
    backend = opened(make(kind, server, "a", "b", "c"))
    async with aclosing(backend.complete(request())) as chunks:
        async for chunk in chunks:
            assert chunk.text == "a"
            break
    assert text_of(await gather(backend)) == "abc"


async def test_cancelling_while_it_waits_ends_at_once(kind, server, opened):
    if kind == "scripted":
        backend = opened(create("it", BackendSettings(kind=kind, options={"answers": [{"hang": True}]})))
    else:
        server.script = hang
        backend = opened(create("it", settings_for(kind, server.url, first_byte_timeout_ms=60_000)))
    task = asyncio.ensure_future(gather(backend))
    while not (server.asked or getattr(backend, "live", 0)):
        await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(1):
            await task
    if kind == "scripted":
        assert (backend.live, backend.n_cancelled) == (0, 1)


async def test_its_check_reports_and_never_raises(kind, server, opened):
    check = await opened(make(kind, server, "a + b")).check()
    assert isinstance(check, BackendCheck)
    assert check.reachable
    assert check.fim_works
    assert check.latency_ms is not None


async def test_closing_twice_is_harmless(kind, server):
    backend = make(kind, server, "a")
    await gather(backend)
    await backend.aclose()
    await backend.aclose()


async def test_it_contacts_nothing_when_made(kind, server):
    backend = make(kind, server, "a")
    await asyncio.sleep(0)
    assert server.n_connections == 0
    await backend.aclose()


def test_one_backend_serves_one_event_loop_after_another(kind):
    """A command may run several loops in one process; connections of an ended one must not be used again."""
    found: list[str] = []
    backend = None

    async def once() -> None:
        nonlocal backend
        server = ModelServer()
        await server.start()
        if backend is None or kind != "scripted":
            backend = make(kind, server, "x")
        found.append(text_of(await gather(backend)))
        await backend.aclose()
        await server.stop()

    asyncio.run(once())
    asyncio.run(once())
    assert found == ["x", "x"]
