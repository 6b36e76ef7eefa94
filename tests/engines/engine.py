"""A real engine as the tests see it: its process, its address, and what it says besides completing."""

from __future__ import annotations

import json
import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_S = 60


@dataclass
class Engine:
    """A server that is running, with one model."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Its answer, parsed; blocks."""
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.url + path, data, {"content-type": "application/json"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.load(answer)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(command: Sequence[str | Path], log: Path, *, listening: str, ready: str) -> Engine:
    """Start a server; `listening` finds the address in its log, `ready` is a path that answers when it has its model."""
    with log.open("wb") as file:
        process = subprocess.Popen([*map(str, command)], stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    engine = Engine("", process, log)
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        found = re.search(listening, log.read_text("utf-8", "replace"))
        if found:
            engine.url = found[1]
            try:
                engine.ask(ready)
            except (urllib.error.URLError, ConnectionError):
                pass
            else:
                return engine
        time.sleep(0.02)
    engine.stop()
    raise AssertionError(f"the engine did not start: {log.read_text('utf-8', 'replace')[-2000:]}")
