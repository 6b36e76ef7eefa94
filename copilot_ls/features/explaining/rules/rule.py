"""What there is to say of a rule that compilers, linters and type checkers report by."""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """Three sentences: what the report means, what it usually comes from, and what mends it."""

    means: str
    cause: str
    mend: str
