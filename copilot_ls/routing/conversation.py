"""A conversation along a task's route: to whoever asks, one backend that is always the best that can answer.

The first that begins to answer is the one that answers to the end: what was said cannot be unsaid, so that a fault in
the midst is the caller's. Who is passed over, and how each turn ended, is told to a listener, which makes events of it.
For the tasks that need more than a completion: explaining and mending.
"""

from __future__ import annotations

from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from copilot_ls.errors import BackendError, BackendUnreachableError
from copilot_ls.routing.attempt import Attempt, Size

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from copilot_ls.backends.chat import ChatChunk, ChatRequest
    from copilot_ls.config.settings import Task
    from copilot_ls.routing.attempt import Outcome
    from copilot_ls.routing.router import Router, Step


class TurnListener(Protocol):
    """Who wants to hear how the route was walked."""

    def passed_over(self, backend: str, reason: str) -> None:
        """A backend of the route was not asked."""

    def asked(self, backend: str, model: str, outcome: Outcome) -> None:
        """A backend's turn is over; its fault, if it has one, is in the outcome."""


class RoutedChat:
    """A `ChatBackend` made of all those of a route. `explicit` is for what the user asked for in words.

    `first` leaves out the steps before it, for a task at which these have failed.
    """

    def __init__(
        self, router: Router, task: Task, listener: TurnListener, *, explicit: bool = True, first: int = 0
    ) -> None:
        self.name = f"route.{task}"
        self.model = ""
        self._router = router
        self._task: Task = task
        self._listener = listener
        self._explicit = explicit
        self._first = first

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """The answer of the first backend that gives one. Raises the last one's `BackendError` when none does."""
        steps = self._router.route(self._task)[self._first :]
        size = Size(_n_tokens(request), request.max_tokens)
        failure: BackendError | None = None
        for settings in steps:
            step = self._router.step(settings, self._task, explicit=self._explicit)
            reason = step.reason or (None if hasattr(step.lane.backend, "chat") else "cannot_chat")
            attempt = reason or self._router.attempt(step, self._task, size, is_last=settings is steps[-1])
            if not isinstance(attempt, Attempt):
                self._listener.passed_over(settings.backend, attempt)
                continue
            said = False
            try:
                async with aclosing(self._turn(step, attempt, request)) as chunks:
                    async for chunk in chunks:
                        said = True
                        yield chunk
            except BackendError as error:
                if said:
                    raise
                failure = error
            else:
                return
        raise failure or BackendUnreachableError(
            f"{self.name}: no backend can answer; `copilot-ls doctor --route {self._task}` says why",
            backend=self.name,
            fault="no_backend",
        )

    async def _turn(self, step: Step, attempt: Attempt, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        backend: Any = step.lane.backend
        try:
            async with aclosing(attempt.stream(partial(backend.chat, request))) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            self._listener.asked(backend.name, backend.model, attempt.outcome)


def _n_tokens(request: ChatRequest) -> int:
    """About how many tokens a model makes of a conversation and of the tools that come with it."""
    from copilot_ls.prompt.tokens import estimate

    texts = [message.content for message in request.messages]
    texts += [call.arguments for message in request.messages for call in message.tool_calls]
    texts += [f"{tool.name} {tool.description} {tool.parameters}" for tool in request.tools]
    texts += [str(request.output_schema.schema)] if request.output_schema is not None else []
    return sum(estimate(text) for text in texts)
