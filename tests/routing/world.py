"""A whole pipeline with backends of a test's choosing, and everything that it recorded.

`World(settings, backends)` is a workbench whose backends are either objects given by name, or made from the settings as
for a user. `ask` asks at the end of a text; `events_of` gives the events of a kind as they were recorded.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from copilot_ls.backends.base import Backend, BackendCheck, Chunk, CompletionRequest, Usage
from copilot_ls.errors import BackendError
from copilot_ls.features.inline_completion import Query
from copilot_ls.features.suggestion import Suggestion
from copilot_ls.features.workbench import Workbench
from copilot_ls.text import Point

# Nothing but the route is of interest: no waiting for keys, no files, no asking ahead.
PLAIN: dict[str, Any] = {
    "completion": {"debounce_max_ms": 0, "prefetch": False, "instant": "off", "deadline_ms": 60_000},
    "context": {"enable": False},
    "index": {"enable": False},
    "cache": {"enable": False},
}


class Says:
    """A backend that says `text` after `steps`: seconds to wait, an event to wait for, or an exception to raise."""

    def __init__(self, name: str, text: str = "", *steps: float | asyncio.Event | Exception, **more: Any) -> None:
        self.name, self.model = name, f"{name}-model"
        self.in_process = more.get("in_process", False)
        self.text, self.steps = text, steps
        self.usage: Usage | None = more.get("usage")
        self.confidence: float | None = more.get("confidence")
        self.n_asked = self.n_live = self.most_live = self.n_cancelled = self.n_warmed = 0

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[Chunk, None]:
        self.n_asked += 1
        self.n_live += 1
        self.most_live = max(self.most_live, self.n_live)
        try:
            for step in self.steps:
                if isinstance(step, Exception):
                    raise step
                await (step.wait() if isinstance(step, asyncio.Event) else asyncio.sleep(step))
            if self.text:
                yield Chunk(self.text, confidence=self.confidence)
            yield Chunk("", finish_reason="stop", usage=self.usage)
        except asyncio.CancelledError:
            self.n_cancelled += 1
            raise
        finally:
            self.n_live -= 1

    async def warm(self) -> None:
        self.n_warmed += 1

    async def check(self) -> BackendCheck:
        return BackendCheck(True, True, 1.0, "fine")

    async def aclose(self) -> None:
        """Nothing is held."""


def fault(name: str, *, retry_after_s: float | None = None) -> BackendError:
    return BackendError("it failed", backend="it", fault=name, retry_after_s=retry_after_s)


class World(Workbench):
    """See the module."""

    def __init__(self, settings: Mapping[str, Any], backends: Mapping[str, Any] | None = None, **more: Any) -> None:
        self.events: list[Any] = []
        self._given = dict(backends or {})
        self._numbers = itertools.count()
        super().__init__(**more)
        configured = dict(settings.get("backend", {}))
        given = configured | {name: {"kind": "scripted"} | configured.get(name, {}) for name in self._given}
        self.problems = self.load_settings(
            {section: {**PLAIN.get(section, {}), **settings.get(section, {})} for section in {*PLAIN, *settings}}
            | {"backend": given}
        )

    def _record(self, event: Any) -> None:
        self.events.append(event)

    def _make_backend(self, name: str) -> Backend:
        return self._given[name] if name in self._given else super()._make_backend(name)

    def events_of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def ask(self, text: str = "total = ", *, invoked: bool = False, new: bool = True) -> list[Suggestion]:
        """Suggestions at the end of `text`, in a document of its own."""
        uri = f"file:///w/{next(self._numbers) if new else 0}.txt"
        document = self.documents.open(uri, uri.removeprefix("file://"), "plaintext", 1, text)
        try:
            return await self.completion.suggest(
                Query(document, Point(0, len(text)), "invoked" if invoked else "automatic")
            )
        finally:
            self.documents.close(uri)


def said(suggestions: list[Suggestion]) -> list[tuple[str, str]]:
    """Who said what."""
    return [(suggestion.backend, suggestion.text) for suggestion in suggestions]
