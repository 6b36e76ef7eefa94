"""Who hears that a document was opened, changed, replaced or closed, and in which order.

The order matters: what is being generated is judged before what was offered, and what was accepted is followed before
the next acceptance is noticed. Each of them costs O(edit). Made by `workbench`, called by `documents`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.context.recent_edits import RecentEdit, RecentEditLog
    from copilot_ls.features.ask import Asker
    from copilot_ls.features.calibration.user_history import UserHistory
    from copilot_ls.features.documents import OpenDocument, OpenDocuments
    from copilot_ls.features.fix_lifecycle import FixLifecycle
    from copilot_ls.features.ignored import IgnoredDocuments
    from copilot_ls.features.inline_completion import InlineCompletion
    from copilot_ls.features.lifecycle import Lifecycle
    from copilot_ls.features.retention import Retention
    from copilot_ls.features.writing_tally import WritingTally
    from copilot_ls.text import AppliedEdit


class Followers:
    """What follows the open documents of one workbench, and the log of what was edited lately."""

    def __init__(
        self,
        documents: OpenDocuments,
        *,
        asker: Asker,
        completion: InlineCompletion,
        lifecycle: Lifecycle,
        retention: Retention,
        writing: WritingTally,
        fix_lifecycle: FixLifecycle,
        ignored: IgnoredDocuments,
        calibration: UserHistory,
    ) -> None:
        self._documents = documents
        self._asker = asker
        self._completion = completion
        self._lifecycle = lifecycle
        self._retention = retention
        self._writing = writing
        self._fix_lifecycle = fix_lifecycle
        self._ignored = ignored
        self._calibration = calibration
        self._recent_edits: RecentEditLog | None = None
        documents.on_open.append(self._opened)
        documents.on_change.append(self._changed)
        documents.on_replace.append(self._replaced)
        documents.on_close.append(self._gone)

    def keep_edits(self, now: Callable[[], float]) -> None:
        """Remember from now on what is edited. Imports what that needs; the documents that are open come in `look`."""
        from copilot_ls.context.recent_edits import RecentEditLog

        self._recent_edits = RecentEditLog(now)

    def look(self) -> None:
        """Take in the documents that were opened before there was a log."""
        if self._recent_edits is not None:
            for document in self._documents.snapshots():
                self._recent_edits.opened(document.uri, document.text)

    def recent_edits(self) -> Sequence[RecentEdit]:
        """What was edited lately, the latest first."""
        return self._recent_edits.latest() if self._recent_edits is not None else ()

    def _opened(self, document: OpenDocument) -> None:
        self._retention.document_opened(document.uri, document.path, document.buffer.snapshot())
        self._ignored.look_at(document.snapshot())
        if self._recent_edits is not None:
            self._recent_edits.opened(document.uri, document.buffer.snapshot())

    def _changed(self, document: OpenDocument, edits: Sequence[AppliedEdit]) -> None:
        self._completion.document_changed(document, edits)
        self._calibration.document_changed(document.uri, edits, document.buffer.snapshot())
        self._retention.document_changed(document.uri, edits, document.buffer.snapshot())
        self._writing.document_changed(document.uri, document.language_id, edits)
        self._lifecycle.document_changed(document.uri, edits, document.buffer.snapshot(), document.version)
        self._fix_lifecycle.document_changed(document.uri, document.buffer.snapshot())
        if self._recent_edits is not None:
            self._recent_edits.note(document.uri, edits, document.buffer.snapshot())

    def _replaced(self, document: OpenDocument) -> None:
        self._completion.document_replaced(document)
        self._calibration.document_changed(document.uri, [], document.buffer.snapshot())
        self._retention.document_changed(document.uri, [], document.buffer.snapshot())
        # An editor may accept by sending the whole text anew: what was offered is judged by the text, and lives on.
        self._lifecycle.document_changed(document.uri, [], document.buffer.snapshot(), document.version)
        self._fix_lifecycle.document_changed(document.uri, document.buffer.snapshot())
        if self._recent_edits is not None:
            self._recent_edits.replaced(document.uri, document.buffer.snapshot())

    def _gone(self, document: OpenDocument) -> None:
        self._completion.document_closed(document)
        self._calibration.silences.document_closed(document.uri)
        self._asker.prompts.forget(document.uri)
        self._lifecycle.document_closed(document.uri)
        self._retention.document_closed(document.uri)
        self._fix_lifecycle.document_closed(document.uri)
        if self._recent_edits is not None:
            self._recent_edits.forget(document.uri)
