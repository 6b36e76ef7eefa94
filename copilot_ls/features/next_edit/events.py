"""Makes events of what happens to next edits, one method per transition. Mixed into `features.lifecycle.Lifecycle`.

They are those of suggestions with `next_edit` as their task; the `model` of an embedded one is the kind that found it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.features.request_events import RequestEvents

if TYPE_CHECKING:
    from copilot_ls.config.settings import Task
    from copilot_ls.features.next_edit.proposing import NextEdit
    from copilot_ls.features.suggestion import TriggerKind
    from copilot_ls.features.suggestion_chain import How

TASK: Task = "next_edit"


class NextEditEvents(RequestEvents):
    """Records what happens to next edits. Arguments as for `RequestEvents`."""

    def next_edit_generated(
        self,
        edit: NextEdit,
        *,
        request_id: str,
        suggestion_id: str,
        chain_id: str,
        trigger_kind: TriggerKind,
        latency_ms: float,
    ) -> None:
        """An edit was answered to the editor."""
        from copilot_ls_telemetry.events import Generated

        text = edit.replacement.text
        self._record(
            Generated(
                **self._common(self._workspace(edit.document.uri)),
                request_id=request_id,
                suggestion_id=suggestion_id,
                chain_id=chain_id,
                language=edit.document.language_id,
                backend=edit.backend,
                model=edit.model,
                source="backend",
                trigger_kind=trigger_kind,
                multiline="\n" in text.rstrip("\r\n"),
                n_chars=len(text),
                n_lines=text.rstrip("\r\n").count("\n") + 1,
                latency_ms=latency_ms,
                confidence=edit.chance,
                task=TASK,
            )
        )

    def next_edit_shown(self, suggestion_id: str, chain_id: str, *, uri: str, inferred: bool) -> None:
        """It could be seen."""
        from copilot_ls_telemetry.events import Shown

        common = self._common(self._workspace(uri))
        self._record(Shown(**common, suggestion_id=suggestion_id, chain_id=chain_id, inferred=inferred))

    def next_edit_accepted(self, suggestion_id: str, chain_id: str, *, uri: str, how: How, n_chars: int) -> None:
        """It was made."""
        from copilot_ls_telemetry.events import Accepted

        common = self._common(self._workspace(uri))
        self._record(
            Accepted(**common, suggestion_id=suggestion_id, chain_id=chain_id, how=how, accepted_length=n_chars)
        )

    def next_edit_rejected(self, suggestion_id: str, chain_id: str, *, uri: str) -> None:
        """The user turned it down."""
        from copilot_ls_telemetry.events import Rejected

        self._record(Rejected(**self._common(self._workspace(uri)), suggestion_id=suggestion_id, chain_id=chain_id))

    def next_edit_ignored(self, suggestion_id: str, chain_id: str, *, uri: str, reason: str) -> None:
        """It ended in no other way."""
        from copilot_ls_telemetry.events import Ignored

        common = self._common(self._workspace(uri))
        self._record(Ignored(**common, suggestion_id=suggestion_id, chain_id=chain_id, reason=reason))
