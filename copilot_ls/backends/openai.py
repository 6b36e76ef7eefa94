"""Any server that speaks OpenAI's HTTP API: vLLM, llama.cpp, LM Studio, TGI, Mistral, DeepSeek, OpenAI and many more.

They agree on less than their name says. A middle is asked for in one of three ways, `options.fim`:

* `prompt`: `/completions` with the model family's own special tokens in the prompt; right for servers that pass the
  prompt on as it is, most of which ignore `suffix` or refuse it.
* `suffix`: `/completions` with `suffix`, for services that do the layout themselves.
* `chat`: `/chat/completions` with an instruction, for all the rest.

`auto`, the default, takes `prompt` where the model's family is known and `suffix` elsewhere, falls back to `chat` when
the server has no completions, and remembers that. Optional parameters that a server refuses are left out from then on.
Leaves connections to `_http` and texts to `copilot_ls.prompt`.
"""

from __future__ import annotations

import re
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from copilot_ls.backends import _check, _options, _stream
from copilot_ls.backends._faults import StatusError
from copilot_ls.backends._http import HttpClient
from copilot_ls.backends.base import Chunk, Usage
from copilot_ls.prompt import chat, fim
from copilot_ls.prompt.comments import comment_for
from copilot_ls.prompt.profiles import MAX_STOP_SEQUENCES, stop_sequences

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from copilot_ls.backends._wire import OpenAiChoice, OpenAiChunk
    from copilot_ls.backends.base import BackendCheck, CompletionRequest
    from copilot_ls.config.settings import BackendSettings

DEFAULT_URL = "http://127.0.0.1:8080/v1"

# Several alternatives at temperature 0 would all be the same.
_MIN_TEMPERATURE_OF_SEVERAL = 0.4

_NO_COMPLETIONS = {404, 405, 410, 501}
_REFUSED_PARAMETER = {400, 422}
_SAYS_UNSUPPORTED = re.compile(
    r"unsupported|not (?:yet |currently )?(?:supported|permitted|allowed)|unrecognized|unknown|unexpected|extra"
    r"|forbidden|does not support|not support|use '",
    re.IGNORECASE,
)
_OPTIONAL = ("stream_options", "max_tokens", "max_completion_tokens", "temperature", "stop", "n")
_MAX_ATTEMPTS = 6


def create(name: str, options: BackendSettings) -> OpenAiBackend:
    """Entry point of the kind `openai`. Raises `SettingsError`."""
    return OpenAiBackend(name, options)


