"""What is sent to servers with OpenAI's API, and how the backend finds the way that a server understands."""

from __future__ import annotations

import json

import pytest

from copilot_ls.backends.base import Usage
from copilot_ls.backends.registry import create
from copilot_ls.context.snippet import ContextSnippet
from copilot_ls.errors import BackendRefusedError, SettingsError
from tests.backends.model_server import gather, request, says, settings_for, text_of

SNIPPET = ContextSnippet("lib/math.py", 0, 1, "def sub(a, b): return a - b\n", "similar_code", 1.0, 12)


def chat_says(*texts: str):
    async def script(connection, asked):
        await connection.chunked_head()
        for text in texts:
            await connection.chunk(
                b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}).encode() + b"\n\n"
            )
        await connection.chunk(b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
        await connection.end()

    return script


def refuses(status: int, message: str, otherwise, when=lambda asked: True):
    async def script(connection, asked):
        if when(asked):
            await connection.whole(status, json.dumps({"error": {"message": message}}).encode())
        else:
            await otherwise(connection, asked)

    return script


def make(server, opened, **more):
    return opened(create("it", settings_for("openai", server.url, **more)))


async def test_a_known_family_gets_its_own_tokens_in_the_prompt(server, opened):
    server.script = says("openai", "a + b")
    await gather(make(server, opened), request(snippets=[SNIPPET]))
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/v1/completions")
    assert asked.body["prompt"].endswith(
        "<|file_sep|>add.py\n<|fim_prefix|>def add(a, b):\n    return <|fim_suffix|>\n\nprint(add(1, 2))\n<|fim_middle|>"
    )
    assert "<|file_sep|>lib/math.py\ndef sub(a, b): return a - b\n" in asked.body["prompt"]
    assert "suffix" not in asked.body
    assert asked.body["stream"] is True
    assert asked.body["model"] == "qwen2.5-coder:1.5b"


async def test_an_unknown_family_gets_a_suffix_and_comments(server, opened):
    server.script = says("openai", "a + b")
    await gather(make(server, opened, model="house-model"), request(snippets=[SNIPPET]))
    body = server.asked[0].body
    assert body["suffix"] == "\n\nprint(add(1, 2))\n"
    assert (
        body["prompt"]
        == "# From lib/math.py:\n# def sub(a, b): return a - b\n# Path: add.py\ndef add(a, b):\n    return "
    )


@pytest.mark.parametrize(("multiline", "first"), [(False, "\n"), (True, "<|endoftext|>")])
async def test_the_rest_of_a_line_stops_at_its_end(server, opened, multiline, first):
    server.script = says("openai", "x")
    await gather(make(server, opened), request(multiline=multiline))
    stop = server.asked[0].body["stop"]
    assert stop[0] == first
    assert len(stop) <= 4


async def test_usage_is_reported_where_the_server_gives_it(server, opened):
    server.script = says("openai", "x")
    chunks = await gather(make(server, opened))
    assert [chunk.usage for chunk in chunks if chunk.usage] == [Usage(40, 30, 7)]
    assert server.asked[0].body["stream_options"] == {"include_usage": True}


async def test_several_alternatives_are_kept_apart(server, opened):
    async def script(connection, asked):
        await connection.chunked_head()
        for index, text in ((0, "a"), (1, "b"), (0, "a"), (1, "c")):
            await connection.chunk(f'data: {{"choices":[{{"index":{index},"text":"{text}"}}]}}\n\n'.encode())
        await connection.chunk(
            b'data: {"choices":[{"index":0,"finish_reason":"stop"},{"index":1,"finish_reason":"length"}]}\n\n'
        )
        await connection.end()

    server.script = script
    chunks = await gather(make(server, opened), request(n=2))
    assert (text_of(chunks, 0), text_of(chunks, 1)) == ("aa", "bc")
    body = server.asked[0].body
    assert body["n"] == 2
    assert body["temperature"] > 0


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_without_completions_it_chats_and_remembers(server, opened, status):
    server.script = refuses(
        status, "Not Found", chat_says("```python\n", "a + b\n", "```"), lambda asked: "chat" not in asked.path
    )
    backend = make(server, opened)
    assert text_of(await gather(backend)) == "a + b"
    assert text_of(await gather(backend)) == "a + b"
    assert [asked.path for asked in server.asked] == ["/v1/completions", "/v1/chat/completions", "/v1/chat/completions"]
    messages = server.asked[-1].body["messages"]
    assert "def add(a, b):\n    return <<<FILL_HERE>>>\n\nprint(add(1, 2))" in messages[-1]["content"]
    assert "prompt" not in server.asked[-1].body


async def test_a_suffix_that_is_refused_leads_to_chat(server, opened):
    server.script = refuses(
        400, "suffix is not currently supported", chat_says("a + b"), lambda asked: "chat" not in asked.path
    )
    assert text_of(await gather(make(server, opened, model="house-model"))) == "a + b"


async def test_without_chat_either_the_refusal_is_told_once(server, opened):
    server.script = refuses(404, "Not Found", None)
    with pytest.raises(BackendRefusedError) as caught:
        await gather(make(server, opened))
    assert caught.value.fault == "http_404"
    assert "check backend.it.url" in str(caught.value)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("status", "said", "parameter"),
    [
        (400, "Unrecognized request argument supplied: stream_options", "stream_options"),
        (422, "stream_options: extra fields not permitted", "stream_options"),
        (400, "Unsupported value: 'temperature' does not support 0.0 with this model.", "temperature"),
        (400, "Unsupported parameter: 'stop' is not supported with this model.", "stop"),
    ],
)
async def test_an_optional_parameter_that_is_refused_is_left_out_from_then_on(server, opened, status, said, parameter):
    server.script = refuses(status, said, says("openai", "x"), lambda asked: parameter in asked.body)
    backend = make(server, opened)
    assert text_of(await gather(backend)) == "x"
    assert text_of(await gather(backend)) == "x"
    assert [parameter in asked.body for asked in server.asked] == [True, False, False]


