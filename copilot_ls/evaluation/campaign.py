"""One evaluation from its plan to its records: what is done already, who does the rest, and what it may cost.

A limit of spending is shared out among the units that are worked on, so that it is exceeded by one request of each at
most. What goes wrong with a unit is a problem of the result, and no other unit hears of it. Called by `cli`.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from copilot_ls.evaluation.crew import UnitEnd

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from copilot_ls.evaluation.crew import Crew
    from copilot_ls.evaluation.ledger import Ledger
    from copilot_ls.evaluation.units import Unit


@dataclass(slots=True)
class Progress:
    """How far it is. `n_before` records were there from an earlier run; `cost` is that of all runs."""

    n_done: int
    n_all: int
    n_before: int
    cost: float | None


@dataclass(slots=True)
class CampaignEnd:
    """What came of it. `problems` are sentences, by unit; `stopped_by_cost` says that the limit ended it."""

    problems: dict[str, str] = field(default_factory=dict)
    stopped_by_cost: bool = False
    cpu_s: float = 0.0


async def run(
    units: Sequence[Unit],
    ledger: Ledger,
    crew: Crew,
    *,
    jobs: int,
    max_cost: float | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> CampaignEnd:
    """Have every unit done that is not. Cancelling ends the workers; what was recorded is kept."""
    end = CampaignEnd()
    owner_of = {key: unit.id for unit in units for key in unit.keys}
    n_before = _n_done(ledger, owner_of)
    handing = _Handing(units, ledger, jobs, max_cost)
    progress(Progress(n_before, len(owner_of), n_before, ledger.cost))
    async with aclosing(crew.work(handing.next_unit)) as found:
        async for one in found:
            if isinstance(one, UnitEnd):
                handing.lent.pop(one.unit.id, None)
                end.cpu_s += one.cpu_s
                if one.problem:
                    end.problems[one.unit.id] = one.problem
                continue
            handing.spent(owner_of.get(one.key, ""), one.cost)
            ledger.put(one)
            end.stopped_by_cost |= not one.final
            progress(Progress(_n_done(ledger, owner_of), len(owner_of), n_before, ledger.cost))
    missing = [unit for unit in units if len(ledger.done(unit)) < len(unit.keys) and unit.id not in end.problems]
    end.stopped_by_cost |= max_cost is not None and bool(missing)
    return end


def _n_done(ledger: Ledger, wanted: Container[str]) -> int:
    return sum(key in wanted and record.final for key, record in ledger.records.items())


class _Handing:
    """Hands out units, with what each may spend."""

    def __init__(self, units: Sequence[Unit], ledger: Ledger, jobs: int, max_cost: float | None) -> None:
        self.lent: dict[str, float] = {}
        self._rest = iter([unit for unit in units if len(ledger.done(unit)) < len(unit.keys)])
        self._ledger = ledger
        self._jobs = jobs
        self._max_cost = max_cost

    def next_unit(self) -> Unit | None:
        """The next one; None when there is none, or nothing to spend."""
        may_cost = None
        if self._max_cost is not None:
            left = self._max_cost - (self._ledger.cost or 0.0) - sum(self.lent.values())
            if left <= 0:
                return None
            may_cost = left / max(1, self._jobs - len(self.lent))
        unit = next(self._rest, None)
        if unit is None:
            return None
        if may_cost is not None:
            self.lent[unit.id] = may_cost
        return replace(unit, skip=self._ledger.done(unit), may_cost=may_cost)

    def spent(self, owner: str, cost: float | None) -> None:
        """A unit has spent something, which the ledger counts from now on."""
        if owner in self.lent:
            self.lent[owner] = max(0.0, self.lent[owner] - (cost or 0.0))
