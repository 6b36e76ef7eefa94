"""Routing: what the router adds to asking a backend, and how long the first byte takes from the socket to the pipeline.

The router is measured beside asking the same backend directly, by turns. The first byte is timed from before a server in
another thread writes it until the stream hands its text on.
"""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from contextlib import aclosing
from functools import partial

from copilot_ls.backends.base import Chunk
from copilot_ls.backends.registry import create
from copilot_ls.config.settings import BackendSettings, RouteSettings, RouteStep, Settings, SpendSettings
from copilot_ls.routing.attempt import Attempt, Size
from copilot_ls.routing.router import Router
from copilot_ls.routing.spend import SpendLog
from tests.backends.model_server import (
    HTTP_KINDS,
    Asked,
    Connection,
    ModelServer,
    answer_of,
    content_type_of,
    request,
    settings_for,
)
from tests.bench.table import Row, median, quantile

_N = 2000
_N_FIRST_BYTES = 150
_PROMPT = request()
_N_TOKENS = 2048


class _Instant:
    """A backend that answers at once, in twenty pieces."""

    name, model, in_process = "instant", "m", False

    async def complete(self, _request: object):
        for number in range(20):
            yield Chunk(f"piece{number} ")

    async def aclose(self) -> None:
        """Nothing is held."""


def rows() -> list[Row]:
    """The router bare, and with prices and limits; and first bytes over HTTP."""
    result = []
    for name, priced in (("the router adds, p50", False), ("... with prices and limits of spending, p50", True)):
        direct, routed = asyncio.run(_asked(priced=priced))
        added = median(routed) - median(direct)
        result.append(
            Row(f"routing: {name}", added, at_most=0.5, note=f"20 pieces directly {median(direct):.3f} ms, n = {_N}")
        )
    for protocol in HTTP_KINDS:
        times = asyncio.run(_first_bytes(protocol))
        note = f"p95 {quantile(times, 0.95):.2f} ms, n = {len(times)}"
        result.append(Row(f"routing: first byte to pipeline, {protocol}, p50", median(times), at_most=2.0, note=note))
    return result


async def _asked(*, priced: bool) -> tuple[list[float], list[float]]:
    own = {"input_price": 1.0, "output_price": 1.0, "max_spend_per_day": 1e9} if priced else {}
    settings = Settings(
        backend={"instant": BackendSettings(kind="scripted", **own)},
        route=RouteSettings(completion=(RouteStep(backend="instant"),)),
        spend=SpendSettings(max_per_month=1e9 if priced else None),
    )
    backend = _Instant()
    spend = SpendLog(None, wall_clock=time.time, on_problem=print) if priced else None  # type: ignore[arg-type]
    router = Router(settings, lambda _: backend, now=time.monotonic, spend=spend)  # type: ignore[arg-type,return-value]
    times: tuple[list[float], list[float]] = ([], [])
    gc.disable()
    for _ in range(_N):
        for which, ask in enumerate((_directly(backend), _through(router, backend))):
            started = time.perf_counter()
            await ask
            times[which].append((time.perf_counter() - started) * 1000)
    gc.enable()
    return times


async def _directly(backend: _Instant) -> None:
    async with aclosing(backend.complete(_PROMPT)) as chunks:
        async for _ in chunks:
            pass


async def _through(router: Router, backend: _Instant) -> None:
    (settings,) = router.route("completion")
    step = router.step(settings, "completion", explicit=False)
    attempt = router.attempt(step, "completion", Size(_N_TOKENS, 256), is_last=True)
    assert isinstance(attempt, Attempt)
    async with aclosing(attempt.stream(partial(backend.complete, _PROMPT))) as chunks:
        async for _ in chunks:
            pass


async def _first_bytes(protocol: str) -> list[float]:
    written: list[float] = []
    pieces = answer_of(protocol, ["value"])

    async def script(connection: Connection, asked: Asked) -> None:
        await connection.chunked_head(content_type_of(protocol))
        await asyncio.sleep(0.002)  # so that what is timed is not what the head set off
        written.append(time.perf_counter())
        for piece in pieces:
            await connection.chunk(piece)
        await connection.end()

    server, stop = _in_a_thread(script)
    backend = create("it", settings_for(protocol, server.url))
    settings = Settings(
        backend={"it": settings_for(protocol, server.url)},
        route=RouteSettings(completion=(RouteStep(backend="it"),)),
    )
    router = Router(settings, lambda _: backend, now=time.monotonic)
    times = []
    for _ in range(_N_FIRST_BYTES):
        (step,) = router.steps("completion")
        attempt = router.attempt(step, "completion", Size(0, 0), is_last=True)
        assert isinstance(attempt, Attempt)
        async with aclosing(attempt.stream(lambda: backend.complete(request()))) as chunks:
            async for chunk in chunks:
                if chunk.text:
                    times.append((time.perf_counter() - written[-1]) * 1000)
                    break
            async for _ in chunks:
                pass
    await backend.aclose()
    stop()
    return times


def _in_a_thread(script: object) -> tuple[ModelServer, object]:
    server = ModelServer()
    ready, over = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        server.script = script
        await server.start()
        ready.set()
        await over.wait()
        await server.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait()

    def stop() -> None:
        loops[0].call_soon_threadsafe(over.set)
        thread.join()

    return server, stop
