"""Next edits for one editor: keeps the trail of what is edited, answers requests off the event loop, follows offers.

A newer request makes an older one pointless; one that is late is answered with nothing. Nothing is proposed from or for
documents that are ignored or hold keys. Made by `workbench`; asked by `copilot_ls.lsp.handlers.next_edit`.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypedDict

from copilot_ls.errors import place_of
from copilot_ls.features.next_edit.events import TASK
from copilot_ls.features.next_edit.offers import NextEditOffers
from copilot_ls.features.next_edit.trail import EditTrail
from copilot_ls.features.pending_edits import rebased

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.features.documents import OpenDocument
    from copilot_ls.features.next_edit.proposing import NextEdit
    from copilot_ls.features.next_edit.scene import Page, Scene
    from copilot_ls.features.suggestion import TriggerKind
    from copilot_ls.features.suggestion_chain import Cancellable
    from copilot_ls.features.workbench import Workbench
    from copilot_ls.text import AppliedEdit, DocumentSnapshot, Point

logger = logging.getLogger("copilot_ls")

# The longest that an answer is worked on. A place to go to next is of no use once the user has gone on.
_DEADLINE_S = 0.4
_MOST_OTHERS = 8


class _Named(TypedDict):
    """What the events of a request say of it."""

    uri: str
    language: str


@dataclass(frozen=True, slots=True)
class OfferedEdit:
    """A next edit as it was offered: `document` is the one that it is for, as it is now."""

    suggestion_id: str
    edit: NextEdit
    document: DocumentSnapshot


class NextEdits:
    """The next edits of one workbench."""

    def __init__(
        self,
        house: Workbench,
        *,
        now: Callable[[], float],
        new_id: Callable[[], str],
        call_later: Callable[[float, Callable[[], None]], Cancellable],
    ) -> None:
        self._house = house
        self._now = now
        self._new_id = new_id
        self._events = house.lifecycle
        self._trail = EditTrail(now)
        self._pages: dict[str, Page] = {}
        self._n_asked = 0
        self.offers = NextEditOffers(house.lifecycle, call_later=call_later)
        documents = house.documents
        documents.on_open.append(self._opened)
        documents.on_change.append(self._changed)
        documents.on_replace.append(self._replaced)
        documents.on_close.append(self._closed)

    def close(self) -> None:
        """The session ends."""
        self._n_asked += 1
        self.offers.close()

    async def ask(
        self, document: OpenDocument, cursor: Point, *, trigger_kind: TriggerKind = "automatic"
    ) -> OfferedEdit | None:
        """The next edit, in the document or in another one; None when there is none that is likely enough."""
        self._n_asked += 1
        number, begun_at, snapshot = self._n_asked, self._now(), document.snapshot()
        if not self._house.settings().next_edit.enable or document.is_secret or not self._trail.latest():
            self.offers.withdrawn()
            return None
        request_id, named = self._new_id(), _Named(uri=document.uri, language=document.language_id)
        self._events.requested(request_id, trigger_kind=trigger_kind, task=TASK, **named)
        why: str | None = self._house.switches.why_no_edit(document, trigger_kind)
        if why is None and await self._house.ignored.reason(snapshot) is not None:
            why = "ignored_file"
        if why is not None:
            self.offers.withdrawn()
            self._events.skipped(request_id, why, task=TASK, **named)
            return None
        scene = self._scene(snapshot, cursor)

        def is_over() -> bool:
            return self._n_asked != number or self._now() - begun_at > _DEADLINE_S

        try:
            edit = await asyncio.to_thread(self._work, scene, is_over)
        except asyncio.CancelledError:
            self._events.superseded(request_id, task=TASK, **named)
            raise
        except Exception as error:  # noqa: BLE001 - the editor goes on without
            logger.error("looking for the next edit failed: %s", place_of(error))  # noqa: TRY400 - see there
            edit = None
        latency_ms = 1000 * (self._now() - begun_at)
        if self._n_asked != number:
            self._events.superseded(request_id, task=TASK, **named)
            return None
        found = None if edit is None else self._as_of_now(edit)
        if found is None:
            self.offers.withdrawn()
            reason = "nothing_likely" if edit is None else "stale"
            self._events.discarded(request_id, reason, latency_ms=latency_ms, task=TASK, **named)
            return None
        suggestion_id = self._new_id()
        chain_id = self.offers.offered(found, suggestion_id)
        self._events.next_edit_generated(
            found,
            request_id=request_id,
            suggestion_id=suggestion_id,
            chain_id=chain_id,
            trigger_kind=trigger_kind,
            latency_ms=latency_ms,
        )
        return OfferedEdit(suggestion_id, found, found.document)

    def _work(self, scene: Scene, is_over: Callable[[], bool]) -> NextEdit | None:
        from copilot_ls.features.next_edit.proposing import next_edit

        return next_edit(scene, turned_down=self.offers.is_turned_down, is_over=is_over)

    def _as_of_now(self, edit: NextEdit) -> NextEdit | None:
        """The edit for its document as it is by now; None when that was edited there, or closed."""
        made_for = edit.document
        found = rebased([edit.replacement], made_for, self._house.documents.get(made_for.uri), self._house.history)
        if found.document is None:
            return None
        return replace(edit, document=found.document, replacement=found.replacements[0])

    def _scene(self, snapshot: DocumentSnapshot, cursor: Point) -> Scene:
        from copilot_ls.features.next_edit.scene import Scene

        documents = self._house.ignored.may_teach(self._house.documents.snapshots())
        others = [each for each in documents if each.uri != snapshot.uri][:_MOST_OTHERS]
        allowed = {snapshot.uri, *(each.uri for each in others)}
        made = [each for each in self._trail.latest() if each.uri in allowed]
        return Scene(self._page(snapshot), cursor.line, made, tuple(map(self._page, others)))

    def _page(self, snapshot: DocumentSnapshot) -> Page:
        from copilot_ls.features.next_edit.scene import Page

        page = self._pages.get(snapshot.uri)
        if page is None or page.document.text is not snapshot.text or page.document.version != snapshot.version:
            page = self._pages[snapshot.uri] = Page(snapshot)
        return page

    def _opened(self, document: OpenDocument) -> None:
        self._trail.opened(document.uri, document.buffer.snapshot())

    def _changed(self, document: OpenDocument, edits: Sequence[AppliedEdit]) -> None:
        text = document.buffer.snapshot()
        self._trail.note(document.uri, edits, text)
        self.offers.document_changed(document.uri, edits, text)

    def _replaced(self, document: OpenDocument) -> None:
        text = document.buffer.snapshot()
        self._trail.replaced(document.uri, text)
        self.offers.document_changed(document.uri, [], text)

    def _closed(self, document: OpenDocument) -> None:
        self._pages.pop(document.uri, None)
        self._trail.forget(document.uri)
        self.offers.document_closed(document.uri)
