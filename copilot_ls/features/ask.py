"""Asks the backends of a route, one after the other, and makes suggestions of what they generate.

For each backend: the context and the prompt, without secrets, if it sends anything away; its cache on disk; the stream,
which is closed as soon as more text cannot matter; the secrets back in their places; and post-processing. An answer
that comes to nothing, and a failure, pass the question on. Whether a backend may be asked, its deadline and its retries
are `routing`'s; asking two at once and answering before the best has come is `racing`'s. Leaves to `inline_completion`
whether to ask at all and what to do with the suggestions.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Protocol

from copilot_ls.errors import BackendError
from copilot_ls.features.alternatives import Alternative, finish, generate, situation_of
from copilot_ls.features.completion_request import disk_key, request_for
from copilot_ls.features.prompts import Prompts
from copilot_ls.features.question import Asked
from copilot_ls.features.racing import Instant, first_with_suggestions
from copilot_ls.routing.attempt import Attempt, Size

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from copilot_ls.backends.base import Backend, CompletionRequest
    from copilot_ls.config.completion_settings import DuplicatesMode
    from copilot_ls.config.settings import RouteStep, Settings
    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.features.disk_cache import DiskCache
    from copilot_ls.features.duplicates import DuplicateCheck
    from copilot_ls.features.generation import Generation
    from copilot_ls.features.question import Question
    from copilot_ls.features.redaction import Redaction
    from copilot_ls.prompt.assemble import Prompt
    from copilot_ls.prompt.redaction import Redacted
    from copilot_ls.routing.attempt import Outcome
    from copilot_ls.routing.router import Router, Step
    from copilot_ls.text import DocumentSnapshot


class AskListener(Protocol):
    """Who wants to hear how the asking went."""

    def passed_over(self, generation: Generation, backend: str, reason: str) -> None:
        """A backend of the route was not asked."""

    def asking(self) -> None:
        """A backend is asked now."""

    def asked(self, generation: Generation, backend: Backend, outcome: Outcome) -> None:
        """A backend's turn is over."""

    def backend_failed(self, generation: Generation, backend: Backend, fault: str) -> None:
        """A backend raised `BackendError`."""

    def came_to_nothing(self, generation: Generation, backend: Backend, cut_by: Sequence[str]) -> None:
        """A backend answered, and nothing was left of it; `cut_by` is empty when it said nothing."""


class Asker:
    """Asks on behalf of one workspace."""

    def __init__(
        self,
        *,
        router: Callable[[], Router],
        settings: Callable[[], Settings],
        gather: Callable[[Question, str], Awaitable[Sequence[ContextSnippet]]],
        relative_path: Callable[[DocumentSnapshot], str],
        disk_cache: Callable[[], DiskCache | None],
        redaction: Redaction,
        why_ignored: Callable[[DocumentSnapshot], Awaitable[str | None]],
        duplicates: DuplicateCheck,
        listener: AskListener,
        ordered: Callable[[Sequence[RouteStep], str, Sequence[bool]], Sequence[RouteStep]] | None = None,
    ) -> None:
        self.router = router
        self.settings = settings
        self.gather = gather
        self.relative_path = relative_path
        self.disk_cache = disk_cache
        self.redaction = redaction
        self.why_ignored = why_ignored
        self.duplicates = duplicates
        self.listener = listener
        self.ordered = ordered
        self.prompts = Prompts()

    async def ask(self, question: Question, answer_early: Callable[[Asked], None] | None = None) -> Asked:
        """The first backend's suggestions that come to something; none when none does. Raises only when cancelled.

        `answer_early` may be given an answer before that, which is good enough while a better one is awaited.
        """
        asking = _Asking(self, question)
        settings = self.settings()
        steps = asking.router.route("completion")
        if self.ordered is not None and not question.generation.is_prefetch:
            in_process = [asking.is_in_process(step) for step in steps]
            steps = self.ordered(steps, question.document.language_id, in_process)
        hedge_after_s = settings.route.hedge_after_ms / 1000
        walk = partial(first_with_suggestions, steps, asking, hedge_after_s=hedge_after_s or None)
        instant = None if answer_early is None else asking.instant_step(steps)
        if answer_early is None or instant is None:
            return await walk()
        turn = partial(asking.turn, instant, speaks=False)
        return await Instant(settings.completion, turn, answer_early).beside(walk)


