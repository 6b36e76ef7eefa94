"""Ghost text: from a request at a cursor to suggestions, by way of everything that is cheaper than asking a backend.

    request → gate → typed as suggested → memory → generation in flight → debounce → ask the backends → memory → answer

One generation per document is alive at any time. A newer request takes over the one in flight if the document went its
way, and ends it otherwise; a request whose editor stopped waiting leaves it running, so that its answer is there for
the next key. When a suggestion has been answered, what would follow it is asked for already, where that costs time
otherwise.

Protocol-free: the rim calls `suggest`, `document_changed` and `document_closed`. Each transition is one call of the
`Journal`, which makes events of them. Asking itself is `ask`'s business, the life of what was answered `lifecycle`'s.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from copilot_ls.errors import place_of
from copilot_ls.features.completion_place import Answer, Place, best_of, suggestion_of, with_selected
from copilot_ls.features.debounce import AdaptiveDebounce
from copilot_ls.features.gate import reason_to_skip
from copilot_ls.features.generation import Generation
from copilot_ls.features.indentation import indent_unit
from copilot_ls.features.memory_cache import MemoryCache, text_before, text_below
from copilot_ls.features.offer import Offer, typed_as_suggested
from copilot_ls.features.question import Question
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from copilot_ls.config.settings import Settings
    from copilot_ls.features.ask import Asker
    from copilot_ls.features.calibration.show_gate import Decision, UserTaste
    from copilot_ls.features.calibration.user_history import UserHistory
    from copilot_ls.features.documents import OpenDocument
    from copilot_ls.features.memory_cache import CachedSuggestion
    from copilot_ls.features.question import Asked
    from copilot_ls.features.suggestion import Source, Suggestion, TriggerKind
    from copilot_ls.routing.router import Router
    from copilot_ls.text import AppliedEdit, DocumentSnapshot

logger = logging.getLogger("copilot_ls.completion")

# Lines from which the indentation unit is read: enough to be sure, few enough to cost nothing.
_INDENT_LINES = 40
# What follows a suggestion is asked for this long after it was answered: the answer goes out first.
_PREFETCH_AFTER_S = 0.001
# How long a new generation waits for the one before to have closed its connection.
_LET_GO_S = 0.25


@dataclass(frozen=True, slots=True)
class Query:
    """One request: where, why, and the entry that the editor's own completion list has selected, if it shows one.

    `for_menu` asks for several answers where they cost nothing, to be chosen from, even while typing. `n_most` is how
    many are wanted at most where several are; unset, the settings say.
    """

    document: OpenDocument
    cursor: Point
    trigger_kind: TriggerKind
    selected: tuple[Span, str] | None = None
    for_menu: bool = False
    n_most: int | None = None


class Journal(Protocol):
    """Who writes down each transition."""

    def requested(self, request_id: str, document: DocumentSnapshot, cursor: Point, trigger_kind: TriggerKind) -> None:
        """A request came in, and the cursor is there."""

    def skipped(self, request_id: str, document: DocumentSnapshot, reason: str) -> None:
        """The gate let it not pass."""

    def superseded(self, request_id: str, document: DocumentSnapshot) -> None:
        """A newer request in the document came before an answer, or the editor stopped waiting."""

    def empty(self, request_id: str, document: DocumentSnapshot, latency_ms: float) -> None:
        """There was nothing to suggest."""

    def failed(self, request_id: str, document: DocumentSnapshot, latency_ms: float) -> None:
        """A fault of ours ended it."""

    def held_back(self, suggestion: Suggestion, decision: Decision) -> None:
        """There was something to suggest, and the user's history spoke against it."""

    def offered(
        self, suggestions: Sequence[Suggestion], document: DocumentSnapshot, first_token_ms: float | None
    ) -> None:
        """Suggestions were answered for the document as the editor has it."""


