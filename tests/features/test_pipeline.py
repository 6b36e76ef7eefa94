"""Random typing, asking, cancelling and waiting: the pipeline's promises hold in every order.

A backend that names what it was asked, and takes its time, makes each answer checkable: what stands before the cursor
and the suggestion together must be something that the backend said, for the text that stands after the cursor.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.backends.base import BackendCheck, Chunk
from copilot_ls.config.completion_settings import CompletionSettings
from copilot_ls.config.settings import CacheSettings, ContextSettings, Settings
from copilot_ls.errors import BackendTimeoutError
from copilot_ls.features.ask import Asker
from copilot_ls.features.documents import OpenDocuments
from copilot_ls.features.duplicates import DuplicateCheck
from copilot_ls.features.inline_completion import InlineCompletion, Query
from copilot_ls.features.redaction import Redaction
from copilot_ls.routing.router import Router
from copilot_ls.text import Point, PositionEncoding

URI = "file:///notes.txt"


class Backend:
    """Says, in a few chunks and after a few turns of the loop, something that depends on the prefix and the suffix."""

    name, model, in_process = "naming", "m", False

    def __init__(self) -> None:
        self.live = self.most_live = 0
        self.said: dict[tuple[str, str], str] = {}
        self.fails = False

    @staticmethod
    def answer(prefix: str, suffix: str) -> str:
        # No answer begins as another does: what repeats the line would be cut, and rightly.
        return f"q{len(prefix)}{'xyz'[len(suffix) % 3]} more"

    async def complete(self, request: Any):
        self.live += 1
        self.most_live = max(self.most_live, self.live)
        try:
            await asyncio.sleep(0)
            if self.fails:
                raise BackendTimeoutError("too slow", backend=self.name, fault="timeout_total")
            text = self.answer(request.prefix, request.suffix)
            self.said[request.prefix, request.suffix] = text
            for piece in (text[:3], text[3:]):
                for _ in range(len(request.prefix) % 4):
                    await asyncio.sleep(0)
                yield Chunk(piece)
        finally:
            self.live -= 1

    async def check(self) -> BackendCheck:
        raise NotImplementedError

    async def aclose(self) -> None:
        """Nothing is held."""


class Journal:
    """Counts how each request ended."""

    def __init__(self) -> None:
        self.request_ids: list[str] = []
        self.ends: Counter[str] = Counter()

    def requested(self, request_id: str, *_: Any) -> None:
        self.request_ids.append(request_id)

    def skipped(self, request_id: str, *_: Any) -> None:
        self.ends[request_id] += 1

    superseded = empty = skipped

    def offered(self, suggestions: Any, *_: Any) -> None:
        self.ends[suggestions[0].request_id] += 1

    def backend_failed(self, *_: Any) -> None:
        """Not a request's end."""

    came_to_nothing = asking = passed_over = asked = backend_failed


