"""How likely a candidate is what the user does next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from copilot_ls.features.next_edit.candidate import KINDS
from copilot_ls.features.next_edit.evidence import FEATURES

if TYPE_CHECKING:
    from collections.abc import Sequence

_AT = {name: at for at, name in enumerate(FEATURES)}


@dataclass(frozen=True, slots=True)
class Model:
    """What is likely enough."""

    least: float


@cache
def model() -> Model:
    """The model that is shipped."""
    return Model(0.5)


def chances(rows: Sequence[Sequence[float]]) -> list[float]:
    """The chance of each row of `evidence.FEATURES`."""
    return [_rule(row) for row in rows]


def _rule(row: Sequence[float]) -> float:
    def of(name: str) -> float:
        return row[_AT[name]]

    kind = KINDS[int(of("kind"))]
    base = {"renamed": 0.5, "same_line": 0.6, "same_shape": 0.5, "template": 0.5, "same_tokens": 0.3, "inserted": 0.3}[
        kind
    ]
    base += 0.1 * min(of("n_done") - 1, 3)
    base -= 0.15 * min(of("n_passed_by"), 3)
    if kind == "renamed":
        base += 0.2 * of("declares") - 0.2 * of("still_declared")
    return min(0.95, max(0.02, base))
