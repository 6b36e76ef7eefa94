"""Mistral's API: middles by `/v1/fim/completions`, conversations by `/v1/chat/completions`.

`options.fim` is `auto`, `fim` or `chat`: by itself, a model that has no middles is asked by conversation from its first
refusal on. Leaves streams, which are OpenAI's, to `_openai_answers`.
"""

from __future__ import annotations

import re
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from copilot_ls.backends import _middle, _openai_answers, _openai_requests, _options, _stream
from copilot_ls.backends._adapt import by_name
from copilot_ls.backends._backend import HttpBackend
from copilot_ls.backends._request import WireRequest, source_in, temperature_of, texts_in, wanted_stops
from copilot_ls.prompt import fim
from copilot_ls.prompt.comments import comment_for
from copilot_ls.prompt.profiles import stop_sequences

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Sequence

    from copilot_ls.backends._faults import StatusError
    from copilot_ls.backends.base import Chunk, CompletionRequest
    from copilot_ls.backends.chat import ChatChunk, ChatRequest
    from copilot_ls.config.settings import BackendSettings
    from copilot_ls.prompt.profiles import ModelProfile

DEFAULT_URL = "https://api.mistral.ai/v1"
FIM_PATH = "fim/completions"
CHAT_PATH = "chat/completions"

_OPTIONAL = ("temperature", "stop", "random_seed", "response_format")
_NO_FIM = re.compile(r"\bfim\b|fill.in.the.middle|\bsuffix\b", re.IGNORECASE)
_MAY_MEAN_NO_FIM = {400, 404, 422}


def create(name: str, options: BackendSettings) -> MistralBackend:
    """Entry point of the kind `mistral`. Raises `SettingsError`."""
    return MistralBackend(name, options)


def middle(
    model: str, profile: ModelProfile, request: CompletionRequest, *, choice: int = 0, refused: Collection[str] = ()
) -> WireRequest:
    """A request for a middle. The service lays it out; context goes before the prefix."""
    comment = comment_for(request.language_id)
    if profile.files is not None and profile.files.within_prefix:
        _, prompt = fim.context_and_prefix(
            profile, prefix=request.prefix, snippets=request.snippets, path=request.path, comment=comment
        )
    else:
        prompt = fim.as_comments(request.snippets, comment, profile, path=request.path) + fim.neutralise(
            request.prefix, profile
        )
    body: dict[str, Any] = {
        "model": model,
        "prompt": prompt,
        "suffix": fim.neutralise(request.suffix, profile),
        "max_tokens": request.max_tokens,
        "temperature": temperature_of(request, several=choice > 0),
        "stream": True,
        "stop": list(stop_sequences(profile, wanted_stops(request))),
    }
    if choice:
        body["random_seed"] = choice
    return WireRequest(FIM_PATH, _without(body, refused), source_in(request))


def conversation(model: str, request: ChatRequest, *, refused: Collection[str] = ()) -> WireRequest:
    """A request of a conversation: OpenAI's, but that usage is always told."""
    body = _openai_requests.conversation(model, request)
    del body["stream_options"]
    return WireRequest(CHAT_PATH, _without(body, refused), texts_in(request))


def _without(body: dict[str, Any], refused: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in refused and value != []}


class MistralBackend(HttpBackend):
    """Mistral's service, or another that has its API, and one of its models."""

    def __init__(self, name: str, settings: BackendSettings) -> None:
        found = _options.endpoint(name, settings, default_url=DEFAULT_URL)
        found = found.without("/chat/completions", "/fim/completions", "/models")
        super().__init__(name, settings, found if found.path else found.with_path("/v1"), refusable=by_name(*_OPTIONAL))
        if not self.model:
            raise _options.no_model(name, "codestral-latest")
        self._profile = _options.model_profile(name, settings)
        self._fim = _options.choice(name, settings, "fim", ("auto", "fim", "chat"))
        self._conversing = self._fim == "chat"

    def completion_request(self, request: CompletionRequest, *, choice: int = 0) -> WireRequest:
        """What is posted for a middle."""
        if self._conversing:
            return self.chat_request(_middle.asked(request, choice))
        return middle(self.model, self._profile, request, choice=choice, refused=self._refused.names)

    def chat_request(self, request: ChatRequest) -> WireRequest:
        """What is posted for a conversation."""
        return conversation(self.model, request, refused=self._refused.names)

    async def one(self, request: CompletionRequest, choice: int) -> AsyncGenerator[Chunk, None]:
        """One attempt at one alternative."""
        conversing = self._conversing
        messages = self._messages(self.completion_request(request, choice=choice))
        async with aclosing(_openai_answers.completion(self._client, messages, conversing=conversing)) as chunks:
            async for chunk in chunks:
                yield replace(chunk, choice=choice)

    def converse(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """One attempt at a conversation."""
        return _openai_answers.conversation(self._client, self._messages(self.chat_request(request)))

    def adapt(self, error: StatusError) -> bool:
        """Change how middles are asked for; see `HttpBackend.adapt`."""
        if self._refused.learn(error):
            return True
        if self._fim != "auto" or self._conversing or error.status not in _MAY_MEAN_NO_FIM:
            return False
        self._conversing = _NO_FIM.search(error.said) is not None
        return self._conversing

    def how(self) -> str:
        """In what way middles are asked for."""
        return "chat" if self._conversing else "fim"

    async def models(self) -> Sequence[str]:
        """The models that the service lists."""
        from copilot_ls.backends._wire import OpenAiModels

        return [model.id for model in (await _stream.fetch(self._client, "models", OpenAiModels)).data]
