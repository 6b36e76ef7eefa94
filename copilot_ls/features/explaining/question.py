"""What is asked about code and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.text import DocumentSnapshot, Span


@dataclass(frozen=True, slots=True)
class ExplainQuestion:
    """About `span` of a document, empty for a mere place; about `diagnostic`, where there is one.

    `question` is the user's own, for a model alone.
    """

    document: DocumentSnapshot
    span: Span
    diagnostic: Diagnostic | None = None
    question: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Markdown, and what it rests on: `path:line` or `path:first-last`, one-based, workspace-relative where possible.

    `backend` is `embedded` where no model had a part in it. `note` says in a sentence why a model that was to speak
    did not.
    """

    markdown: str
    sources: tuple[str, ...]
    backend: str = "embedded"
    model: str = ""
    note: str = ""
