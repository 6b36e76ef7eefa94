"""How a session stands, whole, for an editor's status menu: backends, today's figures, the document looked at.

What is read from disk is read in a thread and waited for a second at most: the figures before it stand in. Leaves the
shape on the wire to `lsp.handlers.status`, which calls it, and the one line of a status bar to `status`.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_ls.features.gate import is_too_large
from copilot_ls.features.status import in_words, what_is_wrong

if TYPE_CHECKING:
    from copilot_ls.features.documents import OpenDocument
    from copilot_ls.features.status import Status
    from copilot_ls.features.workbench import Workbench
    from copilot_ls.routing.lane import Lane

_READ_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Today:
    """Since local midnight: ghost texts shown, those of them taken whole, and the share; None where none was shown."""

    shown: int = 0
    accepted: int = 0

    @property
    def acceptance_rate(self) -> float | None:
        """Taken of shown, 0 to 1."""
        return self.accepted / self.shown if self.shown else None


@dataclass(frozen=True, slots=True)
class BackendReport:
    """A backend of some route. `state` is ready, busy, resting, limited or unusable; `problem` says why, in words."""

    name: str
    model: str
    state: str
    problem: str


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """Whether ghost text is offered in a document. `why` is a stable name; `reason` the same in words.

    Both may be there although it is offered: of an ignored file nothing is sent, which leaves what needs no sending.
    """

    language_id: str
    enabled: bool
    why: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class SessionReport:
    """All of it. `untrusted` are the workspace folders whose settings wait for the user's word."""

    status: Status
    backends: tuple[BackendReport, ...]
    today: Today
    snoozed_until: float | None
    enabled: bool
    document: DocumentReport | None
    untrusted: tuple[str, ...]


class SessionReporter:
    """Makes the reports of one server."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._today = Today()
        self._untrusted: tuple[str, ...] = ()

    async def report(self, document: OpenDocument | None) -> SessionReport:
        """How things stand now, and whether something is offered in the document."""
        workbench = self._workbench
        await workbench.ready()
        about = await self.of_document(document) if document is not None else None
        try:
            reading = asyncio.to_thread(_read, workbench.settings().telemetry.enable, tuple(workbench.folders))
            self._today, self._untrusted = await asyncio.wait_for(reading, _READ_WITHIN_S)
        except TimeoutError:
            pass  # a disk that hangs; what was known stands
        return SessionReport(
            status=workbench.status.status(),
            backends=tuple(_backend(lane) for lane in self._lanes()),
            today=self._today,
            snoozed_until=workbench.switches.snoozed_until,
            enabled=workbench.switches.is_on,
            document=about,
            untrusted=self._untrusted,
        )

    async def look_at(self, document: OpenDocument) -> None:
        """The document is looked at now: have the status say so where nothing is offered in it, or nothing sent."""
        about = await self.of_document(document)
        names = _names(self._workbench, "completion")
        asks_others = any(not lane.in_process for lane in map(self._workbench.router().lane, names))
        is_told = not about.enabled or (about.why is not None and asks_others)
        self._workbench.status.looked_at(about.why if is_told else None)

    async def of_document(self, document: OpenDocument) -> DocumentReport:
        """Whether ghost text is offered in the document while typing, and what else there is to know."""
        workbench = self._workbench
        why: str | None = workbench.switches.why_off(document)
        snapshot = document.snapshot()
        if why is None and is_too_large(snapshot):
            why = "document_too_large"
        enabled = why is None
        if why is None and await workbench.ignored.reason(snapshot) is not None:
            why = "ignored_file"
            enabled = any(lane.in_process for lane in map(workbench.router().lane, _names(workbench, "completion")))
        reason = in_words(why, workbench.switches.snoozed_until) if why is not None else None
        return DocumentReport(document.language_id, enabled, why, reason)

    def _lanes(self) -> list[Lane]:
        from copilot_ls.config.settings import TASKS

        names = [name for task in TASKS for name in _names(self._workbench, task)]
        return [self._workbench.router().lane(name) for name in dict.fromkeys(names)]


def _names(workbench: Workbench, task: str) -> tuple[str, ...]:
    return workbench.router().names(task)  # type: ignore[arg-type]  # one of TASKS


def _backend(lane: Lane) -> BackendReport:
    problem = what_is_wrong(lane)
    if lane.backend is None:
        state = "unusable"
    elif lane.limit_reached(0.0) is not None:
        state = "limited"
    elif problem:
        state = "resting"
    else:
        state = "busy" if lane.n_running and not lane.in_process else "ready"
    return BackendReport(lane.name, getattr(lane.backend, "model", ""), state, problem)


def _read(has_telemetry: bool, folders: tuple[str, ...]) -> tuple[Today, tuple[str, ...]]:
    return _today() if has_telemetry else Today(), tuple(folder for folder in folders if _waits(Path(folder)))


def _waits(folder: Path) -> bool:
    """Whether the folder has a file of settings that is not trusted."""
    from copilot_ls.config.trust import PROJECT_FILE, TrustStore

    return (folder / PROJECT_FILE).is_file() and not TrustStore().trusts_folder(folder)


def _today() -> Today:
    from copilot_ls_telemetry.report import metric_rows
    from copilot_ls_telemetry.store import StoreError

    from copilot_ls.config.paths import state_dir

    midnight = datetime.fromtimestamp(time.time()).replace(hour=0, minute=0, second=0, microsecond=0)  # noqa: DTZ006 - the user's day
    try:
        (row,) = metric_rows(state_dir() / "telemetry.db", "today", since=midnight.timestamp())
    except StoreError:
        return Today()
    return Today(row["shown"], row["accepted"])
