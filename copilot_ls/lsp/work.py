"""Work that a user has asked for and waits for: with a bar, a deadline, and an end when it is cancelled.

One at a time for each document: what is asked next ends what was asked before. The bar is the client's, where it sent a
token along, or ours, where the client shows bars; work that is done at once has none. Cancelling the bar or the request
ends the work. A client without a token is not kept waiting for long, because some editors stand still while they
wait: it is answered that work goes on, and hears of its end as of any other news. Called by
`copilot_ls.lsp.handlers.actions`.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from lsprotocol import types

from copilot_ls.errors import place_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from copilot_ls.lsp.server import Server

logger = logging.getLogger("copilot_ls.lsp")

_CLIENT_ANSWERS_WITHIN_S = 2.0
# A bar that goes as soon as it comes is worse than none.
_QUIET_S = 0.2
_REPORT_EVERY_S = 0.1
# Emacs' clients stand still until they are answered, and give up after 10 s.
PATIENCE_S = 2.0

Ended = Literal["done", "working", "cancelled", "superseded", "too_late", "failed"]


@dataclass(frozen=True, slots=True)
class WorkEnd:
    """How work ended, or that it goes on; `value` is what it came to when it is done."""

    how: Ended
    value: Any = None


class WorkInProgress:
    """One piece of work as it goes on. Its doer reports; a newer one, or the user, ends it."""

    def __init__(self, title: str, token: int | str | None) -> None:
        self.title = title
        self.client_token = token
        self.token: int | str | None = None
        self.message = ""
        self.why_cancelled: Literal["cancelled", "superseded"] = "cancelled"
        self.task: asyncio.Task[WorkEnd] | None = None

    def report(self, message: str) -> None:
        """Say what is being done, in a few words; shown when the bar is next drawn."""
        self.message = message

    def cancel(self, why: Literal["cancelled", "superseded"] = "cancelled") -> None:
        """End it."""
        if self.task is not None and not self.task.done():
            self.why_cancelled = why
            self.task.cancel()


class WorkRunner:
    """Runs what users ask for, for one client."""

    def __init__(self, server: Server, *, quiet_s: float = _QUIET_S, patience_s: float = PATIENCE_S) -> None:
        self._server = server
        self._quiet_s = quiet_s
        self._patience_s = patience_s
        self._of_document: dict[str, WorkInProgress] = {}
        self._running: set[WorkInProgress] = set()
        self._n_bars = 0

    async def run(
        self,
        title: str,
        uri: str,
        do: Callable[[WorkInProgress], Awaitable[Any]],
        *,
        deadline_s: float,
        finish: Callable[[WorkEnd], Awaitable[None]] | None = None,
        patience_s: float | None = None,
    ) -> WorkEnd:
        """Do it, and say how it ended; or that it still goes on, when the client should not be kept waiting longer.

        `finish` is called with the end of work that the client was told goes on. Cancelling this ends the work.
        """
        work = WorkInProgress(title, self._server.protocol.progress_token())
        if (before := self._of_document.get(uri)) is not None:
            before.cancel("superseded")
        self._of_document[uri] = work
        self._running.add(work)
        work.task = asyncio.get_running_loop().create_task(self._do(work, do, deadline_s))
        work.task.add_done_callback(lambda _: self._ended(uri, work))
        self._server.protocol.when_cancelled(work.cancel)
        patience_s = self._patience_s if patience_s is None else patience_s
        try:
            await asyncio.wait([work.task], timeout=None if work.client_token is not None else patience_s)
        except asyncio.CancelledError:
            work.cancel()
            raise
        if work.task.done():
            return work.task.result()
        if finish is not None:
            work.task.add_done_callback(lambda task: _later(finish(task.result())))
        return WorkEnd("working")

    def cancel(self, token: int | str) -> None:
        """End the work whose bar has this token: the user has had enough."""
        for work in list(self._running):
            if token in (work.token, work.client_token):
                work.cancel()

    def close(self) -> None:
        """End everything."""
        for work in list(self._running):
            work.cancel()

    def _ended(self, uri: str, work: WorkInProgress) -> None:
        self._running.discard(work)
        if self._of_document.get(uri) is work:
            del self._of_document[uri]

    async def _do(
        self, work: WorkInProgress, do: Callable[[WorkInProgress], Awaitable[Any]], deadline_s: float
    ) -> WorkEnd:
        status = self._server.workbench.status
        bar = asyncio.get_running_loop().create_task(self._show(work))
        status.work_begins()
        try:
            async with asyncio.timeout(deadline_s):
                return WorkEnd("done", await do(work))
        except asyncio.CancelledError:
            # Not passed on: whoever waits is told how it ended.
            return WorkEnd(work.why_cancelled)
        except TimeoutError:
            return WorkEnd("too_late")
        except Exception as error:  # noqa: BLE001 - a fault of ours is not the user's to read
            logger.error("%s failed: %s", work.title.split(":")[0], place_of(error))  # noqa: TRY400 - may quote source
            return WorkEnd("failed")
        finally:
            status.work_ends()
            bar.cancel()

    async def _show(self, work: WorkInProgress) -> None:
        """Show a bar until cancelled."""
        try:
            work.token = await self._token(work)
            if work.token is None:
                return
            begin = types.WorkDoneProgressBegin(title=work.title, cancellable=True, message=work.message or None)
            self._send(work.token, begin)
        except Exception as error:  # noqa: BLE001 - a client that says no, or nothing, has no bar
            logger.info("no progress is shown: %s", type(error).__name__)
            return
        shown = work.message
        try:
            while True:
                await asyncio.sleep(_REPORT_EVERY_S)
                if work.message != shown:
                    shown = work.message
                    self._send(work.token, types.WorkDoneProgressReport(message=shown, cancellable=True))
        finally:
            self._send(work.token, types.WorkDoneProgressEnd())

    async def _token(self, work: WorkInProgress) -> int | str | None:
        """The client's token, or a new one that it agreed to; None where it shows no bars."""
        if work.client_token is not None:
            return work.client_token
        if not self._server.abilities.shows_progress:
            return None
        await asyncio.sleep(self._quiet_s)
        self._n_bars += 1
        token = f"copilot-ls/work/{self._n_bars}"
        create = self._server.window_work_done_progress_create_async(types.WorkDoneProgressCreateParams(token))
        await asyncio.wait_for(create, _CLIENT_ANSWERS_WITHIN_S)
        return token

    def _send(self, token: int | str, value: object) -> None:
        self._server.progress(types.ProgressParams(token=token, value=value))


def _later(work: Any) -> None:  # noqa: ANN401 - any coroutine
    task = asyncio.get_running_loop().create_task(work)
    _finishing.add(task)
    task.add_done_callback(_finishing.discard)


_finishing: set[asyncio.Task[None]] = set()
