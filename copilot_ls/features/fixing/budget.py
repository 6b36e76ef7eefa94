"""What a task may still cost: tries, tokens, time, money. Each limit is checked before a model is asked.

So a limit is exceeded by one request at most. Called by `fixer` and `conversation`; what all tasks together may cost is
`routing.spend`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_ls.routing.attempt import Outcome

# No answer to a request for a fix is useful in less.
_LEAST_ANSWER_TOKENS = 256
_MOST_ANSWER_TOKENS = 4_096


@dataclass(frozen=True, slots=True)
class FixLimits:
    """The limits of one task: proposals of models, tokens in and out together, seconds, and the unit of the prices."""

    max_tries: int = 3
    max_tokens: int = 40_000
    max_seconds: float = 120.0
    max_cost: float | None = None


class FixBudget:
    """The limits of one task, and what was used of them."""

    def __init__(self, limits: FixLimits, now: Callable[[], float]) -> None:
        self.limits = limits
        self.n_tries = 0
        self.n_tokens = 0
        self.cost = 0.0
        self._now = now
        self._started = now()

    def spend(self, outcome: Outcome) -> None:
        """Count a turn that is over."""
        if outcome.usage is not None:
            self.n_tokens += (outcome.usage.input_tokens or 0) + (outcome.usage.output_tokens or 0)
        self.cost += outcome.cost or 0.0

    @property
    def took_ms(self) -> float:
        """Milliseconds since the task began."""
        return (self._now() - self._started) * 1000

    @property
    def left_s(self) -> float:
        """Seconds that are left."""
        return self.limits.max_seconds - (self._now() - self._started)

    @property
    def tries_left(self) -> int:
        """How many more proposals a model may make."""
        return self.limits.max_tries - self.n_tries

    @property
    def answer_tokens(self) -> int:
        """The most that the next answer may have."""
        left = self.limits.max_tokens - self.n_tokens
        return max(min(left, _MOST_ANSWER_TOKENS), _LEAST_ANSWER_TOKENS)

    def used_up(self) -> str:
        """Which limit speaks against asking once more, in words for the user; empty when none does."""
        limits = self.limits
        if self.tries_left <= 0:
            return f"{limits.max_tries} tries were not enough (fix.max_tries)"
        if self.n_tokens >= limits.max_tokens:
            return f"its {limits.max_tokens} tokens are used up (fix.max_tokens)"
        if limits.max_cost is not None and self.cost >= limits.max_cost:
            return f"it has cost {self.cost:g} (fix.max_cost is {limits.max_cost:g})"
        if self.left_s <= 0:
            return self.time_is_up()
        return ""

    def time_is_up(self) -> str:
        """The limit of time, in words for the user."""
        return f"its {self.limits.max_seconds:g} seconds are over (fix.max_seconds)"
