"""Ollama, by `/api/generate`.

Where the model's family is known its raw fill-in-the-middle prompt is sent (`raw`), with context snippets in the
family's own format; else prefix and `suffix`, which the server's template for the model lays out, if it can.
`options.fim` decides otherwise: `auto`, `raw`, `suffix`. `options.keep_alive` and `options.num_ctx` are passed on.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from copilot_ls.backends import _check, _options, _stream
from copilot_ls.backends._faults import StatusError
from copilot_ls.backends._http import HttpClient
from copilot_ls.backends.base import Chunk, Usage
from copilot_ls.errors import BackendRefusedError
from copilot_ls.prompt import fim
from copilot_ls.prompt.comments import comment_for
from copilot_ls.prompt.profiles import stop_sequences

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from copilot_ls.backends.base import BackendCheck, CompletionRequest
    from copilot_ls.config.settings import BackendSettings

DEFAULT_URL = "http://127.0.0.1:11434"

_MIN_TEMPERATURE_OF_SEVERAL = 0.4
_BAD_REQUEST = 400


def create(name: str, options: BackendSettings) -> OllamaBackend:
    """Entry point of the kind `ollama`. Raises `SettingsError`."""
    return OllamaBackend(name, options)


class OllamaBackend:
    """One Ollama server and one of its models."""

    def __init__(self, name: str, settings: BackendSettings) -> None:
        self.name = name
        self.model = settings.model or ""
        if not self.model:
            raise _options.no_model(name, "qwen2.5-coder:1.5b")
        self._profile = _options.model_profile(name, settings)
        self._endpoint = _options.endpoint(name, settings, default_url=DEFAULT_URL).without(
            "/api/generate", "/api", "/v1"
        )
        self._client = HttpClient(name, settings, self._endpoint)
        self.is_loopback = self._endpoint.is_loopback
        mode = _options.choice(name, settings, "fim", ("auto", "raw", "suffix"))
        if mode == "raw" and self._profile.fim is None:
            raise _options.no_fim_tokens(name, self.model)
        self._raw = mode == "raw" or (mode == "auto" and self._profile.fim is not None)
        self._keep_alive = _options.option(name, settings, "keep_alive", str, default="")
        self._window = _options.option(name, settings, "num_ctx", int, default=0)

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[Chunk, None]:
        """Stream `request.n` alternatives, one after the other; see `copilot_ls.backends.base.Backend`."""
        for choice in range(max(request.n, 1)):
            async with aclosing(self._one(request, choice)) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def check(self) -> BackendCheck:
        """Find out for `doctor` whether the server can do its work. Never raises."""
        how = "raw prompt" if self._raw else "suffix"
        return await _check.check(self, self._models, host=self._endpoint.host, how=lambda: how)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _models(self) -> Sequence[str]:
        await self._client.prepare()
        from copilot_ls.backends._wire import OllamaModels

        return [model.name for model in (await _stream.fetch(self._client, "api/tags", OllamaModels)).models]

    async def _one(self, request: CompletionRequest, choice: int) -> AsyncGenerator[Chunk, None]:
        body = self._body(request, choice)
        sent = (request.prefix, request.suffix, *(snippet.text for snippet in request.snippets))
        answer = _stream.stream(
            self._client,
            "api/generate",
            body,
            framing="lines",
            sent=sent,
            is_last=lambda parsed: parsed.get("done") is True,
        )
        finished = False
        try:
            async with aclosing(answer) as messages:
                async for parsed in messages:
                    from copilot_ls.backends._wire import OllamaChunk

                    message = _stream.checked(self._client, OllamaChunk, parsed)
                    if message.done:
                        reason = "length" if message.done_reason == "length" else "stop"
                        usage = Usage(message.prompt_eval_count, None, message.eval_count)
                        yield Chunk(message.response, choice=choice, finish_reason=reason, usage=usage)
                        finished = True
                    elif message.response:
                        yield Chunk(message.response, choice=choice)
        except StatusError as error:
            if error.status == _BAD_REQUEST and "support insert" in error.said:
                raise self._no_insert() from None
            raise
        if not finished:
            raise self._client.failures.broken("truncated", "the answer ended without saying that it is complete")

    def _no_insert(self) -> BackendRefusedError:
        return BackendRefusedError(
            f"backend {self.name}: the model {self.model!r} cannot fill in the middle; set backend.{self.name}.model "
            f"to one made for code, or backend.{self.name}.profile to the model's family",
            backend=self.name,
            fault="no_fim",
        )

    def _body(self, request: CompletionRequest, choice: int) -> dict[str, Any]:
        wanted = tuple(request.stop) if request.multiline else ("\n", *request.stop)
        options: dict[str, Any] = {
            "num_predict": request.max_tokens,
            "temperature": max(request.temperature, _MIN_TEMPERATURE_OF_SEVERAL if choice else 0.0),
        }
        if stop := stop_sequences(self._profile, wanted):
            options["stop"] = list(stop)
        if choice:
            options["seed"] = choice
        if self._window:
            options["num_ctx"] = self._window
        body: dict[str, Any] = {"model": self.model, "stream": True, "options": options}
        comment = comment_for(request.language_id)
        if self._raw:
            body["raw"] = True
            body["prompt"] = fim.render(
                self._profile,
                prefix=request.prefix,
                suffix=request.suffix,
                snippets=request.snippets,
                path=request.path,
                comment=comment,
            )
        else:
            context = fim.as_comments(request.snippets, comment, self._profile)
            body["prompt"] = context + fim.neutralise(request.prefix, self._profile)
            # Without a suffix the template would make a conversation of it.
            body["suffix"] = fim.neutralise(request.suffix, self._profile) or "\n"
        if self._keep_alive:
            body["keep_alive"] = self._keep_alive
        return body
