"""Writes the pipeline's transitions down: one event for each, through `lifecycle`.

A request ends in exactly one of skipped, superseded, discarded or generated. Why an answer came to nothing is known
before the request is over: it is kept until then. Called by `inline_completion` and `ask`; knows no database.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.backends.base import Backend
    from copilot_ls.features.calibration.show_gate import Decision
    from copilot_ls.features.generation import Generation
    from copilot_ls.features.lifecycle import Lifecycle
    from copilot_ls.features.status import StatusBoard
    from copilot_ls.features.suggestion import Suggestion, TriggerKind
    from copilot_ls.routing.attempt import Outcome
    from copilot_ls.text import DocumentSnapshot, Point

# Requests whose end has not come yet; an editor that never cancels leaves few, a superseded one is taken out.
_MAX_KEPT = 64


class _Nothing(NamedTuple):
    backend: str
    model: str
    cut_by: tuple[str, ...]


class _About(TypedDict):
    uri: str
    language: str
    request_id: str
    task: str


class SuggestionJournal:
    """The journal of one server."""

    def __init__(self, lifecycle: Lifecycle, status: StatusBoard) -> None:
        self._lifecycle = lifecycle
        self._status = status
        self.on_offered: list[Callable[[Sequence[Suggestion], DocumentSnapshot], None]] = []
        self._nothing: OrderedDict[str, _Nothing] = OrderedDict()

    def requested(self, request_id: str, document: DocumentSnapshot, cursor: Point, trigger_kind: TriggerKind) -> None:
        """A request came in, and the cursor is there."""
        self._status.requested()
        self._lifecycle.cursor_at(document.uri, cursor)
        self._lifecycle.requested(
            request_id, uri=document.uri, language=document.language_id, trigger_kind=trigger_kind
        )

    def skipped(self, request_id: str, document: DocumentSnapshot, reason: str) -> None:
        """The gate let it not pass."""
        self._status.skipped(reason)
        self._lifecycle.skipped(request_id, reason, uri=document.uri, language=document.language_id)

    def superseded(self, request_id: str, document: DocumentSnapshot) -> None:
        """A newer request came before an answer, or the editor stopped waiting."""
        self._nothing.pop(request_id, None)
        self._lifecycle.superseded(request_id, uri=document.uri, language=document.language_id)

    def empty(self, request_id: str, document: DocumentSnapshot, latency_ms: float) -> None:
        """There was nothing to suggest."""
        backend, model, cut_by = self._nothing.pop(request_id, _Nothing("", "", ()))
        self._lifecycle.discarded(
            request_id,
            "cut" if cut_by else "empty",
            uri=document.uri,
            language=document.language_id,
            backend=backend,
            model=model,
            cut_by=cut_by,
            latency_ms=latency_ms,
        )

    def failed(self, request_id: str, document: DocumentSnapshot, latency_ms: float) -> None:
        """A fault of ours ended the request."""
        backend, model, _ = self._nothing.pop(request_id, _Nothing("", "", ()))
        self._lifecycle.discarded(
            request_id,
            "failed",
            uri=document.uri,
            language=document.language_id,
            backend=backend,
            model=model,
            latency_ms=latency_ms,
        )

    def held_back(self, suggestion: Suggestion, decision: Decision) -> None:
        """There was something to suggest, and the user's history spoke against it."""
        self._nothing.pop(suggestion.request_id, None)
        self._lifecycle.discarded(
            suggestion.request_id,
            "unlikely",
            uri=suggestion.uri,
            language=suggestion.language_id,
            backend=suggestion.backend,
            model=suggestion.model,
            cut_by=suggestion.cut_by,
            latency_ms=suggestion.latency_ms,
            input_tokens=suggestion.input_tokens,
            output_tokens=suggestion.output_tokens,
            decision=decision,
        )

    def offered(
        self, suggestions: Sequence[Suggestion], document: DocumentSnapshot, first_token_ms: float | None
    ) -> None:
        """Suggestions were answered for the document as the editor has it."""
        self._nothing.pop(suggestions[0].request_id, None)
        for listener in self.on_offered:
            listener(suggestions, document)
        self._lifecycle.offered(suggestions, document.text, first_token_ms=first_token_ms)

    def passed_over(self, generation: Generation, backend: str, reason: str) -> None:
        """A backend of the route was not asked."""
        if reason == "ignored_file":
            self._status.skipped(reason)
        self._status.changed()
        self._lifecycle.passed_over(reason, backend=backend, **_about(generation))

    def asking(self) -> None:
        """Somebody is asked now."""
        self._status.changed()

    def asked(self, generation: Generation, backend: Backend, outcome: Outcome) -> None:
        """A backend's turn is over."""
        self._status.changed()
        self._lifecycle.asked(outcome, backend=backend.name, model=backend.model, **_about(generation))

    def backend_failed(self, generation: Generation, backend: Backend, fault: str) -> None:
        """A backend raised `BackendError`."""
        self._lifecycle.fault(
            fault,
            backend=backend.name,
            model=backend.model,
            **_about(generation),
        )

    def came_to_nothing(self, generation: Generation, backend: Backend, cut_by: Sequence[str]) -> None:
        """A backend answered, and nothing was left of it."""
        before = self._nothing.get(generation.request_id)
        # Who cut something says more than the next of the route, which had nothing to say.
        if not generation.is_prefetch and (cut_by or before is None or not before.cut_by):
            self._nothing[generation.request_id] = _Nothing(backend.name, backend.model, tuple(cut_by))
            if len(self._nothing) > _MAX_KEPT:
                self._nothing.popitem(last=False)


def _about(generation: Generation) -> _About:
    """What events say of the request that a backend was asked for."""
    document = generation.document
    return {
        "uri": document.uri,
        "language": document.language_id,
        "request_id": generation.request_id,
        "task": "completion",
    }
