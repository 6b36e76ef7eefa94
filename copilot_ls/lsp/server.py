"""The language server process: builds the server, serves stdio or one TCP client, and ends with its client.

Imports pygls only after `_lazy_types` has made that cheap. What it serves is in `handlers`, what it does in `features`.
Called by `copilot_ls.cli.serve`.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from typing import TYPE_CHECKING, Any

from copilot_ls.lsp import _lazy_types

_lazy_types.install()

from lsprotocol import types  # noqa: E402 - see above
from pygls.exceptions import JsonRpcException  # noqa: E402
from pygls.lsp.server import LanguageServer  # noqa: E402

from copilot_ls import __version__  # noqa: E402
from copilot_ls.features.session_report import SessionReporter  # noqa: E402
from copilot_ls.features.workbench import Workbench  # noqa: E402
from copilot_ls.lsp import to_proto, transport  # noqa: E402
from copilot_ls.lsp.abilities import ClientAbilities  # noqa: E402
from copilot_ls.lsp.fixes import HandedOut  # noqa: E402
from copilot_ls.lsp.greeting import Greeting  # noqa: E402
from copilot_ls.lsp.handlers import (  # noqa: E402
    actions,
    completion,
    context,
    copilot,
    copilot_completions,
    copilot_panel,
    diagnostics,
    documents,
    next_edit,
    statistics,
    status,
    workspace,
)
from copilot_ls.lsp.index_progress import IndexProgress  # noqa: E402
from copilot_ls.lsp.log import set_up_log  # noqa: E402
from copilot_ls.lsp.protocol import Protocol  # noqa: E402
from copilot_ls.lsp.work import WorkRunner  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence

    from copilot_ls.config.load import Problem
    from copilot_ls.text import Point

logger = logging.getLogger("copilot_ls.lsp")

HANDLERS = (
    workspace,
    documents,
    completion,
    context,
    diagnostics,
    actions,
    statistics,
    status,
    next_edit,
    copilot,
    copilot_completions,
    copilot_panel,
)

# Objects that are made before the collector looks for cycles among them: Python's default is 700, which is met several
# times in every suggestion, though next to nothing here makes cycles.
COLLECT_AFTER = (20_000, 20, 20)
# How often to look whether the client's process still lives. Standard input closing is noticed at once.
_WATCH_EVERY_S = 3.0


class Server(LanguageServer):
    """pygls' server with a workbench."""

    protocol: Protocol

    def __init__(self, workbench: Workbench) -> None:
        super().__init__("copilot-ls", __version__, protocol_cls=Protocol)
        self.workbench = workbench
        self.editor_settings: Mapping[str, Any] = {}
        # Where ghost text was asked for last: the document's uri and the place.
        self.last_place: tuple[str, Point] | None = None
        self.abilities = ClientAbilities()
        self.greeting = Greeting()
        self.reporter = SessionReporter(workbench)
        self.accept_command = to_proto.ACCEPT_COMMAND
        # Whether the client asks for next edits by itself: then they are no code actions as well.
        self.draws_next_edits = False
        self.work = WorkRunner(self)
        self.handed_out = HandedOut(self)
        self._told: set[str] = set()
        self._watching: asyncio.Task[None] | None = None
        self._main: asyncio.Task[Any] | None = None
        for handlers in HANDLERS:
            handlers.register(self)
        workspace.register_files(self)
        workbench.on_index_status.append(IndexProgress(self).heard)

    def report_server_error(self, error: Exception, source: object) -> None:
        """Keep our faults out of the user's way: pygls would open a pop-up that quotes them.

        What a handler refuses on purpose is no fault: the client has its answer.
        """
        level = logging.INFO if isinstance(error, JsonRpcException) else logging.ERROR
        logger.log(level, "%s: %s", getattr(source, "__name__", "error"), type(error).__name__)

    def apply_settings(self, editor_settings: Mapping[str, Any]) -> None:
        """Load all layers of settings anew, and say once what was wrong with them."""
        self.editor_settings = editor_settings
        problems = self.workbench.load_settings(editor_settings)
        log = self.workbench.settings().log
        set_up_log(log.level, log.file)
        new = [problem for problem in problems if str(problem) not in self._told]
        if new:
            self._told.update(map(str, new))
            self._tell(new)

    def files_changed(self, paths: Sequence[str]) -> None:
        """Files were saved, made, deleted or renamed, by the editor or by others: the index and the settings follow."""
        self.workbench.paths_changed(paths)
        if self.workbench.are_settings(paths):
            self.apply_settings(self.editor_settings)

    def _tell(self, problems: Sequence[Problem]) -> None:
        for problem in problems:
            self.window_log_message(types.LogMessageParams(types.MessageType.Warning, str(problem)))
        more = f" ({len(problems) - 1} more in the log)" if len(problems) > 1 else ""
        self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"copilot-ls: {problems[0]}{more}"))

    def tell(self, message: str, *, warning: bool = False) -> None:
        """Show the user one line."""
        kind = types.MessageType.Warning if warning else types.MessageType.Info
        self.window_show_message(types.ShowMessageParams(kind, f"copilot-ls: {message}"))

    def watch_process(self, process_id: int | None) -> None:
        """End when the client's process ends, if it can be seen from here (it cannot from another container)."""
        if process_id and _is_alive(process_id):
            self._watching = asyncio.ensure_future(self._watch(process_id))

    async def _watch(self, process_id: int) -> None:
        while _is_alive(process_id):  # noqa: ASYNC110 - another process sets no event of ours
            await asyncio.sleep(_WATCH_EVERY_S)
        if self._main is not None:
            self._main.cancel()

    async def run(self, reading: Awaitable[None]) -> int:
        """Serve until the input ends, the client exits or its process has gone; the exit status."""
        self._main = asyncio.current_task()
        try:
            await reading
        except asyncio.CancelledError:
            logger.info("the client's process has gone")
        finally:
            if self._watching is not None:
                self._watching.cancel()
            await self.workbench.aclose()
        return self.protocol.exit_status


