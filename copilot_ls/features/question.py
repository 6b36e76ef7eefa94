"""What is asked, and what came of it: the two ends of `ask`, which the pipeline and its parts share.

Knows no backend and decides nothing. Made by `inline_completion`, answered by `ask`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.backends.base import Usage
    from copilot_ls.features.generation import Generation
    from copilot_ls.features.memory_cache import CachedSuggestion
    from copilot_ls.syntax import SyntaxTree
    from copilot_ls.text import DocumentSnapshot, Point


@dataclass(frozen=True, slots=True)
class Question:
    """One place, and what is known of it without any backend.

    `multiline`: more than the rest of the line is wanted. `multiline_if_sure`: so it is of whom knows how sure it is.
    """

    generation: Generation
    tree: SyntaxTree
    multiline: bool
    multiline_if_sure: bool
    in_comment: bool
    indent_unit: str
    open_documents: Sequence[DocumentSnapshot]

    @property
    def document(self) -> DocumentSnapshot:
        """The document as it was when the question came up."""
        return self.generation.document

    @property
    def cursor(self) -> Point:
        """Where it came up."""
        return self.generation.cursor


@dataclass(slots=True)
class Asked:
    """What came of it: the suggestions, and what the backend counted."""

    suggestions: list[CachedSuggestion] = field(default_factory=list)
    first_token_ms: float | None = None
    usage: Usage | None = None
    from_disk: bool = False
