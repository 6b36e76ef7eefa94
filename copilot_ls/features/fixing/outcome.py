"""What is asked of the fix loop and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.edits import Replacement
    from copilot_ls.text import DocumentSnapshot, Span, TextSnapshot

FixKind = Literal["fix", "change", "document", "tests"]
"""Mend what is reported, do what the user wishes, write documentation, write tests."""


@dataclass(frozen=True, slots=True)
class FixTask:
    """One wish of the user. `span` is what it is about; `diagnostics` are those to mend, of this document version.

    `wish` is the user's own words for `change`. `explain` asks for an explanation along with the edit.
    """

    kind: FixKind
    document: DocumentSnapshot
    span: Span
    diagnostics: tuple[Diagnostic, ...] = ()
    wish: str = ""
    explain: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far the edit can be trusted. `checked_by` ran and found it better; `tree-sitter` is one.

    `verified`: what was to be mended is gone and nothing new was reported. `not_verified`: nobody could check, or not
    fully; `why` says what was missing. `gave_up`: there is no edit; `why` says why.
    """

    kind: Literal["verified", "not_verified", "gave_up"]
    checked_by: tuple[str, ...] = ()
    why: str = ""

    def __str__(self) -> str:
        if self.kind == "verified":
            return f"verified by {', '.join(self.checked_by)}"
        if self.kind == "not_verified":
            return f"not verified: {self.why}"
        return f"gave up: {self.why}"


@dataclass(frozen=True, slots=True)
class FixOutcome:
    """The end of a task. `replacements` are those of the task's document as it was, empty when it gave up.

    `target` is the workspace-relative path of another file that they are for instead (tests that are written to a new
    file), None for the task's document, and `target_text` its text then, empty for a new file. `explanation` is
    markdown, may be empty, and is a model's own words where `backend` is not `embedded`. `rule` names the embedded
    fixer. `n_tries` counts the models' proposals, `n_refused` those of them that were not tried. Tokens and cost are
    None where nobody counted.
    """

    fix_id: str
    task: FixTask
    title: str
    verdict: Verdict
    replacements: tuple[Replacement, ...] = ()
    target: str | None = None
    target_text: TextSnapshot | None = None
    explanation: str = ""
    backend: str = "embedded"
    model: str = ""
    rule: str = ""
    n_tries: int = 0
    n_refused: int = 0
    n_tool_calls: int = 0
    n_invalid_tool_calls: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None
    took_ms: float = 0.0
