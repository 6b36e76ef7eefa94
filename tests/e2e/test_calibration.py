"""A user's history over the wire: what they never take is held back, said why, and shown when they ask or turn it off."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

from tests.calibration.histories import life, record
from tests.e2e.conftest import House
from tests.lsp_client import edit

ANSWER = [{"prefix": "total = $", "text": "price * quantity"}]


def teach(house: House, *, n: int = 200) -> None:
    """A history of somebody who never takes what this backend says."""
    state = house.root / "state"
    state.mkdir(exist_ok=True)
    long_ago = time.time() - 86_400
    history = [life(number, "ignored", at=long_ago, backend="script") for number in range(n)]
    record(state / "telemetry.db", *[event for one in history for event in one])


def stats(house: House, *arguments: str) -> str:
    command = [sys.executable, "-m", "copilot_ls", "stats", *arguments]
    return subprocess.run(command, env=house.env, capture_output=True, text=True, check=True).stdout


async def test_what_is_never_taken_is_held_back_and_the_reason_can_be_asked_for(house: House) -> None:
    house.script(ANSWER)
    teach(house)
    uri = house.uri("a.py")
    async with house.serve() as client:
        client.open(uri, "total = ")
        assert await client.inline_completion(uri, 0, 8) == []
        (asked_for,) = await client.inline_completion(uri, 0, 8, trigger_kind=1)
        assert asked_for["insertText"] == "price * quantity"
        client.change(uri, 2, [edit((0, 8), (0, 8), "price * 2")])
        async with asyncio.timeout(30):
            while "part" not in await asyncio.to_thread(stats, house, "--recent", "3"):
                await asyncio.sleep(0.1)
    name = next(line.split()[0] for line in stats(house, "--recent").splitlines() if "silent" in line)
    why = stats(house, "--why", name)
    assert "not shown" in why
    assert "outcomes of yours" in why
    assert "you typed its first 8 characters" in why
    assert (house.root / "state" / "calibration.json").exists()


async def test_without_history_and_when_turned_off_all_is_shown(house: House) -> None:
    uri = house.uri("a.py")
    house.script(ANSWER)
    async with house.serve() as client:
        client.open(uri, "total = ")
        assert len(await client.inline_completion(uri, 0, 8)) == 1
    house.script(ANSWER, extra="[telemetry]\ncalibrate = false\n")
    teach(house)
    async with house.serve() as client:
        client.open(uri, "total = ")
        assert len(await client.inline_completion(uri, 0, 8)) == 1


async def test_a_broken_file_and_a_broken_record_cost_nothing(house: House) -> None:
    house.script(ANSWER)
    state = house.root / "state"
    state.mkdir()
    (state / "calibration.json").write_bytes(b"\x00\xff{")
    Path(state / "telemetry.db").write_bytes(b"no database at all" * 100)
    uri = house.uri("a.py")
    async with house.serve() as client:
        client.open(uri, "total = ")
        assert len(await client.inline_completion(uri, 0, 8)) == 1
