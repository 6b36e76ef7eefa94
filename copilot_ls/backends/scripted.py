r"""A backend that says what a script tells it to: for tests and demonstrations, without a model or a network.

The script is a TOML or JSON file named by `options.script`, or a list of tables `options.answers`. Each answer has
conditions and what is said when all of them hold; the first that holds is taken.

    [[answers]]
    prefix = 'return $'         # regular expressions, searched in the prefix, suffix, path; `language` is compared
    message = 'Mend it'         # or, for conversations alone, in their last message
    times = 1                   # only so often; without it, always
    text = "a + b"              # or chunks = ["a", " + b"], or alternatives = ["a + b", "b + a"]
    expand = true               # \\1 and \\g<name> of the prefix's match in the texts
    delay_ms = 20               # before the first chunk
    chunk_delay_ms = 5          # before each further one
    hang = true                 # then nothing more, until cancelled
    fault = "http_429"          # or fail so, after the chunks
    tool_calls = [{ name = "search", arguments = { words = "area" } }]  # text goes as it is
    finish_reason = "stop"
    confidence = 0.9

`options.record` names a file that gets a line of JSON for everything that happens: `asked` with what was asked,
`answered`, `failed` and `cancelled`, each with the number of requests alive then. Without a matching answer the backend
says nothing. Answers with conditions for completions are for these alone. `_script` reads scripts.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_ls.backends import _options
from copilot_ls.backends._script import read_script
from copilot_ls.backends.base import BackendCheck, Chunk
from copilot_ls.backends.chat import ChatChunk, ToolCall
from copilot_ls.errors import (
    BackendError,
    BackendProtocolError,
    BackendRefusedError,
    BackendTimeoutError,
    BackendUnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Mapping

    from copilot_ls.backends._script import Answer
    from copilot_ls.backends.base import CompletionRequest
    from copilot_ls.backends.chat import ChatRequest
    from copilot_ls.config.settings import BackendSettings

_UNREACHABLE = {"refused", "dns", "tls", "proxy", "unreachable"}
_REFUSED = {"model_not_found", "context_length", "no_key", "no_fim", "bad_header"}


def create(name: str, options: BackendSettings) -> ScriptedBackend:
    """Entry point of the kind `scripted`. Raises `SettingsError`."""
    record = _options.option(name, options, "record", str, default="")
    return ScriptedBackend(
        name, read_script(name, options), model=options.model or "script", record=Path(record) if record else None
    )


class ScriptedBackend:
    """See the module's text. `live`, `max_live`, `n_asked` and `n_cancelled` tell tests how it was used."""

    def __init__(
        self,
        name: str,
        answers: list[Answer],
        *,
        model: str = "script",
        record: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.model = model
        self.live = 0
        self.max_live = 0
        self.n_asked = 0
        self.n_cancelled = 0
        self._answers = answers
        self._record = record
        self._clock = clock

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[Chunk, None]:
        """Say what the script has for this request; see `copilot_ls.backends.base.Backend`."""
        with self._watched(_described(request)):
            answer = self._taken(lambda answer: answer.holds(request))
            if answer is None:
                yield Chunk("", finish_reason="stop")
            else:
                async for chunk in _play(self.name, answer, request):
                    yield chunk

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """Say what the script has for this conversation; see `copilot_ls.backends.chat.ChatBackend`."""
        with self._watched(_conversation(request)):
            answer = self._taken(lambda answer: answer.answers(request))
            if answer is None:
                yield ChatChunk(finish_reason="stop")
            else:
                async for chunk in _converse(self.name, answer):
                    yield chunk

    async def check(self) -> BackendCheck:
        """A script can always be read: whether it could was found out when the backend was made."""
        return BackendCheck(True, True, 0.0, f"a script with {len(self._answers)} answers")

    async def aclose(self) -> None:
        """Nothing is held."""

    def _taken(self, holds: Callable[[Answer], bool]) -> Answer | None:
        answer = next(filter(holds, self._answers), None)
        if answer is not None and answer.times is not None:
            answer.times -= 1
        return answer

    @contextmanager
    def _watched(self, described: Mapping[str, object]) -> Iterator[None]:
        """Count and record one request, from its beginning to its end."""
        self.n_asked += 1
        self.live += 1
        self.max_live = max(self.max_live, self.live)
        number = self.n_asked
        self._note("asked", number, **described)
        outcome = "cancelled"
        try:
            yield
            outcome = "answered"
        except BackendError:
            outcome = "failed"
            raise
        finally:
            self.live -= 1
            self.n_cancelled += outcome == "cancelled"
            self._note(outcome, number)

    def _note(self, event: str, number: int, **more: object) -> None:
        if self._record is None:
            return
        line = {"event": event, "id": number, "at": self._clock(), "live": self.live, **more}
        with self._record.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


async def _play(name: str, answer: Answer, request: CompletionRequest) -> AsyncGenerator[Chunk, None]:
    match = answer.prefix.search(request.prefix) if answer.prefix else None
    await asyncio.sleep(answer.delay_ms / 1000)
    for choice, chunks in enumerate(answer.alternatives[: max(request.n, 1)]):
        for at, text in enumerate(chunks):
            if at and answer.chunk_delay_ms:
                await asyncio.sleep(answer.chunk_delay_ms / 1000)
            yield Chunk(match.expand(text) if match and answer.expand else text, choice=choice)
        if not answer.hang and answer.fault is None:
            yield Chunk("", choice=choice, finish_reason=answer.finish_reason, confidence=answer.confidence)
    if answer.hang:
        await asyncio.Event().wait()
    if answer.fault is not None:
        raise failure(name, answer.fault)


async def _converse(name: str, answer: Answer) -> AsyncGenerator[ChatChunk, None]:
    await asyncio.sleep(answer.delay_ms / 1000)
    for at, text in enumerate(answer.alternatives[0] if answer.alternatives else ()):
        if at and answer.chunk_delay_ms:
            await asyncio.sleep(answer.chunk_delay_ms / 1000)
        yield ChatChunk(text)
    for at, (called, arguments) in enumerate(answer.tool_calls):
        yield ChatChunk(tool_call=ToolCall(f"call_{at}", called, arguments))
    if answer.hang:
        await asyncio.Event().wait()
    if answer.fault is not None:
        raise failure(name, answer.fault)
    yield ChatChunk(finish_reason="tool_calls" if answer.tool_calls else answer.finish_reason)


def failure(name: str, fault: str) -> BackendError:
    """The error that a real backend would raise for a fault of this name."""
    kind: type[BackendError] = BackendProtocolError
    if fault.startswith("timeout_"):
        kind = BackendTimeoutError
    elif fault.startswith("http_") or fault in _REFUSED:
        kind = BackendRefusedError
    elif fault in _UNREACHABLE:
        kind = BackendUnreachableError
    return kind(f"backend {name}: the script says {fault}", backend=name, fault=fault)


def _described(request: CompletionRequest) -> dict[str, object]:
    return {
        "path": request.path,
        "language_id": request.language_id,
        "prefix": request.prefix,
        "suffix": request.suffix,
        "multiline": request.multiline,
        "n": request.n,
        "max_tokens": request.max_tokens,
        "snippets": [snippet.path for snippet in request.snippets],
    }


def _conversation(request: ChatRequest) -> dict[str, object]:
    return {
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "tools": [tool.name for tool in request.tools],
        "output_schema": None if request.output_schema is None else request.output_schema.name,
        "max_tokens": request.max_tokens,
    }
