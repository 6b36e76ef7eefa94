"""Lines that a source proposes, before anyone has counted their tokens. Made by sources, chosen from by `gather`."""

from __future__ import annotations

from typing import NamedTuple


class Candidate(NamedTuple):
    """As `ContextSnippet`, without tokens. `score` is comparable within one source only."""

    path: str
    start_line: int
    end_line: int
    text: str
    source: str
    score: float
