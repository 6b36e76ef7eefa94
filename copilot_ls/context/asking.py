"""Asking sources side by side: one that hangs or fails costs only itself.

Sources are asked one after another in a thread as long as each answers soon: they share one interpreter and one
index, so that asking all at once would only make each of them, and the editor's loop, wait for the others. When one
takes longer than it should, another thread goes on with the rest, and when the time is over whatever has been found is
taken. A thread that never comes back is left behind; a source that several of them are still in is not asked again.
Called by `gather`.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.context.candidate import Candidate
    from copilot_ls.context.request import Situation

    Source = Callable[[Situation], list[Candidate]]

_LOG = logging.getLogger("copilot_ls.context")

# A source that takes longer than this is left to itself: most take a tenth of it.
_PATIENCE_S = 0.02
# How soon a gathering notices that its caller has given up.
_LOOK_EVERY_S = 0.01
# Threads that may hang in one source.
_MOST_HANGING = 2


class Answers(NamedTuple):
    """What each source found, in the order of asking, and why some found nothing: `deadline`, `busy` or `failed: …`."""

    found: dict[str, list[Candidate]]
    reasons: dict[str, str]


class _Hanging:
    """In which sources threads hang that were left behind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in: Counter[str] = Counter()

    def add(self, name: str, change: int) -> None:
        with self._lock:
            self._in[name] += change

    def is_full(self, name: str) -> bool:
        return self._in[name] >= _MOST_HANGING


_HANGING = _Hanging()


class _Asking:
    """One round of questions, shared by the threads that ask."""

    def __init__(self, sources: Sequence[tuple[str, Source]], situation: Situation) -> None:
        self._situation = situation
        self._hanging = _HANGING
        self._waiting = list(reversed(sources))
        self._changed = threading.Condition()
        self._running: set[str] = set()
        self.found: dict[str, list[Candidate]] = {}
        self.reasons: dict[str, str] = {}

    def run(self) -> None:
        """Ask until the time is over or all have answered."""
        self._start()
        n_done = 0
        waited = 0.0
        with self._changed:
            while (self._waiting or self._running) and not self._situation.is_late():
                self._changed.wait(_LOOK_EVERY_S)
                answered = len(self.found) + len(self.reasons)
                waited = 0.0 if answered > n_done else waited + _LOOK_EVERY_S
                n_done = answered
                if waited >= _PATIENCE_S and self._waiting:
                    waited = 0.0
                    self._start()
            for name in self._running:
                self._hanging.add(name, 1)
            for name in [*self._running, *(name for name, _ in self._waiting)]:
                self.reasons[name] = "deadline"
            self._running.clear()
            self._waiting.clear()

    def _start(self) -> None:
        threading.Thread(target=self._work, name="context sources", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    return
                name, source = self._waiting.pop()
                self._running.add(name)
            found, reason = self._answer(name, source)
            with self._changed:
                if name not in self._running:  # given up meanwhile
                    self._hanging.add(name, -1)
                    return
                self._running.discard(name)
                if reason:
                    self.reasons[name] = reason
                else:
                    self.found[name] = found
                if not self._waiting and not self._running:
                    self._changed.notify()

    def _answer(self, name: str, source: Source) -> tuple[list[Candidate], str]:
        if self._situation.is_late():
            return [], "deadline"
        if self._hanging.is_full(name):
            return [], "busy"
        try:
            return source(self._situation), ""
        except Exception as error:  # noqa: BLE001 -- one source must not take the others' answers, nor the editor's, with it
            _LOG.warning("context source %s failed (%s); the others go on", name, type(error).__name__)
            return [], f"failed: {type(error).__name__}"


def ask(sources: Sequence[tuple[str, Source]], situation: Situation) -> Answers:
    """What `sources` find until the situation's time is over; names must be different. Blocks until then at most."""
    asking = _Asking(sources, situation)
    asking.run()
    return Answers({name: asking.found.get(name, []) for name, _ in sources}, dict(asking.reasons))
