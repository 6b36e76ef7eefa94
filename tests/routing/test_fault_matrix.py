"""Every fault of every protocol ends in the next backend of the route, with one event that names it."""

from __future__ import annotations

import asyncio
import socket

import pytest
from copilot_ls_telemetry.events import BackendAsked, BackendFault, Generated

from tests.backends.model_server import HTTP_KINDS, ModelServer, settings_for
from tests.routing.faults import DEADLINES, FAULTS, Fault
from tests.routing.world import Says, World, said

# A bound against hanging for ever; how long each fault takes is measured elsewhere.
_FOR_EVER_S = 30.0


# The deadline that a fault is about is short. The others are never met, however busy the machine.
_PATIENT_MS = {
    "connect_timeout_ms": 20_000,
    "first_byte_timeout_ms": 20_000,
    "idle_timeout_ms": 20_000,
    "total_timeout_ms": 25_000,
}


def deadlines_for(fault: Fault) -> dict[str, int]:
    """Deadlines that this fault alone, of all, can meet."""
    about = {name for name in _PATIENT_MS if f"timeout_{name.removesuffix('_timeout_ms')}" in fault.called}
    return {name: DEADLINES[name] if name in about else patient for name, patient in _PATIENT_MS.items()}


def options_of(protocol: str, url: str, **more) -> dict:
    """The settings of a backend of this protocol, as a user writes them."""
    settings = settings_for(protocol, url, **more)
    wanted = ("kind", "url", "model", "profile", "options", "max_retries", *DEADLINES)
    return {name: value for name in wanted if (value := getattr(settings, name)) is not None}


async def meet(protocol: str, url: str, fault: Fault, **more) -> int:
    """One request whose first backend meets the fault; how often it was sent."""
    deadlines = deadlines_for(fault) | more
    world = World({"backend": {"it": options_of(protocol, url, **deadlines)}}, {"next": Says("next", "one")})
    try:
        async with asyncio.timeout(_FOR_EVER_S):
            suggestions = await world.ask()
    finally:
        await world.aclose()
    faults = [(event.backend, event.fault) for event in world.events_of(BackendFault)]
    turns = {event.backend: event for event in world.events_of(BackendAsked)}
    (generated,) = world.events_of(Generated)
    if None in fault.called:
        assert faults == [], protocol
        assert generated.backend == "it", protocol
        return 1
    assert said(suggestions) == [("next", "one")], protocol
    assert len(faults) == 1, (protocol, faults)
    assert faults[0][0] == "it"
    assert faults[0][1] in fault.called, protocol
    assert (turns["it"].outcome, turns["next"].outcome) == ("failed", "answered"), protocol
    assert len(turns) == 2
    return turns["it"].n_tries


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_ends_in_the_next_backend_and_in_one_event(name):
    """For all protocols at once: most of the time is waiting."""
    fault = FAULTS[name]

    async def one(protocol: str) -> None:
        server = ModelServer()
        await server.start()
        server.script = fault.play(protocol)
        try:
            n_tries = await meet(protocol, server.url, fault, **fault.settings)
            assert n_tries == (2 if fault.retried else 1), protocol
        finally:
            await server.stop()

    await asyncio.gather(*(one(protocol) for protocol in HTTP_KINDS))


async def test_nothing_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        fault = Fault(frozenset({"refused"}), lambda _: None)
        tries = await asyncio.gather(*(meet(protocol, url, fault) for protocol in HTTP_KINDS))
    assert set(tries) == {2}


async def test_a_name_that_nobody_knows(monkeypatch):
    async def no_such_name(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", no_such_name)
    fault = Fault(frozenset({"dns"}), lambda _: None)
    await asyncio.gather(*(meet(protocol, "https://models.invalid", fault) for protocol in HTTP_KINDS))


async def test_a_connection_that_takes_too_long(monkeypatch):
    async def slow_name(*_, **__):
        await asyncio.sleep(60)

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", slow_name)
    fault = Fault(frozenset({"timeout_connect"}), lambda _: None)
    await asyncio.gather(
        *(meet(protocol, "https://models.invalid", fault, connect_timeout_ms=100) for protocol in HTTP_KINDS)
    )


async def test_tls_where_there_is_none():
    async def plain(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        writer.close()

    listener = await asyncio.start_server(plain, "127.0.0.1", 0)
    url = f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    fault = Fault(frozenset({"tls"}), lambda _: None)
    await asyncio.gather(*(meet(protocol, url, fault) for protocol in HTTP_KINDS))
    listener.close()
    await listener.wait_closed()


def test_the_matrix_is_as_large_as_it_says():
    """The four above are faults too."""
    assert len(FAULTS) + 4 >= 25
    assert len(HTTP_KINDS) >= 3
