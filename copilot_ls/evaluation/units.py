"""What a worker is given and what it gives back: plain data, so that it goes through a pipe or over a network.

A *unit* is what one worker does at a time. It emits *records*, each complete in itself and told apart by its key: a
unit that is interrupted is done again without the records that are there. Made by the plans (`replay` and its like),
carried by `crew` and `cluster`, kept by `ledger`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, Self

from copilot_ls import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

KINDS = {
    "replay": "copilot_ls.evaluation.replay",
    "holes": "copilot_ls.evaluation.holes",
    "fix": "copilot_ls.evaluation.fixes",
    "tools": "copilot_ls.evaluation.calls",
}
"""The module of each kind, which has `async def carry_out(unit, emit)`."""


@dataclass(frozen=True, slots=True)
class Record:
    """Something that was measured. `data` is JSON; `cost` is what it cost, None where nothing has a price.

    `final` is False for what was cut short by a limit: it is to be done again when there is more to spend.
    """

    key: str
    data: dict[str, Any]
    cost: float | None = None
    final: bool = True

    def as_json(self) -> str:
        """One line."""
        whole = {"key": self.key, "data": self.data, "cost": self.cost, "final": self.final}
        return json.dumps(whole, separators=(",", ":"))

    @classmethod
    def of(cls, line: str | bytes) -> Self:
        """The record of a line. Raises ValueError or TypeError for what is none."""
        raw = json.loads(line)
        if not isinstance(raw, dict) or not isinstance(raw.get("key"), str) or not isinstance(raw.get("data"), dict):
            raise TypeError("not a record")
        return cls(raw["key"], raw["data"], raw.get("cost"), bool(raw.get("final", True)))


@dataclass(frozen=True, slots=True)
class Unit:
    """Work for one worker. `keys` are those of the records that it makes; `skip` those that are there already.

    `task` is for the kind's own module. `may_cost` is what this unit may spend, None without a limit. `version` is that
    of the copilot-ls that planned it.
    """

    id: str
    kind: str
    keys: tuple[str, ...]
    task: dict[str, Any]
    skip: tuple[str, ...] = ()
    may_cost: float | None = None
    version: str = __version__
    settings: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def of(cls, line: str | bytes) -> Self:
        """The unit of a line that `as_json` made."""
        raw = json.loads(line)
        return cls(**raw | {"keys": tuple(raw["keys"]), "skip": tuple(raw["skip"])})

    @property
    def wanted(self) -> tuple[str, ...]:
        """The keys that are still to be done."""
        done = set(self.skip)
        return tuple(key for key in self.keys if key not in done)


class CarryOut(Protocol):
    """Does a unit and emits each record as soon as it is there."""

    async def __call__(self, unit: Unit, emit: Callable[[Record], None]) -> None:
        """Raises `CopilotLsError` for what the user can mend."""
        ...


def carry_out_of(kind: str) -> CarryOut:
    """Who does units of a kind."""
    found: CarryOut = import_module(KINDS[kind]).carry_out
    return found


class Purse:
    """What one unit may still spend."""

    def __init__(self, may_cost: float | None) -> None:
        self._left = may_cost

    def has(self, spent: float | None) -> bool:
        """Whether there is something left when so much was spent beside what was taken out."""
        return self._left is None or self._left > (spent or 0.0)

    def take(self, cost: float | None) -> None:
        """Take out what was spent."""
        if self._left is not None:
            self._left -= cost or 0.0


def in_turn(units: Sequence[Unit]) -> list[Unit]:
    """Units of several repositories by turns, so that each has figures early."""
    by_group: dict[str, list[Unit]] = {}
    for unit in units:
        by_group.setdefault(unit.id.rpartition("/")[0], []).append(unit)
    turns: list[Unit] = []
    while any(by_group.values()):
        turns += [group.pop(0) for group in by_group.values() if group]
    return turns
