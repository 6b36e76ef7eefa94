"""Start-up: what an editor's user waits for before anything happens, and what the server weighs then."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.sources import write_workspace
from tests.bench.table import Row, median
from tests.bench.wire import MINIMAL, OURS, Wire, private_folders

RUNS = 15
TYPED = "    connection = registry.acq"


def rows() -> list[Row]:
    """Spawn to `initialize`, memory after it, and spawn to the first ghost text."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (empty := folder / "empty").mkdir()
        workspace = folder / "workspace"
        write_workspace(workspace)
        environment = private_folders(folder)
        wait_for_index(workspace, environment)
        figures: dict[str, list[float]] = {}

        def note(key: str, value: float) -> None:
            figures.setdefault(key, []).append(value)

        for run in range(RUNS + 1):
            for name, command in (("ours", OURS), ("minimal", MINIMAL)):
                wire = Wire(command, environment)
                wall, memory = wire.initialize(empty, initialized=False), wire.rss_mb()
                spent = wire.kill()
                if run:  # the first fills caches
                    note(f"{name} wall", wall)
                    note(f"{name} cpu", spent.cpu_ms)
                    note(f"{name} rss", memory)
            wall, cpu = first_ghost_text(workspace, environment)
            if run:
                note("ghost wall", wall)
                note("ghost cpu", cpu)
    of = {key: median(values) for key, values in figures.items()}
    return [
        Row("start-up: initialize answered, CPU", of["ours cpu"], baseline=of["minimal cpu"], ratio_at_most=0.65),
        Row("start-up: initialize answered, wall", of["ours wall"], baseline=of["minimal wall"]),
        Row("start-up: memory after initialize", of["ours rss"], "MB", of["minimal rss"], at_most=60),
        Row("start-up: first ghost text, wall", of["ghost wall"], baseline=of["minimal wall"], ratio_at_most=2.5, note="1,000 files indexed"),
        Row("start-up: first ghost text, CPU", of["ghost cpu"], baseline=of["minimal cpu"], ratio_at_most=2.5, note="1,000 files indexed"),
    ]  # fmt: skip


def wait_for_index(workspace: Path, environment: dict[str, str]) -> None:
    """Have the workspace indexed before anything is timed."""
    import os

    command = [Path(sys.executable).parent / "copilot-ls", "index", workspace]
    subprocess.run(command, env=os.environ | environment, check=True, stdout=subprocess.DEVNULL)


def first_ghost_text(workspace: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Milliseconds, and those of the processor, from spawn to ghost text that only another file can have taught."""
    text = "def handle(request, registry):\n" + TYPED
    file = workspace / "open.py"
    # Ended politely, so that the index's own process ends too, and is not there when the next start is timed.
    with Wire(OURS, environment) as wire:
        wire.initialize(workspace)
        wire.open(file.as_uri(), text)
        deadline = time.perf_counter() + 20
        while not (items := wire.complete(file.as_uri(), 1, len(TYPED), trigger_kind=1)):
            if time.perf_counter() > deadline:
                raise TimeoutError(f"no ghost text after {TYPED!r}, though the indexed workspace holds such lines")
            time.sleep(0.005)
        elapsed = (time.perf_counter() - wire.started) * 1000
        cpu = wire.cpu_ms()
    assert "acquire_connection" in TYPED[: items[0]["range"]["start"]["character"]] + items[0]["insertText"]
    return elapsed, cpu
