"""Requests under random faults: two servers of changing protocols that answer, fail or hang as a seed says.

Each request carries its number in its text, so that the servers know whose question they answer, and it is known which
requests could be answered: those to which one of the servers gave a whole, good answer. `storm` counts what came of it.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import os
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field

from copilot_ls_telemetry.events import (
    BackendAsked,
    BackendFault,
    Discarded,
    Generated,
    Requested,
    Skipped,
    Superseded,
)

from tests.backends.model_server import HTTP_KINDS, Asked, Connection, ModelServer, says
from tests.routing.faults import FAULTS
from tests.routing.test_fault_matrix import options_of
from tests.routing.world import World

_N_AT_ONCE = 24
_GOOD_SHARE = 0.65
# People pause between keys, and a backend that failed is given the time to be tried again.
_LONGEST_PAUSE_S = 0.1
_DEADLINES = {"first_byte_timeout_ms": 150, "idle_timeout_ms": 150, "total_timeout_ms": 300}
_CANCELLED_SHARE = 0.1
# How many requests one pair of protocols serves before the next.
_PER_PAIR = 250
# Breakers rest for seconds; so that they open, half-open and close many times, their clock runs faster.
_CLOCK = 2000
# Bytes by the hundred megabytes say nothing new the thousandth time.
_SLOW = {"a line of 100 MB", "endless flood"}
_NUMBER = re.compile(r"v(\d+)_of")


@dataclass
class Tally:
    """What came of a storm."""

    n_requests: int = 0
    n_cancelled: int = 0
    n_sent: int = 0
    n_allowed: int = 0
    n_answered: int = 0
    n_wrong: int = 0
    n_late: int = 0
    n_faults: int = 0
    n_ends_wrong: int = 0
    n_events_wrong: int = 0
    n_tasks_left: int = 0
    n_sockets_left: int = 0
    kinds: Counter[str] = field(default_factory=Counter)


async def storm(n_requests: int, *, seed: int) -> Tally:
    """Ask until so many requests have reached a backend, a pair of protocols after the other."""
    tally = Tally()
    chance = random.Random(seed)
    pairs = itertools.cycle(itertools.permutations(HTTP_KINDS, 2))
    await _few(8, next(pairs), chance, Tally())  # what is made once and kept is made now
    await _settle()
    tasks, sockets = len(asyncio.all_tasks()), _n_sockets()
    while tally.n_sent < n_requests:
        await _few(min(_PER_PAIR, n_requests), next(pairs), chance, tally)
    await _settle()
    tally.n_tasks_left = len(asyncio.all_tasks()) - tasks
    tally.n_sockets_left = _n_sockets() - sockets
    return tally


async def _few(n_requests: int, protocols: tuple[str, str], chance: random.Random, tally: Tally) -> None:
    good: set[int] = set()
    servers = [ModelServer() for _ in protocols]
    backends = {}
    for protocol, server, name in zip(protocols, servers, "ab", strict=True):
        await server.start()
        server.script = _script(protocol, chance, good)
        backends[name] = options_of(protocol, server.url, **_DEADLINES)
    settings = {"backend": backends, "route": {"completion": ["a", "b"]}}
    world = World(settings, now=lambda: time.monotonic() * _CLOCK)
    answered: set[int] = set()
    cancelled: set[int] = set()
    numbers = iter(range(n_requests))

    async def work() -> None:
        for number in numbers:
            request = asyncio.ensure_future(world.ask(f"v{number}_of = "))
            if chance.random() < _CANCELLED_SHARE:
                await asyncio.wait([request], timeout=chance.random() * 0.02)
                request.cancel()
            await asyncio.wait([request])
            if request.cancelled():
                cancelled.add(number)
            elif request.result():  # raises what the pipeline raised: nothing may
                answered.add(number)
            await asyncio.sleep(chance.random() * _LONGEST_PAUSE_S)

    await asyncio.gather(*(work() for _ in range(_N_AT_ONCE)))
    await world.aclose()
    for server in servers:
        await server.stop()
    tally.n_sockets_left += sum(server.n_open for server in servers)
    _count(world, tally, answered, good, cancelled)
    tally.n_requests += n_requests


async def _settle() -> None:
    """Let what was closed be closed."""
    for _ in range(100):
        await asyncio.sleep(0)
    gc.collect()


def _script(protocol: str, chance: random.Random, good: set[int]):
    answer = says(protocol, "value")
    faults = [name for name, fault in FAULTS.items() if None not in fault.called and name not in _SLOW]

    async def script(connection: Connection, asked: Asked) -> None:
        if asked.method != "POST" or chance.random() < _GOOD_SHARE:
            await answer(connection, asked)
            if found := _NUMBER.search(json.dumps(asked.body)):
                good.add(int(found[1]))
            return
        await FAULTS[chance.choice(faults)].play(protocol)(connection, asked)

    return script


def _count(world: World, tally: Tally, answered: set[int], good: set[int], cancelled: set[int]) -> None:
    tally.n_cancelled += len(cancelled)
    tally.n_sent += len({event.request_id for event in world.events_of(BackendAsked)})
    tally.n_allowed += len(good - cancelled)
    tally.n_answered += len(answered & good)
    tally.n_wrong += len(answered - good)
    requested = [event.request_id for event in world.events_of(Requested)]
    ends = Counter(
        [event.request_id for kind in (Skipped, Superseded, Discarded) for event in world.events_of(kind)]
        + list({event.request_id for event in world.events_of(Generated)})
    )
    tally.n_ends_wrong += sum(ends[request_id] != 1 for request_id in requested) + (len(ends) != len(requested))
    turns = Counter((event.request_id, event.backend) for event in world.events_of(BackendAsked))
    failed = Counter(
        (event.request_id, event.backend) for event in world.events_of(BackendAsked) if event.outcome == "failed"
    )
    faults = world.events_of(BackendFault)
    tally.n_events_wrong += sum(n != 1 for n in turns.values())
    tally.n_events_wrong += failed != Counter((event.request_id, event.backend) for event in faults)
    tally.n_events_wrong += sum(not event.fault or event.fault == "crashed" for event in faults)
    tally.n_faults += len(faults)
    tally.kinds.update(event.fault for event in faults)
    # A busy machine may be slower than a deadline though the server was good.
    late = {event.request_id for event in faults if event.fault.startswith("timeout") or event.fault == "busy"}
    # Requests are made in the order of their numbers.
    tally.n_late += sum(requested[number] in late for number in good - cancelled - answered)


def _n_sockets() -> int:
    """How many sockets this process has open."""
    found = 0
    for entry in os.listdir("/proc/self/fd"):
        try:
            found += os.readlink(f"/proc/self/fd/{entry}").startswith("socket:")
        except OSError:
            continue
    return found