async def test_the_newer_name_of_the_token_limit_is_found(server, opened):
    said = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    server.script = refuses(400, said, chat_says("x"), lambda asked: "max_tokens" in asked.body)
    assert text_of(await gather(make(server, opened, options={"fim": "chat"}), request(max_tokens=77))) == "x"
    assert server.asked[-1].body["max_completion_tokens"] == 77


async def test_a_refusal_that_names_nothing_is_not_tried_again(server, opened):
    server.script = refuses(400, "bad request", None)
    with pytest.raises(BackendRefusedError):
        await gather(make(server, opened))
    assert len(server.asked) == 1


async def test_a_way_that_the_settings_fix_is_not_left(server, opened):
    server.script = refuses(404, "Not Found", None)
    with pytest.raises(BackendRefusedError):
        await gather(make(server, opened, options={"fim": "suffix"}))
    assert [asked.path for asked in server.asked] == ["/v1/completions"]


@pytest.mark.parametrize(
    ("written", "asked_at"),
    [
        ("", "/v1/completions"),
        ("/", "/v1/completions"),
        ("/v1", "/v1/completions"),
        ("/v1/", "/v1/completions"),
        ("/v1/completions", "/v1/completions"),
        ("/v1/chat/completions", "/v1/completions"),
        ("/api/openai/v1", "/api/openai/v1/completions"),
    ],
)
async def test_addresses_are_taken_as_users_write_them(server, opened, written, asked_at):
    server.script = says("openai", "x")
    await gather(opened(create("it", settings_for("openai", server.url + written))))
    assert server.asked[0].path == asked_at


async def test_headers_of_the_settings_are_sent(server, opened):
    server.script = says("openai", "x")
    await gather(make(server, opened, headers={"X-Team": "tools"}))
    assert server.asked[0].headers["x-team"] == "tools"


async def test_a_linger_after_the_end_does_not_spoil_the_answer(server, opened):
    async def script(connection, asked):
        await connection.chunked_head()
        await connection.chunk(b'data: {"choices":[{"index":0,"text":"x","finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
        await connection.until_closed()

    server.script = script
    assert text_of(await gather(make(server, opened))) == "x"


def test_a_raw_prompt_needs_a_known_family():
    with pytest.raises(SettingsError, match=r"backend\.it\.profile to one of qwen-coder"):
        create("it", settings_for("openai", "http://127.0.0.1:1", model="house-model", options={"fim": "prompt"}))


def test_an_unknown_profile_is_told_with_those_that_are_known():
    with pytest.raises(SettingsError, match=r"backend\.it\.profile = 'quen'; expected one of qwen-coder"):
        create("it", settings_for("openai", "http://127.0.0.1:1", profile="quen"))
