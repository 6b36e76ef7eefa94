"""What is sent for a middle to each of the services, and how they are configured."""

from __future__ import annotations

import pytest

from copilot_ls.backends.base import WarmBackend
from copilot_ls.backends.registry import create
from copilot_ls.config.settings import BackendSettings
from copilot_ls.context.snippet import ContextSnippet
from copilot_ls.errors import BackendRefusedError, SettingsError
from tests.backends.model_server import HTTP_KINDS, gather, hang, request, says, settings_for, streams, text_of
from tests.backends.protocols import PROTOCOLS

SNIPPET = ContextSnippet("lib/math.py", 0, 1, "def sub(a, b): return a - b\n", "similar_code", 1.0, 12)


@pytest.fixture(params=HTTP_KINDS)
def name(request) -> str:
    return request.param


def make(name: str, server, opened, **more):
    server.script = says(name, "a + b")
    return opened(create("it", settings_for(name, server.url, **more)))


# All of them


async def test_it_is_asked_where_the_protocol_says_and_tells_the_tokens(name, server, opened):
    backend = make(name, server, opened)
    chunks = await gather(backend)
    assert (server.asked[0].method, server.asked[0].path) == ("POST", PROTOCOLS[name].path)
    assert server.asked[0].body == dict(backend.completion_request(request()).body)
    assert [chunk.usage for chunk in chunks if chunk.usage] == [PROTOCOLS[name].usage]


async def test_context_goes_along_and_so_does_the_whole_of_both_sides(name, server, opened):
    backend = make(name, server, opened)
    sent = str(backend.completion_request(request(snippets=[SNIPPET])).body)
    for text in ("lib/math.py", "def sub(a, b): return a - b", "def add(a, b):", "print(add(1, 2))"):
        assert text in sent
    assert "print(add(1, 2))" in "".join(backend.completion_request(request()).sent)


async def test_alternatives_are_different_ones(name, server, opened):
    backend = make(name, server, opened)
    await gather(backend, request(n=2))
    if len(server.asked) == 1:
        assert server.asked[0].body["n"] == 2
        assert server.asked[0].body["temperature"] > 0
    elif name != "anthropic":  # whose own temperature is 1
        assert server.asked[0].body != server.asked[1].body


async def test_a_connection_is_opened_ahead_and_nothing_is_told(name, server, opened, monkeypatch):
    monkeypatch.setenv("SOME_KEY", "sk-very-secret-0123456789")
    said = says(name, "a + b")

    async def script(connection, asked):
        if asked.method == "HEAD":
            await connection.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n")
        else:
            await said(connection, asked)

    server.script = script
    backend = opened(create("it", settings_for(name, server.url, api_key_env="SOME_KEY")))
    assert isinstance(backend, WarmBackend)
    await backend.warm()
    (asked,) = server.asked
    assert (asked.method, asked.body) == ("HEAD", {})
    assert "secret" not in str(asked.headers)
    assert text_of(await gather(backend)) == "a + b"
    assert server.n_connections == 1


async def test_a_server_that_is_not_there_or_says_nothing_costs_no_more_than_the_wait(server, opened):
    gone = opened(create("it", settings_for("openai", "http://127.0.0.1:1")))
    await gone.warm()
    server.script = hang
    silent = opened(create("it", settings_for("openai", server.url, connect_timeout_ms=100)))
    await silent.warm()
    assert len(server.asked) == 1


# Azure


@pytest.mark.parametrize(
    ("written", "options", "asked_at"),
    [
        ("", {}, "/openai/deployments/my%20model/completions?api-version=2024-10-21"),
        ("/openai", {}, "/openai/deployments/my%20model/completions?api-version=2024-10-21"),
        (
            "/openai/deployments/my%20model/chat/completions",
            {"api_version": "2025-04-01-preview"},
            "/openai/deployments/my%20model/completions?api-version=2025-04-01-preview",
        ),
        ("/openai/v1", {}, "/openai/v1/completions"),
        (
            "/openai/v1/",
            {"api_version": "2024-10-21"},
            "/openai/deployments/my%20model/completions?api-version=2024-10-21",
        ),
    ],
)
async def test_azure_is_asked_by_deployment_or_in_its_newer_form(server, opened, written, options, asked_at):
    server.script = says("azure", "x")
    settings = settings_for("azure", server.url + written, model="my model", options=options)
    await gather(opened(create("it", settings)))
    assert server.asked[0].path == asked_at


async def test_azure_without_completions_is_asked_by_conversation(server, opened):
    otherwise = streams("text/event-stream", PROTOCOLS["azure"].chat_stream(["a + b"]))

    async def script(connection, asked):
        if "chat" not in asked.path:
            said = b'{"error":{"code":"OperationNotSupported","message":"The completion operation does not work"}}'
            await connection.whole(404, said)
        else:
            await otherwise(connection, asked)

    server.script = script
    assert text_of(await gather(opened(create("it", settings_for("azure", server.url))))) == "a + b"
    assert server.asked[-1].path == PROTOCOLS["azure"].chat_path


