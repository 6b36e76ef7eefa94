"""The embedded completer as a backend.

Answers within a few milliseconds, therefore on the event loop; a document too long for that is searched in a thread. It
reads the documents of the request and, once `attach` gave it one, the index of the workspace. Once `adapt_in` said
where, it learns from what became of its answers. Made by `create`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_ls.backends.base import BackendCheck, Chunk
from copilot_ls.backends.embedded.adaptation import Adaptation
from copilot_ls.backends.embedded.propose import AUTOMATIC_THRESHOLD, INVOKED_THRESHOLD, propose
from copilot_ls.backends.embedded.situation import place_of
from copilot_ls.backends.embedded.streams import Chunks
from copilot_ls.backends.embedded.workspace import PatientIndex
from copilot_ls.errors import SettingsError
from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
    from pathlib import Path

    from copilot_ls.backends.base import CompletionRequest
    from copilot_ls.backends.embedded.propose import Candidate
    from copilot_ls.backends.embedded.workspace import LineIndex
    from copilot_ls.context.recent_edits import RecentEdit

# Below this many lines in the open documents together, and without an index, an answer takes less time than handing it
# to a thread and back would delay others' events.
_QUICK_LINES = 3_000
_MAX_LINES = 10


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The least confidence to answer with: unasked (one answer is wanted), and when asked (several are)."""

    automatic: float = AUTOMATIC_THRESHOLD
    invoked: float = INVOKED_THRESHOLD

    @classmethod
    def from_options(cls, options: Mapping[str, object] | None) -> Thresholds:
        """Read `threshold` and `invoked_threshold`; raise `SettingsError` for what is no probability."""
        options = options or {}
        return cls(
            _likelihood(options, "threshold", AUTOMATIC_THRESHOLD),
            _likelihood(options, "invoked_threshold", INVOKED_THRESHOLD),
        )


def _likelihood(options: Mapping[str, object], key: str, default: float) -> float:
    value = options.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise SettingsError(
            f"the embedded backend's option {key!r} is {value!r}, expected a number from 0 to 1; "
            f"remove it from `options` to use {default}"
        )
    return float(value)


