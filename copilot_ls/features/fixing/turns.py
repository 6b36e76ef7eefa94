"""Hears how the route `fix` was walked for one task, and counts it against the task's budget.

Made by `fixer`, called by `routing.conversation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copilot_ls.features.turns import TaskTurns

if TYPE_CHECKING:
    from copilot_ls.features.fixing.budget import FixBudget
    from copilot_ls.routing.attempt import Outcome


class FixTurns(TaskTurns):
    """The turns of one task; `last` is how the last one ended, which was `last_backend`'s and `last_model`'s."""

    def __init__(self, *arguments: Any, budget: FixBudget, **more: Any) -> None:  # noqa: ANN401 - as of `TaskTurns`
        super().__init__(*arguments, **more)
        self.last: Outcome | None = None
        self.last_backend = ""
        self.last_model = ""
        self._budget = budget

    def asked(self, backend: str, model: str, outcome: Outcome) -> None:
        """A backend's turn is over."""
        self.last, self.last_backend, self.last_model = outcome, backend, model
        self._budget.spend(outcome)
        super().asked(backend, model, outcome)
