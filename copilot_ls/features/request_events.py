"""Makes events of what happens to requests, one method per transition, so that the pipeline records each in one line.

The life of a suggestion, which needs memory, is `lifecycle`'s, which builds on this. The events' classes are imported
with the first event: making them costs 6 ms that no start-up should pay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls_telemetry.events import Event

    from copilot_ls.features.calibration.show_gate import Decision
    from copilot_ls.features.calibration.silence import Outcome as SilenceOutcome
    from copilot_ls.features.suggestion import TriggerKind
    from copilot_ls.routing.attempt import Outcome


class Common(TypedDict):
    """The fields of every event."""

    at: float
    session_id: str
    workspace: str | None


class RequestEvents:
    """Records what happens to requests. Arguments as for `lifecycle.Lifecycle`."""

    def __init__(
        self,
        record: Callable[[Event], None],
        *,
        wall_clock: Callable[[], float],
        session_id: str,
        workspace_of: Callable[[str], str | None] | None,
    ) -> None:
        self._record = record
        self._wall_clock = wall_clock
        self._session_id = session_id
        self._workspace_of = workspace_of
        self._workspace_keys: dict[str, str] = {}

    def requested(
        self,
        request_id: str,
        *,
        uri: str,
        language: str,
        trigger_kind: TriggerKind,
        task: str = "completion",
    ) -> None:
        """The editor asked for ghost text."""
        from copilot_ls_telemetry.events import Requested

        self._record(
            Requested(
                **self._common(self._workspace(uri)),
                request_id=request_id,
                language=language,
                trigger_kind=trigger_kind,
                task=task,
            )
        )

    def skipped(self, request_id: str, reason: str, *, uri: str, language: str, task: str = "completion") -> None:
        """The gate decided to ask nobody."""
        from copilot_ls_telemetry.events import Skipped

        common = self._common(self._workspace(uri))
        self._record(Skipped(**common, request_id=request_id, language=language, reason=reason, task=task))

    def superseded(self, request_id: str, *, uri: str, language: str, task: str = "completion") -> None:
        """A newer request, or the editor, made this one pointless."""
        from copilot_ls_telemetry.events import Superseded

        common = self._common(self._workspace(uri))
        self._record(Superseded(**common, request_id=request_id, language=language, task=task))

    def discarded(
        self,
        request_id: str,
        reason: str,
        *,
        uri: str,
        language: str,
        backend: str = "",
        model: str = "",
        cut_by: Sequence[str] = (),
        latency_ms: float | None = None,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        decision: Decision | None = None,
        task: str = "completion",
    ) -> None:
        """The request was answered with nothing; `decision` says why, where it was the user's history that spoke."""
        from copilot_ls_telemetry.events import Discarded

        self._record(
            Discarded(
                **self._common(self._workspace(uri)),
                request_id=request_id,
                language=language,
                backend=backend,
                model=model,
                reason=reason,
                cut_by=tuple(cut_by),
                latency_ms=latency_ms,
                input_tokens=input_tokens,
                output_tokens=output_tokens,
                p_accept=decision.likely if decision is not None else None,
                decision=decision.kind if decision is not None else None,
                features=decision.features if decision is not None else None,
                task=task,
            )
        )

    def silence_judged(self, request_id: str, uri: str, outcome: SilenceOutcome, accepted_length: int) -> None:
        """What was held back was typed after all, or was not."""
        from copilot_ls_telemetry.events import SilenceJudged

        self._record(
            SilenceJudged(
                **self._common(self._workspace(uri)),
                request_id=request_id,
                outcome=outcome,
                accepted_length=accepted_length,
            )
        )

    def fault(
        self,
        fault: str,
        *,
        backend: str,
        model: str,
        uri: str = "",
        language: str | None = None,
        request_id: str | None = None,
        latency_ms: float | None = None,
        task: str = "completion",
    ) -> None:
        """A backend could not answer; `fault` is `BackendError.fault`."""
        from copilot_ls_telemetry.events import BackendFault

        self._record(
            BackendFault(
                **self._common(self._workspace(uri)),
                backend=backend,
                model=model,
                fault=fault,
                request_id=request_id,
                language=language,
                latency_ms=latency_ms,
                task=task,
            )
        )

    def asked(
        self, outcome: Outcome, *, backend: str, model: str, uri: str, language: str, request_id: str, task: str
    ) -> None:
        """A backend's turn is over."""
        from copilot_ls_telemetry.events import BackendAsked

        usage = outcome.usage
        self._record(
            BackendAsked(
                **self._common(self._workspace(uri)),
                backend=backend,
                model=model,
                outcome=outcome.how,
                n_tries=outcome.n_tries,
                latency_ms=outcome.latency_ms,
                request_id=request_id,
                language=language,
                first_token_ms=outcome.first_ms,
                input_tokens=usage.input_tokens if usage is not None else None,
                cached_input_tokens=usage.cached_input_tokens if usage is not None else None,
                cache_write_tokens=usage.cache_write_tokens if usage is not None else None,
                output_tokens=usage.output_tokens if usage is not None else None,
                cost=outcome.cost,
                estimated=outcome.estimated,
                task=task,
            )
        )

    def passed_over(self, reason: str, *, backend: str, uri: str, language: str, request_id: str, task: str) -> None:
        """A backend of the route was not asked."""
        from copilot_ls_telemetry.events import BackendPassedOver

        self._record(
            BackendPassedOver(
                **self._common(self._workspace(uri)),
                backend=backend,
                reason=reason,
                request_id=request_id,
                language=language,
                task=task,
            )
        )

    def retention_checked(
        self,
        *,
        uri: str,
        suggestion_id: str,
        chain_id: str,
        moment: str,
        kept: float,
        survives: bool,
        n_lexemes: int,
        kept_chars: int,
    ) -> None:
        """It was looked whether accepted text is still there."""
        from copilot_ls_telemetry.events import RetentionChecked

        self._record(
            RetentionChecked(
                **self._common(self._workspace(uri)),
                suggestion_id=suggestion_id,
                chain_id=chain_id,
                moment=moment,
                kept=kept,
                survives=survives,
                n_lexemes=n_lexemes,
                kept_chars=kept_chars,
            )
        )

    def accept_reported(self, *, uri: str, suggestion_id: str, chain_id: str, n_added: int, n_removed: int) -> None:
        """Diagnostics were reported for the first time after an acceptance."""
        from copilot_ls_telemetry.events import AcceptReported

        self._record(
            AcceptReported(
                **self._common(self._workspace(uri)),
                suggestion_id=suggestion_id,
                chain_id=chain_id,
                n_added=n_added,
                n_removed=n_removed,
            )
        )

    def written(self, *, uri: str, language: str, n_typed: int, n_inserted: int, n_deleted: int) -> None:
        """So much was written in a document since the last time."""
        from copilot_ls_telemetry.events import Written

        self._record(
            Written(
                **self._common(self._workspace(uri)),
                language=language,
                n_typed=n_typed,
                n_inserted=n_inserted,
                n_deleted=n_deleted,
            )
        )

    def _common(self, workspace: str | None, at: float | None = None) -> Common:
        return {
            "at": self._wall_clock() if at is None else at,
            "session_id": self._session_id,
            "workspace": workspace,
        }

    def _workspace(self, uri: str) -> str | None:
        """The hash of the folder that a document belongs to."""
        from copilot_ls_telemetry.events import workspace_key

        root = self._workspace_of(uri) if self._workspace_of else None
        if root is None:
            return None
        key = self._workspace_keys.get(root)
        if key is None:
            key = self._workspace_keys[root] = workspace_key(root)
        return key
