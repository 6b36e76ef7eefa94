"""What a checker is given and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from copilot_ls.diagnostic import Diagnostic


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as it would be: `text` in place of what stands at `path` (absolute). `root` is the workspace folder."""

    path: Path
    text: str
    language_id: str
    root: Path | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What one checker says of a draft. With a `problem` it could not say anything, and `diagnostics` mean nothing."""

    checker: str
    diagnostics: tuple[Diagnostic, ...]
    problem: str = ""
    took_ms: float = 0.0


class Checker(Protocol):
    """One command, found by name on PATH."""

    @property
    def name(self) -> str:
        """As settings and verdicts call it."""
        ...

    def applies_to(self, language_id: str) -> bool:
        """Whether it checks files of this language."""
        ...

    async def check(self, draft: Draft, *, timeout_s: float) -> Checked:
        """Check a draft. Never raises: what goes wrong is the answer's `problem`; cancelling ends the process."""
        ...
