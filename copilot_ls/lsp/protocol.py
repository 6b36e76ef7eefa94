"""pygls' protocol with its faults mended and its documents replaced by ours.

What differs from pygls 2.1.1, each with a test in `tests/lsp/test_protocol.py`:

* A notification leaves nothing behind (pygls keeps a future for ever, 1.9 kB for each keystroke).
* Every request is answered: malformed JSON with -32700, a message that is no request with -32600, bad parameters with
  -32602, before `initialize` with -32002, after `shutdown` with -32600. pygls stays silent, and the client hangs.
* Parameters that have a key "jsonrpc" somewhere inside are ordinary parameters.
* Capabilities that nobody here asks for are not structured: a client sends a hundred classes of them at start-up.
* Document sync goes to `copilot_ls.features.documents`: O(edit), LSP's line ends, no second copy.
* Parameters of our own notifications, and of the methods in `plain`, which are no part of LSP, stay what JSON made of
  them: pygls makes a class for each object in them, at a third of a millisecond each (`tests/lsp/test_diagnostics.py`).
* A command can ask for the client's progress token, and hears when its request is cancelled: pygls drops the one, and
  cancels what waits for the command but not the command (tests in `tests/lsp/test_actions.py`).
* Nothing of a payload is logged: it holds source text.

Called by `copilot_ls.lsp.server`; the handlers are in `copilot_ls.lsp.handlers`.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import JsonRPCNotification, LanguageServerProtocol
from pygls.protocol.json_rpc import JsonRPCRequestMessage
from pygls.protocol.language_server import lsp_method

from copilot_ls.lsp.greeting import Greeting

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from concurrent.futures import Future

    from cattrs import Converter
    from pygls.lsp.server import LanguageServer

logger = logging.getLogger("copilot_ls.lsp")
# pygls logs each message it sends, with the user's text in it.
for _name in ("pygls", "pygls.protocol", "pygls.protocol.json_rpc", "pygls.feature_manager"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

OWN = "copilot-ls/"
"""What the methods that are ours alone begin with."""

_PARSE_ERROR, _INVALID_REQUEST, _METHOD_NOT_FOUND, _INVALID_PARAMS = -32700, -32600, -32601, -32602
_NOT_INITIALIZED = -32002

# The parts of the client's capabilities that are looked at: by pygls to build ours, and by our handlers.
_CAPABILITIES_USED: dict[str, tuple[str, ...]] = {
    "general": ("positionEncodings",),
    "workspace": ("configuration", "workspaceFolders", "didChangeConfiguration", "applyEdit"),
    "window": ("workDoneProgress", "showDocument", "showMessage"),
    "textDocument": ("synchronization", "inlineCompletion", "completion"),
}


def _used_capabilities(capabilities: object) -> dict[str, Any]:
    if not isinstance(capabilities, dict):
        return {}
    return {
        section: {name: part[name] for name in names if part.get(name) is not None}
        for section, names in _CAPABILITIES_USED.items()
        if isinstance(part := capabilities.get(section), dict)
    }


class Protocol(LanguageServerProtocol):
    """One client's conversation with the server."""

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self.client_capabilities_sent: dict[str, Any] = {}
        # Methods that are no part of LSP, whose handlers take their parameters as JSON has them.
        self.plain: set[str] = set()
        self._token: contextvars.ContextVar[int | str | None] = contextvars.ContextVar("token", default=None)
        self.exit_status = 0
        self.finished = False

    def feed(self, body: bytes) -> None:
        """Take the body of one message, whatever it holds, and answer it if an answer is due."""
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError) as error:
            self._refuse(None, _PARSE_ERROR, f"a message is not JSON: {type(error).__name__}")
            return
        for message in raw if isinstance(raw, list) and raw else [raw]:
            self._feed_one(message)

    def feed_noise(self, reason: str) -> None:
        """Take notice of bytes that are no message."""
        logger.warning("ignored from the client: %s", reason)
        self._refuse(None, _PARSE_ERROR, reason)

    def _feed_one(self, raw: object) -> None:
        if not isinstance(raw, dict) or raw.get("jsonrpc") != self.VERSION:
            message_id = raw.get("id") if isinstance(raw, dict) else None
            self._refuse(message_id, _INVALID_REQUEST, 'expected an object with "jsonrpc": "2.0"')
            return
        method, message_id = raw.get("method"), raw.get("id")
        if method is None:
            if isinstance(message_id, str | int):
                self._take_response(raw)
            return
        is_request = message_id is not None
        if not isinstance(method, str) or (is_request and not isinstance(message_id, str | int)):
            self._refuse(message_id, _INVALID_REQUEST, "expected a method that is text, an id that is text or a number")
            return
        if is_request and (refusal := self._not_now(method)):
            self._refuse(message_id, *refusal)
            return
        if not is_request and self._workspace is None and method != types.EXIT:
            return  # the specification drops notifications before initialize
        try:
            message = self.structure_message(self._prepared(method, raw))
        except JsonRpcException as error:
            if is_request:
                detail = f"{method}: {_first_cause(error)}"
                self._refuse(message_id, _INVALID_PARAMS, f"the parameters do not fit: {detail}")
            else:
                logger.warning("ignored %s: its parameters do not fit: %s", method, _first_cause(error))
            return
        self.handle_message(message)

    def _not_now(self, method: str) -> tuple[int, str] | None:
        if self._shutdown:
            return _INVALID_REQUEST, f"{method}: the server is shutting down"
        if self._workspace is None and method != types.INITIALIZE:
            return _NOT_INITIALIZED, f"{method}: send initialize first"
        if self._workspace is not None and method == types.INITIALIZE:
            return _INVALID_REQUEST, "initialize was answered before"
        if method not in self.fm.builtin_features and method not in self.fm.features:
            return _METHOD_NOT_FOUND, f"{method} is not known here"
        return None

    def structure_message(self, data: dict[str, Any]) -> Any:  # noqa: ANN401 - any message
        """The message with its parameters as objects, but for our own notifications and what is in `plain`."""
        method = data.get("method")
        if isinstance(method, str) and "id" not in data and (method in self.plain or method.startswith(OWN)):
            return JsonRPCNotification(method=method, jsonrpc=self.VERSION, params=data.get("params"))
        if method in self.plain and "id" in data:
            return JsonRPCRequestMessage(id=data["id"], method=method, jsonrpc=self.VERSION, params=data.get("params"))
        return super().structure_message(data)

    def _prepared(self, method: str, raw: dict[str, Any]) -> dict[str, Any]:
        params = raw.get("params")
        if method == types.INITIALIZE and isinstance(params, dict):
            self.client_capabilities_sent = params.get("capabilities") or {}
            used = _used_capabilities(self.client_capabilities_sent)
            if Greeting.of(params.get("initializationOptions")).speaks_copilot:
                used.pop("general", None)  # they count in utf-16, whatever their editor offers
            params = {**params, "capabilities": used}
            return {**raw, "params": params}
        if params is None and "params" not in raw and self.get_message_type(method) is None:
            return {**raw, "params": None}
        return raw

    def _take_response(self, raw: dict[str, Any]) -> None:
        """A client's answer to our request: as it is, without a type for its result."""
        future = self._request_futures.pop(raw.get("id"), None)  # type: ignore[arg-type]
        self._result_types.pop(raw.get("id"), None)  # type: ignore[arg-type]
        if future is None or future.done():
            return
        error = raw.get("error")
        if error is not None:
            code = error.get("code", 0) if isinstance(error, dict) else 0
            future.set_exception(JsonRpcException(f"the client answered an error, code {code}"))
        else:
            future.set_result(raw.get("result"))

    def _refuse(self, message_id: object, code: int, text: str) -> None:
        self._send_data({"jsonrpc": self.VERSION, "id": message_id, "error": {"code": code, "message": text}})

    def _execute_handler(
        self,
        msg_id: Any,  # noqa: ANN401 - pygls' own
        handler: Callable[..., Any],
        callback: Callable[[Future[Any]], None],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        def finished(future: Future[Any]) -> None:
            self._request_futures.pop(msg_id, None)
            # A handler that was cancelled, at shutdown, is no error; pygls raises it anew where nobody can catch it.
            with suppress(asyncio.CancelledError):
                callback(future)

        super()._execute_handler(msg_id, handler, finished, args, kwargs)

    def _send_data(self, data: Any) -> None:  # noqa: ANN401 - any message
        """Send one message. pygls' own logs the payload and adds a header that no client needs."""
        if self.writer is None:
            return
        try:
            body = json.dumps(data, default=self._serialize_message, separators=(",", ":")).encode()
        except (TypeError, ValueError):
            logger.exception("an answer could not be written as JSON")
            return
        self.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Hand the document to the user's handler alone: pygls would keep a copy."""
        self._call_feature(types.TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Hand the edits to the handler alone: pygls would apply them at O(document)."""
        self._call_feature(types.TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Hand the close to the handler alone."""
        self._call_feature(types.TEXT_DOCUMENT_DID_CLOSE, params)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    def lsp_workspace__execute_command(self, params: types.ExecuteCommandParams) -> Generator[Any, Any, Any]:
        """Run a command, which may ask for the token that the client sent along: pygls drops it."""
        self._token.set(params.work_done_token)
        return (yield from super().lsp_workspace__execute_command(params))

    def progress_token(self) -> int | str | None:
        """The client's token for the progress of the command that is being run."""
        return self._token.get()

    def when_cancelled(self, call: Callable[[], object]) -> None:
        """Call when the client cancels the request that is being answered, or the session ends before it is.

        pygls cancels what the request waits for only where the handler is the method's own, which a command's is not.
        """
        future = self._request_futures.get(self.msg_id)  # type: ignore[arg-type]  # None is no key of it
        if future is not None:
            future.add_done_callback(lambda done: call() if done.cancelled() else None)

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Any:  # noqa: ANN401 - pygls' own
        """End what is in flight; nothing but `exit` is taken from now on."""
        self._call_feature(types.SHUTDOWN, *args)
        for message_id, future in list(self._request_futures.items()):
            if message_id != self.msg_id and not future.done():
                future.cancel()
        self._shutdown = True

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_args: Any) -> Any:  # noqa: ANN401 - pygls' own
        """End the session: status 0 after a shutdown, else 1 (LSP 3.18, "Exit Notification")."""
        self.exit_status = 0 if self._shutdown else 1
        self.finished = True

    def _call_feature(self, method: str, *params: object) -> None:
        if (handler := self.fm.features.get(method)) is not None:
            handler(*params)


def _first_cause(error: BaseException) -> str:
    """The innermost reason why parameters could not be structured, without the values: they may be source text."""
    cause: BaseException = error
    while True:
        inner = cause.__cause__ or next(iter(getattr(cause, "exceptions", ())), None)
        if inner is None:
            break
        cause = inner
    if isinstance(cause, KeyError):
        return f"{cause.args[0]!r} is missing"
    return type(cause).__name__