class EmbeddedBackend:
    """Completes from what stands elsewhere."""

    in_process = True
    """It costs nothing to ask: no wait for the next key, no cache on disk, no gathered context, no prefetch."""

    def __init__(self, name: str, thresholds: Thresholds | None = None) -> None:
        self.name = name
        self.model = "embedded"
        self._thresholds = thresholds or Thresholds()
        self._index_for: Callable[[str], LineIndex | None] | None = None
        self._patient: tuple[LineIndex | None, PatientIndex] = (None, PatientIndex(None))
        self._chunks = Chunks()
        self._adapt_in: Path | None = None
        self._adaptation: Adaptation | None = None
        self._writing: asyncio.Future[None] | None = None
        self._recent_edits: Callable[[], Sequence[RecentEdit]] = tuple

    def attach(self, index_for: Callable[[str], LineIndex | None]) -> None:
        """Let the backend ask `index_for` (the document's absolute path) for its workspace's index at each request.

        The function must be quick; it may answer None at any time, and is forgiven when it raises.
        """
        self._index_for = index_for

    def adapt_in(self, path: Path) -> None:
        """Learn from outcomes, and keep what was learnt in `path`, which is read when the first answer is wanted."""
        self._adapt_in = path

    def learn(self, said: float, before: str, language_id: str, *, right: bool) -> None:
        """What was shown with the confidence `said`, with `before` on its line, was taken or typed on past.

        Called on the event loop; the disk is left to a thread.
        """
        adaptation = self._adapted()
        if adaptation is not None:
            adaptation.learn(said, place_of(before.lstrip()), language_id, right=right)
            if adaptation.is_due and (self._writing is None or self._writing.done()):
                self._writing = asyncio.ensure_future(asyncio.to_thread(adaptation.write))

    def _adapted(self) -> Adaptation | None:
        if self._adaptation is None and self._adapt_in is not None:
            self._adaptation = Adaptation(self._adapt_in)
        return self._adaptation

    def attach_edits(self, recent_edits: Callable[[], Sequence[RecentEdit]]) -> None:
        """Let the backend ask what was edited lately, the latest first, at each request."""
        self._recent_edits = recent_edits

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[Chunk, None]:
        """Yield one chunk per answer, the best first; none when it knows nothing likely."""
        candidates = await self._propose(request)
        for choice, candidate in enumerate(candidates):
            yield Chunk(
                candidate.text,
                choice=choice,
                finish_reason="stop",
                confidence=candidate.confidence,
                origin=candidate.origin,
            )

    async def _propose(self, request: CompletionRequest) -> Sequence[Candidate]:
        document, cursor = _whereabouts(request)
        index = self._index(document.path)
        n_lines = document.text.n_lines + sum(other.text.n_lines for other in request.open_documents)
        if n_lines <= _QUICK_LINES and not index.usable:
            return self._answer(request, document, cursor, index)
        return await asyncio.to_thread(self._answer, request, document, cursor, index)

    def _answer(
        self, request: CompletionRequest, document: DocumentSnapshot, cursor: Point, index: PatientIndex
    ) -> Sequence[Candidate]:
        return propose(
            document,
            cursor,
            request.open_documents,
            index,
            n=request.n,
            multiline=request.multiline,
            max_lines=_MAX_LINES,
            threshold=self._thresholds.automatic if request.n <= 1 else self._thresholds.invoked,
            index_path=request.path,
            adaptation=self._adapted(),
            chunks=self._chunks,
            recent_edits=self._recent_edits(),
            # Who has set a threshold of their own means it.
            taste=request.taste if self._thresholds.automatic == AUTOMATIC_THRESHOLD else None,
            backend=self.name,
        )

    def explain(self, text: str, request: CompletionRequest) -> list[str]:
        """Lines that say why `text` would be an answer to `request`: who found it, where, and what weighed most."""
        from copilot_ls.backends.embedded.explain import explained

        document, cursor = _whereabouts(request)
        return explained(
            text,
            document,
            cursor,
            request.open_documents,
            self._index(document.path),
            index_path=request.path,
            recent_edits=self._recent_edits(),
        )

    def _index(self, path: str) -> PatientIndex:
        try:
            index = self._index_for(path) if self._index_for is not None else None
        except Exception:  # noqa: BLE001 - without an index there are only fewer suggestions
            index = None
        if index is not self._patient[0]:
            self._patient = (index, PatientIndex(index))
        return self._patient[1]

    async def check(self) -> BackendCheck:
        """Complete a line that was written before."""
        known = "".join(
            f"def {name}(width, height):\n    return width * height\n\n\n" for name in ("area", "side", "base")
        )
        text = f"{known}def volume(width, height):\n    return width * "
        snapshot = TextSnapshot.of(text)
        document = DocumentSnapshot("untitled:check", "", "python", 1, snapshot)
        cursor = Point(snapshot.n_lines - 1, len(snapshot.line_text(snapshot.n_lines - 1)))
        start = asyncio.get_running_loop().time()
        works = bool(propose(document, cursor, (), None, threshold=self._thresholds.invoked))
        took = 1000 * (asyncio.get_running_loop().time() - start)
        indexed = "with" if self._index_for is not None else "without"
        return BackendCheck(
            reachable=True,
            fim_works=works,
            latency_ms=took,
            message=f"{'works' if works else 'proposed nothing'} in this process, {indexed} a workspace index",
        )

    async def aclose(self) -> None:
        """Keep what was learnt, forget the index; others close that."""
        if self._adaptation is not None:
            await asyncio.to_thread(self._adaptation.write)
        self._index_for = None
        self._recent_edits = tuple
        self._patient = (None, PatientIndex(None))


def _whereabouts(request: CompletionRequest) -> tuple[DocumentSnapshot, Point]:
    """Return the document and cursor of the request, made from its prefix and suffix where it does not carry them."""
    if request.document is not None and request.cursor is not None:
        return request.document, request.cursor
    snapshot = TextSnapshot.of(request.prefix + request.suffix)
    return (
        DocumentSnapshot("", request.path, request.language_id, 0, snapshot),
        snapshot.point_at(len(request.prefix)),
    )
