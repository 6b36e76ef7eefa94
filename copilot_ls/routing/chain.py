"""The chain of backends of a task, and rest for those that fail.

A backend that failed rests for a while that doubles with each failure in a row, so that one that is down is not waited
for at every key; the first success ends that. An explicit request asks those that rest too. Prices, budgets and
hedging are not decided here. Called by `features.inline_completion` and the command line.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.backends.base import Backend

logger = logging.getLogger("copilot_ls.routing")

_FIRST_REST_S = 1.0
_LONGEST_REST_S = 60.0


@dataclass(slots=True)
class _Rest:
    n_failures: int = 0
    until: float = 0.0


class Chain:
    """The backends of one task in the order in which they are asked; each is made when it is first needed."""

    def __init__(self, names: Sequence[str], make: Callable[[str], Backend], now: Callable[[], float]) -> None:
        self.names = tuple(names)
        self._make = make
        self._now = now
        self._made: dict[str, Backend | None] = {}
        self._rests: dict[str, _Rest] = {}

    def backends(self, *, wake: bool = False) -> list[Backend]:
        """Those to ask now, in order; with `wake`, also those that rest."""
        now = self._now()
        found: list[Backend] = []
        for name in self.names:
            rest = self._rests.get(name)
            if rest is not None and rest.until > now and not wake:
                continue
            backend = self._backend(name)
            if backend is not None:
                found.append(backend)
        return found

    def failed(self, name: str) -> None:
        """Take note that a backend failed: it rests."""
        rest = self._rests.setdefault(name, _Rest())
        rest.n_failures += 1
        rest.until = self._now() + min(_FIRST_REST_S * 2 ** (rest.n_failures - 1), _LONGEST_REST_S)

    def succeeded(self, name: str) -> None:
        """Take note that a backend answered."""
        self._rests.pop(name, None)

    async def aclose(self) -> None:
        """Free what the backends hold."""
        for backend in self._made.values():
            if backend is not None:
                await backend.aclose()
        self._made.clear()

    def _backend(self, name: str) -> Backend | None:
        if name not in self._made:
            try:
                self._made[name] = self._make(name)
            except Exception as error:  # noqa: BLE001 - a third-party package may raise anything
                logger.warning("backend %r cannot be used: %s", name, error)
                self._made[name] = None
        return self._made[name]
