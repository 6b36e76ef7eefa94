"""A real Dask scheduler with two workers on loopback: the same records as local processes make."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from copilot_ls.cli import main
from copilot_ls.evaluation.cluster import ClusterError, DaskCrew
from tests.evaluation.repositories import small_project

if TYPE_CHECKING:
    from collections.abc import Iterator

_DASK = """
import asyncio, sys
from distributed import Nanny, Scheduler, Worker

async def main(n_workers):
    async with Scheduler(host="127.0.0.1", port=0, dashboard=False) as scheduler:
        workers = [await Worker(scheduler.address, nthreads=1, host="127.0.0.1") for _ in range(n_workers)]
        print(scheduler.address, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        for worker in workers:
            await worker.close()

asyncio.run(main(int(sys.argv[1])))
"""


@contextmanager
def scheduler(tmp_path: Path, n_workers: int) -> Iterator[str]:
    environment = os.environ | {"DASK_DISTRIBUTED__WORKER__DAEMON": "False", "DASK_TEMPORARY_DIRECTORY": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _DASK, str(n_workers)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment,
    )  # fmt: skip
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.stdout.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for kind in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"COPILOT_LS_{kind}_DIR", str(tmp_path / kind.lower()))
    return tmp_path


def figures(capsys: pytest.CaptureFixture[str], *words: object) -> dict:
    status = main(["eval", "replay", *map(str, words), "--json"])
    said = capsys.readouterr()
    assert status == 0, said.err
    found = json.loads(said.out)
    for some in (found["backends"], *found["by_repository"].values(), *found["by_language"].values()):
        for standing in some:
            for name in ("p50_ms", "p95_ms", "cpu_s"):
                del standing[name]
    return found


def test_a_cluster_gives_the_numbers_that_local_processes_give(home: Path, capsys) -> None:
    one, other = small_project(home / "one"), small_project(home / "other")
    local = figures(capsys, one.folder, other.folder)
    with scheduler(home, 2) as address:
        assert figures(capsys, one.folder, other.folder, "--scheduler", address, "--fresh") == local


def test_what_one_began_the_other_ends(home: Path, capsys) -> None:
    built = small_project(home / "one")
    whole = figures(capsys, built.folder)
    (file,) = (home / "state" / "evaluations").glob("*/records.jsonl")
    lines = [line for line in file.read_bytes().split(b"\n") if line]
    file.write_bytes(lines[0] + b"\n")
    with scheduler(home, 1) as address:
        assert figures(capsys, built.folder, "--scheduler", address) == whole


def test_a_repository_that_is_not_there_is_a_problem_of_its_units_alone(home: Path, capsys, monkeypatch) -> None:
    one, other = small_project(home / "one"), small_project(home / "other")
    monkeypatch.setattr("copilot_ls.cli.evaluation_run._carried_through", _without(other.folder))
    with scheduler(home, 1) as address:
        assert main(["eval", "replay", str(one.folder), str(other.folder), "--scheduler", address]) == 0
    said = capsys.readouterr()
    assert "other/0000: " in said.err
    assert "2 of 4 records are missing" in said.out


def _without(folder: Path):
    """The command's work, with a repository that goes away between plan and run."""
    from copilot_ls.cli import evaluation_run

    carried_through = evaluation_run._carried_through

    async def work(arguments, make_plan, report):
        def planned():
            made = make_plan()
            folder.rename(folder.with_name("gone"))
            return made

        return await carried_through(arguments, planned, report)

    return work


def test_nobody_at_the_address_is_one_sentence(home: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr("copilot_ls.evaluation.cluster._CONNECT_WITHIN_S", 1)
    built = small_project(home / "one")
    assert main(["eval", "replay", str(built.folder), "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "no Dask scheduler answers at 'tcp://127.0.0.1:9'; expected an address such as" in capsys.readouterr().err


def test_a_scheduler_without_workers_says_so(tmp_path: Path) -> None:
    async def work(address: str) -> None:
        async for _ in DaskCrew(address).work(lambda: None):
            pass

    with scheduler(tmp_path, 0) as address, pytest.raises(ClusterError, match="has no workers; start one with"):
        asyncio.run(work(address))


def test_without_dask_the_extra_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    async def work() -> None:
        async for _ in DaskCrew("tcp://127.0.0.1:9").work(lambda: None):
            pass

    with pytest.raises(ClusterError, match=r"pip install 'copilot-ls\[cluster\]'"):
        asyncio.run(work())