class _SkippedError(Exception):
    """The tree gave a reason not to ask."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class _DocumentState:
    turn: int = 0
    superseded: asyncio.Future[None] | None = None
    generation: Generation | None = None
    offer: Offer | None = None
    asked: Asked | None = None


class InlineCompletion:
    """The pipeline of one server."""

    def __init__(
        self,
        *,
        asker: Asker,
        router: Callable[[], Router],
        settings: Callable[[], Settings],
        open_documents: Callable[[], Sequence[DocumentSnapshot]],
        why_off: Callable[[OpenDocument, TriggerKind], str | None],
        journal: Journal,
        now: Callable[[], float],
        new_id: Callable[[], str],
        calibration: UserHistory | None = None,
    ) -> None:
        self._asker = asker
        self._router = router
        self._settings = settings
        self._open_documents = open_documents
        self._why_off = why_off
        self._journal = journal
        self._now = now
        self._new_id = new_id
        self._calibration = calibration
        self._states: dict[str, _DocumentState] = {}
        self._debounce = AdaptiveDebounce()
        self.cache = MemoryCache()

    async def suggest(self, query: Query) -> list[Suggestion] | None:
        """Suggestions for the document as it is at this call; none when there is nothing worth showing.

        None itself, when a newer request in the document came before this one's answer: that one's says what to show.
        """
        started = self._now()
        request_id = self._new_id()
        document = query.document.snapshot()
        cursor = document.text.clip(query.cursor)
        self._journal.requested(request_id, document, cursor, query.trigger_kind)
        state = self._states.setdefault(document.uri, _DocumentState())
        turn = self._take_turn(state)
        reason = self._why_off(query.document, query.trigger_kind)
        reason = reason or reason_to_skip(document, cursor, query.trigger_kind)
        if reason is not None:
            self._journal.skipped(request_id, document, reason)
            return []
        place = Place(document, cursor) if query.selected is None else with_selected(document, *query.selected)
        try:
            taste = self._taste(query, place)
            found, source = await self._find(query, place, state, turn, request_id, taste)
        except _SkippedError as skipped:
            self._journal.skipped(request_id, document, skipped.reason)
            return []
        except asyncio.CancelledError:
            self._journal.superseded(request_id, document)
            raise
        except Exception:
            self._journal.failed(request_id, document, (self._now() - started) * 1000)
            raise
        if state.turn != turn:
            self._journal.superseded(request_id, document)
            return None
        latency_ms = (self._now() - started) * 1000
        if not found:
            state.offer = None
            self._journal.empty(request_id, document, latency_ms)
            return []
        asked = state.asked if source == "backend" else None
        if asked is not None and asked.from_disk:
            source = "disk_cache"
        answer = Answer(request_id, source, latency_ms, asked)
        suggestions = [suggestion_of(query, place, left, entry, answer, self._new_id()) for left, entry in found]
        if self._calibration is not None and taste is not None:
            left, entry = found[0]
            decision = self._calibration.gate.decide(
                taste, left, confidence=entry.confidence, backend=entry.backend, source=source
            )
            suggestions[0] = replace(suggestions[0], decision=decision)
            if decision is not None and decision.kind == "silent":
                self._stay_silent(query, state, suggestions[0], decision)
                return []
        text = place.document.text
        rest, below = text.line(place.cursor.line)[place.cursor.column :], text_below(text, place.cursor.line)
        left, entry = found[0]
        before = text_before(text, place.cursor)
        state.offer = Offer(place.cursor, before, rest, below, replace(entry, text=left))
        self._journal.offered(suggestions, document, asked.first_token_ms if asked is not None else None)
        self._prefetch_soon(query, place, state, state.offer)
        return suggestions

    def _taste(self, query: Query, place: Place) -> UserTaste | None:
        """What the user's history says of the place; None where it has no say."""
        if self._calibration is None or query.trigger_kind == "invoked" or query.for_menu:
            return None
        return self._calibration.gate.taste(place.document, place.cursor)

    def _stay_silent(self, query: Query, state: _DocumentState, suggestion: Suggestion, decision: Decision) -> None:
        """Show nothing, and see whether that was right."""
        state.offer = None
        document = query.document.snapshot()
        lane = self._router().made(suggestion.backend)
        if lane is not None and lane.in_process:
            # It costs nothing to ask again, and it will know more with the next key.
            self.cache.forget(document.uri, document.text, suggestion.replaced.start, self._asked_of())
        if (
            query.selected is None
            and self._calibration is not None
            and not self._calibration.silences.follow(suggestion, document.text)
        ):
            decision = decision._replace(features=None)  # it goes on with the one before, which counts
        self._journal.held_back(suggestion, decision)

    def document_changed(self, document: OpenDocument, edits: Sequence[AppliedEdit]) -> None:
        """Follow a change: the generation in flight goes on only if the document goes its way. O(edit)."""
        self._debounce.key_typed(self._now())
        state = self._states.get(document.uri)
        if state is None:
            return
        generation = state.generation
        if generation is not None and generation.running and not generation.follow(edits):
            generation.cancel()
            state.generation = None

    def document_replaced(self, document: OpenDocument) -> None:
        """The whole text is another: nothing in flight can still be right."""
        self.document_closed(document)

    def document_closed(self, document: OpenDocument) -> None:
        """Forget the document and end what is in flight for it."""
        state = self._states.pop(document.uri, None)
        if state is not None:
            self._take_turn(state)
            if state.generation is not None:
                state.generation.cancel()

    def close(self) -> None:
        """End everything that is in flight."""
        for state in self._states.values():
            self._take_turn(state)
            if state.generation is not None:
                state.generation.cancel()
        self._states.clear()

    def settings_changed(self) -> None:
        """What was suggested under other settings is worth nothing now."""
        self.cache.clear()

    async def _find(
        self,
        query: Query,
        place: Place,
        state: _DocumentState,
        turn: int,
        request_id: str,
        taste: UserTaste | None,
    ) -> tuple[list[tuple[str, CachedSuggestion]], Source]:
        document, cursor = place.document, place.cursor
        invoked = query.trigger_kind == "invoked"
        asked = self._asked_of()
        if not invoked and not query.for_menu and (typed := typed_as_suggested(document, cursor, state.offer)):
            return [typed], "typed_as_suggested"
        several = query.n_most or self._settings().completion.n_candidates
        n_most = several if invoked or query.for_menu else 1
        n_wanted = n_most if invoked or (query.for_menu and self._costs_nothing()) else 1
        found = self.cache.find(document.uri, document.text, cursor, asked)
        if found and len(found) >= n_wanted:
            return best_of(found, n_most), "cache"
        generation = self._joinable(state, document, cursor, asked, n_wanted)
        source: Source = "in_flight"
        if generation is None:
            source = "backend"
            if state.generation is not None:
                state.generation.cancel()
            version = query.document.version
            if not invoked and not await self._debounced(state, turn, taste):
                return [], source
            if query.document.version != version:
                state.turn += 1  # the document went on while we waited: an answer would be for another one
                return [], source
            generation = Generation(request_id, document, cursor, asked, query.trigger_kind, n_most, taste=taste)
            question = self._question(generation, query, place.edits)
            if question.in_comment and not invoked and not self._settings().completion.comments:
                raise _SkippedError("in_comment")
            self._start(generation, question, state)
        await self._wait(generation, state)
        found = self.cache.find(document.uri, document.text, cursor, asked)
        return best_of(found, n_most), source

    async def _debounced(self, state: _DocumentState, turn: int, taste: UserTaste | None) -> bool:
        """Wait for the next key if that pays, the longest where an answer is hardly wanted; False when it came."""
        first = self._router().first("completion")
        if first is None or first.in_process:
            return True
        longest_s = self._settings().completion.debounce_max_ms / 1000
        wait_s = self._debounce.wait_s(self._now(), longest_s)
        if taste is not None and taste.is_hardly_wanted(first.name):
            wait_s = longest_s
        if wait_s > 0:
            await _first_of(wait_s, state.superseded)
        return state.turn == turn

    async def _wait(self, generation: Generation, state: _DocumentState) -> None:
        """Until there is an answer, the generation has ended, a newer request has come, or the deadline has passed."""
        longest_s = self._settings().completion.deadline_ms / 1000
        await _first_of(longest_s, state.superseded, generation.finished, generation.early)

    def _start(self, generation: Generation, question: Question, state: _DocumentState) -> None:
        before = state.generation.task if state.generation is not None else None
        state.generation = generation
        generation.task = asyncio.ensure_future(self._run(generation, question, state, before))
        # Not at the end of `_run`: a task that is cancelled before its first step never gets there.
        generation.task.add_done_callback(lambda _: generation.finished.set_result(None))

    async def _run(
        self,
        generation: Generation,
        question: Question,
        state: _DocumentState,
        before: asyncio.Task[None] | None,
    ) -> None:
        try:
            if before is not None and not before.done():
                await asyncio.wait([before], timeout=_LET_GO_S)
            asked = await self._asker.ask(question, partial(self._answer_early, generation, state))
            if asked.suggestions and generation.early.done():
                # What was good enough to begin with does not stand beside what it stood in for.
                document = generation.document
                self.cache.forget(document.uri, document.text, generation.cursor, generation.asked)
            self._keep(generation, asked)
            state.asked = asked
        except Exception as error:  # noqa: BLE001 - a fault of ours costs this answer and nothing else
            logger.error("a completion failed: %s", place_of(error))  # noqa: TRY400 - a message may quote source text

    def _question(self, generation: Generation, query: Query, edits: Sequence[AppliedEdit] = ()) -> Question:
        """What the tree says about the place; `edits` lead from the editor's text to a text that is only supposed."""
        text, cursor = generation.document.text, generation.cursor
        syntax = query.document.syntax
        if edits:
            syntax = syntax.fork()
            for edit in edits:
                syntax.edit(edit)
        tree = syntax.tree_at(text, cursor)
        kind = tree.kind_at(cursor)
        mode = self._settings().completion.multiline
        # What follows an accepted suggestion mostly begins on the next line.
        decision = tree.multiline_decision(cursor)
        in_place = generation.is_prefetch or decision.multiline
        multiline = in_place if mode == "auto" else mode == "always"
        around = text.lines(cursor.line - _INDENT_LINES, cursor.line + _INDENT_LINES)
        return Question(
            generation=generation,
            tree=tree,
            multiline=multiline and kind == "code",
            multiline_if_sure=mode == "auto" and kind == "code" and decision.reason != "text_follows",
            in_comment=kind == "comment",
            indent_unit=indent_unit(around),
            open_documents=self._open_documents(),
        )

    def _answer_early(self, generation: Generation, state: _DocumentState, asked: Asked) -> None:
        """Answer with what there is, while what is better is still awaited: that is for the next key."""
        self._keep(generation, asked)
        state.asked = asked
        if not generation.early.done():
            generation.early.set_result(None)

    def _keep(self, generation: Generation, asked: Asked) -> None:
        document = generation.document
        for entry in reversed(asked.suggestions):
            self.cache.put(document.uri, document.text, generation.cursor, generation.asked, entry)

    def _joinable(
        self, state: _DocumentState, document: DocumentSnapshot, cursor: Point, asked: Hashable, n_wanted: int
    ) -> Generation | None:
        """The generation in flight, if it is an answer to this very request or to one that was typed along to it."""
        generation = state.generation
        if generation is None or not generation.running or generation.asked != asked or generation.n < n_wanted:
            return None
        text = generation.document.text
        at = cursor if generation.is_prefetch else generation.end or generation.cursor
        if at != cursor or (generation.is_prefetch and generation.cursor != cursor):
            return None
        same_line = text.line(generation.cursor.line)[: generation.cursor.column]
        if not document.text.line(generation.cursor.line).startswith(same_line):
            return None
        if generation.is_prefetch and generation.typed != generation.expects:
            return None
        return generation

    def _prefetch_soon(self, query: Query, place: Place, state: _DocumentState, offer: Offer) -> None:
        """Ask for what would follow the suggestion if it were accepted, where the answer takes time."""
        if not self._settings().completion.prefetch or self._costs_nothing():
            return
        turn = state.turn

        def prefetch() -> None:
            busy = state.generation is not None and state.generation.running
            if state.turn == turn and not busy and query.document.version == place.document.version:
                self._prefetch(query, place, state, offer)

        asyncio.get_running_loop().call_later(_PREFETCH_AFTER_S, prefetch)

    def _prefetch(self, query: Query, place: Place, state: _DocumentState, offer: Offer) -> None:
        cursor, text = place.cursor, offer.entry.text
        replaced = Span(cursor, Point(cursor.line, cursor.column + offer.entry.n_replaced))
        accepted, edit = place.document.text.edited(replaced, text)
        document = replace(place.document, text=accepted)
        asked = self._asked_of()
        if self.cache.find(document.uri, accepted, edit.new_end, asked):
            return
        generation = Generation(
            self._new_id(), document, edit.new_end, asked, "automatic", 1, is_prefetch=True, expects=text, end=cursor
        )
        self._start(generation, self._question(generation, query, (*place.edits, edit)), state)

    def _asked_of(self) -> Hashable:
        return self._router().names("completion")

    def _costs_nothing(self) -> bool:
        """Whether the backend that would be asked first takes no time and no money."""
        first = self._router().first("completion")
        return first is None or first.in_process

    def _take_turn(self, state: _DocumentState) -> int:
        """Become the newest request of a document; the one before, if it still waits, waits no longer."""
        if state.superseded is not None:
            state.superseded.set_result(None)
        state.superseded = asyncio.get_running_loop().create_future()
        state.turn += 1
        return state.turn


async def _first_of(longest_s: float, *futures: asyncio.Future[None] | None) -> None:
    """Wait until one of the futures is done, or `longest_s` seconds have passed."""
    waiting = [future for future in futures if future is not None]
    await asyncio.wait(waiting, timeout=longest_s, return_when=asyncio.FIRST_COMPLETED)
