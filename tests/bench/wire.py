"""A blocking LSP client that costs little: what it measures is the server, not asyncio in the client.

Called by the benchmarks. Tests use `tests.lsp_client`, which checks more.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.lsp_client import DEFAULT_CAPABILITIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parents[2]
OURS: Sequence[str | Path] = (Path(sys.executable).parent / "copilot-ls", "--stdio")
MINIMAL: Sequence[str | Path] = (sys.executable, Path(__file__).with_name("minimal_server.py"))
INLINE_COMPLETION = "textDocument/inlineCompletion"


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process used in all, in seconds of processor time."""

    user_s: float
    system_s: float

    @property
    def cpu_ms(self) -> float:
        return (self.user_s + self.system_s) * 1000


class Wire:
    """One server process and the pipes to it. Answers the server's own requests with nothing or the settings given."""

    def __init__(
        self,
        command: Sequence[str | Path] = OURS,
        environment: Mapping[str, str] | None = None,
        settings: Any = None,
        cwd: Path | None = None,
    ) -> None:
        self.started = time.perf_counter()
        self.settings = settings
        self.process = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=os.environ | (environment or {}),
            cwd=cwd,
        )
        assert self.process.stdin
        assert self.process.stdout
        self._in = self.process.stdin.fileno()
        self._out = self.process.stdout.fileno()
        self._buffer = b""
        self._last_id = 0
        self._version = 1
        self.answers: dict[int, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.returncode is None:
            with contextlib.suppress(OSError, RuntimeError):
                self.call("shutdown", None)
                self.notify("exit", None)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._close()

    def _close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()

    def kill(self) -> Spent:
        """End the server without a word; returns what it used in its life."""
        os.kill(self.process.pid, signal.SIGKILL)
        _, _status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = -signal.SIGKILL
        self._close()
        return Spent(usage.ru_utime, usage.ru_stime)

    # Messages.

    def frame(self, message: Mapping[str, Any]) -> bytes:
        body = json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")).encode()
        return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._in, view) :]

    def notify(self, method: str, params: Any) -> None:
        self.write(self.frame({"method": method} | ({} if params is None else {"params": params})))

    def ask(self, method: str, params: Any) -> int:
        """Send a request and do not wait."""
        self._last_id += 1
        message = {"id": self._last_id, "method": method} | ({} if params is None else {"params": params})
        self.write(self.frame(message))
        return self._last_id

    def answer(self, request_id: int) -> Any:
        """The message that answers a request, `result` or `error` inside."""
        while request_id not in self.answers:
            self._take(self._read())
        return self.answers.pop(request_id)

    def call(self, method: str, params: Any) -> Any:
        """A request and its result; an error is an error here too."""
        message = self.answer(self.ask(method, params))
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']}")
        return message.get("result")

    def _read(self) -> Any:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._fill()
        head = self._buffer[:end].lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(self._buffer) < end + 4 + length:
            self._fill()
        body = self._buffer[end + 4 : end + 4 + length]
        self._buffer = self._buffer[end + 4 + length :]
        return json.loads(body)

    def _fill(self) -> None:
        chunk = os.read(self._out, 1 << 16)
        if not chunk:
            raise ConnectionError("the server has gone")
        self._buffer += chunk

    def _take(self, message: Any) -> None:
        if "method" not in message:
            self.answers[message["id"]] = message
        elif "id" in message:
            result: Any = None
            if message["method"] == "workspace/configuration":
                result = [self.settings for _ in message["params"]["items"]]
            self.write(self.frame({"id": message["id"], "result": result}))

    # What sessions consist of.

    def initialize(self, root: Path | None = None, *, initialized: bool = True) -> float:
        """Shake hands; returns the milliseconds from spawn to the answer."""
        folders = [{"uri": root.as_uri(), "name": root.name}] if root else None
        self.call(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": root.as_uri() if root else None,
                "workspaceFolders": folders,
                "capabilities": DEFAULT_CAPABILITIES,
                "initializationOptions": self.settings,
            },
        )
        elapsed = (time.perf_counter() - self.started) * 1000
        if initialized:
            self.notify("initialized", {})
        return elapsed

    def open(self, uri: str, text: str, language_id: str = "python") -> None:
        self._version = 1
        self.notify(
            "textDocument/didOpen",
            {"textDocument": {"uri": uri, "languageId": language_id, "version": 1, "text": text}},
        )

    def change_frame(self, uri: str, *edits: tuple[tuple[int, int], tuple[int, int], str]) -> bytes:
        self._version += 1
        changes = [
            {"range": {"start": {"line": a, "character": b}, "end": {"line": c, "character": d}}, "text": text}
            for (a, b), (c, d), text in edits
        ]
        params = {"textDocument": {"uri": uri, "version": self._version}, "contentChanges": changes}
        return self.frame({"method": "textDocument/didChange", "params": params})

    def change(self, uri: str, *edits: tuple[tuple[int, int], tuple[int, int], str]) -> None:
        self.write(self.change_frame(uri, *edits))

    @staticmethod
    def completion_params(uri: str, line: int, character: int, trigger_kind: int = 2) -> dict[str, Any]:
        return {
            "textDocument": {"uri": uri},
            "position": {"line": line, "character": character},
            "context": {"triggerKind": trigger_kind},
        }

    def complete(self, uri: str, line: int, character: int, trigger_kind: int = 2) -> list[dict[str, Any]]:
        result = self.call(INLINE_COMPLETION, self.completion_params(uri, line, character, trigger_kind))
        return (result or {}).get("items", []) if not isinstance(result, list) else result

    def round_trip(self) -> None:
        """A request that costs the server nothing but the protocol: ghost text in a document that is not open."""
        self.answer(self.ask(INLINE_COMPLETION, self.completion_params("file:///bench/not-open.py", 0, 0)))

    # What the process is like.

    def cpu_ms(self) -> float:
        """Processor time of all its threads until now; to a nanosecond on Linux, to a tick elsewhere."""
        tasks = Path(f"/proc/{self.process.pid}/task")
        if tasks.is_dir():
            return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e6
        listed = subprocess.run(["ps", "-o", "time=", "-p", str(self.process.pid)], capture_output=True, text=True)
        minutes, _, seconds = listed.stdout.strip().rpartition(":")
        return (float(minutes or 0) * 60 + float(seconds)) * 1000

    def rss_mb(self) -> float:
        """Resident memory, in 10^6 bytes."""
        listed = subprocess.run(["ps", "-o", "rss=", "-p", str(self.process.pid)], capture_output=True, text=True)
        return int(listed.stdout) * 1024 / 1e6

    def n_files(self) -> int:
        """Open file descriptors; 0 where that cannot be seen."""
        folder = Path(f"/proc/{self.process.pid}/fd")
        return len(list(folder.iterdir())) if folder.is_dir() else 0

    def n_threads(self) -> int:
        """Threads; 0 where that cannot be seen."""
        folder = Path(f"/proc/{self.process.pid}/task")
        return len(list(folder.iterdir())) if folder.is_dir() else 0


def private_folders(folder: Path) -> dict[str, str]:
    """Variables that keep a server's files in `folder`."""
    return {f"COPILOT_LS_{kind}_DIR": str(folder / kind.lower()) for kind in ("STATE", "CACHE", "CONFIG")}


def configure(folder: Path, toml: str) -> dict[str, str]:
    """The same, with a user's settings file."""
    variables = private_folders(folder)
    config = Path(variables["COPILOT_LS_CONFIG_DIR"])
    config.mkdir(parents=True, exist_ok=True)
    (config / "config.toml").write_text(toml, "utf-8")
    return variables
