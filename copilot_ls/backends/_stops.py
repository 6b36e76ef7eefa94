"""Cuts an answer at the stop sequence that is complete first, for servers that say the sequence before they stop.

What it returns, joined, does not depend on how the answer was cut into pieces. Called by the backends over HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class StopCutter:
    """Feed it every piece, then call `end`. What might begin a stop sequence is held back until it is decided."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(filter(None, stops))
        self._held = ""
        self.stopped = False

    def feed(self, piece: str) -> str:
        """The text that has become certain with this piece; may be empty."""
        if self.stopped:
            return ""
        text = self._held + piece
        # The one that is complete first is where a server would have stopped.
        found = [(at + len(stop), at) for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:
            self.stopped = True
            self._held = ""
            return text[: min(found)[1]]
        kept = max((_overlap(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - kept :]
        return text[: len(text) - kept]

    def end(self) -> str:
        """What was still held back when the answer ended."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """How many of the last characters of `text` begin `stop`."""
    return next((n for n in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:n])), 0)
