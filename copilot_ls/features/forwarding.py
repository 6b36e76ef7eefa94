"""Starts the process that forwards statistics to the user's own collector, and ends it with the server.

Only where `telemetry.otlp_endpoint` is set in the user's own file. The process is apart, so that nothing of it can
slow the server: what it imports, a collector that hangs. It ends when its standard input does, which this holds open.
Leaves all else to `copilot_ls.cli.forward`. Called by `telemetry_record`.
"""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.config.stores_settings import TelemetrySettings

logger = logging.getLogger("copilot_ls")

_COMMAND = [sys.executable, "-P", "-m", "copilot_ls", "telemetry", "forward", "--with-server"]


class Forwarding:
    """The forwarding process of one server, if there is one."""

    def __init__(self) -> None:
        self._wanted: tuple[object, ...] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def follow(self, settings: TelemetrySettings) -> None:
        """Start, restart or end the process as the settings say; in a thread, as starting one takes milliseconds."""
        wanted = None
        if settings.enable and settings.otlp_endpoint is not None:
            wanted = (settings.otlp_endpoint, settings.otlp_interval_s, settings.otlp_spans)
        if wanted == self._wanted:
            return
        self._wanted = wanted
        try:
            asyncio.get_running_loop().run_in_executor(None, self._apply)
        except RuntimeError:  # no loop: a command that has loaded its settings
            self._apply()

    def close(self) -> None:
        """End the process. Blocks for no longer than it takes to close a pipe."""
        self._wanted = None
        self._apply()

    def _apply(self) -> None:
        with self._lock:
            process, self._process = self._process, None
            if process is not None and process.stdin is not None:
                process.stdin.close()
                threading.Thread(target=process.wait, name="forwarding-ends", daemon=True).start()
            if self._wanted is None:
                return
            try:
                self._process = subprocess.Popen(  # noqa: S603 - this program, told nothing from outside
                    _COMMAND,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd=Path.home(),
                )
            except OSError as error:
                logger.warning("statistics are not forwarded: %s", error.strerror or error)
