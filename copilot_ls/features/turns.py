"""What the backends' turns in a conversation came to: an event for each, and their sum.

Listens to `routing.conversation.RoutedChat` on behalf of one task of the user's, explaining or mending, and records
through `lifecycle`. Called by `explaining` and `fixing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_ls.config.settings import Task
    from copilot_ls.features.request_events import RequestEvents
    from copilot_ls.routing.attempt import Outcome


class TaskTurns:
    """The turns of one task. Tokens and cost stay None until a backend says how many, or what, there were.

    `backend` and `model` are those that answered last; `passed` says who was passed over and why, `fault` what the last
    failure was. `on_change` is called when somebody was asked or passed over.
    """

    def __init__(
        self,
        events: RequestEvents,
        task: Task,
        request_id: str,
        *,
        uri: str,
        language: str,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._events = events
        self._task: Task = task
        self._request_id = request_id
        self._uri = uri
        self._language = language
        self._on_change = on_change
        self.backend = ""
        self.model = ""
        self.fault = ""
        self.n_turns = 0
        self.passed: dict[str, str] = {}
        self.input_tokens: int | None = None
        self.output_tokens: int | None = None
        self.cost: float | None = None

    def passed_over(self, backend: str, reason: str) -> None:
        """A backend of the route was not asked."""
        self.passed[backend] = reason
        self._events.passed_over(
            reason,
            backend=backend,
            uri=self._uri,
            language=self._language,
            request_id=self._request_id,
            task=self._task,
        )
        self._on_change()

    def asked(self, backend: str, model: str, outcome: Outcome) -> None:
        """A backend's turn is over."""
        self.n_turns += 1
        self._events.asked(
            outcome,
            backend=backend,
            model=model,
            uri=self._uri,
            language=self._language,
            request_id=self._request_id,
            task=self._task,
        )
        if outcome.fault:
            self.fault = outcome.fault
            self._events.fault(
                outcome.fault,
                backend=backend,
                model=model,
                uri=self._uri,
                language=self._language,
                request_id=self._request_id,
                latency_ms=outcome.latency_ms,
                task=self._task,
            )
        if outcome.how == "answered":
            self.backend, self.model = backend, model
        if outcome.usage is not None:
            self.input_tokens = (self.input_tokens or 0) + (outcome.usage.input_tokens or 0)
            self.output_tokens = (self.output_tokens or 0) + (outcome.usage.output_tokens or 0)
        if outcome.cost is not None:
            self.cost = (self.cost or 0.0) + outcome.cost
        self._on_change()
