"""Worker processes on this machine, which carry out units at the same time.

A worker that dies costs the record it was at: its unit is given to a new one, once. Workers end with this process,
however it ends. The counterpart on a cluster is `cluster`; both are asked by `campaign`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from copilot_ls.evaluation.units import Record, Unit

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

_LONGEST_LINE = 64 * 1024 * 1024
_MOST_DEATHS = 2


@dataclass(frozen=True, slots=True)
class UnitEnd:
    """A unit is over. `problem` says why records of it are missing; empty where none is."""

    unit: Unit
    problem: str
    cpu_s: float


class NextUnit(Protocol):
    """Gives the next unit, None when there is no more."""

    def __call__(self) -> Unit | None: ...  # noqa: D102 - described above


class Crew(Protocol):
    """Those who carry out units."""

    def work(self, next_unit: NextUnit) -> AsyncGenerator[Record | UnitEnd, None]:
        """Carry out unit after unit; records and ends as they come."""
        ...


class LocalCrew:
    """`jobs` processes of this machine."""

    def __init__(self, jobs: int, *, command: tuple[str, ...] = ()) -> None:
        self._jobs = jobs
        # -P: the current folder may hold anything and must not be imported from.
        self._command = command or (sys.executable, "-P", "-m", "copilot_ls.evaluation.worker")

    async def work(self, next_unit: NextUnit) -> AsyncGenerator[Record | UnitEnd, None]:
        """Carry out unit after unit; records and ends as they come. Closing it ends the workers."""
        found: asyncio.Queue[Record | UnitEnd | None] = asyncio.Queue()
        hands = [asyncio.ensure_future(self._hand(next_unit, found.put_nowait)) for _ in range(self._jobs)]
        n_working = len(hands)
        try:
            while n_working:
                one = await found.get()
                if one is None:
                    n_working -= 1
                else:
                    yield one
        finally:
            for hand in hands:
                hand.cancel()
            await asyncio.gather(*hands, return_exceptions=True)

    async def _hand(self, next_unit: NextUnit, tell: Callable[[Record | UnitEnd | None], None]) -> None:
        """One worker after the other, each until it dies or there is no more to do."""
        process: asyncio.subprocess.Process | None = None
        try:
            while (unit := next_unit()) is not None:
                n_deaths = 0
                while True:
                    if process is None or process.returncode is not None:
                        process = await self._started()
                    seen: set[str] = set(unit.skip)
                    end = await self._carried_out(process, replace(unit, skip=tuple(seen)), tell, seen)
                    if end is not None:
                        tell(end)
                        break
                    n_deaths += 1
                    status = await process.wait()
                    unit = replace(unit, skip=tuple(seen))
                    if n_deaths >= _MOST_DEATHS:
                        tell(UnitEnd(unit, f"its worker ended with status {status}, twice", 0.0))
                        break
        except OSError as error:
            tell(UnitEnd(Unit("", "", (), {}), f"a worker cannot be started: {error.strerror}", 0.0))
        finally:
            if process is not None and process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
            tell(None)

    async def _started(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=_LONGEST_LINE,
        )

    @staticmethod
    async def _carried_out(
        process: asyncio.subprocess.Process,
        unit: Unit,
        tell: Callable[[Record | UnitEnd | None], None],
        seen: set[str],
    ) -> UnitEnd | None:
        """The end of a unit; None when the worker died before it."""
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        try:
            process.stdin.write(unit.as_json().encode() + b"\n")
            await process.stdin.drain()
        except OSError:
            return None
        while line := await process.stdout.readline():
            told = said(line, unit)
            if isinstance(told, UnitEnd):
                return told
            if told is not None:
                seen.add(told.key)
                tell(told)
        return None


def said(line: str | bytes, unit: Unit) -> Record | UnitEnd | None:
    """What a line of a worker says of its unit; None for what is no such line."""
    try:
        raw = json.loads(line)
        if "record" in raw:
            return Record.of(raw["record"])
        return UnitEnd(unit, str(raw["problem"]), float(raw["cpu_s"]))
    except (ValueError, TypeError, KeyError):
        return None
