"""A chain: one ghost text through all the offers that continued it, and what has become of it.

State only; `lifecycle` decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from copilot_ls.text import Span

if TYPE_CHECKING:
    from copilot_ls.features.offered_text import OfferedText
    from copilot_ls.features.suggestion import Suggestion

Outcome = Literal["accepted", "typed", "rejected", "ignored"]
How = Literal["command", "edit"]


class Cancellable(Protocol):
    """A timer that has been started."""

    def cancel(self) -> object:
        """Keep it from firing."""


@dataclass(slots=True)
class Ending:
    """How a chain seems to have ended, and when (unix seconds); final once recorded."""

    outcome: Outcome
    at: float
    reason: str = ""
    how: How = "edit"


@dataclass(slots=True, eq=False)
class Chain:
    """One ghost text: its offers, the newest of which is followed, and what has become of it.

    Lengths are code points from where the chain's first ghost text began; `offsets` says where each offer's began. The
    client was given it as its first choice at `visible_from` (monotonic seconds). Of `accepted_length` that acceptance
    put in, all from `taken_from` up to `reach` has been counted; `before` is what stood before the last change that
    agreed.
    """

    chain_id: str
    newest: Suggestion
    offered: OfferedText
    workspace: str | None
    offsets: dict[str, int]
    visible_from: float | None = None
    shown: bool = False
    partly: bool = False
    accepted_length: int = 0
    reach: int = 0
    taken_from: int | None = None
    before: int = 0
    ending: Ending | None = None
    shown_timer: Cancellable | None = None
    settle_timer: Cancellable | None = None

    def position(self, progress: int) -> int:
        """Where in the chain the text stands when `progress` of its code points do."""
        return progress - self.offered.head

    @property
    def length(self) -> int:
        """Code points of the whole chain."""
        return self.position(len(self.offered.text))

    @property
    def taken(self) -> Span | None:
        """Where in the document what acceptance put in stands, with what was typed between its parts."""
        if self.taken_from is None:
            return None
        head = self.offered.head
        return Span(self.offered.place_of(self.taken_from + head), self.offered.place_of(self.reach + head))

    def go_on(self, suggestion: Suggestion, offered: OfferedText) -> None:
        """Follow a newer offer of the same ghost text."""
        here = self.position(self.offered.progress)
        self.offsets[suggestion.suggestion_id] = here - (offered.progress - offered.head)
        self.newest = suggestion
        self.offered.go_on_with(offered)

    def take(self, start: int, end: int) -> bool:
        """Count what lies between as accepted, once; False when all of it was counted before."""
        start = max(start, self.reach)
        if end <= start:
            return False
        if self.taken_from is None:
            self.taken_from = start
        self.accepted_length += end - start
        self.reach = end
        return True
