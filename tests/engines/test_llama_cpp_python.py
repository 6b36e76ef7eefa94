"""The kind `llama_cpp_python` against the real server of that package, which has one model and one lock."""

from __future__ import annotations

import string
from contextlib import aclosing

import pytest

from copilot_ls.backends.base import Backend
from copilot_ls.backends.chat import ChatRequest, Message
from copilot_ls.backends.registry import create
from copilot_ls.config.settings import BackendSettings
from tests.backends.model_server import gather, request, text_of
from tests.engines.conftest import CONTEXT_TOKENS
from tests.engines.engine import Engine

SPOKEN = set(string.printable)
LONG = CONTEXT_TOKENS - 1000


def settings_of(engine: Engine, **options) -> BackendSettings:
    patient = {"first_byte_timeout_ms": 20_000, "idle_timeout_ms": 20_000, "total_timeout_ms": 60_000}
    return BackendSettings(
        kind="llama_cpp_python", url=f"{engine.url}/v1", model="qwen2.5-coder-tiny", options=options, **patient
    )


@pytest.fixture(params=["suffix", "prompt", "chat"])
def backend(request, llama_cpp_python: Engine, opened) -> Backend:
    return opened(create("it", settings_of(llama_cpp_python, fim=request.param)))


async def test_the_middle_is_streamed(backend):
    chunks = await gather(backend, request(multiline=True, max_tokens=24))
    assert set(text_of(chunks)) <= SPOKEN
    assert len([chunk for chunk in chunks if chunk.text]) > (0 if backend.how() == "chat" else 12)
    assert [chunk.finish_reason for chunk in chunks if chunk.finish_reason] == ["length"]


async def test_giving_up_frees_the_model(backend):
    """Who is next does not wait for the rest of a long answer, for which the server would hold its lock past the deadline."""
    async with aclosing(backend.complete(request(multiline=True, max_tokens=LONG))) as chunks:
        async for chunk in chunks:
            if chunk.text:
                break
    chunks = await gather(backend, request(multiline=True, max_tokens=8))
    assert [chunk.finish_reason for chunk in chunks if chunk.finish_reason] == ["length"]


async def test_a_conversation_without_tools(llama_cpp_python, opened):
    backend = opened(create("it", settings_of(llama_cpp_python)))
    async with aclosing(backend.chat(ChatRequest((Message("user", "u"),), max_tokens=16))) as chunks:
        said = [chunk async for chunk in chunks]
    text = "".join(chunk.text for chunk in said)
    assert text
    assert set(text) <= SPOKEN
    assert [chunk.finish_reason for chunk in said if chunk.finish_reason] == ["length"]


async def test_the_doctor_reaches_it(llama_cpp_python, opened):
    found = await opened(create("it", settings_of(llama_cpp_python))).check()
    assert found.reachable
    assert found.details["asked_by"] == "suffix"
