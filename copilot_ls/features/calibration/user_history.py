"""The calibration of one server: what was learned, kept up to date off the event loop, and those who ask it.

Loaded in a thread when the server starts; after outcomes, a thread catches up with the record once they have settled.
Until something is learned, while `telemetry.calibrate` or `telemetry.enable` is off, and when anything here fails,
nothing is decided, and all is as if it were not there. Made by `workbench`.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from typing import TYPE_CHECKING

from copilot_ls.errors import place_of
from copilot_ls.features.calibration.routes import EXPLORED
from copilot_ls.features.calibration.show_gate import ShowGate
from copilot_ls.features.calibration.silence import Silences
from copilot_ls.features.calibration.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.config.settings import RouteStep, Settings
    from copilot_ls.features.calibration.silence import Outcome
    from copilot_ls.features.suggestion import Suggestion
    from copilot_ls.text import AppliedEdit, TextSnapshot

logger = logging.getLogger("copilot_ls")

# How long after an outcome the record is read again: it has settled then, see `learning.SETTLED_S`.
_CATCH_UP_AFTER_S = 140.0
# Outcomes of a language before another backend than the first is tried: whoever begins gets what they configured.
_LEAST_ASKS = 40.0


class UserHistory:
    """What one user's history says.

    `is_on` is False for commands, which nobody's history is about; `now` is a monotonic clock and `wall_clock` unix
    time, both in seconds; `chance` gives random numbers from 0 to 1.
    """

    def __init__(
        self,
        settings: Callable[[], Settings],
        on_silence_judged: Callable[[str, str, Outcome, int], None],
        *,
        is_on: bool,
        now: Callable[[], float],
        wall_clock: Callable[[], float],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._settings = settings
        self._is_on = is_on
        self._wall_clock = wall_clock
        self._chance = chance
        self._timer: asyncio.TimerHandle | None = None
        self._reading: asyncio.Future[None] | None = None
        self.state = State()
        self.gate = ShowGate(lambda: self.state, self.is_on, now=now, hour=self._hour, chance=chance)
        self.silences = Silences(on_silence_judged)

    def is_on(self) -> bool:
        """Whether anything may be learned and decided."""
        settings = self._settings().telemetry
        return self._is_on and settings.enable and settings.calibrate

    def _hour(self) -> int:
        return time.localtime(self._wall_clock()).tm_hour

    def load(self) -> None:
        """Catch up with the record. Waits for disk; never raises."""
        if not self.is_on():
            return
        from copilot_ls.features.calibration.learning import catch_up

        try:
            from copilot_ls.config.paths import state_dir

            folder = state_dir()
            self.state = catch_up(folder / "calibration.json", folder / "telemetry.db", self._wall_clock())
        except Exception as error:  # noqa: BLE001 - without it, all is as the backends say
            logger.error("calibration failed: %s", place_of(error))  # noqa: TRY400 - a message may quote what it read

    def document_changed(self, uri: str, edits: Sequence[AppliedEdit], snapshot: TextSnapshot) -> None:
        """A document changed by `edits`, none where all was replaced, into `snapshot`. O(edit)."""
        self.gate.key_typed()
        self.silences.document_changed(uri, edits, snapshot)

    def judged(self, suggestion: Suggestion, *, right: bool, accepted: bool) -> None:
        """What was shown was taken, or was not: the next decision knows, and the record will."""
        self.gate.judged(suggestion, right=right, accepted=accepted)
        if self._timer is None and self.is_on():
            self._timer = asyncio.get_running_loop().call_later(_CATCH_UP_AFTER_S, self._catch_up)

    def _catch_up(self) -> None:
        self._timer = None
        self._reading = asyncio.ensure_future(asyncio.to_thread(self.load))

    def ordered(self, steps: Sequence[RouteStep], language_id: str, in_process: Sequence[bool]) -> Sequence[RouteStep]:
        """The steps of a route as they are to be tried, by what each backend is worth: the user's order at first."""
        if len(steps) - sum(in_process) < 2 or not self.is_on():  # noqa: PLR2004 - there is nothing to order
            return steps
        routes = self.state.routes
        names = [step.backend for step in steps]
        order = routes.order(names, language_id, fixed=in_process)
        first, second = [at for at in order if not in_process[at]][:2]
        known = routes.of(names[first], language_id)
        if known is not None and known.n >= _LEAST_ASKS and self._chance() < EXPLORED:
            swapped = {first: second, second: first}
            order = [swapped.get(at, at) for at in order]
        return [steps[at] for at in order]

    async def aclose(self) -> None:
        """End what is under way."""
        if self._timer is not None:
            self._timer.cancel()
        if self._reading is not None and not self._reading.done():
            await asyncio.wait([self._reading])
