"""Keeps a backend that is down from being waited for at every key: a circuit breaker with a half-open probe.

    closed ── a fault ──▶ open ── its rest is over ──▶ half-open ── one probe ──▶ closed, or open for twice as long

A fault that the next request will not meet (this one was too long, or badly put) leaves it closed. An explicit request
may probe before the rest is over. One probe runs at a time. Knows no backend and no clock of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

State = Literal["closed", "open", "half_open"]

_FIRST_REST_S = 1.0
_LONGEST_REST_S = 60.0
# What somebody has to mend first: a key, a model's name, a certificate. Asking every second helps nobody.
_FIRST_REST_OF_SETUP_S = 8.0
_SETUP = frozenset({"no_key", "http_401", "http_402", "http_403", "http_404", "model_not_found", "bad_header", "tls"})
# The server works; it is this request that it does not take.
_OF_THE_REQUEST = frozenset({"http_400", "http_413", "http_414", "http_422", "context_length", "busy"})


class Breaker:
    """The breaker of one backend."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._n_failures = 0
        self._open_until = 0.0
        self._probing = False
        self.last_fault: str | None = None

    @property
    def state(self) -> State:
        """Where it stands."""
        if not self._n_failures:
            return "closed"
        return "open" if self._now() < self._open_until else "half_open"

    @property
    def rest_s(self) -> float:
        """How long it stays open."""
        return max(self._open_until - self._now(), 0.0) if self._n_failures else 0.0

    def reason_against(self, *, explicit: bool) -> Literal["resting", "probing"] | None:
        """Why a request may not pass now; None when it may."""
        state = self.state
        if state == "closed":
            return None
        if self._probing:
            return "probing"
        return None if explicit or state == "half_open" else "resting"

    def begin(self) -> bool:
        """A request passes; whether it is the probe. Each must end in `answered`, `failed` or `left`."""
        if self.state == "closed":
            return False
        self._probing = True
        return True

    def answered(self) -> None:
        """The backend has begun to answer: it works."""
        self._n_failures = 0
        self._probing = False
        self.last_fault = None

    def failed(self, fault: str, *, pause_s: float | None = None, probe: bool = False) -> None:
        """The backend could not answer; `pause_s` is what it asked for itself."""
        if probe:
            self._probing = False
        if fault in _OF_THE_REQUEST:
            return
        self._n_failures += 1
        first_s = _FIRST_REST_OF_SETUP_S if fault in _SETUP else _FIRST_REST_S
        rest_s = min(first_s * 2 ** min(self._n_failures - 1, 10), _LONGEST_REST_S)
        self._open_until = max(self._now() + max(rest_s, pause_s or 0.0), self._open_until)
        self.last_fault = fault

    def left(self, *, probe: bool) -> None:
        """Nobody waits for the answer any more: nothing was learnt."""
        if probe:
            self._probing = False
