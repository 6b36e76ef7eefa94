"""Ollama: middles by `/api/generate`, conversations by `/api/chat`.

Where the model's family is known its raw fill-in-the-middle prompt is sent (`raw`), with context snippets in the
family's own format; else prefix and `suffix`, which the server's template for the model lays out, if it can.
`options.fim` decides otherwise: `auto`, `raw`, `suffix`, `chat`. `options.keep_alive` and `options.num_ctx` are passed
on. Reasoning is switched off for middles.
"""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from copilot_ls.backends import _middle, _openai_requests, _options, _stream
from copilot_ls.backends._backend import HttpBackend
from copilot_ls.backends._request import (
    WireRequest,
    arguments_of,
    called_name,
    source_in,
    temperature_of,
    texts_in,
    wanted_stops,
)
from copilot_ls.backends.base import Chunk, Usage
from copilot_ls.backends.chat import NONE, ChatChunk, ToolCall
from copilot_ls.errors import BackendRefusedError
from copilot_ls.prompt import fim
from copilot_ls.prompt.comments import comment_for
from copilot_ls.prompt.profiles import stop_sequences

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Sequence

    from copilot_ls.backends._faults import StatusError
    from copilot_ls.backends._wire import OllamaChunk
    from copilot_ls.backends.base import CompletionRequest
    from copilot_ls.backends.chat import ChatRequest, Message
    from copilot_ls.config.settings import BackendSettings
    from copilot_ls.prompt.profiles import ModelProfile

DEFAULT_URL = "http://127.0.0.1:11434"
GENERATE_PATH = "api/generate"
CHAT_PATH = "api/chat"

REFUSABLE = {"think": r"\bthink(?:ing)?\b", "format": r"\bformat\b"}
_BAD_REQUEST = 400


def create(name: str, options: BackendSettings) -> OllamaBackend:
    """Entry point of the kind `ollama`. Raises `SettingsError`."""
    return OllamaBackend(name, options)


def middle(model: str, profile: ModelProfile, request: CompletionRequest, *, raw: bool, choice: int = 0) -> WireRequest:
    """A request for a middle, with a raw prompt or with a suffix."""
    options: dict[str, Any] = {
        "num_predict": request.max_tokens,
        "temperature": temperature_of(request, several=choice > 0),
    }
    if stop := stop_sequences(profile, wanted_stops(request)):
        options["stop"] = list(stop)
    if choice:
        options["seed"] = choice
    body: dict[str, Any] = {"model": model, "stream": True, "options": options}
    comment = comment_for(request.language_id)
    if raw:
        body["raw"] = True
        body["prompt"] = fim.render(
            profile,
            prefix=request.prefix,
            suffix=request.suffix,
            snippets=request.snippets,
            path=request.path,
            comment=comment,
        )
    else:
        context = fim.as_comments(request.snippets, comment, profile, path=request.path)
        body["prompt"] = context + fim.neutralise(request.prefix, profile)
        # Without a suffix the template would make a conversation of it.
        body["suffix"] = fim.neutralise(request.suffix, profile) or "\n"
    return WireRequest(GENERATE_PATH, body, source_in(request))


def conversation(
    model: str, request: ChatRequest, *, refused: Collection[str] = (), reasoning: bool = True
) -> WireRequest:
    """A request of a conversation. Which tool is to be called cannot be said: with `none`, no tools are offered."""
    options: dict[str, Any] = {"num_predict": request.max_tokens, "temperature": request.temperature}
    if request.stop:
        options["stop"] = list(request.stop)
    body: dict[str, Any] = {
        "model": model,
        "stream": True,
        "messages": [_message(message, request.messages[:at]) for at, message in enumerate(request.messages)],
        "options": options,
    }
    if not reasoning and "think" not in refused:
        body["think"] = False
    if request.tools and request.tool_choice != NONE:
        body["tools"] = _openai_requests.tools(request)
    if request.output_schema is not None and "format" not in refused:
        body["format"] = dict(request.output_schema.schema)
    return WireRequest(CHAT_PATH, body, texts_in(request))


def _message(message: Message, before: Sequence[Message]) -> dict[str, Any]:
    found: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.role == "tool":
        found["tool_name"] = called_name(before, message.tool_call_id)
    if message.tool_calls:
        found["tool_calls"] = [
            {"function": {"name": call.name, "arguments": arguments_of(call.arguments)}} for call in message.tool_calls
        ]
    return found


