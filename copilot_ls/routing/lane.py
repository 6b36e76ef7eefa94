"""One backend as the router sees it: its breaker, its places, its prices and limits, and whether it may be asked now.

A backend is made when it is first needed; one that cannot be made is passed over. Leaves a request's course to
`attempt`, and which lanes to take to `router`.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Literal

from copilot_ls.errors import SettingsError, place_of
from copilot_ls.routing.breaker import Breaker
from copilot_ls.routing.prices import prices_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_ls.backends.base import Backend
    from copilot_ls.config.settings import BackendSettings, SpendSettings
    from copilot_ls.routing.spend import SpendLog

logger = logging.getLogger("copilot_ls.routing")

Reason = Literal[
    "unusable",
    "cannot_chat",
    "resting",
    "probing",
    "max_spend_per_day",
    "max_spend_per_month",
    "spend.max_per_day",
    "spend.max_per_month",
]
"""Why a backend is passed over."""


class Lane:
    """A backend and what is known of it. `settings` is None for one that nobody configured."""

    def __init__(
        self,
        name: str,
        settings: BackendSettings | None,
        make: Callable[[str], Backend],
        *,
        now: Callable[[], float],
        spend: SpendLog | None,
        limits: SpendSettings,
    ) -> None:
        self.name = name
        self.settings = settings
        self.breaker = Breaker(now)
        self.prices = prices_of(settings) if settings is not None else None
        self.spend = spend if self.prices is not None else None
        self.max_retries = settings.max_retries if settings is not None else 0
        self.total_s = settings.total_timeout_ms / 1000 if settings is not None else 30.0
        self.n_running = 0
        self.why_unusable = ""
        self._limits = limits
        self._make = make
        self._backend: Backend | None = None
        self._places = asyncio.Semaphore(settings.max_concurrency if settings is not None else 1)

    @property
    def backend(self) -> Backend | None:
        """The backend; None when it cannot be made, which is logged once."""
        if self._backend is None and not self.why_unusable:
            try:
                self._backend = self._make(self.name)
            except SettingsError as error:
                self.why_unusable = str(error)
                logger.warning("backend %r cannot be used: %s", self.name, error)
            except Exception as error:  # noqa: BLE001 - a third-party package may raise anything
                self.why_unusable = f"it could not be made: {place_of(error)}"
                logger.warning("backend %r cannot be used: %s", self.name, self.why_unusable)
        return self._backend

    @property
    def in_process(self) -> bool:
        """Whether it costs nothing to ask: no network, no price, no waiting."""
        return bool(getattr(self.backend, "in_process", False))

    def reason_against(self, *, explicit: bool) -> Reason | None:
        """Why it may not be asked now, whatever the request; None when it may."""
        if self.backend is None:
            return "unusable"
        return self.breaker.reason_against(explicit=explicit) or self.limit_reached(0.0)

    def limit_reached(self, cost: float) -> Reason | None:
        """The limit of spending that a request of at most `cost` might break."""
        spend, settings = self.spend, self.settings
        if spend is None or settings is None:
            return None
        checks: tuple[tuple[Reason, float | None, Callable[[str | None], float], str | None], ...] = (
            ("max_spend_per_day", settings.max_spend_per_day, spend.today, self.name),
            ("max_spend_per_month", settings.max_spend_per_month, spend.this_month, self.name),
            ("spend.max_per_day", self._limits.max_per_day, spend.today, None),
            ("spend.max_per_month", self._limits.max_per_month, spend.this_month, None),
        )
        for reason, limit, paid, whose in checks:
            if limit is None:
                continue
            total = paid(whose) + cost
            if total > limit or (cost == 0.0 and total >= limit):
                return reason
        return None

    @property
    def is_limited(self) -> bool:
        """Whether any limit of spending is set that this backend's requests count for."""
        own = self.settings
        if self.spend is None or own is None:
            return False
        limits = (own.max_spend_per_day, own.max_spend_per_month, self._limits.max_per_day, self._limits.max_per_month)
        return any(limit is not None for limit in limits)

    async def take_place(self, deadline: float) -> None:
        """Wait for a place among the requests under way. Raises TimeoutError at the loop's time `deadline`."""
        if self._places.locked():
            async with asyncio.timeout_at(deadline):
                await self._places.acquire()
        else:
            await self._places.acquire()

    def leave_place(self) -> None:
        """Give the place to the next."""
        self._places.release()

    async def aclose(self) -> None:
        """Free what the backend holds."""
        backend, self._backend = self._backend, None
        if backend is not None:
            await backend.aclose()
