"""The smallest editor there is: LSP as JSON over pipes, enough to see and accept a suggestion. Used by `demo`."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pathlib import Path


class DemoEditor:
    """A server process and the pipes to it; use as a context manager."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._n_requests = 0
        # -P: the current folder may hold anything and must not be imported from.
        self._server = subprocess.Popen(
            [sys.executable, "-P", "-m", "copilot_ls", "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Self:
        root = self._workspace.as_uri()
        self._request(
            "initialize",
            {
                "processId": None,
                "rootUri": root,
                "workspaceFolders": [{"uri": root, "name": self._workspace.name}],
                "capabilities": {
                    "textDocument": {"inlineCompletion": {}},
                    "general": {"positionEncodings": ["utf-32"]},
                },
            },
        )
        self._notify("initialized", {})
        return self

    def __exit__(self, *_: object) -> None:
        self._request("shutdown", None)
        self._notify("exit", None)
        self._server.wait(timeout=10)
        for pipe in (self._server.stdin, self._server.stdout):
            if pipe is not None:
                pipe.close()

    def open(self, path: Path, text: str) -> None:
        """Open a document."""
        from copilot_ls.syntax import language_for

        language = language_for("", str(path))
        document = {
            "uri": path.as_uri(),
            "languageId": language.language_ids[0] if language else "plaintext",
            "version": 1,
            "text": text,
        }
        self._notify("textDocument/didOpen", {"textDocument": document})

    def ghost_text(self, path: Path, line: int, character: int) -> dict[str, Any] | None:
        """The first inline completion item at a place."""
        answer = self._request(
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": path.as_uri()},
                "position": {"line": line, "character": character},
                "context": {"triggerKind": 2},
            },
        )
        return next(iter((answer or {}).get("items", [])), None)

    def accept(self, path: Path, item: dict[str, Any]) -> None:
        """Do what editors do on accept: insert the text, then run the item's command."""
        change = {"range": item["range"], "text": item["insertText"]}
        document = {"uri": path.as_uri(), "version": 2}
        self._notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        command = item["command"]
        self._request("workspace/executeCommand", {"command": command["command"], "arguments": command["arguments"]})

    def _notify(self, method: str, params: object) -> None:
        self._send({"method": method} | ({} if params is None else {"params": params}))

    def _request(self, method: str, params: object) -> Any:  # noqa: ANN401 - any result
        self._n_requests += 1
        self._send({"id": self._n_requests, "method": method} | ({} if params is None else {"params": params}))
        while (message := self._read()).get("id") != self._n_requests or "method" in message:
            if "method" in message and "id" in message:
                self._send({"id": message["id"], "result": None})
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']['message']}")
        return message["result"]

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        if self._server.stdin is not None:
            self._server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            self._server.stdin.flush()

    def _read(self) -> dict[str, Any]:
        stdout = self._server.stdout
        length = 0
        while stdout is not None and (header := stdout.readline().strip()):
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if stdout is None or not length:
            raise RuntimeError("the server has ended")
        message: dict[str, Any] = json.loads(stdout.read(length))
        return message