class OpenAiBackend:
    """One server with OpenAI's API and one of its models."""

    def __init__(self, name: str, settings: BackendSettings) -> None:
        self.name = name
        self.model = settings.model or ""
        self._profile = _options.model_profile(name, settings)
        self._endpoint = _endpoint(name, settings)
        self._client = HttpClient(name, settings, self._endpoint)
        self.is_loopback = self._endpoint.is_loopback
        self._fim = _options.choice(name, settings, "fim", ("auto", "prompt", "suffix", "chat"))
        if self._fim == "prompt" and self._profile.fim is None:
            raise _options.no_fim_tokens(name, self.model)
        hosted_by_mistral = self._endpoint.host.endswith("mistral.ai")
        self._completions = "fim/completions" if hosted_by_mistral else "completions"
        self._mode = self._fim
        if self._fim == "auto":
            self._mode = "prompt" if self._profile.fim is not None and not hosted_by_mistral else "suffix"
        self._left_out: set[str] = set()

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the alternatives that the server gives; see `copilot_ls.backends.base.Backend`."""
        for _ in range(_MAX_ATTEMPTS):
            try:
                async with aclosing(self._attempt(request)) as chunks:
                    async for chunk in chunks:
                        yield chunk
            except StatusError as error:  # nothing has been yielded yet: a status comes before any chunk
                if not self._adapt(error):
                    raise
            else:
                return

    async def check(self) -> BackendCheck:
        """Find out for `doctor` whether the server can do its work. Never raises."""
        return await _check.check(self, self._models, host=self._endpoint.host, how=lambda: self._mode)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _models(self) -> Sequence[str]:
        await self._client.prepare()
        from copilot_ls.backends._wire import OpenAiModels

        return [model.id for model in (await _stream.fetch(self._client, "models", OpenAiModels)).data]

    def _adapt(self, error: StatusError) -> bool:
        """Change what is sent so that the server may take it; False when there is nothing left to change."""
        if error.fault in {"model_not_found", "context_length"}:
            return False
        if error.status in _NO_COMPLETIONS:
            return self._fall_back_to_chat()
        if error.status not in _REFUSED_PARAMETER or not _SAYS_UNSUPPORTED.search(error.said):
            return False
        if self._mode == "suffix" and re.search(r"\bsuffix\b", error.said):
            return self._fall_back_to_chat()
        for parameter in _OPTIONAL:
            if parameter not in self._left_out and re.search(rf"\b{parameter}\b", error.said):
                self._left_out.add(parameter)
                return True
        return False

    def _fall_back_to_chat(self) -> bool:
        if self._fim != "auto" or self._mode == "chat":
            return False
        self._mode = "chat"
        return True

    async def _attempt(self, request: CompletionRequest) -> AsyncGenerator[Chunk, None]:
        mode = self._mode
        body = self._body(request, mode)
        path = "chat/completions" if mode == "chat" else self._completions
        sent = (request.prefix, request.suffix, *(snippet.text for snippet in request.snippets))
        answers: dict[int, chat.FillInAnswer] = {}
        finished = False
        async with aclosing(_stream.stream(self._client, path, body, framing="events", sent=sent)) as messages:
            async for parsed in messages:
                from copilot_ls.backends._wire import OpenAiChunk

                message = _stream.checked(self._client, OpenAiChunk, parsed)
                for choice in message.choices:
                    text = _text(choice)
                    if mode == "chat":
                        answer = answers.setdefault(choice.index, chat.FillInAnswer())
                        text = answer.feed(text) + (answer.end() if choice.finish_reason else "")
                    finished = finished or choice.finish_reason is not None
                    if text or choice.finish_reason:
                        yield Chunk(text, choice=choice.index, finish_reason=choice.finish_reason)
                if message.usage is not None:
                    yield Chunk("", usage=_usage(message))
        if not finished:
            raise self._client.failures.broken("truncated", "the answer ended without saying that it is complete")

    def _body(self, request: CompletionRequest, mode: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.model,
            "stream": True,
            "temperature": max(request.temperature, _MIN_TEMPERATURE_OF_SEVERAL if request.n > 1 else 0.0),
            "stream_options": {"include_usage": True},
        }
        body["max_tokens"] = request.max_tokens
        if request.n > 1:
            body["n"] = request.n
        if mode == "chat":
            body["messages"] = chat.messages(
                prefix=request.prefix,
                suffix=request.suffix,
                snippets=request.snippets,
                path=request.path,
                language_id=request.language_id,
                multiline=request.multiline,
            )
            stop: tuple[str, ...] = tuple(request.stop)[:MAX_STOP_SEQUENCES]
        else:
            stop = stop_sequences(self._profile, _wanted_stops(request))
            comment = comment_for(request.language_id)
            if mode == "prompt":
                body["prompt"] = fim.render(
                    self._profile,
                    prefix=request.prefix,
                    suffix=request.suffix,
                    snippets=request.snippets,
                    path=request.path,
                    comment=comment,
                )
            else:
                body["prompt"] = fim.as_comments(request.snippets, comment, self._profile) + fim.neutralise(
                    request.prefix, self._profile
                )
                body["suffix"] = fim.neutralise(request.suffix, self._profile)
        if stop:
            body["stop"] = list(stop)
        if not self.model:
            del body["model"]
        if "max_tokens" in self._left_out and "max_completion_tokens" not in self._left_out:
            body["max_completion_tokens"] = body["max_tokens"]
        for parameter in self._left_out:
            body.pop(parameter, None)
        return body


def _endpoint(name: str, settings: BackendSettings) -> _options.Endpoint:
    found = _options.endpoint(name, settings, default_url=DEFAULT_URL)
    found = found.without("/chat/completions", "/fim/completions", "/completions", "/models")
    return found if found.path else found.with_path("/v1")


def _wanted_stops(request: CompletionRequest) -> tuple[str, ...]:
    """The request's stop sequences; for the rest of a line also its end."""
    return tuple(request.stop) if request.multiline else ("\n", *request.stop)


def _text(choice: OpenAiChoice) -> str:
    if choice.text is not None:
        return choice.text
    delta = choice.delta or choice.message
    return (delta.content if delta is not None else None) or ""


def _usage(message: OpenAiChunk) -> Usage | None:
    usage = message.usage
    if usage is None:
        return None
    details = usage.prompt_tokens_details
    return Usage(usage.prompt_tokens, None if details is None else details.cached_tokens, usage.completion_tokens)
