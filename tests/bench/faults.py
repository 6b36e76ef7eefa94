"""Faults: 10,000 requests to model servers that fail in every way at random, and what is left behind."""

from __future__ import annotations

import asyncio
import time

from tests.bench.table import Row
from tests.routing.storm import storm

_N_REQUESTS = 10_000


def rows() -> list[Row]:
    """Answers against what the servers gave, and everything that leaked or was lost."""
    started = time.perf_counter()
    tally = asyncio.run(storm(_N_REQUESTS, seed=20_261_125))
    seconds = time.perf_counter() - started
    note = (
        f"{tally.n_sent} of {tally.n_requests} reached a backend, {tally.n_faults} faults of {len(tally.kinds)} kinds, "
        f"{tally.n_cancelled} cancelled, {seconds:.0f} s"
    )
    return [
        Row("faults: requests that the route allowed an answer", tally.n_allowed, "", note=note),
        Row(
            "faults: ... not answered",
            tally.n_allowed - tally.n_answered,
            "",
            at_most=tally.n_late,
            note=f"{tally.n_late} good answers came after the deadline",
        ),
        Row("faults: requests without exactly one end", tally.n_ends_wrong, "", at_most=0),
        Row("faults: turns without exactly one event, or faults without a name", tally.n_events_wrong, "", at_most=0),
        Row("faults: tasks left behind", tally.n_tasks_left, "", at_most=0),
        Row("faults: sockets left open", tally.n_sockets_left, "", at_most=0),
    ]
