"""Under random faults nothing crashes, nothing leaks, no event is lost, and whoever can be answered is."""

from __future__ import annotations

import sys

import pytest

from tests.routing.storm import storm


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="open sockets are counted in /proc")
async def test_requests_under_random_faults():
    """The whole ten thousand are `make bench-faults`."""
    tally = await storm(300, seed=7)
    assert tally.n_sent >= 300
    assert len(tally.kinds) >= 15
    assert tally.n_answered + tally.n_late == tally.n_allowed
    assert tally.n_answered > 100
    assert (tally.n_wrong, tally.n_ends_wrong, tally.n_events_wrong) == (0, 0, 0)
    assert (tally.n_tasks_left, tally.n_sockets_left) == (0, 0)
