"""What an editor may show of the backends in its status bar: whether one is at work, and whether something is wrong.

Quiet: what changes within a fifth of a second and back is never told, and nothing is told twice. Where nobody listens,
nothing is computed. Leaves the message on the wire to `lsp`, the decisions to `routing`. Called by `journal`.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_ls.features.switches import Switches
    from copilot_ls.routing.lane import Lane
    from copilot_ls.routing.router import Router

Kind = Literal["Normal", "Warning", "Error", "Inactive"]

_SETTLE_S = 0.2

_FAULTS = {
    "refused": "nothing listens at its address",
    "unreachable": "it cannot be reached",
    "dns": "the name of its host is unknown",
    "tls": "its certificate is not trusted",
    "proxy": "the proxy on the way to it refused",
    "no_key": "its key is not set",
    "http_401": "it does not accept the key",
    "http_402": "its account has no credit left",
    "http_403": "it does not accept the key",
    "http_404": "there is no such address",
    "http_429": "it asks for a pause: too many requests",
    "model_not_found": "it does not have the model",
}
_OFF = {
    "disabled": "completions are turned off",
    "snoozed": "completions pause",
    "language_disabled": "completions are turned off in this language",
    "path_disabled": "completions are turned off at this path (completion.paths_disable)",
    "secret_file": "this file may hold secrets: nothing of it is read or sent",
    "ignored_file": "this file is ignored: nothing of it is sent to any model",
    "document_too_large": "this file is too large (more than 8 MB)",
    "line_too_long": "this line is too long (more than 20,000 characters)",
    "binary": "this file is no text",
}


@dataclass(frozen=True, slots=True)
class Status:
    """As GitHub's `didChangeStatus` has it: `message` is empty where all is well."""

    busy: bool
    kind: Kind
    message: str


class StatusBoard:
    """The status of one server."""

    def __init__(self, router: Callable[[], Router], switches: Callable[[], Switches]) -> None:
        self.listeners: list[Callable[[Status], None]] = []
        self._router = router
        self._switches = switches
        self._inactive = ""
        self._n_at_work = 0
        self._last = Status(busy=False, kind="Normal", message="")
        self._timer: asyncio.TimerHandle | None = None

    def requested(self) -> None:
        """A request has come: what spoke against the one before may not speak against this one."""
        self._inactive = ""

    def skipped(self, reason: str) -> None:
        """Nobody was asked, for a reason that the user may want to know."""
        self._inactive = reason if reason in _OFF else ""
        self.changed()

    def looked_at(self, why_off: str | None) -> None:
        """Another document is looked at, in which nothing is offered for a reason, or something is."""
        self._inactive = why_off or ""
        self.changed()

    def changed(self) -> None:
        """A backend was asked, answered, failed or was passed over."""
        if self.listeners and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_SETTLE_S, self._tell)

    def work_begins(self) -> None:
        """Something that the user asked for, and waits for, has begun."""
        self._n_at_work += 1
        self.changed()

    def work_ends(self) -> None:
        """It has ended, well or not."""
        self._n_at_work -= 1
        self.changed()

    def close(self) -> None:
        """Say nothing any more."""
        self.listeners.clear()
        if self._timer is not None:
            self._timer.cancel()

    def status(self) -> Status:
        """How things stand."""
        router = self._router()
        at_work = self._n_at_work > 0
        if why_off := self._why_off():
            return Status(busy=at_work, kind="Inactive", message=in_words(why_off, self._switches().snoozed_until))
        lanes = [router.lane(name) for name in router.names("completion")]
        busy = at_work or any(lane.n_running and not lane.in_process for lane in lanes)
        wrong = {lane.name: why for lane in lanes if (why := what_is_wrong(lane))}
        well = next((lane.name for lane in lanes if lane.name not in wrong), None)
        if lanes and lanes[0].name not in wrong:
            return Status(busy, "Normal", "")
        reasons = "; ".join(f"{name}: {why}" for name, why in wrong.items())
        if well is None:
            return Status(busy, "Error", f"no backend can answer: {reasons}")
        before = lanes[: [lane.name for lane in lanes].index(well)]
        reasons = "; ".join(f"{lane.name}: {wrong[lane.name]}" for lane in before)
        return Status(busy, "Warning", f"{reasons}. {well} answers instead.")

    def tell_first(self) -> None:
        """Say how things stand, whatever was said before: somebody listens from now on."""
        self._tell(anew=True)

    def _why_off(self) -> str:
        switches = self._switches()
        if not switches.is_on:
            return "disabled"
        return "snoozed" if switches.snoozed_until is not None else self._inactive

    def _tell(self, *, anew: bool = False) -> None:
        self._timer = None
        status = self.status()
        if anew or status != self._last:
            self._last = status
            for listener in self.listeners:
                listener(status)


def in_words(why_off: str, snoozed_until: float | None = None) -> str:
    """A reason why nothing is offered, for the user; empty for one that is of no interest."""
    if why_off == "snoozed" and snoozed_until is not None:
        return f"{_OFF[why_off]} until {time.strftime('%H:%M', time.localtime(snoozed_until))}"
    return _OFF.get(why_off, "")


def what_is_wrong(lane: Lane) -> str:
    """Why a backend is not asked, in words for the user; empty when it is."""
    if lane.backend is None:
        return "its settings cannot be used; `copilot-ls doctor` says why"
    if (limit := lane.limit_reached(0.0)) is not None:
        return f"the limit {limit} is reached"
    fault = lane.breaker.last_fault
    if lane.breaker.state == "closed" or fault is None:
        return ""
    if fault.startswith("timeout"):
        return "it does not answer in time"
    return _FAULTS.get(fault, f"it failed ({fault})")
