"""Asks the backends of a chain, one after the other, and makes suggestions of what they generate.

For each backend: the context and the prompt, without secrets, if it sends anything away; its cache on disk; the stream,
which is closed as soon as more text cannot matter; the secrets back in their places; and post-processing. An answer
that comes to nothing, and a failure, pass the question on. Leaves to `inline_completion` whether to ask at all and what
to do with the suggestions.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from copilot_ls.errors import BackendError
from copilot_ls.features.alternatives import Alternative, finish, generate, situation_of
from copilot_ls.features.completion_request import disk_key, request_for
from copilot_ls.features.question import Asked

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from copilot_ls.backends.base import Backend, CompletionRequest
    from copilot_ls.config.settings import Settings
    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.features.disk_cache import DiskCache
    from copilot_ls.features.generation import Generation
    from copilot_ls.features.question import Question
    from copilot_ls.features.redaction import Redaction
    from copilot_ls.prompt.redaction import Redacted
    from copilot_ls.routing.chain import Chain
    from copilot_ls.text import DocumentSnapshot


class AskListener(Protocol):
    """Who wants to hear how the asking went."""

    def backend_failed(self, generation: Generation, backend: Backend, fault: str) -> None:
        """A backend raised `BackendError`."""

    def came_to_nothing(self, generation: Generation, backend: Backend, cut_by: Sequence[str]) -> None:
        """A backend answered, and nothing was left of it; `cut_by` is empty when it said nothing."""


class Asker:
    """Asks on behalf of one workspace."""

    def __init__(
        self,
        *,
        chain: Callable[[], Chain],
        settings: Callable[[], Settings],
        gather: Callable[[Question], Awaitable[Sequence[ContextSnippet]]],
        relative_path: Callable[[DocumentSnapshot], str],
        disk_cache: Callable[[], DiskCache | None],
        redaction: Redaction,
        now: Callable[[], float],
        listener: AskListener,
    ) -> None:
        self._chain = chain
        self._settings = settings
        self._gather = gather
        self._relative_path = relative_path
        self._disk_cache = disk_cache
        self._redaction = redaction
        self._now = now
        self._listener = listener

    async def ask(self, question: Question) -> Asked:
        """The first backend's suggestions that come to something; none when none does. Raises only when cancelled."""
        chain = self._chain()
        generation = question.generation
        path = self._relative_path(question.document)
        snippets: Sequence[ContextSnippet] | None = None
        for backend in chain.backends(wake=generation.trigger_kind == "invoked"):
            in_process = getattr(backend, "in_process", False)
            if snippets is None and not in_process:
                snippets = await self._gather(question)
            request = request_for(question, snippets or (), self._settings(), path=path, in_process=in_process)
            request, redacted = self._redaction.completion(backend, request)
            try:
                asked = await self._ask_one(backend, question, request, redacted, in_process=in_process)
            except BackendError as error:
                chain.failed(backend.name)
                self._listener.backend_failed(generation, backend, error.fault)
                continue
            chain.succeeded(backend.name)
            if asked.suggestions:
                return asked
        return Asked()

    async def _ask_one(
        self,
        backend: Backend,
        question: Question,
        request: CompletionRequest,
        redacted: Redacted | None,
        *,
        in_process: bool,
    ) -> Asked:
        settings = self._settings().completion
        situation = situation_of(question, settings.max_lines)
        disk = None if in_process or question.generation.n > 1 else self._disk_cache()
        key = disk_key(backend, request) if disk is not None else ""
        asked = Asked()
        raw: list[Alternative] = []
        if disk is not None:
            raw = [Alternative(parts=[text]) for text in await disk.get(key)]
            asked.from_disk = bool(raw)
        if not raw:
            raw = await generate(backend, question, request, situation, asked, self._now, redacted)
            texts = [alternative.text for alternative in raw if alternative.text.strip()]
            if disk is not None and texts and not self._redaction.holds_secret(texts):
                disk.put(key, texts)
        if redacted is not None:
            for alternative in raw:
                alternative.parts = [redacted.restore(alternative.text)]
        asked.suggestions = finish(
            backend,
            question,
            situation,
            raw,
            min_confidence=settings.min_confidence,
            came_to_nothing=partial(self._listener.came_to_nothing, question.generation, backend),
        )
        return asked
