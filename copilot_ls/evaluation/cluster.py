"""Units on a Dask cluster, for more repositories than one machine can go through.

The workers need the same copilot-ls (`pip install 'copilot-ls[cluster]'`), the repositories at the same paths, and the
keys of the backends where the settings say. A unit goes there as text and comes back as text; nothing is pickled but
the name of a function. The records are those that local processes make.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from copilot_ls.errors import CopilotLsError
from copilot_ls.evaluation.crew import UnitEnd, said
from copilot_ls.evaluation.worker import carried_out

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from copilot_ls.evaluation.crew import NextUnit
    from copilot_ls.evaluation.units import Record, Unit

_CONNECT_WITHIN_S = 10
# Units that wait beside those that are worked on: a worker that is ready never waits for us.
_AHEAD = 1


class ClusterError(CopilotLsError):
    """There is no cluster to work with; the message says why."""


class DaskCrew:
    """The workers behind the scheduler at `address`, such as `tcp://127.0.0.1:8786`."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def work(self, next_unit: NextUnit) -> AsyncGenerator[Record | UnitEnd, None]:
        """Carry out unit after unit; records come with the end of theirs. Raises `ClusterError`."""
        client = await self._client()
        waiting: dict[Any, Unit] = {}
        try:
            n_places = sum((await client.nthreads()).values())
            if not n_places:
                raise ClusterError(
                    f"the scheduler at {self._address} has no workers; start one with `dask worker {self._address}`"
                )
            while True:
                while len(waiting) < n_places + _AHEAD and (unit := next_unit()) is not None:
                    # A unit is worth doing again when the run is: results are not kept by the scheduler.
                    waiting[asyncio.ensure_future(_result(client, unit))] = unit
                if not waiting:
                    return
                done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for each in done:
                    unit = waiting.pop(each)
                    for one in _told(each, unit):
                        yield one
        finally:
            for each in waiting:
                each.cancel()
            await client.close()

    async def _client(self) -> Any:  # noqa: ANN401 - Dask has no types
        try:
            import distributed
        except ImportError as error:
            raise ClusterError(
                "--scheduler needs Dask, which is not installed; `pip install 'copilot-ls[cluster]'` brings it"
            ) from error
        connect: Any = distributed.Client  # which has no types
        try:
            return await connect(self._address, asynchronous=True, timeout=_CONNECT_WITHIN_S, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise ClusterError(
                f"no Dask scheduler answers at {self._address!r}; expected an address such as tcp://127.0.0.1:8786"
            ) from error


async def _result(client: Any, unit: Unit) -> list[str]:  # noqa: ANN401 - Dask has no types
    future = client.submit(carried_out, unit.as_json(), pure=False, retries=1)
    lines: list[str] = await future
    return lines


def _told(each: asyncio.Future[list[str]], unit: Unit) -> list[Record | UnitEnd]:
    error = each.exception()
    if error is not None:
        return [UnitEnd(unit, f"it failed on the cluster: {type(error).__name__}", 0.0)]
    return [one for line in each.result() if (one := said(line, unit)) is not None]