class _Asking:
    """One question on its way along the route."""

    def __init__(self, asker: Asker, question: Question) -> None:
        self.router = asker.router()
        self._asker = asker
        self._question = question
        self._explicit = question.generation.trigger_kind == "invoked"
        self._path = asker.relative_path(question.document)
        self._snippets: asyncio.Future[Sequence[ContextSnippet]] | None = None
        self._in_process: dict[str, Asked] = {}

    def instant_step(self, steps: Sequence[RouteStep]) -> RouteStep | None:
        """The step within this process that can answer while those before it, which cannot, are awaited."""
        generation = self._question.generation
        if self._explicit or generation.is_prefetch or self._asker.settings().completion.instant == "off":
            return None
        can = [step for step in steps if self._step(step).reason is None]
        at = next((at for at, step in enumerate(can) if self.is_in_process(step)), 0)
        return can[at] if at else None

    def is_in_process(self, step: RouteStep) -> bool:
        """Whether asking this backend costs nothing."""
        return self.router.lane(step.backend).in_process

    async def turn(self, settings: RouteStep, *, is_last: bool = True, speaks: bool = True) -> Asked:
        """What comes of one backend; nothing when it is passed over or fails."""
        known = self._in_process.get(settings.backend)
        if known is not None:
            return known
        step = self._step(settings)
        if step.reason is not None or step.lane.backend is None:
            self._asker.listener.passed_over(self._question.generation, settings.backend, step.reason or "unusable")
            return Asked()
        in_process = step.lane.in_process
        if not in_process and await self._asker.why_ignored(self._question.document) is not None:
            self._asker.listener.passed_over(self._question.generation, settings.backend, "ignored_file")
            return Asked()
        prompt = None if in_process else await self._prompt(settings.backend)
        request = request_for(self._question, prompt, self._asker.settings(), path=self._path)
        request, redacted = self._asker.redaction.completion(step.lane.backend, request)
        try:
            asked = await self._ask(
                step,
                step.lane.backend,
                request,
                redacted,
                n_input_tokens=0 if prompt is None else prompt.tokens,
                is_last=is_last,
                speaks=speaks,
            )
        except BackendError as error:
            self._asker.listener.backend_failed(self._question.generation, step.lane.backend, error.fault)
            return Asked()
        if in_process:
            self._in_process[settings.backend] = asked
        return asked

    async def _look_for_duplicates(self, backend: Backend, asked: Asked, mode: DuplicatesMode) -> None:
        """Take out what repeats a dependency; or, where that is only to be noted, look when the answer has gone."""
        check, document = self._asker.duplicates, self._question.document
        if mode == "warn":
            for suggestion in asked.suggestions:
                check.warn_soon(suggestion.text, document)
            return
        kept = []
        for suggestion in asked.suggestions:
            if await check.find(suggestion.text, document) is None:
                kept.append(suggestion)
            else:
                cut_by = (*suggestion.cut_by, "duplicate_of_dependency")
                self._asker.listener.came_to_nothing(self._question.generation, backend, cut_by)
        asked.suggestions = kept

    def _step(self, settings: RouteStep) -> Step:
        return self.router.step(settings, "completion", explicit=self._explicit)

    async def _prompt(self, backend: str) -> Prompt:
        """The prompt for a backend. Related code is gathered once for all, as much as the first has room for."""
        if self._snippets is None:
            self._snippets = asyncio.ensure_future(self._asker.gather(self._question, backend))
        snippets = await asyncio.shield(self._snippets)
        question = self._question
        return self._asker.prompts.prompt(
            backend,
            question.document,
            question.cursor,
            snippets,
            self._asker.settings(),
            tree=question.tree,
            path=self._path,
        )

    async def _ask(
        self,
        step: Step,
        backend: Backend,
        request: CompletionRequest,
        redacted: Redacted | None,
        *,
        n_input_tokens: int,
        is_last: bool,
        speaks: bool,
    ) -> Asked:
        question, listener = self._question, self._asker.listener
        settings = self._asker.settings().completion
        own_secrets = tuple(redacted.secrets.values()) if redacted is not None else ()
        situation = situation_of(question, settings.max_lines, own_secrets, multiline=request.multiline)
        disk = None if step.lane.in_process or request.n > 1 else self._asker.disk_cache()
        key = disk_key(backend, request) if disk is not None else ""
        asked = Asked()
        raw: list[Alternative] = []
        if disk is not None:
            raw = [Alternative(parts=[text]) for text in await disk.get(key)]
            asked.from_disk = bool(raw)
        if not raw:
            size = Size(n_input_tokens, request.max_tokens * request.n)
            attempt = self.router.attempt(step, "completion", size, is_last=is_last)
            if not isinstance(attempt, Attempt):
                listener.passed_over(question.generation, backend.name, attempt)
                return asked
            listener.asking()
            stream = attempt.stream(partial(backend.complete, request))
            try:
                raw = await generate(stream, question, situation, redacted, n=request.n, speaks=speaks)
            finally:
                listener.asked(question.generation, backend, attempt.outcome)
            asked.first_token_ms = attempt.outcome.first_ms
            asked.usage = None if attempt.outcome.estimated else attempt.outcome.usage
            texts = [alternative.text for alternative in raw if alternative.text.strip()]
            if disk is not None and texts and not self._asker.redaction.holds_secret(texts):
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
            came_to_nothing=partial(listener.came_to_nothing, question.generation, backend),
        )
        if not step.lane.in_process and settings.duplicates != "off":
            await self._look_for_duplicates(backend, asked, settings.duplicates)
        if speaks and not asked.suggestions:
            question.generation.fall_silent()
        return asked
