"""The bar that an editor shows while a workspace is indexed: `window/workDoneProgress`.

Only for clients that can show one, and only for passes that last: a warm start is over before a bar would be seen. What
is wrong with an index is said in the log, never here. Called by `copilot_ls.lsp.server`.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from pathlib import Path

    from copilot_ls.features.index_status import IndexStatus
    from copilot_ls.lsp.server import Server

logger = logging.getLogger("copilot_ls.lsp")

_QUIET_S = 1.0
_REPORT_EVERY_S = 0.25
_CLIENT_ANSWERS_WITHIN_S = 2.0
_MEGABYTE = 1_000_000
_AT_WORK = frozenset({"waiting", "indexing"})


@dataclass(slots=True)
class _Bar:
    """One folder's bar, from the first word of its worker until it is done."""

    status: IndexStatus
    task: asyncio.Task[None]


class IndexProgress:
    """Shows how indexing goes, one bar for each folder."""

    def __init__(self, server: Server, *, quiet_s: float = _QUIET_S) -> None:
        self._server = server
        self._quiet_s = quiet_s
        self._bars: dict[Path, _Bar] = {}
        self._n_bars = 0

    def heard(self, status: IndexStatus) -> None:
        """Take notice of a folder's state. Returns at once."""
        bar = self._bars.get(status.root)
        if bar is not None:
            bar.status = status
        elif status.phase in _AT_WORK and self._client_shows_progress():
            self._n_bars += 1
            token = f"copilot-ls/index/{self._n_bars}"
            task = asyncio.get_running_loop().create_task(self._show(status.root, token))
            self._bars[status.root] = _Bar(status, task)

    def _client_shows_progress(self) -> bool:
        window = self._server.protocol.client_capabilities_sent.get("window")
        return isinstance(window, dict) and bool(window.get("workDoneProgress"))

    async def _show(self, root: Path, token: str) -> None:
        try:
            await asyncio.sleep(self._quiet_s)
            bar = self._bars[root]
            if bar.status.phase not in _AT_WORK:
                return
            create = self._server.window_work_done_progress_create_async(types.WorkDoneProgressCreateParams(token))
            await asyncio.wait_for(create, _CLIENT_ANSWERS_WITHIN_S)
            self._send(token, _begin(bar.status))
            shown = bar.status
            while bar.status.phase in _AT_WORK:
                await asyncio.sleep(_REPORT_EVERY_S)
                if bar.status != shown and bar.status.phase in _AT_WORK:
                    shown = bar.status
                    self._send(token, types.WorkDoneProgressReport(message=_message(shown), percentage=_percent(shown)))
            self._send(token, types.WorkDoneProgressEnd(message=_message(bar.status)))
        except Exception as error:  # noqa: BLE001 - a client that says no, or nothing, has no bar
            logger.info("no progress is shown: %s", type(error).__name__)
        finally:
            del self._bars[root]

    def _send(self, token: str, value: object) -> None:
        self._server.progress(types.ProgressParams(token=token, value=value))


def _begin(status: IndexStatus) -> types.WorkDoneProgressBegin:
    return types.WorkDoneProgressBegin(
        title=f"Indexing {status.root.name}",
        cancellable=False,
        message=_message(status),
        percentage=0,  # without one, clients may ignore those that follow
    )


def _percent(status: IndexStatus) -> int | None:
    return min(100 * status.n_files // status.of_files, 100) if status.of_files else None


def _message(status: IndexStatus) -> str:
    if status.phase == "waiting":
        return "another process is at it"
    if status.phase == "failed":
        return "not kept up to date, see the log"
    if status.phase == "closed":
        return "closed"
    if status.of_files:
        return f"{status.n_files:,} of {status.of_files:,} files"
    files = "1 file" if status.n_files == 1 else f"{status.n_files:,} files"
    size = f"{files}, {status.n_bytes / _MEGABYTE:,.0f} MB"
    return f"{size}; incomplete: {status.bound} was reached" if status.bound else size
