"""Bars for indexing: which are shown, and what a client that says no does."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from copilot_ls.features.index_status import IndexStatus
from copilot_ls.lsp.index_progress import IndexProgress

ROOT = Path("/work space")
STARTED, WAITING = {"event": "started"}, {"event": "waiting"}
HALF = {"event": "progress", "files": 50, "of_files": 100, "bytes": 3_000_000}
DONE = {"event": "done", "files": 100, "bytes": 6_000_000, "bound_reached": "max_files"}
FAILED = {"event": "failed", "message": "no space"}


class Client:
    """Stands for the server: keeps what it would send."""

    def __init__(self, capabilities=None, refuses=False):
        capabilities = {"window": {"workDoneProgress": True}} if capabilities is None else capabilities
        self.protocol = SimpleNamespace(client_capabilities_sent=capabilities)
        self.refuses = refuses
        self.sent = []

    async def window_work_done_progress_create_async(self, params):
        if self.refuses:
            raise RuntimeError("no")
        self.sent.append(("create", params.token))

    def progress(self, params):
        self.sent.append((params.value.kind, params.value.message))


async def shown(client, *events, quiet_s=0.0):
    """What is sent while the events are heard, each after the last one was shown."""
    progress = IndexProgress(client, quiet_s=quiet_s)
    status = IndexStatus(ROOT)
    for event in events:
        status = status.after(event)
        progress.heard(status)
        while quiet_s == 0.0 and progress._bars and not any(kind == "begin" for kind, _ in client.sent):
            await asyncio.sleep(0)
    tasks = [bar.task for bar in progress._bars.values()]
    await asyncio.gather(*tasks)
    assert not progress._bars
    return client.sent


async def test_a_bar_from_beginning_to_end():
    sent = await shown(Client(), STARTED, HALF, DONE)
    assert sent[:2] == [("create", "copilot-ls/index/1"), ("begin", "0 files, 0 MB")]
    assert sent[-1] == ("end", "100 files, 6 MB; incomplete: max_files was reached")


async def test_a_pass_that_fails_ends_its_bar():
    assert (await shown(Client(), WAITING, FAILED))[-1] == ("end", "not kept up to date, see the log")


async def test_a_pass_that_is_over_at_once_has_none():
    assert await shown(Client(), STARTED, DONE, quiet_s=0.001) == []


@pytest.mark.parametrize(
    "capabilities", [{}, {"window": None}, {"window": {}}, {"window": {"workDoneProgress": False}}]
)
async def test_clients_that_show_none_are_sent_none(capabilities):
    assert await shown(Client(capabilities), STARTED, HALF, DONE) == []


async def test_a_client_that_refuses_is_left_alone():
    assert await shown(Client(refuses=True), STARTED) == []


def test_a_status_knows_how_far_it_is_and_forgets_faults():
    status = IndexStatus(ROOT).after(FAILED)
    assert (status.phase, status.fault) == ("failed", "no space")
    status = status.after(HALF)
    assert (status.phase, status.n_files, status.of_files, status.fault) == ("indexing", 50, 100, None)
    assert status.after({"event": "progress", "files": "?"}).n_files == 0
    assert status.after({"event": "refreshed"}) == status
    assert status.after(DONE).bound == "max_files"
