"""In conversations, too, a model is told no secret, and what it says and calls has them back in their places."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator

import pytest

from copilot_ls.backends.chat import ChatBackend, ChatChunk, ChatRequest, Message, OutputSchema, ToolCall
from copilot_ls.config.settings import RedactionSettings, Settings
from copilot_ls.features.redaction import Redaction
from tests.safety.secret_corpus import TOKENS, Draw

TOKEN = TOKENS["GitHub personal token"](Draw("conversation"))
PLACEHOLDER = "REDACTED_1_GITHUB_TOKEN"


class Model:
    """Remembers what it was asked, and answers in the pieces that it was given."""

    name, model, is_loopback = "it", "m", True

    def __init__(self, *chunks: ChatChunk) -> None:
        self.chunks = chunks
        self.asked: list[ChatRequest] = []
        self.closed = False

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        self.asked.append(request)
        try:
            for chunk in self.chunks:
                yield chunk
        finally:
            self.closed = True

    async def complete(self, request): ...
    async def check(self): ...
    async def aclose(self) -> None: ...


def talking_to(model: Model, *, loopback: bool = True) -> ChatBackend:
    return Redaction(lambda: Settings(redaction=RedactionSettings(loopback=loopback))).for_chat(model)


def asked(**more) -> ChatRequest:
    return ChatRequest([Message("system", "Explain."), Message("user", f'token = "{TOKEN}"')], **more)


async def answer(backend: ChatBackend, request: ChatRequest) -> list[ChatChunk]:
    return [chunk async for chunk in backend.chat(request)]


@pytest.mark.parametrize("size", [1, 2, 5, 11, 100])
async def test_an_answer_in_pieces_has_the_secret_back(size: int) -> None:
    said = f'The value "{PLACEHOLDER}" is a token. RED'
    model = Model(
        *(ChatChunk(said[at : at + size]) for at in range(0, len(said), size)), ChatChunk(finish_reason="stop")
    )
    chunks = await answer(talking_to(model), asked())
    assert "".join(chunk.text for chunk in chunks) == f'The value "{TOKEN}" is a token. RED'
    assert any(chunk.finish_reason == "stop" for chunk in chunks)
    assert TOKEN not in repr(model.asked)
    assert PLACEHOLDER in model.asked[0].messages[1].content


async def test_what_a_model_calls_has_it_back_and_what_it_called_is_redacted_again() -> None:
    call = ToolCall("1", "write", json.dumps({"text": f"x = '{PLACEHOLDER}'"}))
    model = Model(ChatChunk(tool_call=call))
    backend = talking_to(model)
    (chunk,) = [chunk for chunk in await answer(backend, asked()) if chunk.tool_call]
    assert json.loads(chunk.tool_call.arguments) == {"text": f"x = '{TOKEN}'"}
    go_on = ChatRequest(
        [*asked().messages, Message("assistant", "", (chunk.tool_call,)), Message("tool", TOKEN, tool_call_id="1")]
    )
    await answer(backend, go_on)
    assert TOKEN not in repr(model.asked[1])
    assert repr(model.asked[1]).count(PLACEHOLDER) == 3


async def test_an_answer_in_json_stays_json() -> None:
    """A private key has line ends, which JSON spells otherwise."""
    key = "\n".join(Draw("json").pem())
    model = Model(ChatChunk('{"key": "REDACTED_1_PRIVATE'), ChatChunk('_KEY"}'))
    request = ChatRequest([Message("user", key)], output_schema=OutputSchema("k", {"type": "object"}))
    text = "".join(chunk.text for chunk in await answer(talking_to(model), request))
    assert json.loads(text)["key"] in key
    assert "\n" in json.loads(text)["key"]


async def test_a_backend_of_this_machine_may_be_told_by_setting() -> None:
    model = Model(ChatChunk("yes"))
    await answer(talking_to(model, loopback=False), asked())
    assert TOKEN in repr(model.asked)


async def test_giving_up_an_answer_closes_the_stream() -> None:
    model = Model(ChatChunk("one"), ChatChunk("two"))
    for request in (asked(), ChatRequest([Message("user", "hello")])):
        model.closed = False
        stream = talking_to(model).chat(request)
        await anext(stream)
        await stream.aclose()
        assert model.closed


def test_all_else_is_the_backends_own() -> None:
    backend = talking_to(Model())
    assert isinstance(backend, ChatBackend)
    assert (backend.name, backend.model, backend.is_loopback) == ("it", "m", True)
