"""Asks the backends of a chain, one after the other, and makes suggestions of what they generate.

For each backend: its cache on disk, the context and the prompt if it sends anything away, the stream, which is closed
as soon as more text cannot matter, and post-processing. An answer that comes to nothing, and a failure, pass the
question on. Leaves to `inline_completion` whether to ask at all and what to do with the suggestions.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from copilot_ls.errors import BackendError
from copilot_ls.features.memory_cache import CachedSuggestion
from copilot_ls.text import Point

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from copilot_ls.backends.base import Backend, CompletionRequest, Usage
    from copilot_ls.config.settings import Settings
    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.features.disk_cache import DiskCache
    from copilot_ls.features.generation import Generation
    from copilot_ls.postprocess import Situation
    from copilot_ls.routing.chain import Chain
    from copilot_ls.syntax import SyntaxTree
    from copilot_ls.text import DocumentSnapshot

# Lines around the cursor that post-processing looks at.
_AROUND_LINES = 60
# Sampling for alternatives: the first is the likeliest, more than one needs variety. As Copilot's client does.
_TEMPERATURE_OF_ALTERNATIVES = 0.4


class AskListener(Protocol):
    """Who wants to hear how the asking went."""

    def backend_failed(self, generation: Generation, backend: Backend, fault: str) -> None:
        """A backend raised `BackendError`."""

    def came_to_nothing(self, generation: Generation, backend: Backend, cut_by: Sequence[str]) -> None:
        """A backend answered, and nothing was left of it; `cut_by` is empty when it said nothing."""


@dataclass(slots=True)
class Asked:
    """What came of it: the suggestions, and what the backend counted."""

    suggestions: list[CachedSuggestion] = field(default_factory=list)
    first_token_ms: float | None = None
    usage: Usage | None = None
    from_disk: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One place, and what is known of it without any backend."""

    generation: Generation
    tree: SyntaxTree
    multiline: bool
    in_comment: bool
    indent_unit: str
    open_documents: Sequence[DocumentSnapshot]

    @property
    def document(self) -> DocumentSnapshot:
        """The document as it was when the question came up."""
        return self.generation.document

    @property
    def cursor(self) -> Point:
        """Where it came up."""
        return self.generation.cursor


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
        now: Callable[[], float],
        listener: AskListener,
    ) -> None:
        self._chain = chain
        self._settings = settings
        self._gather = gather
        self._relative_path = relative_path
        self._disk_cache = disk_cache
        self._now = now
        self._listener = listener

    async def ask(self, question: Question) -> Asked:
        """The first backend's suggestions that come to something; none when none does. Raises only when cancelled."""
        chain = self._chain()
        generation = question.generation
        snippets: Sequence[ContextSnippet] | None = None
        for backend in chain.backends(wake=generation.trigger_kind == "invoked"):
            in_process = getattr(backend, "in_process", False)
            if snippets is None and not in_process:
                snippets = await self._gather(question)
            request = self._request(question, [] if in_process else snippets or [], in_process=in_process)
            try:
                asked = await self._ask_one(backend, question, request, in_process=in_process)
            except BackendError as error:
                chain.failed(backend.name)
                self._listener.backend_failed(generation, backend, error.fault)
                continue
            chain.succeeded(backend.name)
            if asked.suggestions:
                return asked
        return Asked()

    async def _ask_one(
        self, backend: Backend, question: Question, request: CompletionRequest, *, in_process: bool
    ) -> Asked:
        situation = self._situation(question)
        disk = None if in_process or question.generation.n > 1 else self._disk_cache()
        key = _disk_key(backend, request) if disk is not None else ""
        asked = Asked()
        raw: list[_Alternative] = []
        if disk is not None:
            raw = [_Alternative(parts=[text]) for text in await disk.get(key)]
            asked.from_disk = bool(raw)
        if not raw:
            raw = await self._stream(backend, question, request, situation, asked)
            if disk is not None and (texts := [alternative.text for alternative in raw if alternative.text.strip()]):
                disk.put(key, texts)
        asked.suggestions = self._finish(backend, question, situation, raw)
        return asked

    async def _stream(
        self, backend: Backend, question: Question, request: CompletionRequest, situation: Situation, asked: Asked
    ) -> list[_Alternative]:
        from copilot_ls.postprocess import stop_early

        started = self._now()
        generation = question.generation
        generation.text = ""
        alternatives: dict[int, _Alternative] = {}
        async with aclosing(backend.complete(request)) as stream:
            async for chunk in stream:
                if asked.first_token_ms is None and chunk.text:
                    asked.first_token_ms = (self._now() - started) * 1000
                alternative = alternatives.setdefault(chunk.choice, _Alternative())
                alternative.parts.append(chunk.text)
                alternative.confidence = chunk.confidence if chunk.confidence is not None else alternative.confidence
                alternative.origin = chunk.origin or alternative.origin
                asked.usage = chunk.usage or asked.usage
                if chunk.choice == 0:
                    generation.text += chunk.text
                    if request.n == 1 and stop_early(generation.text, situation) is not None:
                        break
        return [alternatives[choice] for choice in sorted(alternatives)]

    def _finish(
        self, backend: Backend, question: Question, situation: Situation, raw: Sequence[_Alternative]
    ) -> list[CachedSuggestion]:
        from copilot_ls.postprocess import replaced_suffix, run
        from copilot_ls.syntax import parses_no_worse

        cursor = question.cursor

        def judge(text: str) -> bool:
            end = Point(cursor.line, cursor.column + replaced_suffix(text, situation))
            return parses_no_worse(question.tree, cursor, text, end)

        lowest = self._settings().completion.min_confidence if question.generation.trigger_kind == "automatic" else 0.0
        suggestions: list[CachedSuggestion] = []
        for alternative in raw:
            outcome = run(alternative.text, situation, parses_no_worse=judge)
            cut_by = outcome.cut_by
            text = outcome.text
            if text is not None and alternative.confidence is not None and alternative.confidence < lowest:
                text, cut_by = None, (*cut_by, "min_confidence")
            if text is None:
                self._listener.came_to_nothing(question.generation, backend, cut_by)
            elif all(text != other.text for other in suggestions):
                suggestions.append(
                    CachedSuggestion(
                        text=text,
                        backend=backend.name,
                        model=backend.model,
                        multiline="\n" in text,
                        confidence=alternative.confidence,
                        cut_by=cut_by,
                        origin=alternative.origin,
                        n_replaced=outcome.replaced_suffix,
                    )
                )
        if not raw:
            self._listener.came_to_nothing(question.generation, backend, ())
        return suggestions

    def _situation(self, question: Question) -> Situation:
        from copilot_ls.postprocess import Situation

        text, cursor = question.document.text, question.cursor
        return Situation(
            prefix=text.prefix(cursor, _AROUND_LINES),
            suffix=text.suffix(cursor, _AROUND_LINES),
            language_id=question.document.language_id,
            indent_unit=question.indent_unit,
            multiline=question.multiline,
            max_lines=self._settings().completion.max_lines,
            in_comment=question.in_comment,
        )

    def _request(
        self, question: Question, snippets: Sequence[ContextSnippet], *, in_process: bool
    ) -> CompletionRequest:
        from copilot_ls.backends.base import CompletionRequest

        settings = self._settings()
        document, cursor, n = question.document, question.cursor, question.generation.n
        path = self._relative_path(document)
        if in_process:
            prefix, suffix = document.text.prefix(cursor, _AROUND_LINES), document.text.suffix(cursor, _AROUND_LINES)
        else:
            from copilot_ls.prompt.assemble import assemble
            from copilot_ls.prompt.comments import comment_for

            prompt = assemble(
                document,
                cursor,
                snippets,
                budget_tokens=settings.context.budget_tokens,
                path=path,
                comment=comment_for(document.language_id),
            )
            prefix, suffix, snippets = prompt.prefix, prompt.suffix, prompt.snippets
        return CompletionRequest(
            path=path,
            language_id=document.language_id,
            prefix=prefix,
            suffix=suffix,
            snippets=snippets,
            multiline=question.multiline,
            max_tokens=settings.completion.max_tokens
            if question.multiline
            else min(settings.completion.max_tokens, 64),
            temperature=_TEMPERATURE_OF_ALTERNATIVES if n > 1 else 0.0,
            n=n,
            document=document,
            cursor=cursor,
            open_documents=question.open_documents,
        )


@dataclass(slots=True)
class _Alternative:
    parts: list[str] = field(default_factory=list)
    confidence: float | None = None
    origin: str | None = None

    @property
    def text(self) -> str:
        return "".join(self.parts)


def _disk_key(backend: Backend, request: CompletionRequest) -> str:
    from copilot_ls.features.disk_cache import key_of

    context = [part for snippet in request.snippets for part in (snippet.path, snippet.text)]
    return key_of(
        backend.name,
        backend.model,
        request.language_id,
        request.path,
        str(request.multiline),
        str(request.max_tokens),
        request.prefix,
        request.suffix,
        *context,
    )
