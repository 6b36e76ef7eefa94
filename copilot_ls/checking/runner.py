"""Running one command of somebody else's: bounded in time and output, in a group of its own that ends with it.

No shell is involved. What it may see and reach is `sandbox`'s business, what it means that of the checkers. Called by
`command` alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MAX_OUTPUT_BYTES = 16_000_000
"""Most bytes that are read of a command, both streams together: type checkers report a project of errors in less."""

# What the command left in its pipes when it ended is there at once; a child of its own may hold them open for ever.
_DRAIN_S = 0.5
# A killed process is gone in no time, unless its kernel is at work for it.
_REAP_S = 2.0
_NICENESS = 10


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended. With a `problem`, half a sentence that begins with a verb, its output is not to be read."""

    status: int | None
    stdout: bytes
    stderr: bytes
    problem: str
    took_ms: float


async def run(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    stdin: bytes | None,
    timeout_s: float,
    max_output_bytes: int = MAX_OUTPUT_BYTES,
) -> Ran:
    """Run a command to its end. Never raises but `CancelledError`, and never leaves a process of its group behind."""
    began = time.monotonic()
    watch = _Watch(max_output_bytes)
    starting = asyncio.ensure_future(
        asyncio.get_running_loop().subprocess_exec(
            lambda: watch,
            *command,
            cwd=folder,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    )
    try:
        # Cancelled in its midst, asyncio would wait until everybody who has the pipes has closed them, and end nobody.
        transport, _ = await asyncio.shield(starting)
    except asyncio.CancelledError:
        starting.add_done_callback(_end_started)
        raise
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        return Ran(None, b"", b"", f"cannot be started: {reason}", _since(began))
    problem = ""
    try:
        _lower_priority(transport.get_pid())
        _feed(transport, stdin)
        async with asyncio.timeout(timeout_s):
            await watch.ended.wait()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(watch.closed.wait(), _DRAIN_S)
    except TimeoutError:
        problem = f"did not end within {timeout_s:g} s"
    finally:
        _end_group(transport)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(watch.exited.wait(), _REAP_S)
        transport.close()
    if watch.is_full:
        problem = f"wrote more than {max_output_bytes // 1_000_000} MB"
    return Ran(transport.get_returncode(), bytes(watch.stdout), bytes(watch.stderr), problem, _since(began))


class _Watch(asyncio.SubprocessProtocol):
    """What a process writes, up to the limit, and how far it is.

    asyncio's own streams are not used: before Python 3.12.4 they wait for a process until everybody who has its pipes
    has closed them.
    """

    def __init__(self, limit: int) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.is_full = False
        self.exited = asyncio.Event()
        self.closed = asyncio.Event()
        self.ended = asyncio.Event()
        """It exited, or wrote too much."""
        self._limit = limit
        self._n_open = 2

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if len(self.stdout) + len(self.stderr) + len(data) > self._limit:
            self.is_full = True
            self.ended.set()
            self.closed.set()
        else:
            (self.stdout if fd == 1 else self.stderr).extend(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._n_open -= fd != 0
        if self._n_open == 0:
            self.closed.set()

    def process_exited(self) -> None:
        self.exited.set()
        self.ended.set()


def _feed(transport: asyncio.SubprocessTransport, text: bytes | None) -> None:
    """Write standard input; a command that does not read it has its reasons."""
    pipe = transport.get_pipe_transport(0)
    if pipe is not None and text is not None:
        stream = cast("asyncio.WriteTransport", pipe)
        stream.write(text)
        stream.close()  # once it is written


def _lower_priority(pid: int) -> None:
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid, _NICENESS)


def _end_group(transport: asyncio.SubprocessTransport) -> None:
    """End the process and every child of its that stayed in its group."""
    with contextlib.suppress(OSError):
        if sys.platform != "win32":
            os.killpg(transport.get_pid(), signal.SIGKILL)
        elif transport.get_returncode() is None:
            transport.kill()


def _end_started(starting: asyncio.Future[tuple[asyncio.SubprocessTransport, _Watch]]) -> None:
    """End what has just been started, and is wanted no more."""
    if not starting.cancelled() and starting.exception() is None:
        transport, _ = starting.result()
        _end_group(transport)
        transport.close()


def _since(began: float) -> float:
    return (time.monotonic() - began) * 1000
