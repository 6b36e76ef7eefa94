"""Next edits for one editor: keeps the trail of what is edited, answers requests off the event loop, follows offers.

A newer request makes an older one pointless; one that is late is answered with nothing. Nothing is proposed from or for
documents that are ignored or hold keys. Made by `workbench`; asked by `copilot_ls.lsp.handlers.next_edit`.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from copilot_ls.errors import place_of
from copilot_ls.features.next_edit.events import TASK
from copilot_ls.features.next_edit.offers import NextEditOffers
from copilot_ls.features.next_edit.scene import NOT_OPEN
from copilot_ls.features.next_edit.trail import EditTrail
from copilot_ls.features.pending_edits import rebased

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.edits import Replacement
    from copilot_ls.features.documents import OpenDocument
    from copilot_ls.features.next_edit.proposing import NextEdit
    from copilot_ls.features.next_edit.scene import Page, Scene
    from copilot_ls.features.suggestion import TriggerKind
    from copilot_ls.features.suggestion_chain import Cancellable
    from copilot_ls.features.workbench import Workbench
    from copilot_ls.text import AppliedEdit, DocumentSnapshot, Point

logger = logging.getLogger("copilot_ls")

# The longest that an answer is worked on. A place to go to next is of no use once the user has gone on.
_DEADLINE_S = 1.0
_MOST_OTHERS = 8


class _Named(TypedDict):
    """What the events of a request say of it."""

    uri: str
    language: str


@dataclass(frozen=True, slots=True)
class OfferedEdit:
    """A next edit as it was offered, for its document as it is now; and all like it, where they were asked for."""

    suggestion_id: str
    edit: NextEdit
    alike: Sequence[Replacement] = ()


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
        self.deadline_s = _DEADLINE_S
        self._n_asked = 0
        self._asking: asyncio.Future[NextEdit | None] | None = None
        self.offers = NextEditOffers(house.lifecycle, call_later=call_later)
        documents = house.documents
        documents.on_open.append(self._opened)
        documents.on_change.append(self._changed)
        documents.on_replace.append(self._replaced)
        documents.on_close.append(self._closed)

    def close(self) -> None:
        """The session ends."""
        self._n_asked += 1
        if self._asking is not None:
            self._asking.cancel()
        self.offers.close()

    async def ask(
        self,
        document: OpenDocument,
        cursor: Point,
        *,
        trigger_kind: TriggerKind = "automatic",
        for_menu: bool = False,
    ) -> OfferedEdit | None:
        """The next edit, in the document or in another one; None when there is none that is likely enough.

        `for_menu`: it is offered among code actions, which look at no disk and no index, together with those like it.
        """
        self._n_asked += 1
        if self._asking is not None:
            self._asking.cancel()
        number, begun_at, snapshot = self._n_asked, self._now(), document.snapshot()
        if not self._house.settings().next_edit.enable or document.is_secret or not self._trail.latest():
            self.offers.withdrawn()
            return None
        request_id, named = self._new_id(), _Named(uri=document.uri, language=document.language_id)
        self._events.requested(request_id, trigger_kind=trigger_kind, task=TASK, **named)
        if (why := await self._why_not(document, snapshot, trigger_kind)) is not None:
            self.offers.withdrawn()
            self._events.skipped(request_id, why, task=TASK, **named)
            return None
        scene = self._scene(snapshot, cursor)
        elsewhere = self._elsewhere(snapshot) if not for_menu else _nowhere

        def is_over() -> bool:
            return self._n_asked != number or self._now() - begun_at > self.deadline_s

        try:
            edit = await self._found(scene, elsewhere, is_over)
            if edit is None and not for_menu and self._n_asked == number and self._asks_models():
                edit = await self._by_model(scene, request_id, named)
        except asyncio.CancelledError:
            self._events.superseded(request_id, task=TASK, **named)
            raise
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
        alike = await self._alike(scene, edit, found) if for_menu and edit is not None else ()
        return OfferedEdit(suggestion_id, found, alike)

    async def _why_not(
        self, document: OpenDocument, snapshot: DocumentSnapshot, trigger_kind: TriggerKind
    ) -> str | None:
        """Why nothing is looked for: a pause, a language that is off, an ignored file."""
        why: str | None = self._house.switches.why_no_edit(document, trigger_kind)
        if why is None and await self._house.ignored.reason(snapshot) is not None:
            return "ignored_file"
        return why

    async def _found(
        self, scene: Scene, elsewhere: Callable[[Scene], Sequence[Page]], is_over: Callable[[], bool]
    ) -> NextEdit | None:
        """What the rules find, in a thread."""

        def work() -> NextEdit | None:
            from copilot_ls.features.next_edit.proposing import next_edit

            return next_edit(
                scene, turned_down=self.offers.is_turned_down, is_over=is_over, elsewhere=lambda: elsewhere(scene)
            )

        try:
            return await asyncio.to_thread(work)
        except Exception as error:  # noqa: BLE001 - the editor goes on without
            logger.error("looking for the next edit failed: %s", place_of(error))  # noqa: TRY400 - see there
            return None

    @staticmethod
    async def _alike(scene: Scene, edit: NextEdit, now: NextEdit) -> Sequence[Replacement]:
        """All edits like one, unless its document was edited since."""
        from copilot_ls.features.next_edit.proposing import alike

        return await asyncio.to_thread(alike, scene, edit) if now.document.text is edit.document.text else ()

    def _asks_models(self) -> bool:
        from copilot_ls.config.settings import EMBEDDED

        return any(name != EMBEDDED for name in self._house.router().names(TASK))

    async def _by_model(self, scene: Scene, request_id: str, named: _Named) -> NextEdit | None:
        from copilot_ls.features.next_edit.asking import next_edit_by_model
        from copilot_ls.features.turns import TaskTurns

        turns = TaskTurns(self._events, TASK, request_id, **named)
        path = self._house.relative_path(scene.page.document)
        work = next_edit_by_model(scene, self._house.router(), turns, path, self.offers.is_turned_down)
        asking = self._asking = asyncio.ensure_future(work)
        try:
            await asyncio.wait([asking])
        finally:
            asking.cancel()
            if self._asking is asking:
                self._asking = None
        return None if asking.cancelled() else asking.result()

    def _elsewhere(self, snapshot: DocumentSnapshot) -> Callable[[Scene], Sequence[Page]]:
        """What finds the files beyond the open documents, in a thread."""
        root = self._house.root_of(snapshot)
        index = self._house.workspaces().index_of(snapshot.path) if root is not None else None
        documents = self._house.documents.snapshots()
        opened = {each.path for each in documents}
        languages = {Path(each.path).suffix: each.language_id for each in documents if each.path}

        def pages(scene: Scene) -> Sequence[Page]:
            if root is None or index is None:
                return ()
            from copilot_ls.features.next_edit.elsewhere import pages_elsewhere

            return pages_elsewhere(scene, index, root, languages, opened)

        return pages

    def _as_of_now(self, edit: NextEdit) -> NextEdit | None:
        """The edit for its document as it is by now; None when that was edited there, opened or closed."""
        made_for = edit.document
        if made_for.version == NOT_OPEN and self._house.documents.get(made_for.uri) is None:
            return edit
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


def _nowhere(_scene: Scene) -> Sequence[Page]:
    return ()
