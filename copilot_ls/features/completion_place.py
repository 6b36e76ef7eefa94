"""The place that a request is about, and the suggestions that are made of what was found for it.

Decides nothing: the pipeline of `inline_completion` does, which calls this.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from copilot_ls.features.suggestion import Suggestion
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.features.inline_completion import Query
    from copilot_ls.features.memory_cache import CachedSuggestion
    from copilot_ls.features.question import Asked
    from copilot_ls.features.suggestion import Source
    from copilot_ls.text import AppliedEdit, DocumentSnapshot


@dataclass(frozen=True, slots=True)
class Place:
    """Where suggestions are wanted; `edits` lead to it from the editor's text when it is only supposed."""

    document: DocumentSnapshot
    cursor: Point
    edits: tuple[AppliedEdit, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is common to the suggestions of one request."""

    request_id: str
    source: Source
    latency_ms: float
    asked: Asked | None


def with_selected(document: DocumentSnapshot, span: Span, text: str) -> Place:
    """The document as it would be if the selected entry were taken, and the cursor behind it."""
    span = Span(document.text.clip(span.start), document.text.clip(span.end))
    edited, edit = document.text.edited(span, text)
    return Place(replace(document, text=edited), edit.new_end, (edit,))


def suggestion_of(
    query: Query, place: Place, text: str, entry: CachedSuggestion, answer: Answer, suggestion_id: str
) -> Suggestion:
    """The suggestion of an entry, of which `text` is left."""
    document, cursor = place.document, place.cursor
    replaced = Span(cursor, Point(cursor.line, cursor.column + entry.n_replaced))
    if query.selected is not None:
        (start, end), selected = query.selected
        replaced = Span(start, Point(end.line, end.column + entry.n_replaced))
        text = selected + text
    usage = answer.asked.usage if answer.asked is not None else None
    return Suggestion(
        suggestion_id=suggestion_id,
        request_id=answer.request_id,
        uri=document.uri,
        version=document.version,
        language_id=document.language_id,
        text=text,
        replaced=replaced,
        source=answer.source,
        backend=entry.backend,
        model=entry.model,
        trigger_kind=query.trigger_kind,
        multiline="\n" in text,
        latency_ms=answer.latency_ms,
        confidence=entry.confidence,
        cut_by=entry.cut_by,
        origin=entry.origin,
        input_tokens=usage.input_tokens if usage is not None else None,
        output_tokens=usage.output_tokens if usage is not None else None,
    )


def best_of(found: Sequence[tuple[str, CachedSuggestion]], n: int) -> list[tuple[str, CachedSuggestion]]:
    """The `n` most confident of what was found, in a stable order."""
    ranked = sorted(found, key=lambda item: -(item[1].confidence if item[1].confidence is not None else 0.5))
    return ranked[:n]
