"""One backend's turn at one request: a place, a deadline, retries where they are safe, and what it cost in the end.

The stream of a backend passes through unchanged; what goes wrong is a `BackendError`, also where a package raised
something else. Retries happen only before anything was answered, and only where the request was surely not worked on.
The backend's breaker hears how it went, the spending what was paid, and `outcome` tells whoever asked. Leaves to
`features` what to do with an answer and with a fault.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from copilot_ls.errors import BackendError, BackendProtocolError, BackendTimeoutError, place_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from copilot_ls.backends.base import Usage
    from copilot_ls.routing.lane import Lane

logger = logging.getLogger("copilot_ls.routing")

How = Literal["answered", "failed", "cancelled"]

# No connection, or a server that says that it did not begin. A connection that takes too long is not among them: to
# wait as long again is what nobody wants.
_SAFE_TO_REPEAT = frozenset({"refused", "unreachable", "dns", "http_408", "http_429", "http_503"})
_FIRST_PAUSE_S = 0.1
# Nothing was worked on, so nothing is paid.
_FREE = _SAFE_TO_REPEAT | {"tls", "proxy", "timeout_connect", "no_key", "bad_header", "busy"}


class _Chunk(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def usage(self) -> Usage | None: ...


C = TypeVar("C", bound=_Chunk)


@dataclass(frozen=True, slots=True)
class Size:
    """How long a request is, about, and the most that its answer can be."""

    input_tokens: int
    output_tokens: int


@dataclass(slots=True)
class Outcome:
    """How a turn ended. `estimated` says that tokens, and so the cost, were not counted by the backend.

    `cost` is None where the backend has no prices. Times are milliseconds from the turn's beginning.
    """

    how: How = "cancelled"
    fault: str | None = None
    n_tries: int = 0
    first_ms: float | None = None
    latency_ms: float = 0.0
    usage: Usage | None = None
    estimated: bool = False
    cost: float | None = None


class Attempt:
    """A turn of the backend in `lane`. Ask it once."""

    def __init__(
        self,
        lane: Lane,
        *,
        size: Size,
        now: Callable[[], float],
        jitter: Callable[[], float],
        deadline_s: float,
        longest_pause_s: float,
    ) -> None:
        self.lane = lane
        self.outcome = Outcome()
        self._size = size
        self._now = now
        self._jitter = jitter
        self._deadline_s = deadline_s
        self._longest_pause_s = longest_pause_s
        self._reserved = 0.0
        self._texts: list[str] = []
        self._is_probe = False

    async def stream(self, open_stream: Callable[[], AsyncGenerator[C, None]]) -> AsyncGenerator[C, None]:
        """What the backend streams, asked by `open_stream`. Raises `BackendError`. Must be closed: `aclosing`."""
        lane, outcome = self.lane, self.outcome
        how: How = "cancelled"
        started = self._now()
        self._is_probe = lane.breaker.begin()
        self._reserve()
        lane.n_running += 1
        try:
            if lane.in_process:
                outcome.n_tries = 1
                guarded = _named(lane.name, open_stream())
            else:
                guarded = self._with_retries(open_stream)
            async with aclosing(guarded) as chunks:
                async for chunk in chunks:
                    if outcome.first_ms is None and chunk.text:
                        outcome.first_ms = (self._now() - started) * 1000
                        lane.breaker.answered()
                    outcome.usage = chunk.usage or outcome.usage
                    self._texts.append(chunk.text)
                    yield chunk
            how = "answered"
            lane.breaker.answered()
        except BackendError as error:
            how, outcome.fault = "failed", error.fault
            lane.breaker.failed(error.fault, pause_s=error.retry_after_s, probe=self._is_probe)
            raise
        except GeneratorExit:  # whoever asked has enough
            how = "answered"
            raise
        finally:
            lane.n_running -= 1
            if outcome.first_ms is None and outcome.fault is None:
                lane.breaker.left(probe=self._is_probe)
            outcome.how = how
            outcome.latency_ms = (self._now() - started) * 1000
            self._settle()

    async def _with_retries(self, open_stream: Callable[[], AsyncGenerator[C, None]]) -> AsyncGenerator[C, None]:
        lane = self.lane
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._deadline_s
        try:
            await lane.take_place(deadline)
        except TimeoutError:
            raise self._timed_out("busy", "all its places were taken") from None
        try:
            while True:
                self.outcome.n_tries += 1
                said = False
                try:
                    async with aclosing(_named(lane.name, open_stream())) as chunks:
                        while True:
                            try:
                                async with asyncio.timeout_at(deadline):
                                    chunk = await anext(chunks)
                            except StopAsyncIteration:
                                return
                            except TimeoutError:
                                raise self._timed_out("timeout_deadline", "no complete answer") from None
                            said = True
                            yield chunk
                except BackendError as error:
                    pause_s = self._pause_before_retry(error, said=said, left_s=deadline - clock())
                    if pause_s is None:
                        raise
                await asyncio.sleep(pause_s)
        finally:
            lane.leave_place()

    def _pause_before_retry(self, error: BackendError, *, said: bool, left_s: float) -> float | None:
        """How long to wait before the request is repeated; None when it is not."""
        n_failures = self.outcome.n_tries
        if said or error.fault not in _SAFE_TO_REPEAT or n_failures > self.lane.max_retries:
            return None
        asked_for = error.retry_after_s
        pause_s = asked_for
        if pause_s is None:
            pause_s = _FIRST_PAUSE_S * 2 ** (n_failures - 1) * (0.5 + self._jitter() / 2)
        return pause_s if pause_s <= min(self._longest_pause_s, left_s) else None

    def _timed_out(self, fault: str, what: str) -> BackendTimeoutError:
        return BackendTimeoutError(
            f"backend {self.lane.name}: {what} within {self._deadline_s * 1000:.0f} ms, the time it has in this route",
            backend=self.lane.name,
            fault=fault,
        )

    def _reserve(self) -> None:
        lane = self.lane
        if lane.spend is not None and lane.prices is not None and lane.is_limited:
            self._reserved = lane.prices.at_most(self._size.input_tokens, self._size.output_tokens)
            lane.spend.reserve(lane.name, self._reserved)

    def _settle(self) -> None:
        """Count what was used: as the backend says, or else as it can be estimated."""
        lane, outcome = self.lane, self.outcome
        if not lane.in_process and outcome.n_tries and outcome.fault not in _FREE and not _refused(outcome.fault):
            outcome.usage, outcome.estimated = self._usage()
            if lane.prices is not None:
                outcome.cost = lane.prices.cost_of(outcome.usage)
        elif lane.prices is not None:
            outcome.usage, outcome.cost = None, 0.0
        if lane.spend is not None:
            lane.spend.settle(lane.name, self._reserved, outcome.cost or 0.0)

    def _usage(self) -> tuple[Usage, bool]:
        from copilot_ls.backends.base import Usage
        from copilot_ls.prompt.tokens import estimate

        said = self.outcome.usage or Usage()
        if said.input_tokens is not None and said.output_tokens is not None:
            return said, False
        n_in = self._size.input_tokens if said.input_tokens is None else said.input_tokens
        n_out = estimate("".join(self._texts)) if said.output_tokens is None else said.output_tokens
        return said._replace(input_tokens=n_in, output_tokens=n_out), True


def _refused(fault: str | None) -> bool:
    """Whether the server turned the request down by its status: vendors do not charge for that."""
    return fault is not None and (fault.startswith("http_") or fault in {"model_not_found", "context_length"})


async def _named(backend: str, chunks: AsyncGenerator[C, None]) -> AsyncGenerator[C, None]:
    """The stream, with whatever else a package raises turned into a `BackendError`."""
    try:
        async with aclosing(chunks):
            async for chunk in chunks:
                yield chunk
    except BackendError:
        raise
    except Exception as error:  # noqa: BLE001 - a third-party package may raise anything
        # The type and place only: the message may quote source text.
        logger.error("backend %r failed in a way that it should not: %s", backend, place_of(error))  # noqa: TRY400
        raise BackendProtocolError(
            f"backend {backend}: it failed with {type(error).__name__}, a fault of that backend's package",
            backend=backend,
            fault="crashed",
        ) from None
