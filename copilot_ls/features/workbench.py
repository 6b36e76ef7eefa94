"""Everything that one server, or one command, works with: settings, documents, backends, index, telemetry.

Making one is cheap and opens nothing. `start` loads what the first suggestion needs in a thread, because importing it
would hold up the editor's first keys; `ready` waits for that. Whatever part cannot be had is left out, and the rest
works. Protocol-free; called by `lsp` and `cli`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot_ls.errors import place_of
from copilot_ls.features.ask import Asker
from copilot_ls.features.calibration.user_history import UserHistory
from copilot_ls.features.checkout import Checkout
from copilot_ls.features.diagnostics import DiagnosticBoard
from copilot_ls.features.document_history import DocumentHistory
from copilot_ls.features.documents import OpenDocument, OpenDocuments
from copilot_ls.features.duplicates import DuplicateCheck
from copilot_ls.features.fix_lifecycle import FixLifecycle
from copilot_ls.features.followers import Followers
from copilot_ls.features.ignored import IgnoredDocuments
from copilot_ls.features.inline_completion import InlineCompletion
from copilot_ls.features.journal import SuggestionJournal
from copilot_ls.features.lifecycle import Lifecycle
from copilot_ls.features.next_edit.suggester import NextEdits
from copilot_ls.features.redaction import Redaction
from copilot_ls.features.related_code import RelatedCode
from copilot_ls.features.retention import Retention
from copilot_ls.features.short_id import short_id
from copilot_ls.features.spending import Spending
from copilot_ls.features.status import StatusBoard
from copilot_ls.features.switches import Switches
from copilot_ls.features.telemetry_record import TelemetryRecord
from copilot_ls.features.text_storage import text_storage
from copilot_ls.features.workspace_folders import WorkspaceFolders
from copilot_ls.features.writing_tally import WritingTally
from copilot_ls.routing.router import Router

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from copilot_ls_telemetry.events import Event

    from copilot_ls.backends.base import Backend
    from copilot_ls.config.load import Problem
    from copilot_ls.config.settings import Settings
    from copilot_ls.context.recent_edits import RecentEdit
    from copilot_ls.features.disk_cache import DiskCache
    from copilot_ls.features.explaining.explainer import CodeExplainer
    from copilot_ls.features.fixing.fixer import CodeFixer
    from copilot_ls.features.index_status import IndexStatus
    from copilot_ls.features.suggestion import Suggestion
    from copilot_ls.features.workspaces import Workspaces
    from copilot_ls.text import Span, TextSnapshot

logger = logging.getLogger("copilot_ls")

# The longest a request waits for what is loaded in the background; then it is answered with nothing.
_READY_WITHIN_S = 10.0
# The longest a request waits for the client to say that it is initialized, and for its settings.
_STARTED_WITHIN_S = 3.0
_MEGABYTE = 1_000_000


class Workbench(WorkspaceFolders):
    """One server's or command's working set."""

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        new_id: Callable[[], str] = short_id,
        record_telemetry: bool = True,
        use_disk_cache: bool = True,
        only_backend: str | None = None,
    ) -> None:
        super().__init__()
        self.documents = OpenDocuments()
        self.history = DocumentHistory(self.documents)
        self.diagnostics = DiagnosticBoard(self.documents, self.history)
        self.on_index_status: list[Callable[[IndexStatus], None]] = []
        self._use_disk_cache = use_disk_cache
        self._only_backend = only_backend
        self._now = now
        self._new_id = new_id
        self._settings: Settings | None = None
        self._router: Router | None = None
        self._spending = Spending(wall_clock)
        self._telemetry = TelemetryRecord(lambda: self.settings().telemetry, wall_clock, is_on=record_telemetry)
        self._disk_cache: DiskCache | None = None
        self._workspaces: Workspaces | None = None
        self._explainer: CodeExplainer | None = None
        self._fixer: CodeFixer | None = None
        self._loading: asyncio.Future[None] | None = None
        self._waiting_for_start: list[asyncio.Future[None]] = []
        self._closed = False
        self._warmed = False
        self.lifecycle = Lifecycle(
            self._record,
            now=now,
            wall_clock=wall_clock,
            call_later=_call_later,
            session_id=new_id(),
            workspace_of=self._workspace_of,
            on_accepted=self._accepted,
            on_withdrawn=lambda chain_id: self.retention.withdrawn(chain_id),  # noqa: PLW0108 - which is made below
            on_judged=self._judged,
        )
        self.retention = Retention(self.lifecycle, self.diagnostics, Checkout(), call_later=_call_later)
        self.status = StatusBoard(self.router, lambda: self.switches)
        self.switches = Switches(
            lambda: self.settings().completion,
            self.relative_path,
            wall_clock=wall_clock,
            call_later=_call_later,
            on_change=self.status.changed,
        )
        self.fix_lifecycle = FixLifecycle(self.lifecycle, self.diagnostics, call_later=_call_later)
        self.writing = WritingTally(self.lifecycle, call_later=_call_later)
        self.calibration = UserHistory(
            self.settings, self.lifecycle.silence_judged, is_on=record_telemetry, now=now, wall_clock=wall_clock
        )
        journal = SuggestionJournal(self.lifecycle, self.status)
        self.redaction = Redaction(self.settings)
        self.ignored = IgnoredDocuments(self.root_of, lambda: self.settings().index.exclude)
        self.related_code = RelatedCode(
            settings=self.settings,
            index_of=lambda path: self.workspaces().index_of(path),
            root_of=self.root_of,
            recent_edits=self._recent_edits,
            prompts=lambda: self.asker.prompts,
            closed_paths=self.documents.closed_paths,
            diagnostics=self.diagnostics.near,
        )
        self.asker = Asker(
            router=self.router,
            settings=self.settings,
            gather=self.related_code.gather,
            relative_path=self.relative_path,
            disk_cache=self.disk_cache,
            redaction=self.redaction,
            why_ignored=self.ignored.reason,
            duplicates=DuplicateCheck(self.root_of),
            listener=journal,
            ordered=self.calibration.ordered,
        )
        self.completion = InlineCompletion(
            asker=self.asker,
            router=self.router,
            settings=self.settings,
            open_documents=lambda: self.ignored.may_teach(self.documents.snapshots()),
            why_off=self.switches.why_off,
            journal=journal,
            now=now,
            new_id=new_id,
            calibration=self.calibration,
        )
        self.next_edits = NextEdits(
            self,
            now=now,
            new_id=new_id,
            call_later=_call_later,
        )
        self.followers = Followers(
            self.documents,
            asker=self.asker,
            completion=self.completion,
            lifecycle=self.lifecycle,
            retention=self.retention,
            writing=self.writing,
            fix_lifecycle=self.fix_lifecycle,
            ignored=self.ignored,
            calibration=self.calibration,
        )
        self.texts = text_storage(self, is_server=record_telemetry)
        journal.on_offered.append(self.texts.offered)
        self.documents.on_open.append(self._warm)

    # Settings

    def settings(self) -> Settings:
        """The settings in force; defaults until they are loaded."""
        if self._settings is None:
            from copilot_ls.config.settings import Settings

            self._settings = Settings()
        return self._settings

    def load_settings(self, editor_settings: Mapping[str, Any] | None = None) -> Sequence[Problem]:
        """Read all layers of settings and put them into force; what was wrong with them."""
        from copilot_ls.config.load import load
        from copilot_ls.config.paths import config_dir

        loaded = load(
            user_file=config_dir() / "config.toml",
            workspace_roots=[Path(folder) for folder in self.folders],
            editor=editor_settings,
        )
        changed = self._settings is not None and loaded.settings != self._settings
        index_changed = changed and loaded.settings.index != self.settings().index
        self._settings = loaded.settings
        if index_changed and self._loading is not None and self._loading.done():
            self.folders_changed()
        self.ignored.rules_changed()
        if changed:
            old, self._router = self._router, None
            if old is not None:
                _in_background(old.aclose())
            self.router()
            _in_background(asyncio.to_thread(self._spending.load))
            self.completion.settings_changed()
        self._telemetry.settings_changed()
        return loaded.problems

    # Start and end

    def start(self) -> None:
        """Begin to load what the first suggestion needs, and to look at the workspace. Needs a running loop."""
        if self._loading is not None:
            return
        loop = asyncio.get_running_loop()
        self._loading = loop.run_in_executor(None, self._load)
        self._loading.add_done_callback(lambda _: self._loaded())
        if len(self.documents):
            self._warm()
        for waiting in self._waiting_for_start:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting_for_start.clear()

    async def ready(self) -> None:
        """Wait until what the first suggestion needs is loaded."""
        if self._loading is None:
            # The settings are still on their way: what the defaults say might not be meant.
            waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting_for_start.append(waiting)
            await asyncio.wait([waiting], timeout=_STARTED_WITHIN_S)
            self.start()
        if self._loading is not None and not self._loading.done():
            await asyncio.wait([self._loading], timeout=_READY_WITHIN_S)

    def _load(self) -> None:
        """Import the syntax tree's binding and the backends, in a thread."""
        try:
            import copilot_ls_telemetry.events  # noqa: F401 - these three are imported for later

            from copilot_ls import postprocess, syntax  # noqa: F401

            steps = self.router().steps("completion")
            self._spending.load()
            self.calibration.load()
            self.followers.keep_edits(self._now)
            if not all(step.lane.in_process for step in steps):
                from copilot_ls.prompt import redaction  # noqa: F401 - for later

                if (cache := self.disk_cache()) is not None:
                    cache.open()
            for document in self.documents.snapshots()[:1]:
                syntax.language_for(document.language_id, document.path)
        except Exception as error:  # noqa: BLE001 - the request that needs it will meet the same and say so
            logger.error("loading failed: %s", place_of(error))  # noqa: TRY400 - a message may quote source text

    def _loaded(self) -> None:
        self.followers.look()
        self.folders_changed()

    def folders_changed(self) -> None:
        """Open the indexes of the workspace's folders, and bring them up to date in a process of their own.

        Called again when folders come or go, and when settings of the index change.
        """
        settings = self.settings().index
        if not self._closed and (settings.enable or self._workspaces is not None):
            self.workspaces().use([Path(folder) for folder in self.folders] if settings.enable else [], settings)

    async def aclose(self) -> None:
        """End what is in flight, write what is left, free what is held."""
        self._closed = True
        self.status.close()
        self.switches.close()
        self.completion.close()
        self.fix_lifecycle.close()
        self.next_edits.close()
        self.retention.close()
        self.writing.close()
        self.lifecycle.close()
        self.texts.close()
        if self._router is not None:
            await self._router.aclose()
        await self._spending.aclose()
        await self.calibration.aclose()
        if self._workspaces is not None:
            await self._workspaces.aclose()
        if self._disk_cache is not None:
            await asyncio.to_thread(self._disk_cache.close)
        await asyncio.to_thread(self._telemetry.close)

    # Parts, each made on first demand

    def router(self) -> Router:
        """The backends for each task."""
        if self._router is None:
            settings = self.settings()
            self._router = Router(
                settings,
                self._make_backend,
                now=self._now,
                spend=self._spending.log_for(settings),
                only=self._only_backend,
            )
        return self._router

    def code_explainer(self) -> CodeExplainer:
        """What explains code."""
        if self._explainer is None:
            from copilot_ls.features.explaining.explainer import CodeExplainer

            self._explainer = CodeExplainer(self, new_id=self._new_id)
        return self._explainer

    def code_fixer(self) -> CodeFixer:
        """What mends code."""
        if self._fixer is None:
            from copilot_ls.features.fixing.assembly import fixer_parts
            from copilot_ls.features.fixing.fixer import CodeFixer

            self._fixer = CodeFixer(fixer_parts(self, now=self._now, new_id=self._new_id))
        return self._fixer

    def _warm(self, _document: OpenDocument | None = None) -> None:
        """With the first document, open a connection to the backend that will be asked first."""
        if not self._warmed and self._loading is not None and self.settings().completion.enable:
            self._warmed = True
            _in_background(self._warm_up(self._loading))

    async def _warm_up(self, loading: asyncio.Future[None]) -> None:
        await asyncio.wait([loading])
        lane = self.router().first("completion")
        warm = getattr(lane.backend, "warm", None) if lane is not None and not self._closed else None
        if warm is not None:
            try:
                await warm()
            except Exception as error:  # noqa: BLE001 - the first request will meet the same and say so
                logger.info("a connection could not be opened ahead: %s", place_of(error))

    def _make_backend(self, name: str) -> Backend:
        from copilot_ls.config.paths import state_dir
        from copilot_ls.features.backend_making import make_backend

        learns = self._telemetry.is_on and self.settings().telemetry.calibrate
        return make_backend(
            name,
            self.settings(),
            self.redaction,
            index_of=self.workspaces().index_of,
            recent_edits=self._recent_edits,
            adapt_in=state_dir() / "confidence.json" if learns else None,
        )

    def _judged(self, suggestion: Suggestion, before: str, right: bool, accepted: bool) -> None:
        """What became of a suggestion: the next decision knows; the backend that said how sure it was may learn."""
        self.calibration.judged(suggestion, right=right, accepted=accepted)
        lane = self._router.made(suggestion.backend) if self._router is not None else None
        learn = getattr(lane.backend, "learn", None) if lane is not None else None
        if learn is not None and suggestion.confidence is not None:
            learn(suggestion.confidence, before, suggestion.language_id, right=right)

    def _recent_edits(self) -> Sequence[RecentEdit]:
        return self.followers.recent_edits()

    def workspaces(self) -> Workspaces:
        """The indexes of the workspace's folders."""
        if self._workspaces is None:
            from copilot_ls.features.workspaces import Workspaces

            self._workspaces = Workspaces(self._index_status)
        return self._workspaces

    def _index_status(self, status: IndexStatus) -> None:
        for listener in self.on_index_status:
            listener(status)

    def disk_cache(self) -> DiskCache | None:
        """The cache of suggestions on disk, unless it is turned off."""
        settings = self.settings().cache
        if not (settings.enable and self._use_disk_cache):
            return None
        if self._disk_cache is None:
            from copilot_ls.config.paths import cache_dir
            from copilot_ls.features.disk_cache import DiskCache

            self._disk_cache = DiskCache(cache_dir() / "suggestions", max_bytes=settings.max_mb * _MEGABYTE)
        return self._disk_cache

    def _record(self, event: Event) -> None:
        self._telemetry.take(event)
        self.texts.take(event)

    # Documents and the workspace

    def _workspace_of(self, uri: str) -> str | None:
        document = self.documents.get(uri)
        root = None if document is None else self.root_of(document.snapshot())
        return None if root is None else str(root)

    def paths_changed(self, paths: Sequence[str]) -> None:
        """Files came, changed or went: the editor saved them, or another branch, a build, another program did it."""
        self.ignored.rules_changed(paths)
        if self._workspaces is not None:
            for path in paths:
                self._workspaces.path_changed(path)

    def look_again(self) -> None:
        """Walk all folders again, because the user says that something was missed."""
        if self._workspaces is not None:
            self._workspaces.look_again()

    def _accepted(self, chain_id: str, suggestion: Suggestion, span: Span, text: TextSnapshot) -> None:
        document = self.documents.get(suggestion.uri)
        self.retention.accepted(chain_id, suggestion, document.path if document is not None else "", span, text)


def _call_later(delay_s: float, call: Callable[[], None]) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(delay_s, call)


def _in_background(work: Any) -> None:  # noqa: ANN401 - any coroutine
    try:
        task = asyncio.get_running_loop().create_task(work)
    except RuntimeError:  # no loop: a command has loaded its settings twice, and holds no connection yet
        work.close()
        return
    _background.add(task)
    task.add_done_callback(_background.discard)


_background: set[asyncio.Task[Any]] = set()
