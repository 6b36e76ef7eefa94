"""What is sent to llama.cpp's and Ollama's own interfaces."""

from __future__ import annotations

import pytest

from copilot_ls.backends.base import Usage
from copilot_ls.backends.registry import create
from copilot_ls.context.snippet import ContextSnippet
from copilot_ls.errors import BackendRefusedError, SettingsError
from tests.backends.model_server import gather, request, says, settings_for, text_of

SNIPPET = ContextSnippet("lib/math.py", 0, 1, "def sub(a, b): return a - b\n", "similar_code", 1.0, 12)


async def test_llama_cpp_is_asked_to_infill(server, opened):
    server.script = says("llama_cpp", "a + b")
    backend = opened(create("it", settings_for("llama_cpp", server.url)))
    await gather(backend, request(snippets=[SNIPPET], max_tokens=50))
    (asked,) = server.asked
    assert asked.path == "/infill"
    assert asked.body["input_prefix"] == "def add(a, b):\n    return "
    assert not asked.body["prompt"]  # special tokens spelt there would be taken for such
    assert asked.body["input_suffix"] == "\n\nprint(add(1, 2))\n"
    assert asked.body["input_extra"] == [{"filename": "lib/math.py", "text": "def sub(a, b): return a - b\n"}]
    assert asked.body["n_predict"] == 50
    assert asked.body["cache_prompt"] is True
    assert asked.body["stop"] == ["\n"]


async def test_llama_cpp_reports_usage_and_why_it_ended(server, opened):
    server.script = says("llama_cpp", "x")
    chunks = await gather(opened(create("it", settings_for("llama_cpp", server.url))))
    assert chunks[-1].usage == Usage(40, 30, 7)

    async def limited(connection, asked):
        await connection.whole(200, b'data: {"content":"x","stop":true,"stop_type":"limit"}\n\n', "text/event-stream")

    server.script = limited
    assert (await gather(opened(create("it", settings_for("llama_cpp", server.url)))))[-1].finish_reason == "length"


@pytest.mark.parametrize("kind", ["llama_cpp", "ollama"])
async def test_alternatives_are_asked_for_one_after_the_other_with_seeds(kind, server, opened):
    server.script = says(kind, "x")
    chunks = await gather(opened(create("it", settings_for(kind, server.url))), request(n=3))
    assert [text_of(chunks, choice) for choice in range(3)] == ["x"] * 3
    options = [asked.body.get("options", asked.body) for asked in server.asked]
    assert [entry.get("seed") for entry in options] == [None, 1, 2]
    assert [entry["temperature"] > 0 for entry in options] == [False, True, True]


async def test_llama_cpp_that_cannot_infill_says_so(server, opened):
    async def script(connection, asked):
        await connection.whole(501, b'{"error":{"code":501,"message":"Infill is not supported by this model"}}')

    server.script = script
    with pytest.raises(BackendRefusedError, match="Infill is not supported by this model"):
        await gather(opened(create("it", settings_for("llama_cpp", server.url))))


async def test_ollama_gets_the_raw_prompt_of_a_known_family(server, opened):
    server.script = says("ollama", "a + b")
    chunks = await gather(
        opened(create("it", settings_for("ollama", server.url, options={"keep_alive": "30m", "num_ctx": 4096})))
    )
    assert text_of(chunks) == "a + b"
    assert chunks[-1].usage == Usage(40, None, 7)
    (asked,) = server.asked
    assert asked.path == "/api/generate"
    assert asked.body["raw"] is True
    assert asked.body["prompt"] == (
        "<|fim_prefix|>def add(a, b):\n    return <|fim_suffix|>\n\nprint(add(1, 2))\n<|fim_middle|>"
    )
    assert asked.body["keep_alive"] == "30m"
    assert asked.body["options"]["num_ctx"] == 4096


async def test_ollama_gets_a_suffix_for_an_unknown_family(server, opened):
    server.script = says("ollama", "a + b")
    await gather(
        opened(create("it", settings_for("ollama", server.url, model="house-model"))), request(snippets=[SNIPPET])
    )
    body = server.asked[0].body
    assert "raw" not in body
    assert body["suffix"] == "\n\nprint(add(1, 2))\n"
    assert body["prompt"].startswith("# From lib/math.py:\n# def sub")


async def test_a_model_of_ollama_that_cannot_fill_in_is_told_what_to_do(server, opened):
    async def script(connection, asked):
        await connection.whole(400, b'{"error":"registry.ollama.ai/library/llama3:latest does not support insert"}')

    server.script = script
    with pytest.raises(BackendRefusedError, match=r"cannot fill in the middle; set backend\.it\.model") as caught:
        await gather(opened(create("it", settings_for("ollama", server.url, model="llama3"))))
    assert caught.value.fault == "no_fim"


def test_ollama_needs_a_model():
    with pytest.raises(SettingsError, match=r"backend\.it\.model is not set"):
        create("it", settings_for("ollama", "http://127.0.0.1:1", model=None))


@pytest.mark.parametrize(
    ("kind", "written", "asked_at"),
    [
        ("llama_cpp", "/", "/infill"),
        ("llama_cpp", "/v1", "/infill"),
        ("llama_cpp", "/infill", "/infill"),
        ("ollama", "/api", "/api/generate"),
        ("ollama", "/v1", "/api/generate"),
        ("ollama", "/behind/api/generate", "/behind/api/generate"),
    ],
)
async def test_addresses_are_taken_as_users_write_them(kind, server, opened, written, asked_at):
    server.script = says(kind, "x")
    await gather(opened(create("it", settings_for(kind, server.url + written))))
    assert server.asked[0].path == asked_at
