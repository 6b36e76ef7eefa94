"""An edit that was judged, and which of two is to be offered.

Pure data between `embedded`, `conversation` and `fixer`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.edits import Replacement
    from copilot_ls.features.fixing.judging import Judgement

EMBEDDED = "embedded"

# How sure an embedded fixer has to be for its edit to be preferred to a model's where nobody can check either.
SURE = 0.9


@dataclass(frozen=True, slots=True)
class Candidate:
    """An edit that may be offered. `certainty` is an embedded fixer's own; of a model nothing is known."""

    replacements: tuple[Replacement, ...]
    judgement: Judgement
    title: str
    explanation: str = ""
    backend: str = EMBEDDED
    model: str = ""
    rule: str = ""
    certainty: float = 0.0

    @property
    def rank(self) -> tuple[bool, int, bool, bool, int]:
        """What the better of two has more of: verified, more mended, sure, a model's, by fewer changes."""
        return (
            self.judgement.is_verified,
            self.judgement.n_gone,
            self.certainty >= SURE,
            self.backend != EMBEDDED,
            -len(self.replacements),
        )


def better(one: Candidate | None, other: Candidate | None) -> Candidate | None:
    """The one that is to be offered; the first where they are equal."""
    if one is None or other is None:
        return one or other
    return other if other.rank > one.rank else one
