"""The one place where events go: to the recorder, which is made with the first of them, or nowhere.

Leaves what an event says to those who make it, and the database to `copilot_ls_telemetry`. Called by the workbench.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_ls_telemetry.events import Event
    from copilot_ls_telemetry.recorder import Recorder

    from copilot_ls.config.stores_settings import TelemetrySettings
    from copilot_ls.features.forwarding import Forwarding

logger = logging.getLogger("copilot_ls")

_MEGABYTE = 1_000_000


class TelemetryRecord:
    """The record of one server. `is_on` is False for commands, which are not what statistics are about."""

    def __init__(
        self, settings: Callable[[], TelemetrySettings], wall_clock: Callable[[], float], *, is_on: bool
    ) -> None:
        self._settings = settings
        self._wall_clock = wall_clock
        self._is_on = is_on
        self._recorder: Recorder | None = None
        self._forwarding: Forwarding | None = None

    @property
    def is_on(self) -> bool:
        """Whether this is a server's, of which statistics are made."""
        return self._is_on

    def take(self, event: Event) -> None:
        """Record an event. Never raises, and waits for nothing."""
        if not self._is_on:
            return
        if self._recorder is None:
            from copilot_ls_telemetry.recorder import Recorder

            from copilot_ls.config.paths import state_dir

            settings = self._settings()
            self._recorder = Recorder(
                state_dir() / "telemetry.db",
                enable=settings.enable,
                max_bytes=settings.max_mb * _MEGABYTE,
                retention_days=settings.retention_days,
                totals_days=settings.totals_days,
                on_problem=partial(logger.warning, "%s"),
                wall_clock=self._wall_clock,
            )
        self._recorder.record(event)

    def settings_changed(self) -> None:
        """The user may have turned it on or off."""
        if self._recorder is not None:
            self._recorder.enable = self._is_on and self._settings().enable
        if self._is_on and (self._forwarding is not None or self._settings().otlp_endpoint is not None):
            from copilot_ls.features.forwarding import Forwarding

            self._forwarding = self._forwarding or Forwarding()
            self._forwarding.follow(self._settings())

    def close(self) -> None:
        """Write what is left. Blocks."""
        if self._recorder is not None:
            self._recorder.close()
        if self._forwarding is not None:
            self._forwarding.close()
