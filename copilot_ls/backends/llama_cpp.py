"""llama.cpp's own server, by `/infill`: it knows the model's special tokens, so that no profile is needed.

Context snippets go as `input_extra`, which the server lays out in the model's repository-level format. The whole prefix
goes as `input_prefix`: the server appends `prompt` to it, where llama.vim has the cursor's line, but reads special
tokens that are spelt there. `cache_prompt` lets the server reuse what it computed for the last prompt.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from copilot_ls.backends import _check, _options, _stream
from copilot_ls.backends._http import HttpClient
from copilot_ls.backends.base import Chunk, Usage

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from copilot_ls.backends._wire import LlamaChunk
    from copilot_ls.backends.base import BackendCheck, CompletionRequest
    from copilot_ls.config.settings import BackendSettings

# Where the server's presets for fill-in-the-middle models (`llama-server --fim-qwen-1.5b-default`) listen.
DEFAULT_URL = "http://127.0.0.1:8012"

_MIN_TEMPERATURE_OF_SEVERAL = 0.4


def create(name: str, options: BackendSettings) -> LlamaCppBackend:
    """Entry point of the kind `llama_cpp`. Raises `SettingsError`."""
    return LlamaCppBackend(name, options)


class LlamaCppBackend:
    """One llama.cpp server with the model that it has loaded."""

    def __init__(self, name: str, settings: BackendSettings) -> None:
        self.name = name
        self.model = settings.model or ""
        self._endpoint = _options.endpoint(name, settings, default_url=DEFAULT_URL).without("/v1", "/infill")
        self._client = HttpClient(name, settings, self._endpoint)
        self.is_loopback = self._endpoint.is_loopback
        self._slot = _options.option(name, settings, "id_slot", int, default=-1)
        self._max_predict_ms = _options.option(name, settings, "t_max_predict_ms", int, default=0)

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[Chunk, None]:
        """Stream `request.n` alternatives, one after the other; see `copilot_ls.backends.base.Backend`."""
        for choice in range(max(request.n, 1)):
            async with aclosing(self._one(request, choice)) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def check(self) -> BackendCheck:
        """Find out for `doctor` whether the server can do its work. Never raises."""
        return await _check.check(self, self._models, host=self._endpoint.host, how=lambda: "infill")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _models(self) -> Sequence[str]:
        await self._client.prepare()
        from copilot_ls.backends._wire import OpenAiModels

        return [model.id for model in (await _stream.fetch(self._client, "v1/models", OpenAiModels)).data]

    async def _one(self, request: CompletionRequest, choice: int) -> AsyncGenerator[Chunk, None]:
        body = self._body(request, choice)
        sent = (request.prefix, request.suffix, *(snippet.text for snippet in request.snippets))
        answer = _stream.stream(
            self._client, "infill", body, framing="events", sent=sent, is_last=lambda parsed: parsed.get("stop") is True
        )
        finished = False
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
            raise self._client.failures.broken("truncated", "the answer ended without saying that it is complete")

    def _body(self, request: CompletionRequest, choice: int) -> dict[str, Any]:
        stop = tuple(request.stop) if request.multiline else ("\n", *request.stop)
        body: dict[str, Any] = {
            "input_prefix": request.prefix,
            "input_suffix": request.suffix,
            "input_extra": [{"filename": snippet.path, "text": snippet.text} for snippet in request.snippets],
            "prompt": "",
            "n_predict": request.max_tokens,
            "temperature": max(request.temperature, _MIN_TEMPERATURE_OF_SEVERAL if choice else 0.0),
            # The sampler made for infilling ends a generation where the model is unsure whether it has ended; with the
            # bounds before it as llama.vim has them. Temperature 0, at the end, takes the best of what is left.
            "samplers": ["top_k", "top_p", "infill", "temperature"],
            "top_k": 40,
            "top_p": 0.9,
            "cache_prompt": True,
            "stream": True,
        }
        if choice:
            body["seed"] = choice
        if stop:
            body["stop"] = list(stop)
        if self._slot >= 0:
            body["id_slot"] = self._slot
        if self._max_predict_ms:
            body["t_max_predict_ms"] = self._max_predict_ms
        if self.model:
            body["model"] = self.model
        return body


def _usage(message: LlamaChunk) -> Usage:
    timings = message.timings
    evaluated, cached = message.tokens_evaluated, None
    if timings is not None:
        cached = timings.cache_n
        if evaluated is None and timings.prompt_n is not None:
            evaluated = timings.prompt_n + (cached or 0)
    return Usage(evaluated, cached, message.tokens_predicted)