class World:
    """A document, a pipeline, and the requests under way."""

    def __init__(self, *, prefetch: bool) -> None:
        config = Settings(
            completion=CompletionSettings(debounce_max_ms=0, prefetch=prefetch, deadline_ms=60_000),
            context=ContextSettings(enable=False, budget_tokens=100_000),
            cache=CacheSettings(enable=False),
        )
        numbers = itertools.count()
        self.backend, self.journal = Backend(), Journal()
        self.documents = OpenDocuments()
        router = Router(config, lambda _: self.backend, now=lambda: 0.0, only="naming")
        asker = Asker(
            router=lambda: router,
            settings=lambda: config,
            gather=self._nothing,
            relative_path=lambda _: "notes.txt",
            disk_cache=lambda: None,
            redaction=Redaction(lambda: config),
            why_ignored=self._not_ignored,
            duplicates=DuplicateCheck(lambda _: None),
            listener=self.journal,
        )
        self.pipeline = InlineCompletion(
            asker=asker,
            router=lambda: router,
            settings=lambda: config,
            open_documents=self.documents.snapshots,
            why_off=lambda document, trigger_kind: None,
            journal=self.journal,
            now=lambda: 0.0,
            new_id=lambda: str(next(numbers)),
        )
        self.documents.on_change.append(self.pipeline.document_changed)
        self.document = self.documents.open(URI, "/notes.txt", "plaintext", 1, "one\ntwo\n")
        self.cursor = 3
        self.requests: list[asyncio.Task[Any]] = []
        self.last: Any = None

    @staticmethod
    async def _not_ignored(_: Any) -> None:
        return None

    @staticmethod
    async def _nothing(_: Any) -> list[Any]:
        return []

    @property
    def text(self) -> str:
        return self.document.buffer.snapshot().text

    def replace(self, start: int, end: int, text: str) -> None:
        snapshot = self.document.buffer.snapshot()
        places = [tuple(snapshot.point_at(offset)) for offset in (start, end)]
        version = self.document.version + 1
        self.documents.encoding = PositionEncoding.UTF32
        self.documents.change(URI, version, [(places[0], places[1], text)])
        self.cursor = start + len(text)

    def ask(self, trigger_kind: str) -> None:
        point = self.document.buffer.snapshot().point_at(self.cursor)
        before, after = self.text[: self.cursor], self.text[self.cursor :]
        self.requests.append(asyncio.ensure_future(self._ask(Point(*point), trigger_kind, before, after)))

    async def _ask(self, point: Point, trigger_kind: Any, before: str, after: str) -> None:
        found = await self.pipeline.suggest(Query(self.document, point, trigger_kind))
        for suggestion in found or []:
            whole = before + suggestion.text
            assert any(
                prefix + said == whole and suffix == after
                for (prefix, suffix), said in self.backend.said.items()
                if len(prefix) <= len(before)
            ), (before, suggestion.text)
        if found and self.text == before + after:
            self.last = found[0]

    async def finish(self) -> None:
        """All requests are answered; nothing here takes more than some turns of the loop."""
        async with asyncio.timeout(2):
            await asyncio.gather(*self.requests)
        self.requests.clear()

    def take(self, n: int) -> None:
        """Type the next letters of the last suggestion, or take it whole."""
        if self.last is None:
            return
        start = self.document.buffer.snapshot().offset_at(self.last.replaced.start)
        if start == self.cursor:
            self.replace(start, start, self.last.text[:n])
        self.last = None


OPERATIONS = st.one_of(
    st.sampled_from(["ask", "ask", "ask", "invoke", "turn", "turn", "finish", "cancel", "fail", "recover"]),
    st.tuples(st.just("type"), st.sampled_from(["q", "1", "x", "\n", "word "])),
    st.tuples(st.just("take"), st.sampled_from([1, 2, 99])),
    st.tuples(st.just("delete"), st.integers(1, 3)),
    st.tuples(st.just("go"), st.integers(0, 20)),
)


async def play(operations: list[Any], *, prefetch: bool) -> World:
    world = World(prefetch=prefetch)
    for operation in operations:
        match operation:
            case "ask" | "invoke":
                world.ask("automatic" if operation == "ask" else "invoked")
                await asyncio.sleep(0)
            case "turn":
                await asyncio.sleep(0)
            case "finish":
                await world.finish()
            case "cancel":
                if world.requests:
                    task = world.requests.pop()
                    task.cancel()
                    await asyncio.wait([task])
                    if not task.cancelled() and task.exception():
                        raise task.exception()  # type: ignore[misc]
            case "fail":
                world.backend.fails = True
            case "recover":
                world.backend.fails = False
            case ("type", text):
                world.replace(world.cursor, world.cursor, text)
            case ("take", n):
                world.take(n)
            case ("delete", n):
                world.replace(max(0, world.cursor - n), world.cursor, "")
            case ("go", offset):
                world.cursor = min(offset, len(world.text))
        assert world.backend.live <= 1
    await world.finish()
    world.pipeline.close()
    for _ in range(20):
        await asyncio.sleep(0)
    return world


@pytest.mark.parametrize("prefetch", [False, True])
@given(operations=st.lists(OPERATIONS, max_size=40))
@settings(max_examples=200)
def test_every_answer_was_said_for_this_text_and_every_request_ends_once(operations, prefetch) -> None:
    world = asyncio.run(play(operations, prefetch=prefetch))
    assert world.backend.most_live <= 1
    assert world.backend.live == 0
    assert world.journal.ends == Counter(world.journal.request_ids)