@pytest.mark.parametrize(
    ("kind", "missing", "message"),
    [
        ("azure", {"url": None}, r"backend\.it\.url is not set"),
        ("azure", {"model": None}, r"backend\.it\.model is not set; expected the name of your deployment"),
        ("mistral", {"model": None}, "codestral-latest say"),
        ("anthropic", {"model": None}, r"backend\.it\.model is not set"),
        ("gemini", {"model": None}, r"backend\.it\.model is not set"),
        ("tgi", {"model": "house-model", "options": {"fim": "prompt"}}, r"backend\.it\.profile to one of"),
        ("llama_cpp", {"model": "house-model", "options": {"fim": "prompt"}}, r"backend\.it\.profile to one of"),
        ("anthropic", {"options": {"body": 3}}, r"backend\.it\.options\.body is a int; expected a dict"),
    ],
)
def test_what_a_kind_needs_is_told_when_it_is_missing(kind, missing, message):
    given = {"kind": kind, "url": "https://models.example", "model": "m"} | missing
    with pytest.raises(SettingsError, match=message):
        create("it", BackendSettings(**given))


@pytest.mark.parametrize("kind", ["anthropic", "gemini", "mistral"])
def test_a_service_has_its_own_address(kind):
    backend = create("it", BackendSettings(kind=kind, model="m"))
    assert backend._endpoint.url.startswith("https://")
    assert not backend.is_loopback


# Mistral


async def test_mistral_gets_both_sides_and_its_own_context_format(server, opened):
    await gather(make("mistral", server, opened), request(snippets=[SNIPPET]))
    body = server.asked[0].body
    assert body["prompt"] == "+++++ lib/math.py\ndef sub(a, b): return a - b\n+++++ add.py\ndef add(a, b):\n    return "
    assert body["suffix"] == "\n\nprint(add(1, 2))\n"
    assert "stream_options" not in body


async def test_a_model_of_mistral_without_middles_is_asked_by_conversation_and_that_is_remembered(server, opened):
    otherwise = streams("text/event-stream", PROTOCOLS["mistral"].chat_stream(["a + b"]))

    async def script(connection, asked):
        if "fim" in asked.path:
            await connection.whole(400, b'{"message":"FIM is not enabled for this model","type":"invalid_request"}')
        else:
            await otherwise(connection, asked)

    server.script = script
    backend = opened(create("it", settings_for("mistral", server.url, model="mistral-small-latest")))
    for _ in range(2):
        assert text_of(await gather(backend)) == "a + b"
    assert [asked.path for asked in server.asked] == [
        "/v1/fim/completions",
        "/v1/chat/completions",
        "/v1/chat/completions",
    ]


async def test_a_way_that_the_settings_fix_is_not_left(server, opened):
    async def script(connection, asked):
        await connection.whole(400, b'{"message":"FIM is not enabled for this model"}')

    server.script = script
    with pytest.raises(BackendRefusedError):
        await gather(opened(create("it", settings_for("mistral", server.url, options={"fim": "fim"}))))
    assert len(server.asked) == 1


# llama.cpp


async def test_llama_cpp_is_told_about_slots_and_caches(server, opened):
    hints = {"id_slot": 1, "n_cache_reuse": 256, "n_indent": 4, "t_max_predict_ms": 900}
    backend = make("llama_cpp", server, opened, options=hints)
    await gather(backend)
    assert {key: server.asked[0].body[key] for key in hints} == hints
    assert server.asked[0].body["cache_prompt"] is True


async def test_llama_cpp_that_cannot_infill_gets_the_raw_prompt_of_a_known_family(server, opened):
    otherwise = says("llama_cpp", "a + b")

    async def script(connection, asked):
        if asked.path == "/infill":
            await connection.whole(501, b'{"error":{"code":501,"message":"Infill is not supported by this model"}}')
        else:
            await otherwise(connection, asked)

    server.script = script
    backend = opened(create("it", settings_for("llama_cpp", server.url)))
    for _ in range(2):
        assert text_of(await gather(backend)) == "a + b"
    assert [asked.path for asked in server.asked] == ["/infill", "/completion", "/completion"]
    assert server.asked[-1].body["prompt"].startswith("<|fim_prefix|>")


# text-generation-inference


async def test_tgi_gets_a_raw_prompt_and_does_not_sample(server, opened):
    await gather(make("tgi", server, opened))
    body = server.asked[0].body
    assert body["inputs"].startswith("<|fim_prefix|>def add")
    assert body["parameters"]["do_sample"] is False
    assert "temperature" not in body["parameters"]


async def test_tgi_with_an_unknown_family_is_asked_by_conversation(server, opened):
    server.script = streams("text/event-stream", PROTOCOLS["tgi"].chat_stream(["a + b"]))
    backend = opened(create("it", settings_for("tgi", server.url, model=None)))
    assert text_of(await gather(backend)) == "a + b"
    assert server.asked[0].body["model"] == "tgi"


async def test_the_stop_sequence_that_tgi_says_is_cut_off(server, opened):
    server.script = says("tgi", "a + b", "\n", "print")
    backend = opened(create("it", settings_for("tgi", server.url)))
    assert text_of(await gather(backend)) == "a + b"
