"""The server's end of the worker: starts it, tells it of saved files, listens, starts it again a few times if it dies.

Nothing here waits for disk or for the worker on the event loop. A worker that keeps dying is given up with one warning:
the editor goes on with the index as it is, or without. Called by the server once per workspace folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from typing import TYPE_CHECKING, Any

from copilot_ls.index.bounds import said_of_bound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from copilot_ls.index.bounds import WalkLimits

_LOG = logging.getLogger("copilot_ls.index")

# Seconds before each new start. A worker that has finished a pass since gets all of them again.
_PAUSES = (1.0, 5.0, 25.0)
_FAREWELL_SECONDS = 2.0
# Paths that may wait to be told; more than this and the worker walks the workspace instead.
_MOST_PENDING = 500
_MOST_UNSENT_BYTES = 256 * 1024


# -P: the folder that the editor was started in may hold anything and must not be imported from.
_INTERPRETER_WORDS = ("-P", "-m", "copilot_ls.index.worker")
_N_INTERPRETER_WORDS = 1 + len(_INTERPRETER_WORDS)


def worker_command(
    root: Path,
    database: Path,
    *,
    exclude: Sequence[str] = (),
    limits: WalkLimits | None = None,
    dependencies: bool = False,
) -> list[str]:
    """The command that brings the index of `root` up to date and ends."""
    options = [f"--exclude={glob}" for glob in exclude]
    bounds = limits._asdict() if limits is not None else {}
    options += [f"--{bound.replace('_', '-')}={value}" for bound, value in bounds.items()]
    options += ["--dependencies"] if dependencies else []
    return [sys.executable, *_INTERPRETER_WORDS, *options, "--", str(root), str(database)]


class IndexBuilder:
    """One worker for one workspace folder, on the running event loop.

    `on_event` is called on the loop with each event of the worker (see `worker`), `last_event` keeps the latest. What
    is wrong with an index is logged here, once.
    """

    def __init__(
        self,
        root: Path,
        database: Path,
        *,
        exclude: Sequence[str] = (),
        limits: WalkLimits | None = None,
        dependencies: bool = False,
        on_event: Callable[[dict[str, Any]], None] = lambda _: None,
        pauses: Sequence[float] = _PAUSES,
        python: Sequence[str] = (),
    ) -> None:
        self._root = root
        command = worker_command(
            root,
            database,
            exclude=exclude,
            limits=limits,
            dependencies=dependencies,
        )
        own = list(python) or command[:_N_INTERPRETER_WORDS]
        self._command = [*own, "--watch", *command[_N_INTERPRETER_WORDS:]]
        self._on_event = on_event
        self._pauses = tuple(pauses)
        self._failures = 0
        self._pending: dict[str, None] = {}
        self._rescan = False
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._told: set[str] = set()
        self.last_event: dict[str, Any] = {"event": "not started"}

    def start(self) -> None:
        """Start the worker in the background."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._keep_running(), name="copilot-ls index worker")

    def refresh(self, path: str) -> None:
        """A file (path relative to the root, with `/`) was saved, made or deleted. Never waits."""
        if len(self._pending) >= _MOST_PENDING:
            self._pending.clear()
            self._rescan = True
        if not self._rescan:
            self._pending[path] = None
        self._send()

    def rescan(self) -> None:
        """Much may have changed (another branch, other ignore rules): walk the whole workspace again. Never waits."""
        self._rescan = True
        self._send()

    async def aclose(self) -> None:
        """End the worker: by closing its input, then by force."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def _send(self) -> None:
        stdin = self._process.stdin if self._process is not None else None
        if stdin is None or stdin.is_closing() or stdin.transport.get_write_buffer_size() > _MOST_UNSENT_BYTES:
            return
        if self._rescan:
            stdin.write(b'{"rescan": true}\n')
        elif self._pending:
            stdin.write(json.dumps({"refresh": list(self._pending)}).encode() + b"\n")
        self._rescan = False
        self._pending.clear()

    async def _keep_running(self) -> None:
        while True:
            try:
                status = await self._run_once()
            except OSError as error:
                status = error.errno or 1
                self._fail(f"its worker cannot be started: {error}")
            if self._failures >= len(self._pauses):
                if self.last_event.get("event") != "failed":
                    self._fail(f"its worker ended {self._failures + 1} times, with exit status {status} and no message")
                return
            await asyncio.sleep(self._pauses[self._failures])
            self._failures += 1

    async def _run_once(self) -> int:
        starting = asyncio.ensure_future(
            asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        )
        try:
            self._process = process = await asyncio.shield(starting)
        except asyncio.CancelledError:
            # asyncio leaves a process behind whose start is cancelled half-way: let it start, then end it.
            await _end(await starting)
            raise
        try:
            self._send()
            assert process.stdout is not None  # noqa: S101 -- it is a pipe
            async for line in process.stdout:
                self._hear(line)
            return await process.wait()
        finally:
            self._process = None
            await _end(process)

    def _hear(self, line: bytes) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            return
        if not isinstance(event, dict):
            return
        if event.get("event") == "failed":
            self._fail(str(event.get("message") or "its worker gave no reason"))
            return
        if event.get("fault"):
            self._tell_once(
                f"signatures of packages that {self._root} imports are not kept up to date: {event['fault']}"
            )
        if event.get("event") == "done":
            self._failures = 0
            bound = event.get("bound_reached")
            if bound:
                numbers = event.get("beyond", 0), event.get("unfinished", 0)
                self._tell_of_bound(bound, said_of_bound(bound, *numbers, is_counted=event.get("counted", True)))
        self._pass_on(event)

    def _tell_of_bound(self, bound: str, said: str) -> None:
        """Once for each bound: the numbers differ from pass to pass."""
        if bound not in self._told:
            self._told.add(bound)
            _LOG.warning("the workspace index of %s is incomplete: %s", self._root, said)

    def _fail(self, reason: str) -> None:
        self._tell_once(
            f"the workspace index of {self._root} is not kept up to date: {reason}; completion goes on with open files "
            "and what the index holds, `copilot-ls doctor` shows what is wrong"
        )
        self._pass_on({"event": "failed", "message": reason})

    def _tell_once(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            _LOG.warning("%s", text)

    def _pass_on(self, event: dict[str, Any]) -> None:
        self.last_event = event
        self._on_event(event)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(asyncio.shield(process.wait()), _FAREWELL_SECONDS)
    except (TimeoutError, asyncio.CancelledError):
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
