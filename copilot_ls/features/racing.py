"""More than one backend at a time: a model that is asked beside a slow one, and an answer before the best has come.

Both trade something (money, quality) for time, so both are for the settings to say. What loses is cancelled, down to
the socket. Called by `ask`, which knows what one backend's turn is.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from copilot_ls.errors import place_of
from copilot_ls.features.question import Asked

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from copilot_ls.config.completion_settings import CompletionSettings
    from copilot_ls.config.settings import RouteStep


logger = logging.getLogger("copilot_ls.completion")


class Turns(Protocol):
    """Who asks one backend."""

    def is_in_process(self, step: RouteStep) -> bool:
        """Whether asking it costs nothing."""

    async def turn(self, settings: RouteStep, *, is_last: bool = True) -> Asked:
        """What comes of it; nothing when it cannot answer."""


async def first_with_suggestions(
    steps: Sequence[RouteStep], turns: Turns, *, hedge_after_s: float | None = None
) -> Asked:
    """The first answer along the route that comes to something.

    With `hedge_after_s`, a model that has not answered by then is joined by the next one.
    """
    if hedge_after_s is not None:
        return await _hedged(steps, turns, hedge_after_s)
    for step in steps:
        asked = await turns.turn(step, is_last=step is steps[-1])
        if asked.suggestions:
            return asked
    return Asked()


async def _hedged(steps: Sequence[RouteStep], turns: Turns, after_s: float) -> Asked:
    waiting = list(steps)
    running: set[asyncio.Task[Asked]] = set()
    try:
        while waiting or running:
            # What costs nothing is asked when nobody else is left: it is not what a model is hedged with.
            may_join = bool(waiting) and (not running or not turns.is_in_process(waiting[0]))
            if may_join:
                step = waiting.pop(0)
                running.add(asyncio.ensure_future(turns.turn(step, is_last=not waiting)))
            more = bool(waiting) and not turns.is_in_process(waiting[0])
            done, running = await asyncio.wait(
                running, timeout=after_s if more else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                if (asked := task.result()).suggestions:
                    return asked
    finally:
        await _end(running)
    return Asked()


class Instant:
    """An answer at no cost, for when the walk along the route takes longer than the editor waits.

    `turn` asks the backend that gives it. It is handed to `answer_early` at once, when it is sure of itself and the
    settings want that, and otherwise when patience is over; not at all when the walk was faster.
    """

    def __init__(
        self,
        settings: CompletionSettings,
        turn: Callable[[], Awaitable[Asked]],
        answer_early: Callable[[Asked], None],
    ) -> None:
        self._settings = settings
        self._turn = turn
        self._answer_early = answer_early

    async def beside(self, walk: Callable[[], Awaitable[Asked]]) -> Asked:
        """What comes of `walk`, while this answers early if it has to."""
        instant = asyncio.ensure_future(self._answer())
        try:
            return await walk()
        finally:
            await _end({instant})

    async def _answer(self) -> None:
        patience_s = self._settings.patience_ms / 1000
        if self._settings.instant == "confident":
            asked = await self._turn()
            sure = self._settings.instant_confidence
            if any((suggestion.confidence or 0.0) >= sure for suggestion in asked.suggestions):
                self._answer_early(asked)
                return
        await asyncio.sleep(patience_s)
        asked = await self._turn()
        if asked.suggestions:
            self._answer_early(asked)


async def _end(tasks: set[asyncio.Task[Asked]] | set[asyncio.Task[None]]) -> None:
    """Cancel what still runs, and wait until it has let go of its connections."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled() and (error := task.exception()) is not None:
                logger.error("an answer beside another failed: %s", place_of(error))
