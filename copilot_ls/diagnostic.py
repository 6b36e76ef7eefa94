"""What a compiler, a linter or a type checker reports about a place in a document.

Plain data between whoever learns of a diagnostic (`lsp` from the editor, `checking` from a command) and whoever reads
it (`fixers`, `features`, `context`). Messages are untrusted text: they may quote the workspace.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from copilot_ls.text import Span

Severity = Literal["error", "warning", "information", "hint"]


@dataclass(frozen=True, slots=True)
class RelatedPlace:
    """Another place that a diagnostic names, such as the declaration. `path` is absolute; `line` is zero-based."""

    path: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One report. `code` is the rule's name as its maker writes it (`F401`, `reportAttributeAccessIssue`, `2304`).

    `source` is who reports (`Ruff`, `Pyright`, `ts`), in their own spelling; both are empty where nobody says.
    """

    span: Span
    message: str
    source: str = ""
    code: str = ""
    severity: Severity = "error"
    related: tuple[RelatedPlace, ...] = ()

    @property
    def identity(self) -> tuple[str, str, str]:
        """What stays the same when the diagnostic moves with its text: who, which rule, which words."""
        return self.source.lower(), self.code, self.message
