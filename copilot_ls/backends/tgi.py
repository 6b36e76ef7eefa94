"""Hugging Face's text-generation-inference: middles by `/generate_stream`, conversations by its OpenAI-style API.

A middle is a raw prompt in the format of the model's family, where that is known; else it is asked for by
conversation. `options.fim` decides otherwise: `auto`, `prompt`, `chat`. The server says stop sequences as part of its
answer: they are cut off here.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from copilot_ls.backends import _middle, _openai_answers, _openai_requests, _options, _stream
from copilot_ls.backends._adapt import by_name
from copilot_ls.backends._backend import HttpBackend
from copilot_ls.backends._request import WireRequest, source_in, temperature_of, texts_in, wanted_stops
from copilot_ls.backends.base import Chunk, Usage
from copilot_ls.prompt import fim
from copilot_ls.prompt.comments import comment_for
from copilot_ls.prompt.profiles import stop_sequences

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from copilot_ls.backends.base import CompletionRequest
    from copilot_ls.backends.chat import ChatChunk, ChatRequest
    from copilot_ls.config.settings import BackendSettings
    from copilot_ls.prompt.profiles import ModelProfile

DEFAULT_URL = "http://127.0.0.1:3000"
GENERATE_PATH = "generate_stream"
CHAT_PATH = "v1/chat/completions"


def create(name: str, options: BackendSettings) -> TgiBackend:
    """Entry point of the kind `tgi`. Raises `SettingsError`."""
    return TgiBackend(name, options)


def middle(profile: ModelProfile, request: CompletionRequest, *, choice: int = 0) -> WireRequest:
    """A request for a middle, as a raw prompt."""
    temperature = temperature_of(request, several=choice > 0)
    parameters: dict[str, Any] = {
        "max_new_tokens": request.max_tokens,
        "stop": list(_stops(profile, request)),
        "return_full_text": False,
        "details": True,
        # Greedy is not to sample: temperature 0 is refused.
        "do_sample": temperature > 0,
    }
    if temperature > 0:
        parameters["temperature"] = temperature
    if choice:
        parameters["seed"] = choice
    prompt = fim.render(
        profile,
        prefix=request.prefix,
        suffix=request.suffix,
        snippets=request.snippets,
        path=request.path,
        comment=comment_for(request.language_id),
    )
    return WireRequest(GENERATE_PATH, {"inputs": prompt, "parameters": parameters}, source_in(request))


def conversation(model: str, request: ChatRequest, *, refused: frozenset[str] = frozenset()) -> WireRequest:
    """A request of a conversation. A server has one model, but wants a name."""
    body = _openai_requests.conversation(model or "tgi", request)
    return WireRequest(CHAT_PATH, _openai_requests.without(body, refused), texts_in(request))


def _stops(profile: ModelProfile, request: CompletionRequest) -> tuple[str, ...]:
    return stop_sequences(profile, wanted_stops(request))


class TgiBackend(HttpBackend):
    """One server with the model that it has loaded."""

    profile: ModelProfile

    def __init__(self, name: str, settings: BackendSettings) -> None:
        found = _options.endpoint(name, settings, default_url=DEFAULT_URL)
        found = found.without("/v1/chat/completions", "/generate_stream", "/generate", "/v1")
        super().__init__(name, settings, found, refusable=by_name(*_openai_requests.OPTIONAL))
        self.profile = _options.model_profile(name, settings)
        mode = _options.choice(name, settings, "fim", ("auto", "prompt", "chat"))
        if mode == "prompt" and self.profile.fim is None:
            raise _options.no_fim_tokens(name, self.model)
        self._conversing = mode == "chat" or self.profile.fim is None

    def completion_request(self, request: CompletionRequest, *, choice: int = 0) -> WireRequest:
        """What is posted for a middle."""
        if self._conversing:
            return self.chat_request(_middle.asked(request, choice, profile=self.profile))
        return middle(self.profile, request, choice=choice)

    def chat_request(self, request: ChatRequest) -> WireRequest:
        """What is posted for a conversation."""
        return conversation(self.model, request, refused=self._refused.names)

    def one(self, request: CompletionRequest, choice: int) -> AsyncGenerator[Chunk, None]:
        """One attempt at one alternative."""
        if self._conversing:
            return _middle.answered(self.converse(_middle.asked(request, choice, profile=self.profile)), choice)
        return self._generate(request, choice)

    def converse(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """One attempt at a conversation."""
        return _openai_answers.conversation(self._client, self._messages(self.chat_request(request)))

    def ends(self, request: CompletionRequest) -> tuple[str, ...]:
        """What ends a middle; the server says the end of a line, too, before it stops there."""
        return super().ends(request) if self._conversing else (*wanted_stops(request), *self.profile.ends)

    def how(self) -> str:
        """In what way middles are asked for."""
        return "chat" if self._conversing else "raw prompt"

    async def models(self) -> Sequence[str]:
        """The one model that the server has."""
        from copilot_ls.backends._wire import TgiInfo

        return [(await _stream.fetch(self._client, "info", TgiInfo)).model_id]

    async def _generate(self, request: CompletionRequest, choice: int) -> AsyncGenerator[Chunk, None]:
        answer = self._messages(
            self.completion_request(request, choice=choice), is_last=lambda parsed: bool(parsed.get("details"))
        )
        finished = False
        async with aclosing(answer) as messages:
            async for parsed in messages:
                from copilot_ls.backends._wire import TgiChunk

                message = _stream.checked(self._client, TgiChunk, parsed)
                text = "" if message.token.special else message.token.text
                details = message.details
                if details is not None or message.generated_text is not None:
                    finished = True
                    usage = None if details is None else Usage(details.input_length, None, details.generated_tokens)
                    reason = "length" if details is not None and details.finish_reason == "length" else "stop"
                    yield Chunk(text, choice=choice, finish_reason=reason, usage=usage)
                elif text:
                    yield Chunk(text, choice=choice)
        if not finished:
            raise self._client.failures.truncated()
