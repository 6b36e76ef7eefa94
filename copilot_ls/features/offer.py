"""The last answer in a document, and what is left of it when the user just types it out.

Pure. Called by `inline_completion`, before any cache and any backend.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from copilot_ls.features.memory_cache import text_before, text_below
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from copilot_ls.features.memory_cache import CachedSuggestion
    from copilot_ls.text import DocumentSnapshot

_CLOSERS = frozenset(")]}>\"'`")


@dataclass(slots=True)
class Offer:
    """What was answered last in a document, and where: behind which text, and before which rest of the line."""

    start: Point
    before: int
    rest_of_line: str
    below: int
    entry: CachedSuggestion


def typed_as_suggested(
    document: DocumentSnapshot, cursor: Point, offer: Offer | None
) -> tuple[str, CachedSuggestion] | None:
    """What is left of the last answer if everything since was typing it out.

    Where the editor has put closers behind the cursor on its own, and what is left brings the same, they are replaced.
    """
    if offer is None or not 0 <= cursor.line - offer.start.line <= offer.entry.text.count("\n") or cursor < offer.start:
        return None
    text = document.text
    typed = text.slice(Span(offer.start, cursor)).replace("\r\n", "\n")
    left = offer.entry.text[len(typed) :]
    if not left.strip() or not offer.entry.text.startswith(typed):
        return None
    if (text_before(text, offer.start), text_below(text, cursor.line)) != (offer.before, offer.below):
        return None
    rest = text.line(cursor.line)[cursor.column :]
    if rest == offer.rest_of_line:
        return left, replace(offer.entry, text=left)
    added = rest.removesuffix(offer.rest_of_line) if offer.rest_of_line else rest
    if rest.endswith(offer.rest_of_line) and _CLOSERS.issuperset(added) and _holds_in_order(left, added):
        return left, replace(offer.entry, text=left, n_replaced=len(added) + offer.entry.n_replaced)
    return None


def _holds_in_order(text: str, characters: str) -> bool:
    rest = iter(text)
    return all(character in rest for character in characters)