class OllamaBackend(HttpBackend):
    """One Ollama server and one of its models."""

    profile: ModelProfile

    framing = "lines"

    def __init__(self, name: str, settings: BackendSettings) -> None:
        found = _options.endpoint(name, settings, default_url=DEFAULT_URL)
        super().__init__(
            name, settings, found.without("/api/generate", "/api/chat", "/api", "/v1"), refusable=REFUSABLE
        )
        if not self.model:
            raise _options.no_model(name, "qwen2.5-coder:1.5b")
        self.profile = _options.model_profile(name, settings)
        mode = _options.choice(name, settings, "fim", ("auto", "raw", "suffix", "chat"))
        if mode == "raw" and self.profile.fim is None:
            raise _options.no_fim_tokens(name, self.model)
        self._mode = mode
        if mode == "auto":
            self._mode = "raw" if self.profile.fim is not None else "suffix"
        self._fixed: dict[str, Any] = {}
        if keep_alive := _options.option(name, settings, "keep_alive", str, default=""):
            self._fixed["keep_alive"] = keep_alive
        if window := _options.option(name, settings, "num_ctx", int, default=0):
            self._fixed["options"] = {"num_ctx": window}

    def completion_request(self, request: CompletionRequest, *, choice: int = 0) -> WireRequest:
        """What is posted for a middle."""
        if self._mode == "chat":
            asked = _middle.asked(request, choice, profile=self.profile)
            found = conversation(self.model, asked, refused=self._refused.names, reasoning=False)
        else:
            found = middle(self.model, self.profile, request, raw=self._mode == "raw", choice=choice)
        return found.with_more(self._fixed)

    def chat_request(self, request: ChatRequest) -> WireRequest:
        """What is posted for a conversation."""
        return conversation(self.model, request, refused=self._refused.names).with_more(self._fixed)

    def one(self, request: CompletionRequest, choice: int) -> AsyncGenerator[Chunk, None]:
        """One attempt at one alternative."""
        wire = self.completion_request(request, choice=choice)
        return _middle.answered(self._answer(wire), choice) if self._mode == "chat" else self._generate(wire, choice)

    def converse(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """One attempt at a conversation."""
        return self._answer(self.chat_request(request))

    def adapt(self, error: StatusError) -> bool:
        """Change how middles are asked for; see `HttpBackend.adapt`. Raises what a model without middles needs."""
        if error.status == _BAD_REQUEST and "support insert" in error.said:
            raise self._no_insert() from None
        return super().adapt(error)

    def how(self) -> str:
        """In what way middles are asked for."""
        return {"raw": "raw prompt"}.get(self._mode, self._mode)

    async def models(self) -> Sequence[str]:
        """The models that the server has."""
        from copilot_ls.backends._wire import OllamaModels

        return [model.name for model in (await _stream.fetch(self._client, "api/tags", OllamaModels)).models]

    async def _generate(self, request: WireRequest, choice: int) -> AsyncGenerator[Chunk, None]:
        finished = False
        async with aclosing(self._messages(request, is_last=_is_last)) as messages:
            async for parsed in messages:
                from copilot_ls.backends._wire import OllamaGenerated

                message = _stream.checked(self._client, OllamaGenerated, parsed)
                if message.done:
                    yield Chunk(message.response, choice=choice, finish_reason=_reason(message), usage=_usage(message))
                    finished = True
                elif message.response:
                    yield Chunk(message.response, choice=choice)
        if not finished:
            raise self._client.failures.truncated()

    async def _answer(self, request: WireRequest) -> AsyncGenerator[ChatChunk, None]:
        n_calls = 0
        finished = False
        async with aclosing(self._messages(request, is_last=_is_last)) as messages:
            async for parsed in messages:
                from copilot_ls.backends._wire import OllamaAnswer

                message = _stream.checked(self._client, OllamaAnswer, parsed)
                if message.message.content:
                    yield ChatChunk(message.message.content)
                for call in message.message.tool_calls or ():
                    arguments = json.dumps(call.function.arguments or {}, ensure_ascii=False)
                    yield ChatChunk(tool_call=ToolCall(call.id or f"call_{n_calls}", call.function.name, arguments))
                    n_calls += 1
                if message.done:
                    reason = _reason(message)
                    yield ChatChunk(
                        finish_reason="tool_calls" if n_calls and reason == "stop" else reason, usage=_usage(message)
                    )
                    finished = True
        if not finished:
            raise self._client.failures.truncated()

    def _no_insert(self) -> BackendRefusedError:
        return BackendRefusedError(
            f"backend {self.name}: the model {self.model!r} cannot fill in the middle; set backend.{self.name}.model "
            f'to one made for code, backend.{self.name}.profile to the model\'s family, or options.fim to "chat"',
            backend=self.name,
            fault="no_fim",
        )


def _is_last(parsed: dict[str, Any]) -> bool:
    return parsed.get("done") is True


def _reason(message: OllamaChunk) -> str:
    return "length" if message.done_reason == "length" else "stop"


def _usage(message: OllamaChunk) -> Usage:
    return Usage(message.prompt_eval_count, None, message.eval_count)
