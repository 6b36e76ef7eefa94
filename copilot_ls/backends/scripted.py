r"""A backend that says what a script tells it to: for tests and demonstrations, without a model or a network.

The script is a TOML or JSON file named by `options.script`, or a list of tables `options.answers`. Each answer has
conditions and what is said when all of them hold; the first that holds is taken.

    [[answers]]
    prefix = 'return $'         # regular expressions, searched in the prefix, suffix, path; `language` is compared
    times = 1                   # only so often; without it, always
    text = "a + b"              # or chunks = ["a", " + b"], or alternatives = ["a + b", "b + a"]
    expand = true               # \\1 and \\g<name> of the prefix's match in the texts
    delay_ms = 20               # before the first chunk
    chunk_delay_ms = 5          # before each further one
    hang = true                 # then nothing more, until cancelled
    fault = "http_429"          # or fail so, after the chunks
    finish_reason = "stop"
    confidence = 0.9

`options.record` names a file that gets a line of JSON for everything that happens: `asked` with what was asked,
`answered`, `failed` and `cancelled`, each with the number of requests alive then. Without a matching answer the backend
says nothing.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot_ls.backends import _options
from copilot_ls.backends.base import BackendCheck, Chunk
from copilot_ls.errors import (
    BackendError,
    BackendProtocolError,
    BackendRefusedError,
    BackendTimeoutError,
    BackendUnreachableError,
    SettingsError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from copilot_ls.backends.base import CompletionRequest
    from copilot_ls.config.settings import BackendSettings

_UNREACHABLE = {"refused", "dns", "tls", "proxy", "unreachable"}
_REFUSED = {"model_not_found", "context_length", "no_key", "no_fim", "bad_header"}


def create(name: str, options: BackendSettings) -> ScriptedBackend:
    """Entry point of the kind `scripted`. Raises `SettingsError`."""
    record = _options.option(name, options, "record", str, default="")
    return ScriptedBackend(
        name, _script(name, options), model=options.model or "script", record=Path(record) if record else None
    )


@dataclass(slots=True)
class Answer:
    """One entry of a script; see the module's text. `times` counts down."""

    prefix: re.Pattern[str] | None = None
    suffix: re.Pattern[str] | None = None
    path: re.Pattern[str] | None = None
    language: str | None = None
    times: int | None = None
    alternatives: list[list[str]] = field(default_factory=list)
    expand: bool = False
    delay_ms: float = 0
    chunk_delay_ms: float = 0
    hang: bool = False
    fault: str | None = None
    finish_reason: str = "stop"
    confidence: float | None = None

    def holds(self, request: CompletionRequest) -> bool:
        """Whether this is the answer to a request."""
        return (
            self.times != 0
            and (self.language is None or self.language == request.language_id)
            and all(
                pattern is None or pattern.search(text)
                for pattern, text in (
                    (self.prefix, request.prefix),
                    (self.suffix, request.suffix),
                    (self.path, request.path),
                )
            )
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
        self.n_asked += 1
        self.live += 1
        self.max_live = max(self.max_live, self.live)
        number = self.n_asked
        self._note("asked", number, **_described(request))
        outcome = "cancelled"
        try:
            answer = next((answer for answer in self._answers if answer.holds(request)), None)
            if answer is None:
                yield Chunk("", finish_reason="stop")
            else:
                if answer.times is not None:
                    answer.times -= 1
                async for chunk in _play(self.name, answer, request):
                    yield chunk
            outcome = "answered"
        except BackendError:
            outcome = "failed"
            raise
        finally:
            self.live -= 1
            self.n_cancelled += outcome == "cancelled"
            self._note(outcome, number)

    async def check(self) -> BackendCheck:
        """A script can always be read: whether it could was found out when the backend was made."""
        return BackendCheck(True, True, 0.0, f"a script with {len(self._answers)} answers")

    async def aclose(self) -> None:
        """Nothing is held."""

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


def _script(name: str, settings: BackendSettings) -> list[Answer]:
    source = _options.option(name, settings, "script", str, default="")
    if not source:
        listed = _options.option(name, settings, "answers", list, default=[])
        return [_answer(f"backend.{name}.options.answers[{at}]", entry) for at, entry in enumerate(listed)]
    path = Path(source).expanduser()
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            parsed: Any = json.loads(text)
        else:
            import tomllib

            parsed = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise SettingsError(f"backend.{name}.options.script = {source}: cannot be read ({error})") from None
    entries = parsed.get("answers") if isinstance(parsed, dict) else parsed
    if not isinstance(entries, list):
        raise SettingsError(f"{source}: expected a list of answers, [[answers]] in TOML")
    return [_answer(f"{source}: answer {at + 1}", entry) for at, entry in enumerate(entries)]


_PATTERNS = ("prefix", "suffix", "path")
_TYPES: dict[str, tuple[type, ...]] = {
    "language": (str,),
    "times": (int,),
    "expand": (bool,),
    "delay_ms": (int, float),
    "chunk_delay_ms": (int, float),
    "hang": (bool,),
    "fault": (str,),
    "finish_reason": (str,),
    "confidence": (int, float),
}


def _answer(where: str, entry: object) -> Answer:
    if not isinstance(entry, dict):
        raise SettingsError(f"{where} is a {type(entry).__name__}; expected a table")
    known = {*_PATTERNS, *_TYPES, "text", "chunks", "alternatives"}
    if unknown := sorted(map(str, set(entry) - known)):
        raise SettingsError(f"{where} has the unknown key {unknown[0]!r}; expected some of {', '.join(sorted(known))}")
    answer = Answer()
    for key in _PATTERNS:
        if key in entry:
            try:
                setattr(answer, key, re.compile(entry[key], re.MULTILINE))
            except (re.error, TypeError) as error:
                raise SettingsError(f"{where}: {key} is not a regular expression ({error})") from None
    for key, types in _TYPES.items():
        if key in entry:
            if not isinstance(entry[key], types) or (isinstance(entry[key], bool) and bool not in types):
                raise SettingsError(f"{where}: {key} is {entry[key]!r}; expected a {types[0].__name__}")
            setattr(answer, key, entry[key])
    answer.alternatives = _alternatives(where, entry)
    return answer


def _alternatives(where: str, entry: dict[str, Any]) -> list[list[str]]:
    """The chunks of each alternative, from whichever of the three keys is there."""
    found = [[text] if isinstance(text, str) else text for text in entry.get("alternatives", [])]
    if "chunks" in entry:
        found = [entry["chunks"]]
    if "text" in entry:
        found = [[entry["text"]]]
    if not all(isinstance(chunks, list) and all(isinstance(text, str) for text in chunks) for chunks in found):
        raise SettingsError(f"{where}: text, chunks and alternatives hold strings")
    return found