def _is_alive(process_id: int) -> bool:
    if os.name == "nt":
        return True  # os.kill would end the process there; standard input closes with the client
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def serve_stdio() -> int:
    """Serve the client at standard input and output; returns the exit status."""
    stdout = sys.stdout.buffer
    sys.stdout = sys.stderr  # a stray print must not end up between two messages
    return _serve(_serve_stdio(stdout))


async def _serve_stdio(stdout: Any) -> int:  # noqa: ANN401 - a binary stream
    server = Server(Workbench())
    server.protocol.set_writer(transport.StdoutWriter(stdout))
    _settle_memory()
    return await server.run(transport.read_stdio(server.protocol))


def serve_tcp(host: str, port: int) -> int:
    """Wait on a loopback address for one client after the other; returns the exit status."""
    return _serve(_serve_tcp(host, port))


async def _serve_tcp(host: str, port: int) -> int:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = Server(Workbench())
        server.protocol.set_writer(transport.StreamWriter(writer))
        await server.run(transport.read_stream(reader, server.protocol))
        writer.close()

    listener = await asyncio.start_server(connected, host, port)
    for socket in listener.sockets:
        host, port = socket.getsockname()[:2]
        print(f"copilot-ls listens on {host}:{port}", file=sys.stderr, flush=True)  # noqa: T201 - for the user
    async with listener:
        await listener.serve_forever()
    return 0


def _serve(main: Any) -> int:  # noqa: ANN401 - a coroutine
    set_up_log("warning", None)
    try:
        return int(asyncio.run(main))
    except KeyboardInterrupt:
        return 130


def _settle_memory() -> None:
    """Collecting was off while importing; what was imported lives for ever and need not be looked at again."""
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    gc.enable()
