"""What pygls gets wrong stays mended: every request is answered, nothing leaks, nothing of a payload is logged."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.lsp import _lazy_types

_lazy_types.install()

from lsprotocol import types  # noqa: E402
from pygls.lsp.server import LanguageServer  # noqa: E402

from copilot_ls.lsp.protocol import Protocol  # noqa: E402


class Client:
    """A server in this process, and what it wrote."""

    def __init__(self) -> None:
        self.server = LanguageServer("test", "1", protocol_cls=Protocol)
        self.protocol: Any = self.server.protocol
        self.protocol.set_writer(self)
        self.answers: list[dict[str, Any]] = []
        self.seen: list[Any] = []
        for method in (types.TEXT_DOCUMENT_DID_CHANGE, types.TEXT_DOCUMENT_DID_OPEN):
            self.server.feature(method)(lambda params: self.seen.append(params))

        @self.server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
        async def complete(params: types.InlineCompletionParams) -> types.InlineCompletionList:
            self.seen.append(params)
            await asyncio.sleep(0 if params.position.line == 0 else 3600)
            return types.InlineCompletionList(items=[])

    def write(self, data: bytes) -> None:
        header, _, body = data.partition(b"\r\n\r\n")
        assert int(header.split(b":")[1]) == len(body)
        self.answers.append(json.loads(body))

    def close(self) -> None:
        pass

    def send(self, **message: Any) -> None:
        self.protocol.feed(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def error(self) -> tuple[Any, int]:
        answer = self.answers[-1]
        return answer["id"], answer["error"]["code"]

    def initialize(self, **capabilities: Any) -> dict[str, Any]:
        self.send(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": capabilities})
        return self.answers.pop()["result"]


@pytest.fixture
def client() -> Client:
    return Client()


def inline_params(line: int) -> dict[str, Any]:
    return {
        "textDocument": {"uri": "file:///a"},
        "position": {"line": line, "character": 0},
        "context": {"triggerKind": 2},
    }


def test_inline_completion_is_advertised(client: Client) -> None:
    assert "inlineCompletionProvider" in client.initialize()["capabilities"]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"", b"[" * 100_000, b'"\xed\xa0\x80"'])
def test_what_is_no_json_is_answered_as_such(client: Client, body: bytes) -> None:
    client.protocol.feed(body)
    assert client.error()[1] in {-32700, -32600}


@pytest.mark.parametrize("message", [[], 1, None, "x", {}, {"jsonrpc": "1.0", "id": 7, "method": "x"}])
def test_what_is_no_message_is_answered_as_such(client: Client, message: Any) -> None:
    client.protocol.feed(json.dumps(message).encode())
    assert client.error()[1] == -32600


@pytest.mark.parametrize("message", [{"id": 1, "method": 5}, {"id": [], "method": "x"}])
def test_a_method_or_id_of_the_wrong_kind_is_refused(client: Client, message: dict[str, Any]) -> None:
    client.send(**message)
    assert client.error()[1] == -32600


def test_a_batch_is_taken_apart(client: Client) -> None:
    client.protocol.feed(json.dumps([{"jsonrpc": "2.0", "id": n, "method": "x"} for n in (1, 2)]).encode())
    assert [answer["id"] for answer in client.answers] == [1, 2]


def test_before_initialize_requests_are_refused_and_notifications_dropped(client: Client) -> None:
    client.send(id=3, method="textDocument/inlineCompletion", params=inline_params(0))
    assert client.error() == (3, -32002)
    client.send(method="textDocument/didOpen", params={})
    assert len(client.answers) == 1


def test_a_second_initialize_is_refused(client: Client) -> None:
    client.initialize()
    client.send(id=2, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}})
    assert client.error() == (2, -32600)


@pytest.mark.parametrize(
    "params", [None, {}, [], 5, {"textDocument": 1}, {"textDocument": {"uri": "x"}, "position": {"line": "one"}}]
)
def test_parameters_that_do_not_fit_are_answered(client: Client, params: Any) -> None:
    client.initialize()
    client.send(id=9, method="textDocument/inlineCompletion", params=params)
    assert client.error() == (9, -32602)


def test_an_unknown_method_is_answered_and_an_unknown_notification_is_not(client: Client) -> None:
    client.initialize()
    client.send(id=5, method="nobody/knows")
    assert client.error() == (5, -32601)
    client.send(method="$/nobody", params={"a": 1})
    assert len(client.answers) == 1


def test_after_shutdown_requests_are_refused_and_exit_ends_the_process(client: Client) -> None:
    client.initialize()
    client.send(id=2, method="shutdown")
    client.send(id=3, method="textDocument/inlineCompletion", params=inline_params(0))
    assert client.error() == (3, -32600)
    client.send(method="exit")
    assert (client.protocol.finished, client.protocol.exit_status) == (True, 0)


def test_exit_without_shutdown_is_status_one(client: Client) -> None:
    client.send(method="exit")
    assert (client.protocol.finished, client.protocol.exit_status) == (True, 1)


def test_a_key_named_jsonrpc_within_parameters_is_nothing_special(client: Client) -> None:
    client.initialize()
    client.server.command("echo")(lambda *arguments: arguments[0])
    client.send(
        id=4, method="workspace/executeCommand", params={"command": "echo", "arguments": [{"jsonrpc": "2.0", "a": 1}]}
    )
    assert client.answers[-1] == {"jsonrpc": "2.0", "id": 4, "result": {"jsonrpc": "2.0", "a": 1}}


async def test_notifications_and_requests_leave_no_futures_behind(client: Client) -> None:
    client.initialize()
    document = {"uri": "file:///a", "version": 1}
    for _ in range(500):
        client.send(method="textDocument/didChange", params={"textDocument": document, "contentChanges": []})
    for n in range(50):
        client.send(id=100 + n, method="textDocument/inlineCompletion", params=inline_params(0))
    while len(client.answers) < 50:
        await asyncio.sleep(0)
    assert not client.protocol._request_futures
    assert not client.protocol._result_types
    assert len(client.seen) == 550


async def test_a_cancelled_request_is_answered_with_request_cancelled(client: Client) -> None:
    client.initialize()
    client.send(id=7, method="textDocument/inlineCompletion", params=inline_params(1))
    await asyncio.sleep(0)
    client.send(method="$/cancelRequest", params={"id": 7})
    while not client.answers:
        await asyncio.sleep(0)
    assert client.error() == (7, -32800)
    assert not client.protocol._request_futures


async def test_an_error_answer_of_the_client_reaches_who_asked(client: Client) -> None:
    client.initialize()
    asking = client.protocol.send_request_async("workspace/configuration", types.ConfigurationParams([]))
    request = client.answers.pop()
    client.send(id=request["id"], error={"code": -32601, "message": "no such method"})
    with pytest.raises(Exception, match="-32601"):
        await asking
    assert not client.protocol._result_types
    client.send(id="never asked", result=None)


@pytest.mark.parametrize("message_id", [[1], {}, None, True, 1.5, "never asked"])
def test_an_answer_to_nothing_is_dropped(client: Client, message_id: Any) -> None:
    client.initialize()
    client.send(id=message_id, result=1)
    client.send(id=message_id, error="not an object")
    assert client.answers == []


def test_nothing_of_a_payload_is_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client.initialize()
    client.send(id=9, method="textDocument/inlineCompletion", params={"secret": "hunter2"})
    client.send(method="textDocument/didOpen", params={"textDocument": {"text": "hunter2"}})
    client.send(id=10, method="nobody/knows", params={"secret": "hunter2"})
    assert "hunter2" not in caplog.text
    assert all("hunter2" not in json.dumps(answer) for answer in client.answers)


@pytest.mark.parametrize(
    "capabilities",
    [[], None, 5, {"general": 5, "textDocument": None, "workspace": "x", "window": {"workDoneProgress": None}}],
)
def test_capabilities_of_the_wrong_kind_are_as_good_as_none(client: Client, capabilities: Any) -> None:
    client.send(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": capabilities})
    assert client.answers[-1]["result"]["capabilities"]["positionEncoding"] == "utf-16"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
METHODS = [
    "initialize", "initialized", "shutdown", "textDocument/didOpen", "textDocument/didChange", "textDocument/didClose",
    "textDocument/inlineCompletion", "workspace/executeCommand", "$/cancelRequest", "$/setTrace", "$/progress",
    "workspace/didChangeConfiguration", "workspace/didChangeWorkspaceFolders", "window/workDoneProgress/cancel", "x/y",
]  # fmt: skip
messages = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": st.sampled_from(["2.0", "2.0", "2.0", "1.0", 2]),
        "id": st.integers(0, 3) | json_values,
        "method": st.sampled_from(METHODS) | json_values,
        "params": json_values | st.fixed_dictionaries({"textDocument": json_values, "id": json_values}),
        "result": json_values,
        "error": json_values,
    },
)


@given(st.lists(messages | json_values, max_size=6), st.booleans())
@settings(max_examples=300)
def test_no_message_whatsoever_raises(sent: list[Any], is_initialized: bool) -> None:
    async def session() -> None:
        client = Client()
        if is_initialized:
            client.initialize()
        for message in sent:
            client.protocol.feed(json.dumps(message).encode())
            await asyncio.sleep(0)
        for future in list(client.protocol._request_futures.values()):
            future.cancel()
        await asyncio.sleep(0)

    asyncio.run(session())
