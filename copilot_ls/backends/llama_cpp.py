"""llama.cpp's own server: middles by `/infill` or `/completion`, conversations by its OpenAI-style API.

`/infill` knows the model's special tokens, so that no profile is needed. Context snippets go as `input_extra`, which
the server lays out in the model's repository-level format. The whole prefix goes as `input_prefix`: the server appends
`prompt` to it, where llama.vim has the cursor's line, but reads special tokens that are spelt there. `/completion`
takes the raw prompt of a known family, for models whose file does not say which tokens are special. `options.fim` is
`auto` (infill, and the raw prompt where the server cannot), `infill`, `prompt` or `chat`.

`cache_prompt` lets the server reuse what it computed for the last prompt; `options.id_slot` ties requests to one slot,
`options.n_cache_reuse` lets it shift cached pieces, `options.n_indent` asks for an indentation, and
`options.t_max_predict_ms` bounds the time.
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
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from copilot_ls.backends._faults import StatusError
    from copilot_ls.backends._wire import LlamaChunk
    from copilot_ls.backends.base import CompletionRequest
    from copilot_ls.backends.chat import ChatChunk, ChatRequest
    from copilot_ls.config.settings import BackendSettings
    from copilot_ls.prompt.profiles import ModelProfile

# Where the server's presets for fill-in-the-middle models (`llama-server --fim-qwen-1.5b-default`) listen.
DEFAULT_URL = "http://127.0.0.1:8012"
INFILL_PATH = "infill"
COMPLETION_PATH = "completion"
CHAT_PATH = "v1/chat/completions"

_NO_INFILL = 501


def create(name: str, options: BackendSettings) -> LlamaCppBackend:
    """Entry point of the kind `llama_cpp`. Raises `SettingsError`."""
    return LlamaCppBackend(name, options)


def infill(model: str, request: CompletionRequest, *, choice: int = 0) -> WireRequest:
    """A request for a middle, which the server lays out."""
    body = {
        "input_prefix": request.prefix,
        "input_suffix": request.suffix,
        "input_extra": [{"filename": snippet.label, "text": snippet.text} for snippet in request.snippets],
        "prompt": "",
        # The sampler made for infilling ends a generation where the model is unsure whether it has ended; with the
        # bounds before it as llama.vim has them. Temperature 0, at the end, takes the best of what is left.
        "samplers": ["top_k", "top_p", "infill", "temperature"],
        "top_k": 40,
        "top_p": 0.9,
    }
    return WireRequest(
        INFILL_PATH, body | _generation(model, request, wanted_stops(request), choice), source_in(request)
    )


def completion(model: str, profile: ModelProfile, request: CompletionRequest, *, choice: int = 0) -> WireRequest:
    """A request for a middle, as a raw prompt."""
    prompt = fim.render(
        profile,
        prefix=request.prefix,
        suffix=request.suffix,
        snippets=request.snippets,
        path=request.path,
        comment=comment_for(request.language_id),
    )
    stop = stop_sequences(profile, wanted_stops(request))
    return WireRequest(
        COMPLETION_PATH, {"prompt": prompt} | _generation(model, request, stop, choice), source_in(request)
    )


def conversation(model: str, request: ChatRequest, *, refused: frozenset[str] = frozenset()) -> WireRequest:
    """A request of a conversation."""
    body = _openai_requests.without(_openai_requests.conversation(model, request), refused)
    return WireRequest(CHAT_PATH, body | {"cache_prompt": True}, texts_in(request))


def _generation(model: str, request: CompletionRequest, stop: Sequence[str], choice: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "n_predict": request.max_tokens,
        "temperature": temperature_of(request, several=choice > 0),
        "cache_prompt": True,
        "stream": True,
    }
    if choice:
        found["seed"] = choice
    if stop:
        found["stop"] = list(stop)
    if model:
        found["model"] = model
    return found


class LlamaCppBackend(HttpBackend):
    """One llama.cpp server with the model that it has loaded."""

    profile: ModelProfile

    def __init__(self, name: str, settings: BackendSettings) -> None:
        found = _options.endpoint(name, settings, default_url=DEFAULT_URL)
        found = found.without("/v1/chat/completions", "/v1", "/infill", "/completion")
        super().__init__(name, settings, found, refusable=by_name(*_openai_requests.OPTIONAL))
        self.profile = _options.model_profile(name, settings)
        self._fim = _options.choice(name, settings, "fim", ("auto", "infill", "prompt", "chat"))
        if self._fim == "prompt" and self.profile.fim is None:
            raise _options.no_fim_tokens(name, self.model)
        self._mode = "infill" if self._fim == "auto" else self._fim
        self._hints: Mapping[str, Any] = _hints(name, settings)

    def completion_request(self, request: CompletionRequest, *, choice: int = 0) -> WireRequest:
        """What is posted for a middle."""
        if self._mode == "chat":
            return self.chat_request(_middle.asked(request, choice, profile=self.profile))
        if self._mode == "prompt":
            found = completion(self.model, self.profile, request, choice=choice)
        else:
            found = infill(self.model, request, choice=choice)
        return found.with_more(self._hints)

    def chat_request(self, request: ChatRequest) -> WireRequest:
        """What is posted for a conversation."""
        return conversation(self.model, request, refused=self._refused.names).with_more(self._hints)

    def one(self, request: CompletionRequest, choice: int) -> AsyncGenerator[Chunk, None]:
        """One attempt at one alternative."""
        if self._mode == "chat":
            return _middle.answered(self.converse(_middle.asked(request, choice, profile=self.profile)), choice)
        return self._generate(self.completion_request(request, choice=choice), choice)

    def converse(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """One attempt at a conversation."""
        return _openai_answers.conversation(self._client, self._messages(self.chat_request(request)))

    def adapt(self, error: StatusError) -> bool:
        """Change how middles are asked for; see `HttpBackend.adapt`."""
        if self._fim == "auto" and self._mode == "infill" and error.status == _NO_INFILL and self.profile.fim:
            self._mode = "prompt"
            return True
        return self._mode == "chat" and super().adapt(error)

    def how(self) -> str:
        """In what way middles are asked for."""
        return self._mode

    async def models(self) -> Sequence[str]:
        """The model that the server has loaded, or those that it can."""
        from copilot_ls.backends._wire import OpenAiModels

        return [model.id for model in (await _stream.fetch(self._client, "v1/models", OpenAiModels)).data]

    async def _generate(self, request: WireRequest, choice: int) -> AsyncGenerator[Chunk, None]:
        finished = False
        answer = self._messages(request, is_last=lambda parsed: parsed.get("stop") is True)
        async with aclosing(answer) as messages:
            async for parsed in messages:
                from copilot_ls.backends._wire import LlamaChunk

                message = _stream.checked(self._client, LlamaChunk, parsed)
                if message.stop:
                    reason = "length" if message.stop_type == "limit" else "stop"
                    yield Chunk(message.content, choice=choice, finish_reason=reason, usage=_usage(message))
                    finished = True
                elif message.content:
                    yield Chunk(message.content, choice=choice)
        if not finished:
            raise self._client.failures.truncated()


def _hints(name: str, settings: BackendSettings) -> dict[str, Any]:
    """What the server is told about slots, its cache and its limits."""
    slot = _options.option(name, settings, "id_slot", int, default=-1)
    found: dict[str, Any] = {"id_slot": slot} if slot >= 0 else {}
    for key in ("n_cache_reuse", "n_indent", "t_max_predict_ms"):
        if value := _options.option(name, settings, key, int, default=0):
            found[key] = value
    return found


def _usage(message: LlamaChunk) -> Usage:
    timings = message.timings
    evaluated, cached = message.tokens_evaluated, None
    if timings is not None:
        cached = timings.cache_n
        if evaluated is None and timings.prompt_n is not None:
            evaluated = timings.prompt_n + (cached or 0)
    return Usage(evaluated, cached, message.tokens_predicted)
