"""A person at an editor made of paper, around a real `Workbench`, and the ledger that the person keeps.

The editor has several documents, one cursor, and at most one ghost text. It sends what editors send: changes, requests,
which it may cancel, commands and notifications. The ledger writes down what the person meant and saw, in whole texts and
offsets; it knows neither the pipeline nor how the lifecycle judges edits. `tests/lifecycle/test_sessions.py` compares it with
what was recorded.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from dataclasses import dataclass, field, replace
from typing import Any

from copilot_ls.backends.base import BackendCheck, Chunk
from copilot_ls.config.completion_settings import CompletionSettings
from copilot_ls.config.settings import CacheSettings, ContextSettings, IndexSettings, Settings
from copilot_ls.errors import BackendTimeoutError
from copilot_ls.features.inline_completion import Query
from copilot_ls.features.suggestion import Suggestion
from copilot_ls.features.workbench import Workbench
from copilot_ls.text import Point, PositionEncoding
from tests.virtual_loop import VirtualLoop

WORDS = ["alpha", "bravo", "delta", "gamma", "漢字漢字", "kilo😀", "lima(mike)", "oscar"]
# Seen this long is shown, says the page of statistics.
SHOWN_AFTER_S = 0.75
MOMENTS_S = (15, 30, 120, 300, 600)
UNSEEN = "unseen"
NOTE = "# a note\n"


class PaperBackend:
    """Takes its time, fails now and then, and says something else each time that it is asked."""

    name, model, in_process = "paper", "m", False

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.fails = False

    async def complete(self, request: Any) -> Any:
        await asyncio.sleep(self._chance.choice([0.01009, 0.11003, 0.37013]))
        if self.fails:
            raise BackendTimeoutError("too slow", backend=self.name, fault="timeout_total")
        words = [self._chance.choice(WORDS) for _ in range(self._chance.randint(0, 4))]
        between = self._chance.choice([" ", " ", "\n"])
        yield Chunk(between.join(words))

    async def check(self) -> BackendCheck:
        raise NotImplementedError

    async def aclose(self) -> None:
        """Nothing is held."""


@dataclass
class Place:
    """A place in a document that later edits move: `offset`, and what was typed from there since."""

    offset: int
    typed: str = ""
    broken: bool = False
    around: tuple[str, str] = ("", "")

    def look(self, text: str) -> None:
        """What was broken may have been mended since, by undoing: the whole texts say so."""
        before, behind = self.around
        n_notes = (len(text) - len(text.removeprefix(NOTE * (text.count(NOTE))))) // len(NOTE)
        before = NOTE * n_notes + before
        if self.broken and text.startswith(before) and text.endswith(behind) and len(text) >= len(before + behind):
            self.offset, self.broken = len(before), False
            self.typed = text[len(before) : len(text) - len(behind)]

    def copy(self, document: Document) -> Place:
        """Alternatives are each followed for themselves."""
        document.places.append(replace(self))
        return document.places[-1]

    def follow(self, start: int, end: int, text: str) -> None:
        here = self.offset + len(self.typed)
        if self.broken or start > here or (start == here and not text):
            return
        if end < self.offset:
            self.offset += len(text) - (end - start)
        elif start >= self.offset and end <= here:
            self.typed = self.typed[: start - self.offset] + text + self.typed[end - self.offset :]
        else:
            self.broken = True


@dataclass
class Entry:
    """What the ledger knows of one ghost text. `done` of its code points stand, acceptance has reached `reach`."""

    text: str
    place: Place
    since: float | None  # when it came before the eyes; None for an alternative, which has to be asked for
    newest: str
    n_accepted: int = 0
    reach: int = 0
    was_accepted: bool = False
    shown: bool = False
    ending: str | None = None
    ended_at: float = 0.0
    accepted_at: float | None = None

    @property
    def done(self) -> int:
        return len(self.place.typed)

    @property
    def left(self) -> str:
        return self.text[self.done :]


@dataclass
class Document:
    uri: str
    text: str
    version: int = 1
    cursor: int = 0
    ghosts: list[str] = field(default_factory=list)  # the chains' ids, the one that is seen first
    places: list[Place] = field(default_factory=list)
    undo: list[tuple[str, int]] = field(default_factory=list)
    n_keys: int = 0
    n_inserted: int = 0
    n_deleted: int = 0


class PaperWorkbench(Workbench):
    """The server's own parts, put together as the server does, but for the backend, which is made of paper."""

    def __init__(self, loop: VirtualLoop, backend: PaperBackend, events: list[Any], session_id: str) -> None:
        numbers = itertools.count()
        super().__init__(
            now=loop.time,
            wall_clock=lambda: 1_800_000_000 + loop.time(),
            new_id=lambda: f"{session_id}.{next(numbers)}",
            record_telemetry=True,
            use_disk_cache=False,
            only_backend=backend.name,
        )
        self.paper, self.events = backend, events
        self._settings = Settings(
            completion=CompletionSettings(debounce_max_ms=60, deadline_ms=5000),
            context=ContextSettings(enable=False),
            cache=CacheSettings(enable=False),
            index=IndexSettings(enable=False),
        )
        self.documents.encoding = PositionEncoding.UTF32

    def _make_backend(self, name: str) -> Any:
        return self.paper

    def _record(self, event: Any) -> None:
        self.events.append(event)
        self.texts.take(event)


