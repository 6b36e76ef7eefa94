"""The vendors' own clients take the test server's answers for answers, and ask where copilot-ls asks.

So what the other tests hold the backends against is what the services send, as far as their clients know it.
"""

from __future__ import annotations

import json
import os
from contextlib import aclosing
from urllib.parse import unquote

import pytest

from copilot_ls.backends.base import Usage
from copilot_ls.backends.chat import ChatRequest, Message, ToolCall
from copilot_ls.backends.registry import create
from tests.backends.model_server import Connection, gather, settings_for, streams
from tests.backends.protocols import PROTOCOLS
from tests.conformance.clients import CLIENTS, KEY

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::pydantic.warnings.PydanticDeprecationWarning"
)

TEXTS = ["def ", "área", "(w, h):\n", "    return w * h"]
CALL = ToolCall("call12345", "search", '{"words": "área", "limit": 3}')
MIDDLES = [name for name, (middle, _) in CLIENTS.items() if middle]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith(
            ("OPENAI_", "ANTHROPIC_", "GOOGLE_", "GEMINI_", "OLLAMA_")
        ):
            monkeypatch.delenv(name)


def answering(name: str, stream: list[bytes]):
    return streams(PROTOCOLS[name].content_type, stream, PROTOCOLS[name].models)


def counted(usage: Usage) -> tuple[int | None, ...]:
    return usage.input_tokens, usage.output_tokens


@pytest.mark.parametrize("name", MIDDLES)
async def test_a_middle(name, server):
    protocol = PROTOCOLS[name]
    server.script = answering(name, protocol.stream(TEXTS, finish=True))
    heard = await CLIENTS[name][0](server.url, protocol.model)
    assert heard.text == "".join(TEXTS)
    assert heard.finish_reason
    assert counted(heard.usage) == counted(protocol.usage)


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_conversation(name, server):
    protocol = PROTOCOLS[name]
    server.script = answering(name, protocol.chat_stream(TEXTS))
    heard = await CLIENTS[name][1](server.url, protocol.model)
    assert heard.text == "".join(TEXTS)
    assert heard.calls == []
    assert heard.usage.output_tokens == 7


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_call_of_a_tool(name, server):
    protocol = PROTOCOLS[name]
    server.script = answering(name, protocol.chat_stream(["Let me see."], [CALL]))
    heard = await CLIENTS[name][1](server.url, protocol.model)
    assert heard.text == "Let me see."
    assert heard.calls == [(CALL.name, json.loads(CALL.arguments))]


@pytest.mark.parametrize("name", MIDDLES)
async def test_a_middle_is_asked_for_where_the_client_asks(name, server, opened, monkeypatch):
    """The same path, and the same key in the same header."""
    monkeypatch.setenv("KEY_OF_A_TEST", KEY)
    protocol = PROTOCOLS[name]
    server.script = answering(name, protocol.stream(TEXTS, finish=True))
    await CLIENTS[name][0](server.url, protocol.model)
    options = {"fim": "suffix"} if name in {"openai", "azure"} else {}
    await gather(opened(create("it", settings_for(name, server.url, options=options, api_key_env="KEY_OF_A_TEST"))))
    theirs, ours = server.asked
    assert unquote(ours.path) == unquote(theirs.path)
    assert ours.headers["content-type"] == theirs.headers["content-type"]
    assert KEY in ours.headers[protocol.key_header]
    # Ollama's client has no key; Anthropic's asks for a version of the API that has it in another header than ours.
    if not name.startswith(("ollama", "anthropic")):
        assert ours.headers[protocol.key_header] == theirs.headers[protocol.key_header]


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_conversation_is_held_where_the_client_holds_it(name, server, opened):
    protocol = PROTOCOLS[name]
    server.script = answering(name, protocol.chat_stream(TEXTS))
    await CLIENTS[name][1](server.url, protocol.model)
    backend = opened(create("it", settings_for(name, server.url)))
    async with aclosing(backend.chat(ChatRequest((Message("user", "a"),)))) as chunks:
        assert "".join([chunk.text async for chunk in chunks]) == "".join(TEXTS)
    theirs, ours = server.asked
    assert unquote(ours.path) == unquote(theirs.path)


@pytest.mark.parametrize("name", CLIENTS)
@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
async def test_an_error_is_one_to_the_client(name, status, server):
    """The client says which status it was, and quotes what the test server said: it understood the body."""

    async def script(connection: Connection, asked) -> None:
        said = PROTOCOLS[name].model_unknown.replace("{model}", "m")
        await connection.whole(status, said.encode())

    server.script = script
    with pytest.raises(Exception) as caught:
        await CLIENTS[name][1](server.url, PROTOCOLS[name].model)
    error = caught.value
    found = getattr(error, "status_code", None) or getattr(error, "code", None)
    assert found == status, repr(error)
    assert "model" in str(error).lower()


@pytest.mark.parametrize("name", [name for name in CLIENTS if not name.startswith(("mistral", "gemini", "tgi"))])
async def test_an_error_within_a_stream_is_one_to_the_client(name, server):
    protocol = PROTOCOLS[name]
    started = protocol.chat_stream(["def "], finish=False)
    server.script = answering(name, [*started, protocol.error("the model fell over")])
    with pytest.raises(Exception, match="the model fell over"):
        await CLIENTS[name][1](server.url, protocol.model)
