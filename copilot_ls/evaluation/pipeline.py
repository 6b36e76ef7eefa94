"""The pipeline that the server runs, over a folder that is ready: a workbench without telemetry, caches or watching.

Its clock is the typist's: what rests, comes back; what was edited lately, is so in typed time, at any speed of the
machine. Listens to what backends are asked and what that costs. Called by `session`, `holes`, `fixes` and `calls`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from copilot_ls.features.workbench import Workbench
from copilot_ls.features.workspaces import Workspaces

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from copilot_ls_telemetry.events import Event

    from copilot_ls.backends.base import Backend
    from copilot_ls.config.settings import IndexSettings, Settings
    from copilot_ls.features.ask import AskListener
    from copilot_ls.features.generation import Generation
    from copilot_ls.index.lookup import WorkspaceIndex
    from copilot_ls.routing.attempt import Outcome

SECONDS_PER_KEY = 0.2
"""Sixty words a minute, about the mean of 136 million keystrokes (Dhakal and others, 2018: 52)."""

# Longest waits that settings allow: a busy machine makes an evaluation slow, and not another one.
_PATIENT_DEADLINE_MS = 60_000
_PATIENT_CONTEXT_MS = 5_000


def patient(settings: Settings) -> Settings:
    """The user's settings, with the waits of somebody who looks at answers alone, and nothing asked ahead."""
    completion = replace(
        settings.completion,
        enable=True,
        automatic=True,
        prefetch=False,
        debounce_max_ms=0,
        deadline_ms=_PATIENT_DEADLINE_MS,
    )
    context = replace(settings.context, deadline_ms=_PATIENT_CONTEXT_MS)
    return replace(settings, completion=completion, context=context)


class TypingClock:
    """Seconds of typing, the same on every machine."""

    def __init__(self) -> None:
        self._now = 1_000.0

    def __call__(self) -> float:
        """The time now."""
        return self._now

    def key(self) -> None:
        """A key was pressed."""
        self._now += SECONDS_PER_KEY


@dataclass(slots=True)
class Asking:
    """What backends were asked, and what came of it. `cost` is None while no backend that was asked has a price."""

    asked: int = 0
    answered: int = 0
    cost: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)

    def take(self, outcome: Outcome) -> None:
        """A turn is over."""
        self.asked += 1
        self.answered += outcome.how != "failed"
        if outcome.fault is not None:
            self.faults[outcome.fault] += 1
        if outcome.cost is not None:
            self.cost = (self.cost or 0.0) + outcome.cost
        if outcome.usage is not None:
            self.input_tokens += outcome.usage.input_tokens or 0
            self.output_tokens += outcome.usage.output_tokens or 0


class _Listener:
    """Hears of each turn beside the pipeline's own journal."""

    def __init__(self, own: AskListener, asking: Asking) -> None:
        self._own = own
        self._asking = asking

    def passed_over(self, generation: Generation, backend: str, reason: str) -> None:
        self._asking.passed_over[reason] += 1
        self._own.passed_over(generation, backend, reason)

    def asking(self) -> None:
        self._own.asking()

    def asked(self, generation: Generation, backend: Backend, outcome: Outcome) -> None:
        self._asking.take(outcome)
        self._own.asked(generation, backend, outcome)

    def backend_failed(self, generation: Generation, backend: Backend, fault: str) -> None:
        self._own.backend_failed(generation, backend, fault)

    def came_to_nothing(self, generation: Generation, backend: Backend, cut_by: Sequence[str]) -> None:
        self._own.came_to_nothing(generation, backend, cut_by)


class ReadyIndex(Workspaces):
    """The index of one folder, as it is."""

    def __init__(self, index: WorkspaceIndex | None) -> None:
        super().__init__()
        self._index = index

    def use(self, roots: Sequence[Path], settings: IndexSettings, *, build: bool = True) -> None:
        """Do nothing: the index is there."""

    def index_of(self, path: str) -> WorkspaceIndex | None:  # noqa: ARG002 - there is one
        """The index."""
        return self._index


class EvaluatedPipeline(Workbench):
    """A workbench of one folder whose every route is one backend, or the configured routes where `backend` is None."""

    def __init__(
        self,
        root: Path,
        settings: Settings,
        *,
        backend: str | None,
        index: WorkspaceIndex | None,
        **more: Any,  # noqa: ANN401 - the workbench's
    ) -> None:
        super().__init__(record_telemetry=False, use_disk_cache=False, only_backend=backend, **more)
        self.folders = [str(root)]
        self._settings = settings
        self._workspaces = ReadyIndex(index if settings.index.enable else None)
        self._own_listener = self.asker.listener
        self._cost_before = 0.0
        self.spent = Asking()
        self.begin_counting()

    @property
    def cost(self) -> float:
        """What was spent in all."""
        return self._cost_before + (self.spent.cost or 0.0)

    @property
    def why_unusable(self) -> str:
        """Why the backend could not be made; empty where it could."""
        lane = self.router().made(self._only_backend) if self._only_backend is not None else None
        return lane.why_unusable if lane is not None else ""

    def begin_counting(self) -> None:
        """Begin `spent` and `skipped` at nothing."""
        self._cost_before = self.cost
        self.spent = Asking()
        self.skipped: Counter[str] = Counter()
        """Requests that the gate did not let through, by reason."""
        self.asker.listener = _Listener(self._own_listener, self.spent)

    def _record(self, event: Event) -> None:
        from copilot_ls_telemetry.events import Skipped

        if isinstance(event, Skipped):
            self.skipped[event.reason] += 1
