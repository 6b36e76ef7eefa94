"""Ends an answer where a stop sequence completes, however the stream is cut into pieces.

Servers take four stop sequences at most, some take none, and one that its model writes out piece by piece would else
reach the editor in part: what may yet become a stop sequence is held back until it is known. Leaves which sequences
these are to `profiles`. Called by backends that send a raw prompt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Stopping:
    """Feed it every piece, then call `end`; what it returns, joined, does not depend on how the answer was cut.

    It cuts before the sequence that is complete first, as a server does that sees one token at a time; of several that
    are complete together, before the longest. `stopped` says that nothing more can come.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = [stop for stop in stops if stop]
        self._longest = max(map(len, self._stops), default=0)
        self._waiting = ""
        self.stopped = False

    def feed(self, piece: str) -> str:
        """The text that has become certain with this piece; may be empty."""
        if self.stopped:
            return ""
        text = self._waiting + piece
        found = [(text.find(stop), stop) for stop in self._stops]
        complete = [(at + len(stop), at) for at, stop in found if at >= 0]
        if complete:
            self.stopped = True
            self._waiting = ""
            return text[: min(complete)[1]]
        held = self._held(text)
        self._waiting = text[len(text) - held :]
        return text[: len(text) - held]

    def end(self) -> str:
        """What was still held back when the answer ended."""
        text, self._waiting = self._waiting, ""
        return text

    def _held(self, text: str) -> int:
        """Characters at the end of `text` that may be the beginning of a stop sequence."""
        for size in range(min(self._longest - 1, len(text)), 0, -1):
            if any(stop.startswith(text[-size:]) for stop in self._stops if len(stop) > size):
                return size
        return 0