class PaperSession:
    """One session: what the person does are its methods. `ledger` has an `Entry` for each ghost text by its chain's id."""

    def __init__(self, session_id: str, seed: int, *, says_shown: bool) -> None:
        self.loop = asyncio.get_running_loop()
        assert isinstance(self.loop, VirtualLoop)
        self.events: list[Any] = []
        self.backend = PaperBackend(random.Random(seed))
        self.bench = PaperWorkbench(self.loop, self.backend, self.events, session_id)
        self.bench.start()
        self.says_shown = says_shown
        self.said_accepted = False
        self.ledger: dict[str, Entry] = {}
        self.answered: dict[str, bool] = {}  # by request_id
        self.n_requested = self.n_cancelled = 0
        self.requests: list[asyncio.Task[None]] = []
        self.documents: dict[str, Document] = {}
        self.written: list[Document] = []
        self.open("one")

    # Documents

    def open(self, name: str) -> None:
        uri = f"file:///{name}.txt"
        if uri not in self.documents:
            document = self.documents[uri] = Document(uri, f"start of {name}\n\nits end\n")
            document.cursor = document.text.index("\n") + 1
            self.written.append(document)
            self.bench.documents.open(uri, "", "plaintext", 1, document.text)
        self.here = self.documents[uri]

    def close(self) -> None:
        if len(self.documents) > 1:
            self.end_all(self.here)
            del self.documents[self.here.uri]
            self.bench.documents.close(self.here.uri)
            self.here = next(iter(self.documents.values()))

    def switch(self) -> None:
        others = [document for document in self.documents.values() if document is not self.here]
        self.here = others[0] if others else self.here

    # Edits

    def edit(self, start: int, end: int, text: str, *, can_undo: bool = True) -> None:
        document = self.here
        if can_undo:
            document.undo.append((document.text, document.cursor))
        points = [point_at(document.text, at) for at in (start, end)]
        document.text = document.text[:start] + text + document.text[end:]
        document.version += 1
        document.cursor = start + len(text)
        document.n_deleted += end - start
        if len(text) <= 2 or text.isspace():
            document.n_keys += min(len(text), 1)
        else:
            document.n_inserted += len(text)
        for place in document.places:
            place.follow(start, end, text)
        self.bench.documents.change(document.uri, document.version, [(points[0], points[1], text)])

    def type(self, text: str) -> None:
        for key in text:
            self.edit(self.here.cursor, self.here.cursor, key)
            self.look_at_typing()

    def look_at_typing(self) -> None:
        """Keys that were typed: has the ghost text gone, or been typed out?"""
        for document in self.documents.values():
            for entry in self.ghosts_of(document):
                if entry.place.broken or not entry.text.startswith(entry.place.typed):
                    self.end(document, entry, "ignored")
                elif not entry.left:
                    self.end(document, entry, "typed")

    def type_along(self, n: int) -> None:
        entry = self.ghost_of(self.here)
        if entry is not None and self.at_ghost():
            self.type(entry.left[:n])

    def backspace(self) -> None:
        if self.here.cursor:
            self.edit(self.here.cursor - 1, self.here.cursor, "")
            self.look_at_typing()

    def paste(self, text: str) -> None:
        self.edit(self.here.cursor, self.here.cursor, text)
        self.look_at_typing()

    def edit_above(self) -> None:
        """Somebody else, a formatter say, adds a line at the top."""
        before = self.here.cursor
        self.edit(0, 0, NOTE, can_undo=False)
        self.here.undo.clear()
        self.here.cursor = before + len(NOTE)
        self.look_at_typing()

    def undo(self) -> None:
        if not self.here.undo:
            return
        text, cursor = self.here.undo.pop()
        now = self.here.text
        n_same = next(
            (at for at, (a, b) in enumerate(zip(text, now, strict=False)) if a != b), min(len(text), len(now))
        )
        rest, rest_now = text[n_same:], now[n_same:]
        n_end = next(
            (at for at, (a, b) in enumerate(zip(rest[::-1], rest_now[::-1], strict=False)) if a != b),
            min(len(rest), len(rest_now)),
        )
        self.edit(n_same, len(now) - n_end, rest[: len(rest) - n_end], can_undo=False)
        self.here.cursor = cursor
        self.look_at_typing()

    def move(self, to: int) -> None:
        self.here.cursor = min(to, len(self.here.text))

    # Requests

    def ask(self, trigger_kind: Any = "automatic") -> None:
        task = self.loop.create_task(self._ask(trigger_kind))
        self.requests.append(task)

    async def _ask(self, trigger_kind: Any) -> None:
        document = self.here
        opened = self.bench.documents.get(document.uri)
        assert opened is not None
        self.n_requested += 1
        for each in self.documents.values():
            for entry in self.ghosts_of(each):
                inside = entry.place.offset <= document.cursor <= entry.place.offset + entry.done
                if each is not document or not inside:
                    self.end(each, entry, "ignored")
        text = document.text.removeprefix(NOTE)
        while text.startswith(NOTE):
            text = text.removeprefix(NOTE)
        at = document.cursor - (len(document.text) - len(text))
        place = Place(document.cursor, around=(text[: max(at, 0)], text[max(at, 0) :]))
        document.places.append(place)
        self.bench.documents.use(document.uri)
        query = Query(opened, Point(*point_at(document.text, document.cursor)), trigger_kind)
        found = await self.bench.completion.suggest(query)
        if found and document.uri in self.documents and self.documents[document.uri] is document:
            self._answered(document, place, found)

    def _answered(self, document: Document, place: Place, found: list[Suggestion]) -> None:
        place.look(document.text)
        before, document.ghosts = document.ghosts, []
        for suggestion in found:
            self._offered(document, place, suggestion, before, is_seen=suggestion is found[0])
        for chain_id in before:
            self.end(document, self.ledger[chain_id], "ignored")
        if self.says_shown:
            self.say_shown(document)

    def _offered(
        self, document: Document, place: Place, suggestion: Suggestion, before: list[str], *, is_seen: bool
    ) -> None:
        one = suggestion.suggestion_id
        fits = not place.broken and suggestion.text.startswith(place.typed)
        left = suggestion.text[len(place.typed) :] if fits else ""
        here = place.offset + len(place.typed)
        for chain_id in before:
            entry = self.ledger[chain_id]
            same_place = entry.place.offset + entry.done == here
            if left and same_place and (left.startswith(entry.left) or entry.left.startswith(left)):
                before.remove(chain_id)
                document.ghosts.append(chain_id)
                entry.newest = one
                entry.text = entry.text[: entry.done] + left
                if is_seen and entry.since is None:
                    entry.since = self.loop.time()
                return
        entry = Entry(suggestion.text, place.copy(document), self.loop.time() if is_seen else None, one)
        self.ledger[one] = entry
        document.ghosts.append(one)
        if not left:
            # It came too late to be seen. Whether its text stands there all the same makes no difference to anybody.
            self.end(document, entry, UNSEEN)

    def say_shown(self, document: Document) -> None:
        entry = self.ghost_of(document)
        if entry is not None:
            self.bench.lifecycle.shown(entry.newest)
            entry.shown = True

    def cancel(self) -> None:
        if self.requests and not self.requests[-1].done():
            self.requests[-1].cancel()

    # Answers to what is seen

    def ghosts_of(self, document: Document) -> list[Entry]:
        return [self.ledger[chain_id] for chain_id in document.ghosts]

    def ghost_of(self, document: Document) -> Entry | None:
        return next(iter(self.ghosts_of(document)), None)

    def at_ghost(self) -> bool:
        entry = self.ghost_of(self.here)
        return entry is not None and self.here.cursor == entry.place.offset + entry.done

    def take(self, entry: Entry, n: int) -> None:
        """The next `n` code points are put in by the editor, at once."""
        start = max(entry.done, entry.reach)
        entry.n_accepted += max(0, entry.done + n - start)
        entry.reach = max(entry.reach, entry.done + n)
        entry.was_accepted = True
        if entry.accepted_at is None:
            entry.accepted_at = self.loop.time()
        entry.shown = True
        self.edit(self.here.cursor, self.here.cursor, entry.left[:n])

    async def accept(self, lag_s: float | None) -> None:
        """Take all, by a key; the item's command follows after `lag_s`, or never."""
        entry = self.ghost_of(self.here)
        if entry is None or not self.at_ghost():
            return
        if lag_s is None and (len(entry.left) < 4 or not any(each.isalpha() for each in entry.left)):
            return  # might as well have been typed, for all that anybody can see
        self.look(entry)
        self.take(entry, len(entry.left))
        self.end(self.here, entry, "accepted")
        for other in self.ghosts_of(self.here):
            self.end(self.here, other, "ignored")
        if lag_s is not None:
            await self.wait(lag_s)
            self.said_accepted = True
            self.bench.lifecycle.accepted(entry.newest)

    def accept_part(self, kind: str, tell: str) -> None:
        """Take a word or a line; the client may tell of it before its change, or after."""
        entry = self.ghost_of(self.here)
        if entry is None or not self.at_ghost():
            return
        left = entry.left
        lead = len(left) - len(left.lstrip())
        stops = [
            at for at, each in enumerate(left) if at >= lead and (each == "\n" if kind == "line" else each.isspace())
        ]
        n = min(stops, default=len(left))
        if n < 4 + lead or n == len(left):
            return
        if any(left[:n].startswith(other.left) for other in self.ghosts_of(self.here)):
            return  # might as well be the whole of an alternative
        newest, offset = entry.newest, entry.done
        # The client counts in the item's text, which begins where it stood when the item was offered.
        cumulative = offset + n - self.offsets_of(entry)
        if tell == "before":
            self.bench.lifecycle.partially_accepted(newest, cumulative)
        self.take(entry, n)
        if tell == "after":
            self.bench.lifecycle.partially_accepted(newest, cumulative)
        self.look_at_typing()

    def offsets_of(self, entry: Entry) -> int:
        from copilot_ls_telemetry import events

        offers = (each for each in self.events if isinstance(each, events.Generated))
        return next(each.chain_offset for each in offers if each.suggestion_id == entry.newest)

    def reject(self) -> None:
        entry = self.ghost_of(self.here)
        if entry is not None:
            entry.shown = True
            self.end(self.here, entry, "rejected")
            self.bench.lifecycle.rejected(entry.newest)

    def repeat(self, what: str) -> None:
        """Word of what ended long ago, which changes nothing."""
        over = [each for each in self.ledger.values() if each.ending and self.loop.time() - each.ended_at > 0.5]
        if over and (what != "shown" or self.says_shown):
            getattr(self.bench.lifecycle, what)(over[0].newest)

    # Time

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        for document in self.documents.values():
            for entry in self.ghosts_of(document):
                self.look(entry)

    def look(self, entry: Entry) -> None:
        """Three quarters of a second before the eyes is shown, unless this client says itself what it shows."""
        if not self.says_shown and entry.since is not None and self.loop.time() - entry.since >= SHOWN_AFTER_S:
            entry.shown = True

    def end(self, document: Document, entry: Entry, ending: str) -> None:
        self.look(entry)
        document.ghosts = [chain_id for chain_id in document.ghosts if self.ledger[chain_id] is not entry]
        entry.ended_at = self.loop.time()
        entry.ending = "partially_accepted" if entry.was_accepted and ending != "accepted" else ending

    def end_all(self, document: Document) -> None:
        for entry in self.ghosts_of(document):
            self.end(document, entry, "ignored")

    async def finish(self) -> None:
        """The session ends, perhaps in the midst of requests."""
        for document in self.documents.values():
            self.end_all(document)
        await self.bench.aclose()
        await asyncio.wait(self.requests) if self.requests else None
        for task in self.requests:
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error


def point_at(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n"), len(before) - before.rfind("\n") - 1
