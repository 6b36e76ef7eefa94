"""Reads the scripts of the scripted backend, whose text says what stands in one. Called by it when it is made."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot_ls.backends import _options
from copilot_ls.errors import SettingsError

if TYPE_CHECKING:
    from copilot_ls.backends.base import CompletionRequest
    from copilot_ls.backends.chat import ChatRequest
    from copilot_ls.config.settings import BackendSettings


@dataclass(slots=True)
class Answer:
    """One entry of a script; see the module's text. `times` counts down."""

    prefix: re.Pattern[str] | None = None
    suffix: re.Pattern[str] | None = None
    path: re.Pattern[str] | None = None
    message: re.Pattern[str] | None = None
    language: str | None = None
    times: int | None = None
    alternatives: list[list[str]] = field(default_factory=list)
    tool_calls: list[tuple[str, str]] = field(default_factory=list)
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
            and self.message is None
            and not self.tool_calls
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

    def answers(self, request: ChatRequest) -> bool:
        """Whether this is the answer to a conversation."""
        last = request.messages[-1].content if request.messages else ""
        for_completions = self.prefix or self.suffix or self.path or self.language
        return (
            self.times != 0 and not for_completions and (self.message is None or self.message.search(last) is not None)
        )


def read_script(name: str, settings: BackendSettings) -> list[Answer]:
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


_PATTERNS = ("prefix", "suffix", "path", "message")
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
    known = {*_PATTERNS, *_TYPES, "text", "chunks", "alternatives", "tool_calls"}
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
    answer.tool_calls = _tool_calls(where, entry)
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


def _tool_calls(where: str, entry: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and arguments of each; arguments that are no text are written as JSON."""
    calls = entry.get("tool_calls", [])
    if not isinstance(calls, list) or not all(isinstance(call, dict) and "name" in call for call in calls):
        raise SettingsError(f"{where}: tool_calls holds tables with a name and arguments")
    given = [(str(call["name"]), call.get("arguments", {})) for call in calls]
    return [(name, text if isinstance(text, str) else json.dumps(text)) for name, text in given]
