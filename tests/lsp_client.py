"""A small LSP client for end-to-end tests: a real server process, or a socket, and the wire in between.

It speaks JSON-RPC with Content-Length framing, answers what a server asks of an editor, keeps every notification, and
ends by asserting that the server shut down cleanly: exit status 0, no traceback and no ERROR line on stderr, no request
left unanswered. It knows nothing of copilot-ls, so that it can drive any server (the benchmarks' baseline too).

    async with LspClient.start([sys.executable, "-m", "copilot_ls", "--stdio"], env=env) as client:
        await client.initialize(root=workspace)
        client.open(uri, "import os\\n", "python")
        client.change(uri, 2, [edit((1, 0), (1, 0), "imp")])
        items = await client.inline_completion(uri, 1, 3)
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

Json = Any
_COMPLAINT = re.compile(
    r"^Traceback \(most recent call last\)|\b(ERROR|CRITICAL)\b|Task exception was never retrieved", re.MULTILINE
)

# What a present-day editor with inline completion says of itself; tests of one editor pass tests/clients/<editor>.json.
DEFAULT_CAPABILITIES: dict[str, Json] = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {
        "applyEdit": True,
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True, "relativePatternSupport": True},
        "workspaceFolders": True,
    },
    "textDocument": {
        "synchronization": {"didSave": True},
        "inlineCompletion": {"dynamicRegistration": False},
        "completion": {"completionItem": {"snippetSupport": False}},
        "publishDiagnostics": {},
    },
    "window": {"workDoneProgress": True, "showMessage": {}, "showDocument": {"support": True}},
}


class LspError(Exception):
    """The server answered a request with an error, or went away before it answered."""

    def __init__(self, code: int, message: str, data: Json = None) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message
        self.data = data


def recorded_capabilities(editor: str) -> dict[str, Json]:
    """Capabilities that a real editor sent, from tests/clients/: `recorded_capabilities("neovim")`."""
    (file,) = (Path(__file__).parent / "clients").glob(f"{editor}_v*.json")
    return json.loads(file.read_text("utf-8"))["capabilities"]


def edit(start: tuple[int, int], end: tuple[int, int], text: str) -> dict[str, Json]:
    """One content change of `textDocument/didChange`: the text that replaces what lies between two positions."""
    (start_line, start_character), (end_line, end_character) = start, end
    return {
        "range": {
            "start": {"line": start_line, "character": start_character},
            "end": {"line": end_line, "character": end_character},
        },
        "text": text,
    }


class LspClient:
    """One connection to a server. `settings` is what `workspace/configuration` answers, by section."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.process: asyncio.subprocess.Process | None = None
        self.settings: dict[str, Json] = {}
        self.workspace_folders: list[dict[str, str]] = []
        self.server_capabilities: dict[str, Json] = {}
        self.server_info: dict[str, Json] = {}
        self.requests_received: list[tuple[str, Json]] = []
        self.unknown_responses: list[Json] = []
        self.stderr = ""
        self._handlers: dict[str, Callable[[Json], Json]] = {
            "workspace/configuration": self._configuration,
            "workspace/workspaceFolders": lambda _: self.workspace_folders,
            "workspace/applyEdit": lambda _: {"applied": True},
            "window/showDocument": lambda _: {"success": True},
            "window/showMessageRequest": lambda _: None,
            "window/workDoneProgress/create": lambda _: None,
            "client/registerCapability": lambda _: None,
            "client/unregisterCapability": lambda _: None,
            "workspace/inlineCompletion/refresh": lambda _: None,
            "workspace/codeLens/refresh": lambda _: None,
            "workspace/diagnostic/refresh": lambda _: None,
        }
        self._reader = reader
        self._writer = writer
        self._pending: dict[int, asyncio.Future[Json]] = {}
        self._last_id = 0
        self._notifications: list[tuple[str, Json]] = []
        self._arrived = asyncio.Condition()
        self._over = False
        self._tasks = [asyncio.create_task(self._read())]

    # Life.

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        cmd: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = 10,
    ) -> AsyncIterator[Self]:
        """Start a server and talk to its pipes. `env` replaces the environment, as in `subprocess`."""
        process = await asyncio.create_subprocess_exec(
            *map(str, cmd),
            env=None if env is None else dict(env),
            cwd=cwd,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stdin
        assert process.stdout
        assert process.stderr
        client = cls(process.stdout, process.stdin)
        client.process = process
        client._tasks.append(asyncio.create_task(client._read_stderr(process.stderr)))
        try:
            yield client
            if not client._over:
                await client.shutdown(timeout)
        except BaseException as error:
            await client._abandon()
            if client.stderr:
                error.add_note(f"--- the server's stderr ---\n{client.stderr}")
            raise
        finally:
            await client._abandon()

    @classmethod
    @asynccontextmanager
    async def connect(cls, host: str, port: int) -> AsyncIterator[Self]:
        """Talk to a server that listens on a TCP port."""
        reader, writer = await asyncio.open_connection(host, port)
        client = cls(reader, writer)
        try:
            yield client
        finally:
            writer.close()
            await client._abandon()

    async def initialize(
        self,
        root: Path | None = None,
        capabilities: dict[str, Json] | None = None,
        options: Json = None,
        *,
        initialized: bool = True,
        timeout: float = 20,
    ) -> dict[str, Json]:
        """Do the handshake, `initialized` included, and return the whole answer to `initialize`."""
        if root is not None:
            self.workspace_folders = [{"uri": root.as_uri(), "name": root.name}]
        answer = await self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "clientInfo": {"name": "test", "version": "0"},
                "rootUri": root.as_uri() if root else None,
                "workspaceFolders": self.workspace_folders or None,
                "capabilities": DEFAULT_CAPABILITIES if capabilities is None else capabilities,
                "initializationOptions": options,
            },
            timeout=timeout,
        )
        self.server_capabilities = answer["capabilities"]
        self.server_info = answer.get("serverInfo") or {}
        if initialized:
            self.notify("initialized", {})
        return answer

    async def shutdown(self, timeout: float = 10) -> None:
        """End the session as an editor does, and assert that the server has nothing to hide."""
        await self.request("shutdown", None, timeout=timeout)
        self._over = True
        self.notify("exit", None)
        if self.process:
            status = await self.wait_exit(timeout)
            assert status == 0, f"the server's exit status is {status}; its stderr:\n{self.stderr}"
            self.assert_no_complaint()
            failure = self._tasks[0].exception()
            assert failure is None, f"the server wrote something that is no message: {failure!r}"
        assert not self._pending, f"requests never answered: {sorted(self._pending)}"
        assert not self.unknown_responses, f"answers to nothing that was asked: {self.unknown_responses}"

    def assert_no_complaint(self) -> None:
        """Fail if the server's stderr holds a traceback or an error."""
        assert not _COMPLAINT.search(self.stderr), f"the server complained on stderr:\n{self.stderr}"

    async def wait_exit(self, timeout: float = 10) -> int:
        """Wait until the server's process is gone, and return its exit status. Teardown asserts nothing after this."""
        assert self.process
        async with asyncio.timeout(timeout):
            status = await self.process.wait()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self._over = True
        return status

    async def kill(self) -> None:
        """End the server without a word, as `kill -9` does. Teardown asserts nothing after this."""
        self._over = True
        await self._abandon()

    def close_stdin(self) -> None:
        """Close the server's input, as an editor that dies does."""
        self._writer.close()

    async def _abandon(self) -> None:
        if self.process:
            if self.process.returncode is None:
                with suppress(ProcessLookupError):
                    # Not process.kill(): it polls first, and so takes the exit status from under asyncio's watcher.
                    os.kill(self.process.pid, signal.SIGKILL)
            await self.process.wait()
        else:
            for task in self._tasks:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()
        if self.process:
            # The pipes' transports are otherwise closed by the garbage collector, which warns.
            self.process._transport.close()  # type: ignore[attr-defined]
            await asyncio.sleep(0)

    # Speaking.

    def send_raw(self, payload: bytes) -> None:
        """Put bytes on the wire as they are."""
        self._writer.write(payload)

    def send(self, message: Json) -> None:
        """Frame and send one message, whatever it says."""
        body = message if isinstance(message, bytes) else json.dumps(message, separators=(",", ":")).encode()
        self.send_raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def drain(self) -> None:
        """Wait until the pipe has taken what was sent."""
        await self._writer.drain()

    def notify(self, method: str, params: Json) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method} | ({} if params is None else {"params": params}))

    def request_nowait(self, method: str, params: Json) -> tuple[int, asyncio.Future[Json]]:
        """Send a request; returns its id and the future of its result, which may raise `LspError`."""
        self._last_id += 1
        future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        if self._tasks[0].done():
            future.set_exception(LspError(-32099, f"{method}: the server has closed the connection"))
            return self._last_id, future
        self._pending[self._last_id] = future
        message = {"jsonrpc": "2.0", "id": self._last_id, "method": method}
        self.send(message | ({} if params is None else {"params": params}))
        return self._last_id, future

    async def request(self, method: str, params: Json = None, timeout: float = 10) -> Json:
        """Send a request and wait for its result; `LspError` for an error, `TimeoutError` for silence."""
        request_id, future = self.request_nowait(method, params)
        try:
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError as error:
            self._pending.pop(request_id, None)
            error.add_note(f"{method} was not answered within {timeout} s")
            raise

    def cancel(self, request_id: int) -> None:
        """Ask the server to give up on a request; its future still gets the answer."""
        self.notify("$/cancelRequest", {"id": request_id})

    def open(self, uri: str | Path, text: str, language_id: str = "python", version: int = 1) -> None:
        """`textDocument/didOpen`."""
        document = {"uri": _uri(uri), "languageId": language_id, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, uri: str | Path, version: int, edits: Sequence[dict[str, Json]] | str) -> None:
        """`textDocument/didChange` with edits as `edit` makes them, or with a whole new text."""
        changes = [{"text": edits}] if isinstance(edits, str) else list(edits)
        document = {"uri": _uri(uri), "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def save(self, uri: str | Path) -> None:
        """`textDocument/didSave`."""
        self.notify("textDocument/didSave", {"textDocument": {"uri": _uri(uri)}})

    def close(self, uri: str | Path) -> None:
        """`textDocument/didClose`."""
        self.notify("textDocument/didClose", {"textDocument": {"uri": _uri(uri)}})

    @staticmethod
    def inline_completion_params(uri: str | Path, line: int, character: int, trigger_kind: int = 2) -> dict[str, Json]:
        """Parameters of `textDocument/inlineCompletion`; trigger kind 1 is invoked, 2 automatic."""
        return {
            "textDocument": {"uri": _uri(uri)},
            "position": {"line": line, "character": character},
            "context": {"triggerKind": trigger_kind},
        }

    async def inline_completion(
        self, uri: str | Path, line: int, character: int, trigger_kind: int = 2, timeout: float = 10
    ) -> list[dict[str, Json]]:
        """The items offered at a position; empty when there are none."""
        params = self.inline_completion_params(uri, line, character, trigger_kind)
        result = await self.request("textDocument/inlineCompletion", params, timeout)
        return result["items"] if isinstance(result, dict) else (result or [])

    async def execute(self, command: dict[str, Json], timeout: float = 10) -> Json:
        """Run a command that the server offered, `{"command", "arguments"}`."""
        params = {"command": command["command"], "arguments": command.get("arguments") or []}
        return await self.request("workspace/executeCommand", params, timeout)

    # Listening.

    def on_request(self, method: str, handler: Callable[[Json], Json]) -> None:
        """Answer the server's requests for `method` with what `handler(params)` returns, or the `LspError` it raises."""
        self._handlers[method] = handler

    def notifications(self, method: str) -> list[Json]:
        """Parameters of every notification of this method so far."""
        return [params for name, params in self._notifications if name == method]

    async def wait_notification(
        self,
        method: str,
        predicate: Callable[[Json], bool] = lambda _: True,
        *,
        since: int = 0,
        timeout: float = 10,
    ) -> Json:
        """Parameters of the first notification that fits, come or yet to come; `since` skips that many of this method."""
        found: list[Json] = []

        def arrived() -> bool:
            found[:] = [params for params in self.notifications(method)[since:] if predicate(params)]
            return bool(found)

        async with asyncio.timeout(timeout), self._arrived:
            await self._arrived.wait_for(arrived)
        return found[0]

    async def _read(self) -> None:
        try:
            while message := await self._read_message():
                self._take(message)
                async with self._arrived:
                    self._arrived.notify_all()
        finally:
            for request_id, future in self._pending.items():
                if not future.done():
                    future.set_exception(
                        LspError(-32099, f"the server went away before it answered request {request_id}")
                    )
                    future.exception()  # seen: a test that never awaits it is not to be blamed for that
            self._pending.clear()

    async def _read_message(self) -> Json:
        length = None
        while (header := await self._reader.readline()) not in (b"\r\n", b""):
            name, _, value = header.partition(b":")
            if name.strip().lower() == b"content-length":
                length = int(value)
        if length is None:
            return None
        return json.loads(await self._reader.readexactly(length))

    def _take(self, message: Json) -> None:
        if "method" in message and "id" in message:
            self.requests_received.append((message["method"], message.get("params")))
            self._answer(message)
        elif "method" in message:
            self._notifications.append((message["method"], message.get("params")))
        elif (future := self._pending.pop(message.get("id"), None)) is None:
            self.unknown_responses.append(message)
        elif not future.done():
            error = message.get("error")
            if error is None:
                future.set_result(message.get("result"))
            else:
                future.set_exception(LspError(error["code"], error["message"], error.get("data")))

    def _answer(self, message: Json) -> None:
        reply: dict[str, Json] = {"jsonrpc": "2.0", "id": message["id"]}
        handler = self._handlers.get(message["method"])
        try:
            if handler is None:
                raise LspError(-32601, f"this client does not know {message['method']}")
            reply["result"] = handler(message.get("params"))
        except LspError as error:
            reply["error"] = {"code": error.code, "message": error.message}
        self.send(reply)

    def _configuration(self, params: Json) -> list[Json]:
        return [self.settings.get(item.get("section", "")) for item in params["items"]]

    async def _read_stderr(self, stderr: asyncio.StreamReader) -> None:
        while chunk := await stderr.read(65_536):
            self.stderr += chunk.decode("utf-8", "replace")


def _uri(document: str | Path) -> str:
    return document.as_uri() if isinstance(document, Path) else document
