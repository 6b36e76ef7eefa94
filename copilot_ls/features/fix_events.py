"""Makes events of what happens to fixes and explanations, one method per transition.

The life of a fix, which needs memory, is `fix_lifecycle`'s. The events' classes are imported with the first event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.features.request_events import RequestEvents

if TYPE_CHECKING:
    from copilot_ls.features.fixing.outcome import FixOutcome


class FixEvents(RequestEvents):
    """Records what happens to fixes. Arguments as for `RequestEvents`."""

    def explained(
        self,
        request_id: str,
        *,
        uri: str,
        language: str,
        backend: str,
        model: str,
        latency_ms: float,
        n_chars: int,
        rule: str,
    ) -> None:
        """Code was explained."""
        from copilot_ls_telemetry.events import Explained

        self._record(
            Explained(
                **self._common(self._workspace(uri)),
                request_id=request_id,
                language=language,
                backend=backend,
                model=model,
                latency_ms=latency_ms,
                n_chars=n_chars,
                rule=rule,
            )
        )

    def fix_offered(self, *, uri: str, language: str, rule: str) -> None:
        """A code action that mends something was offered."""
        from copilot_ls_telemetry.events import FixOffered

        self._record(FixOffered(**self._common(self._workspace(uri)), language=language, rule=rule))

    def fix_opened(self, fix_id: str, *, uri: str, language: str, rule: str, kind: str, n_diagnostics: int) -> None:
        """The user asked for an edit."""
        from copilot_ls_telemetry.events import FixOpened

        self._record(
            FixOpened(
                **self._common(self._workspace(uri)),
                fix_id=fix_id,
                language=language,
                rule=rule,
                kind=kind,
                n_diagnostics=n_diagnostics,
            )
        )

    def fix_proposed(self, outcome: FixOutcome) -> None:
        """The work came to an end."""
        from copilot_ls_telemetry.events import FixProposed

        self._record(
            FixProposed(
                **self._common(self._workspace(outcome.task.document.uri)),
                fix_id=outcome.fix_id,
                verdict=outcome.verdict.kind,
                backend=outcome.backend,
                model=outcome.model,
                n_tries=outcome.n_tries,
                latency_ms=outcome.took_ms,
                checked_by=outcome.verdict.checked_by,
                fixer=outcome.rule,
                n_tool_calls=outcome.n_tool_calls,
                n_invalid_tool_calls=outcome.n_invalid_tool_calls,
                input_tokens=outcome.input_tokens,
                output_tokens=outcome.output_tokens,
                cost=outcome.cost,
            )
        )

    def fix_cancelled(self, fix_id: str, *, uri: str, latency_ms: float) -> None:
        """The work was put an end to."""
        from copilot_ls_telemetry.events import FixProposed

        self._record(
            FixProposed(
                **self._common(self._workspace(uri)),
                fix_id=fix_id,
                verdict="cancelled",
                backend="",
                model="",
                n_tries=0,
                latency_ms=latency_ms,
            )
        )

    def fix_applied(self, fix_id: str, *, uri: str) -> None:
        """The editor made the edit."""
        from copilot_ls_telemetry.events import FixApplied

        self._record(FixApplied(**self._common(self._workspace(uri)), fix_id=fix_id))

    def fix_dropped(self, fix_id: str, *, uri: str, reason: str) -> None:
        """The edit was not made."""
        from copilot_ls_telemetry.events import FixDropped

        self._record(FixDropped(**self._common(self._workspace(uri)), fix_id=fix_id, reason=reason))

    def fix_checked(self, fix_id: str, *, uri: str, gone: bool) -> None:
        """Diagnostics were reported for the first time after the edit."""
        from copilot_ls_telemetry.events import FixChecked

        self._record(FixChecked(**self._common(self._workspace(uri)), fix_id=fix_id, gone=gone))

    def fix_undone(self, fix_id: str, *, uri: str) -> None:
        """The text was again what it had been."""
        from copilot_ls_telemetry.events import FixUndone

        self._record(FixUndone(**self._common(self._workspace(uri)), fix_id=fix_id))

    def fix_resolved(self, fix_id: str, *, uri: str, resolved: bool | None, reason: str) -> None:
        """The end of a fix."""
        from copilot_ls_telemetry.events import FixResolved

        self._record(FixResolved(**self._common(self._workspace(uri)), fix_id=fix_id, resolved=resolved, reason=reason))
