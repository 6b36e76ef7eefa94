"""Keeps the log of what backends cost up to date, off the event loop; there is none while no backend has a price.

Called by `workbench`. What counts as spent, and the file, are `routing.spend`'s.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from copilot_ls.routing.prices import prices_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_ls.config.settings import Settings
    from copilot_ls.routing.spend import SpendLog

logger = logging.getLogger("copilot_ls.routing")

# Spending is written this long after it happened, together with what follows; others' is read at the same time.
_SYNC_AFTER_S = 1.0


class Spending:
    """The spending of one server."""

    def __init__(self, wall_clock: Callable[[], float]) -> None:
        self._wall_clock = wall_clock
        self._log: SpendLog | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._syncing: asyncio.Future[None] | None = None

    def log_for(self, settings: Settings) -> SpendLog | None:
        """The log, if any backend has a price."""
        if self._log is None and any(prices_of(backend) is not None for backend in settings.backend.values()):
            from copilot_ls.config.paths import state_dir
            from copilot_ls.routing.spend import SpendLog

            self._log = SpendLog(
                state_dir(),
                wall_clock=self._wall_clock,
                on_problem=partial(logger.warning, "%s"),
                on_change=self._sync_soon,
            )
        return self._log

    def load(self) -> None:
        """Read what was spent before. Waits for the disk: for a thread."""
        if self._log is not None:
            self._log.sync()

    async def aclose(self) -> None:
        """Write what is left."""
        if self._timer is not None:
            self._timer.cancel()
        if self._syncing is not None:
            await asyncio.wait([self._syncing])
        if self._log is not None and self._log.has_pending:
            await asyncio.to_thread(self._log.sync)

    def _sync_soon(self) -> None:
        if self._timer is None and (self._syncing is None or self._syncing.done()):
            self._timer = asyncio.get_running_loop().call_later(_SYNC_AFTER_S, self._sync)

    def _sync(self) -> None:
        self._timer = None
        if self._log is not None:
            self._syncing = asyncio.get_running_loop().run_in_executor(None, self._log.sync)
