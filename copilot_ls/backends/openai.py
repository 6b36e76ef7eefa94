"""Any server that speaks OpenAI's HTTP API: vLLM, llama.cpp, LM Studio, DeepSeek, OpenAI and many more.

They agree on less than their name says. A middle is asked for in one of three ways, `options.fim`:

* `prompt`: `/completions` with the model family's own special tokens in the prompt; right for servers that pass the
  prompt on as it is, most of which ignore `suffix` or refuse it.
* `suffix`: `/completions` with `suffix`, for services that do the layout themselves.
* `chat`: `/chat/completions` with an instruction, for all the rest.

`auto`, the default, takes `prompt` where the model's family is known and `suffix` elsewhere, falls back to `chat` when
the server has no completions, and remembers that. Optional parameters that a server refuses are left out from then on.
Leaves connections to `_http`, bodies to `_openai_requests`, streams to `_openai_answers`.
"""

from __future__ import annotations

import re
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from copilot_ls.backends import _openai_answers, _openai_requests, _options, _stream
from copilot_ls.backends._adapt import adapting, by_name, says_unsupported
from copilot_ls.backends._backend import HttpBackend
from copilot_ls.backends._request import WireRequest, source_in, texts_in
from copilot_ls.backends._stops import until_stop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from copilot_ls.backends._faults import StatusError
    from copilot_ls.backends._options import Endpoint
    from copilot_ls.backends.base import Chunk, CompletionRequest
    from copilot_ls.backends.chat import ChatChunk, ChatRequest
    from copilot_ls.config.settings import BackendSettings
    from copilot_ls.prompt.profiles import ModelProfile

DEFAULT_URL = "http://127.0.0.1:8080/v1"

_NO_COMPLETIONS = {404, 405, 410, 501}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a variant of the API has what, and in which header it wants the key."""

    completions: str = "completions"
    chat: str = "chat/completions"
    models: str = "models"
    key_header: str = "authorization"


def create(name: str, options: BackendSettings) -> OpenAiBackend:
    """Entry point of the kind `openai`. Raises `SettingsError`."""
    return OpenAiBackend(name, options, endpoint(name, options, default_url=DEFAULT_URL), Addresses())


class OpenAiBackend(HttpBackend):
    """One server with OpenAI's API and one of its models."""

    profile: ModelProfile

    def __init__(self, name: str, settings: BackendSettings, endpoint: Endpoint, addresses: Addresses) -> None:
        super().__init__(
            name,
            settings,
            endpoint,
            refusable=by_name(*_openai_requests.OPTIONAL) | _openai_requests.REFUSED_OTHERWISE,
            key_header=addresses.key_header,
        )
        self._addresses = addresses
        self.profile = _options.model_profile(name, settings)
        self._fim = _options.choice(name, settings, "fim", ("auto", "prompt", "suffix", "chat"))
        if self._fim == "prompt" and self.profile.fim is None:
            raise _options.no_fim_tokens(name, self.model)
        self._mode = self._fim
        if self._fim == "auto":
            self._mode = "prompt" if self.profile.fim is not None else "suffix"

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the alternatives that the server gives, at once; see `copilot_ls.backends.base.Backend`."""
        answer = adapting(partial(self.one, request, 0), self.adapt)
        async with aclosing(until_stop(answer, self.ends(request), n=max(request.n, 1))) as chunks:
            async for chunk in chunks:
                yield chunk

    def completion_request(self, request: CompletionRequest) -> WireRequest:
        """What is posted for a middle, in the way that is in use."""
        if self._mode == "chat":
            body = _openai_requests.by_conversation(self.model, self.profile, request)
        elif self._mode == "prompt":
            body = _openai_requests.by_prompt(self.model, self.profile, request)
        else:
            body = _openai_requests.by_suffix(self.model, self.profile, request)
        path = self._addresses.chat if self._mode == "chat" else self._addresses.completions
        return WireRequest(path, _openai_requests.without(body, self._refused.names), source_in(request))

    def chat_request(self, request: ChatRequest) -> WireRequest:
        """What is posted for a conversation."""
        body = _openai_requests.conversation(self.model, request)
        return WireRequest(self._addresses.chat, _openai_requests.without(body, self._refused.names), texts_in(request))

    def how(self) -> str:
        """In what way middles are asked for."""
        return self._mode

    async def models(self) -> Sequence[str]:
        """The models that the server lists."""
        from copilot_ls.backends._wire import OpenAiModels

        return [model.id for model in (await _stream.fetch(self._client, self._addresses.models, OpenAiModels)).data]

    def one(self, request: CompletionRequest, choice: int) -> AsyncGenerator[Chunk, None]:  # noqa: ARG002 - all come at once
        """One attempt at all alternatives."""
        messages = self._messages(self.completion_request(request))
        return _openai_answers.completion(self._client, messages, conversing=self._mode == "chat")

    def converse(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """One attempt at a conversation."""
        return _openai_answers.conversation(self._client, self._messages(self.chat_request(request)))

    def adapt(self, error: StatusError) -> bool:
        """Change how middles are asked for; see `HttpBackend.adapt`."""
        if error.fault in {"model_not_found", "context_length"}:
            return False
        if error.status in _NO_COMPLETIONS:
            return self._fall_back_to_chat()
        if self._mode == "suffix" and says_unsupported(error) and re.search(r"\bsuffix\b", error.said):
            return self._fall_back_to_chat()
        return self._refused.learn(error)

    def _fall_back_to_chat(self) -> bool:
        if self._fim != "auto" or self._mode == "chat":
            return False
        self._mode = "chat"
        return True


def endpoint(name: str, settings: BackendSettings, *, default_url: str) -> Endpoint:
    """The base URL of OpenAI's API, as users write it."""
    found = _options.endpoint(name, settings, default_url=default_url)
    found = found.without("/chat/completions", "/fim/completions", "/completions", "/models")
    return found if found.path else found.with_path("/v1")
