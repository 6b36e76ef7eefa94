"""Which backends are asked for a task, in order, and why one is passed over.

One `Lane` for each backend, shared by the routes of all tasks, so that what one task learns of a backend the others
know. Made by `features.workbench` from the settings, anew when they change; asked by `features` and the command line.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_ls.routing.attempt import Attempt
from copilot_ls.routing.lane import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.backends.base import Backend
    from copilot_ls.config.settings import RouteStep, Settings, Task
    from copilot_ls.routing.attempt import Size
    from copilot_ls.routing.lane import Reason
    from copilot_ls.routing.spend import SpendLog

# While somebody types, the next backend is better than a pause; who has asked in words waits.
_LONGEST_PAUSE_WHILE_TYPING_S = 0.3
_TYPING: frozenset[Task] = frozenset({"completion", "next_edit"})


@dataclass(frozen=True, slots=True)
class Step:
    """A backend of a route, and why it would not be asked now; None when it would."""

    lane: Lane
    settings: RouteStep
    reason: Reason | None

    @property
    def deadline_s(self) -> float:
        """The longest that its turn may last."""
        own = self.settings.deadline_ms
        return self.lane.total_s if own is None else own / 1000


class Router:
    """The routes of one server. `only` replaces every route by one backend."""

    def __init__(
        self,
        settings: Settings,
        make: Callable[[str], Backend],
        *,
        now: Callable[[], float],
        spend: SpendLog | None = None,
        jitter: Callable[[], float] = random.random,
        only: str | None = None,
    ) -> None:
        self._settings = settings
        self._make = make
        self._now = now
        self._jitter = jitter
        self._only = only
        self._lanes: dict[str, Lane] = {}
        self.spend = spend

    def route(self, task: Task) -> Sequence[RouteStep]:
        """The steps of a task's route, best first."""
        if self._only is not None:
            from copilot_ls.config.settings import RouteStep

            return (RouteStep(backend=self._only),)
        steps: Sequence[RouteStep] = getattr(self._settings.route, task)
        return steps

    def names(self, task: Task) -> tuple[str, ...]:
        """The backends of a task's route, best first."""
        return tuple(step.backend for step in self.route(task))

    def lane(self, name: str) -> Lane:
        """What is known of a backend."""
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = Lane(
                name,
                self._settings.backend.get(name),
                self._make,
                now=self._now,
                spend=self.spend,
                limits=self._settings.spend,
            )
        return lane

    def made(self, name: str) -> Lane | None:
        """The lane of the backend of that name, if it was asked for before."""
        return self._lanes.get(name)

    def steps(self, task: Task, *, explicit: bool = False) -> list[Step]:
        """The steps of a route as things stand now: whom to ask, and whom not and why."""
        return [self.step(settings, task, explicit=explicit) for settings in self.route(task)]

    def step(self, settings: RouteStep, task: Task, *, explicit: bool) -> Step:
        """One step as things stand now."""
        lane = self.lane(settings.backend)
        reason = lane.reason_against(explicit=explicit)
        if reason is None and task not in _TYPING and not hasattr(lane.backend, "chat"):
            reason = "cannot_chat"
        return Step(lane, settings, reason)

    def first(self, task: Task) -> Lane | None:
        """The backend that would be asked first now."""
        return next((step.lane for step in self.steps(task) if step.reason is None), None)

    def attempt(self, step: Step, task: Task, size: Size, *, is_last: bool) -> Attempt | Reason:
        """The turn of a step's backend; or the limit of spending that this request might break."""
        lane = step.lane
        if lane.is_limited and lane.prices is not None:
            reason = lane.limit_reached(lane.prices.at_most(size.input_tokens, size.output_tokens))
            if reason is not None:
                return reason
        pause_s = step.deadline_s
        if task in _TYPING:
            answered_within_s = self._settings.completion.deadline_ms / 1000
            pause_s = min(pause_s, answered_within_s) if is_last else _LONGEST_PAUSE_WHILE_TYPING_S
        return Attempt(
            lane,
            size=size,
            now=self._now,
            jitter=self._jitter,
            deadline_s=step.deadline_s,
            longest_pause_s=pause_s,
        )

    async def aclose(self) -> None:
        """Free what the backends hold."""
        lanes, self._lanes = self._lanes, {}
        for lane in lanes.values():
            await lane.aclose()
