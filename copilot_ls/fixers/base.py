"""What a fixer is given and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.edits import Replacement
    from copilot_ls.index.lookup import WorkspaceIndex
    from copilot_ls.syntax.tree import SyntaxTree
    from copilot_ls.text import DocumentSnapshot


@dataclass(frozen=True, slots=True)
class Problem:
    """One diagnostic, or none where the tree itself says what is wrong, and all that may help to mend it.

    `others` are the file's other diagnostics. `index` and `root` are None for files outside of a workspace.
    """

    document: DocumentSnapshot
    tree: SyntaxTree
    diagnostic: Diagnostic | None = None
    others: Sequence[Diagnostic] = ()
    index: WorkspaceIndex | None = None
    root: Path | None = None
    open_documents: Sequence[DocumentSnapshot] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to mend it. `certainty` is 0 to 1, and how the best comes first; `why` is one sentence for the user.

    `title` is a code action's: an imperative without a full stop, `Rename to 'colour'`. `rule` names the fixer.
    """

    rule: str
    title: str
    replacements: tuple[Replacement, ...]
    certainty: float
    why: str


@dataclass(frozen=True, slots=True)
class Proposals:
    """The ways to mend a problem, the best first. When there are none, `why_none` says why in one sentence."""

    found: tuple[Proposal, ...] = field(default=())
    why_none: str = ""
