"""No secret leaves this process: what a backend is asked is redacted, and the secrets are put back into its answer.

One `Redaction` serves a whole session, so that a secret keeps its placeholder. Completions are redacted by `ask` before
anything is made of the request, its key in the cache on disk included; conversations by the backend that `for_chat`
wraps, whoever holds them. Backends within this process send nothing; those on this machine are exempt where the
settings say so. Leaves finding and placeholders to `copilot_ls.prompt.redaction`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Sequence

    from copilot_ls.backends.base import Backend, BackendCheck, Chunk, CompletionRequest
    from copilot_ls.backends.chat import ChatBackend, ChatChunk, ChatRequest
    from copilot_ls.config.settings import Settings
    from copilot_ls.prompt.redaction import Redacted, Redactor


class Redaction:
    """The redaction of one session. Used on the event loop."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._redactor: Redactor | None = None

    def completion(self, backend: Backend, request: CompletionRequest) -> tuple[CompletionRequest, Redacted | None]:
        """The request as `backend` may see it, and what puts the secrets back; None where nothing was taken out.

        A backend that sends anything away sees texts only, and no document.
        """
        if getattr(backend, "in_process", False):
            return request, None
        request = replace(request, document=None, cursor=None, open_documents=())
        if self._is_exempt(backend):
            return request, None
        texts = [[request.prefix, request.suffix], *([snippet.text] for snippet in request.snippets)]
        redacted = self._start().redact(texts)
        if not redacted.secrets:
            return request, None
        (prefix, suffix), *snippets = redacted.texts
        return replace(
            request,
            prefix=prefix,
            suffix=suffix,
            snippets=[replace(one, text=text) for one, (text,) in zip(request.snippets, snippets, strict=True)],
        ), redacted

    def redactor_for(self, backend: str) -> Redactor | None:
        """What takes the secrets out of a prompt for a configured backend; None where it is told them."""
        return None if is_exempt(self._settings(), backend) else self._start()

    def for_chat(self, backend: ChatBackend) -> ChatBackend:
        """The backend, to be talked with as before, which never sees a secret."""
        return _RedactingChat(backend, self._start, lambda: self._is_exempt(backend))

    def without_secrets(self, texts: Sequence[str]) -> Sequence[str]:
        """Texts as they may be written down: placeholders stand for secrets."""
        return [text for (text,) in self._start().redact([[each] for each in texts]).texts]

    def holds_secret(self, texts: Iterable[str]) -> bool:
        """Whether any of the texts has something in it that should not be written down."""
        redactor = self._start()
        return any(map(redactor.holds_secret, texts))

    def _start(self) -> Redactor:
        if self._redactor is None:
            from copilot_ls.prompt.redaction import Redactor

            self._redactor = Redactor()
        return self._redactor

    def _is_exempt(self, backend: object) -> bool:
        return not self._settings().redaction.loopback and bool(getattr(backend, "is_loopback", False))


def is_exempt(settings: Settings, backend: str) -> bool:
    """Whether the user lets a configured backend, which is on this machine, be told secrets. Contacts nobody."""
    from copilot_ls.backends.registry import create
    from copilot_ls.errors import SettingsError

    if settings.redaction.loopback or backend not in settings.backend:
        return False
    try:
        return bool(getattr(create(backend, settings.backend[backend]), "is_loopback", False))
    except SettingsError:
        return False


class _RedactingChat:
    """A backend that is told no secrets in conversations; all else is the backend's own."""

    def __init__(self, backend: Any, redactor: Callable[[], Redactor], is_exempt: Callable[[], bool]) -> None:  # noqa: ANN401 - both protocols
        self._backend = backend
        self._redactor = redactor
        self._is_exempt = is_exempt
        self.name: str = backend.name
        self.model: str = backend.model

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the backend has
        return getattr(self._backend, name)

    def complete(self, request: CompletionRequest) -> AsyncGenerator[Chunk, None]:
        """As the backend: completions are redacted before."""
        stream: AsyncGenerator[Chunk, None] = self._backend.complete(request)
        return stream

    async def check(self) -> BackendCheck:
        """As the backend."""
        found: BackendCheck = await self._backend.check()
        return found

    async def aclose(self) -> None:
        """As the backend."""
        await self._backend.aclose()

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """Talk without secrets; in the answer, and in what it calls, they are back in their places."""
        from contextlib import aclosing

        redacted = None
        if not self._is_exempt():
            request, redacted = _redacted_chat(self._redactor(), request)
        if redacted is None or not redacted.secrets:
            async with aclosing(self._backend.chat(request)) as stream:
                async for chunk in stream:
                    yield chunk
            return
        # What is JSON has to stay JSON, whatever signs a secret is made of.
        in_json = replace(redacted, secrets={name: json.dumps(text)[1:-1] for name, text in redacted.secrets.items()})
        restoring = (redacted if request.output_schema is None else in_json).restoring()
        async with aclosing(self._backend.chat(request)) as stream:
            async for chunk in stream:
                call = chunk.tool_call
                if call is not None:
                    call = replace(call, arguments=in_json.put_back(call.arguments))
                yield replace(chunk, text=restoring.feed(chunk.text) if chunk.text else "", tool_call=call)
        if rest := restoring.rest():
            from copilot_ls.backends.chat import ChatChunk

            yield ChatChunk(text=rest)


def _redacted_chat(redactor: Redactor, request: ChatRequest) -> tuple[ChatRequest, Redacted]:
    """The conversation without secrets; arguments of calls are redacted as text."""
    texts = []
    for message in request.messages:
        texts += [[message.content], *([call.arguments] for call in message.tool_calls)]
    redacted = redactor.redact(texts)
    done = iter(redacted.texts)
    messages = []
    for message in request.messages:
        (content,) = next(done)
        calls = tuple(replace(call, arguments=next(done)[0]) for call in message.tool_calls)
        messages.append(replace(message, content=content, tool_calls=calls))
    return replace(request, messages=messages), redacted
