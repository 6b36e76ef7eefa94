"""Conversations, tools and answers with a schema: the same for callers, whichever protocol carries them."""

from __future__ import annotations

import json
from contextlib import aclosing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot_ls.backends import _openai_answers, anthropic, gemini, ollama
from copilot_ls.backends import _openai_requests as openai_requests
from copilot_ls.backends._failures import Failures
from copilot_ls.backends.chat import (
    ChatBackend,
    ChatChunk,
    ChatRequest,
    Message,
    OutputSchema,
    ToolCall,
    ToolSpec,
)
from copilot_ls.backends.registry import create
from copilot_ls.config.settings import BackendSettings
from copilot_ls.errors import BackendError, BackendProtocolError, BackendRefusedError
from tests.backends.model_server import content_type_of, settings_for, streams
from tests.backends.protocols import PROTOCOLS

# One for each module: the others differ in how they ask for middles.
CONVERSING = ("openai", "azure", "anthropic", "mistral", "ollama", "llama_cpp", "gemini", "tgi")

LOOK_UP = ToolSpec(
    "look_up",
    "Find a definition.",
    {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
)
CALL = ToolCall("id_1", "look_up", '{"name": "area"}')
ANSWER = OutputSchema(
    "answer",
    {
        "type": "object",
        "properties": {"text": {"type": "string"}, "score": {"type": "integer", "minimum": 0, "default": 0}},
        "required": ["text"],
    },
)
QUESTION = (Message("system", "You explain code."), Message("user", "What does area do?"))
AFTER_A_CALL = (
    *QUESTION,
    Message("assistant", "", tool_calls=(CALL, ToolCall("id_2", "look_up", '{"name": "width"}'))),
    Message("tool", "def area(): ...", tool_call_id="id_1"),
    Message("tool", "width = 3", tool_call_id="id_2"),
)


@pytest.fixture(params=CONVERSING)
def name(request) -> str:
    return request.param


def make(name: str, server, opened, pieces: list[bytes] | None = None, **more):
    if pieces is not None:
        server.script = streams(content_type_of(name), pieces)
    return opened(create("it", settings_for(name, server.url, **more)))


async def gather(backend: ChatBackend, request: ChatRequest | None = None) -> list[ChatChunk]:
    async with aclosing(backend.chat(request or ChatRequest(QUESTION))) as chunks:
        return [chunk async for chunk in chunks]


def text_of(chunks: list[ChatChunk]) -> str:
    return "".join(chunk.text for chunk in chunks)


def calls_of(chunks: list[ChatChunk]) -> list[ToolCall]:
    return [chunk.tool_call for chunk in chunks if chunk.tool_call]


def reasons_of(chunks: list[ChatChunk]) -> list[str]:
    return [chunk.finish_reason for chunk in chunks if chunk.finish_reason]


async def test_an_answer_is_streamed_with_its_reason_and_its_tokens(name, server, opened):
    protocol = PROTOCOLS[name]
    backend = make(name, server, opened, protocol.chat_stream(["It ", "multiplies."]))
    assert isinstance(backend, ChatBackend)
    chunks = await gather(backend)
    assert text_of(chunks) == "It multiplies."
    assert reasons_of(chunks) == ["stop"]
    usage = [chunk.usage for chunk in chunks if chunk.usage]
    assert [(found.input_tokens, found.output_tokens) for found in usage] == [(40, 7)]
    assert (server.asked[0].method, server.asked[0].path) == ("POST", protocol.chat_path)


async def test_tokens_of_caches_are_told_apart(server, opened):
    chunks = await gather(make("anthropic", server, opened, PROTOCOLS["anthropic"].chat_stream(["x"])))
    (usage,) = [chunk.usage for chunk in chunks if chunk.usage]
    assert usage == (40, 30, 7, 2)


async def test_calls_are_put_together_whole(name, server, opened):
    calls = (CALL, ToolCall("id_2", "look_up", '{"name": "a \\"quoted\\" é"}'))
    chunks = await gather(
        make(name, server, opened, PROTOCOLS[name].chat_stream(["Let me see."], calls)),
        ChatRequest(QUESTION, tools=(LOOK_UP,)),
    )
    assert text_of(chunks) == "Let me see."
    found = calls_of(chunks)
    assert [call.name for call in found] == ["look_up", "look_up"]
    assert [json.loads(call.arguments) for call in found] == [{"name": "area"}, {"name": 'a "quoted" é'}]
    assert len({call.id for call in found}) == 2
    assert reasons_of(chunks) == ["tool_calls"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("name", ["openai", "anthropic"])
def test_arguments_are_put_together_however_they_are_cut(name, data):
    arguments = json.dumps(data.draw(st.dictionaries(st.text(max_size=4), st.text(max_size=9), max_size=3)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(arguments)), max_size=6)))
    pieces = [arguments[start:end] for start, end in zip([0, *cuts], [*cuts, len(arguments)], strict=True)]
    if name == "openai":
        from copilot_ls.backends._wire import OpenAiDelta

        calls = _openai_answers._Calls()
        function = {"name": "look_up", "arguments": ""}
        calls.add(OpenAiDelta.model_validate({"tool_calls": [{"index": 0, "id": "id_1", "function": function}]}))
        for piece in pieces:
            calls.add(OpenAiDelta.model_validate({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}))
        found = list(calls.whole())
    else:
        from copilot_ls.backends._wire_anthropic import AnthropicEvent

        reading = anthropic._Reading(Failures("it", "host", BackendSettings(kind="anthropic")), schema_by_tool=False)
        events = [
            {"type": "content_block_start", "content_block": {"type": "tool_use", "id": "id_1", "name": "look_up"}}
        ]
        events += [
            {"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": piece}}
            for piece in pieces
        ]
        events.append({"type": "content_block_stop"})
        found = calls_of([chunk for event in events for chunk in reading.read(AnthropicEvent.model_validate(event))])
    assert found == [ToolCall("id_1", "look_up", arguments)]


@pytest.mark.parametrize(
    ("deltas", "expected"),
    [
        pytest.param(
            [
                {"function": {"name": "a", "arguments": "{}"}},
                {"function": {"name": "b", "arguments": "{}"}},
            ],
            [("call_0", "a", "{}"), ("call_1", "b", "{}")],
            id="neither places nor ids",
        ),
        pytest.param(
            [
                {"index": 0, "id": "x", "function": {"name": "a", "arguments": "{}"}},
                {"index": 0, "id": "y", "function": {"name": "b", "arguments": "{}"}},
            ],
            [("x", "a", "{}"), ("y", "b", "{}")],
            id="all in one place",
        ),
        pytest.param(
            [{"index": 0, "id": "null", "function": {"name": "a", "arguments": {"n": 1}}}],
            [("call_0", "a", '{"n": 1}')],
            id="Mistral's id for none, arguments parsed",
        ),
        pytest.param(
            [{"index": 0, "id": "x", "function": {"name": "a"}}], [("x", "a", "{}")], id="without any arguments"
        ),
        pytest.param(
            [
                {"index": 0, "id": "x", "function": {"name": "a", "arguments": ""}},
                {"index": 0, "id": "x", "function": {"arguments": '{"n":'}},
                {"index": 0, "id": "x", "function": {"arguments": "1}"}},
            ],
            [("x", "a", '{"n":1}')],
            id="the id in every piece",
        ),
    ],
)
def test_servers_number_and_name_calls_as_they_like(deltas, expected):
    from copilot_ls.backends._wire import OpenAiDelta

    calls = _openai_answers._Calls()
    for delta in deltas:
        calls.add(OpenAiDelta.model_validate({"tool_calls": [delta]}))
    assert [(call.id, call.name, call.arguments) for call in calls.whole()] == expected


async def test_what_the_model_writes_as_arguments_is_not_believed(server, opened):
    call = ToolCall("id_1", "look_up", '{"name": ')
    chunks = await gather(make("openai", server, opened, PROTOCOLS["openai"].chat_stream([], (call,))))
    assert calls_of(chunks) == [call]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (
            "auto",
            ("auto", "auto", {"type": "auto"}, {"mode": "AUTO"}),
        ),
        ("none", ("none", "none", {"type": "none"}, {"mode": "NONE"})),
        ("required", ("required", "required", {"type": "any"}, {"mode": "ANY"})),
        (
            "look_up",
            (
                {"type": "function", "function": {"name": "look_up"}},
                {"type": "function", "function": {"name": "look_up"}},
                {"type": "tool", "name": "look_up"},
                {"mode": "ANY", "allowedFunctionNames": ["look_up"]},
            ),
        ),
    ],
)
async def test_which_tool_is_to_be_called_is_said_in_each_protocols_words(server, opened, choice, expected):
    request = ChatRequest(QUESTION, tools=(LOOK_UP,), tool_choice=choice)
    bodies = [make(name, server, opened).chat_request(request).body for name in ("openai", "mistral", "anthropic")]
    google = make("gemini", server, opened).chat_request(request).body
    assert (*(body["tool_choice"] for body in bodies), google["toolConfig"]["functionCallingConfig"]) == expected
    offered = "tools" in make("ollama", server, opened).chat_request(request).body
    assert offered == (choice != "none")


def test_results_of_calls_go_back_in_each_protocols_form():
    request = ChatRequest(AFTER_A_CALL, tools=(LOOK_UP,))
    told = openai_requests.conversation("m", request)["messages"]
    assert told[2]["content"] is None
    assert told[2]["tool_calls"][0] == {
        "id": "id_1",
        "type": "function",
        "function": {"name": "look_up", "arguments": '{"name": "area"}'},
    }
    assert told[3] == {"role": "tool", "tool_call_id": "id_1", "content": "def area(): ..."}

    body = anthropic.conversation("m", request).body
    assert [turn["role"] for turn in body["messages"]] == ["user", "assistant", "user"]
    assert [block["type"] for block in body["messages"][1]["content"]] == ["tool_use", "tool_use"]
    assert body["messages"][1]["content"][0]["input"] == {"name": "area"}
    assert [block["tool_use_id"] for block in body["messages"][2]["content"]] == ["id_1", "id_2"]

    body = gemini.conversation("m", request).body
    assert [turn["role"] for turn in body["contents"]] == ["user", "model", "user"]
    assert [part["functionResponse"]["name"] for part in body["contents"][2]["parts"]] == ["look_up", "look_up"]

    told = ollama.conversation("m", request).body["messages"]
    assert told[2]["tool_calls"][0]["function"] == {"name": "look_up", "arguments": {"name": "area"}}
    assert told[3] == {"role": "tool", "content": "def area(): ...", "tool_name": "look_up"}


def test_a_result_is_of_the_last_call_under_its_id():
    messages = (
        Message("assistant", "", tool_calls=(ToolCall("call_0", "first", "{}"),)),
        Message("tool", "1", tool_call_id="call_0"),
        Message("assistant", "", tool_calls=(ToolCall("call_0", "second", "{}"),)),
        Message("tool", "2", tool_call_id="call_0"),
    )
    body = gemini.conversation("m", ChatRequest(messages)).body
    assert [turn["parts"][0]["functionResponse"]["name"] for turn in body["contents"][1::2]] == ["first", "second"]
    told = ollama.conversation("m", ChatRequest(messages)).body["messages"]
    assert [told[at]["tool_name"] for at in (1, 3)] == ["first", "second"]


@pytest.mark.parametrize("written", ['{"name": ', "[1]", "3", ""])
def test_a_call_that_was_no_object_can_be_told_all_the_same(written):
    messages = (*QUESTION, Message("assistant", "", tool_calls=(ToolCall("id_1", "look_up", written),)))
    for body in (
        anthropic.conversation("m", ChatRequest(messages)).body["messages"][1]["content"][0]["input"],
        gemini.conversation("m", ChatRequest(messages)).body["contents"][1]["parts"][0]["functionCall"]["args"],
        ollama.conversation("m", ChatRequest(messages)).body["messages"][2]["tool_calls"][0]["function"]["arguments"],
    ):
        assert body == ({"arguments": written} if written else {})


async def test_a_signature_comes_back_with_its_call(server, opened):
    signed = ToolCall("id_1", "look_up", '{"name": "area"}', signature="c2ln")
    chunks = await gather(make("gemini", server, opened, PROTOCOLS["gemini"].chat_stream([], (signed,))))
    assert calls_of(chunks) == [signed]
    messages = (*QUESTION, Message("assistant", "", tool_calls=(signed,)))
    part = gemini.conversation("m", ChatRequest(messages)).body["contents"][1]["parts"][0]
    assert part["thoughtSignature"] == "c2ln"


# Answers with a schema


async def test_a_schema_goes_in_each_protocols_own_field(server, opened):
    request = ChatRequest(QUESTION, output_schema=ANSWER)

    def body(name: str) -> dict:
        return make(name, server, opened).chat_request(request).body

    schema = body("openai")["response_format"]["json_schema"]
    assert (schema["name"], schema["strict"]) == ("answer", True)
    assert schema["schema"]["additionalProperties"] is False
    assert schema["schema"]["required"] == ["text", "score"]
    assert schema["schema"]["properties"]["score"] == {"type": "integer", "minimum": 0}
    limited = body("anthropic")["output_config"]["format"]["schema"]["properties"]["score"]
    assert limited == {"type": "integer", "description": "(minimum: 0)"}
    assert body("gemini")["generationConfig"]["responseJsonSchema"] == ANSWER.schema
    assert body("gemini")["generationConfig"]["responseMimeType"] == "application/json"
    assert body("ollama")["format"] == ANSWER.schema
    for name in ("azure", "mistral", "llama_cpp", "tgi"):
        assert body(name)["response_format"]["type"] == "json_schema"


def refuses(said: str, when, otherwise):
    async def script(connection, asked):
        if when(asked.body):
            await connection.whole(400, json.dumps({"error": {"message": said}}).encode())
        else:
            await otherwise(connection, asked)

    return script


async def test_a_model_without_schemas_must_call_a_tool_instead(server, opened):
    call = ToolCall("id_1", "answer", '{"text": "x", "score": 1}')
    server.script = refuses(
        "output_config: Extra inputs are not permitted",
        lambda body: "output_config" in body,
        streams("text/event-stream", PROTOCOLS["anthropic"].chat_stream([], (call,))),
    )
    backend = make("anthropic", server, opened)
    for _ in range(2):
        chunks = await gather(backend, ChatRequest(QUESTION, output_schema=ANSWER))
        assert json.loads(text_of(chunks)) == {"text": "x", "score": 1}
        assert (calls_of(chunks), reasons_of(chunks)) == ([], ["stop"])
    assert len(server.asked) == 3
    assert server.asked[-1].body["tool_choice"] == {"type": "tool", "name": "answer"}


@pytest.mark.parametrize(
    ("name", "said", "field"),
    [
        ("openai", "Unknown parameter: 'response_format'", "response_format"),
        ("openai", "Unsupported value: 'temperature' does not support 0.0", "temperature"),
        ("anthropic", "thinking.type.disabled is not supported by this model", "thinking"),
        ("mistral", "response_format is not supported by this model", "response_format"),
        ("ollama", "unsupported format", "format"),
        ("llama_cpp", "stream_options is not supported", "stream_options"),
    ],
)
async def test_what_a_model_refuses_is_left_out_from_then_on(name, said, field, server, opened):
    otherwise = streams(content_type_of(name), PROTOCOLS[name].chat_stream(["x"]))
    server.script = refuses(said, lambda body: field in body, otherwise)
    backend = make(name, server, opened)
    for _ in range(2):
        assert text_of(await gather(backend, ChatRequest(QUESTION, output_schema=ANSWER))) == "x"
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("Budget 0 is invalid. This model only works in thinking mode.", "thinkingConfig"),
        ('Invalid JSON payload received. Unknown name "thinkingConfig": Cannot find field.', "thinkingConfig"),
    ],
)
async def test_a_model_that_must_think_may(server, opened, said, field):
    from tests.backends.model_server import gather as gather_middle
    from tests.backends.model_server import text_of as middle_of

    otherwise = streams("text/event-stream", PROTOCOLS["gemini"].stream(["a + b"], finish=True))
    server.script = refuses(said, lambda body: field in body["generationConfig"], otherwise)
    assert middle_of(await gather_middle(make("gemini", server, opened))) == "a + b"


# Caching


def test_what_comes_again_is_marked_for_the_cache():
    messages = (Message("system", "S"), Message("user", "U"), Message("assistant", "A"), Message("user", "Q"))

    def marked(cache_prefix: int) -> list[str]:
        body = anthropic.conversation("m", ChatRequest(messages, cache_prefix=cache_prefix)).body
        blocks = [*body["system"], *(block for turn in body["messages"] for block in turn["content"])]
        return [block["text"] for block in blocks if "cache_control" in block]

    assert [marked(n) for n in range(5)] == [[], ["S"], ["U"], ["A"], ["Q"]]


async def test_a_middle_by_conversation_marks_all_but_its_question(server, opened):
    from tests.backends.model_server import request

    body = make("anthropic", server, opened).completion_request(request()).body
    blocks = [block for turn in body["messages"] for block in turn["content"]]
    assert ["cache_control" in block for block in blocks] == [False, True, False]
    assert body["thinking"] == {"type": "disabled"}


# What is no ordinary answer


@pytest.mark.parametrize(
    ("name", "said", "expected"),
    [
        ("openai", {"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}, "length"),
        ("openai", {"choices": [{"index": 0, "delta": {}, "finish_reason": "content_filter"}]}, "content_filter"),
        (
            "openai",
            {"choices": [{"index": 0, "delta": {"refusal": "I cannot."}, "finish_reason": "stop"}]},
            "content_filter",
        ),
        ("mistral", {"choices": [{"index": 0, "delta": {}, "finish_reason": "model_length"}]}, "length"),
        ("anthropic", {"type": "message_delta", "delta": {"stop_reason": "max_tokens"}}, "length"),
        ("anthropic", {"type": "message_delta", "delta": {"stop_reason": "refusal"}}, "content_filter"),
        ("anthropic", {"type": "message_delta", "delta": {"stop_reason": "stop_sequence"}}, "stop"),
        ("gemini", {"candidates": [{"finishReason": "MAX_TOKENS"}]}, "length"),
        ("gemini", {"candidates": [{"finishReason": "PROHIBITED_CONTENT"}]}, "content_filter"),
        ("gemini", {"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL"}]}, "stop"),
        ("ollama", {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "length"}, "length"),
    ],
)
async def test_why_it_ended_is_said_in_one_vocabulary(name, said, expected, server, opened):
    end = b"\n" if name == "ollama" else b"\n\n"
    piece = (b"" if name == "ollama" else b"data: ") + json.dumps(said).encode() + end
    assert reasons_of(await gather(make(name, server, opened, [piece]))) == [expected]


async def test_a_prompt_that_is_blocked_is_refused(server, opened):
    piece = b'data: {"promptFeedback": {"blockReason": "SAFETY"}}\n\n'
    with pytest.raises(BackendRefusedError, match="SAFETY") as caught:
        await gather(make("gemini", server, opened, [piece]))
    assert caught.value.fault == "content_filter"


async def test_reasoning_is_no_part_of_the_answer(server, opened):
    pieces = [
        b'data: {"candidates":[{"content":{"parts":[{"text":"hm","thought":true}]}}]}\n\n',
        *PROTOCOLS["gemini"].chat_stream(["x"]),
    ]
    assert text_of(await gather(make("gemini", server, opened, pieces))) == "x"
    thinking = b'data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}\n\n'
    assert (
        text_of(await gather(make("anthropic", server, opened, [thinking, *PROTOCOLS["anthropic"].stream(["x"])])))
        == "x"
    )


async def test_an_answer_without_its_end_is_no_answer(name, server, opened):
    with pytest.raises(BackendProtocolError) as caught:
        await gather(make(name, server, opened, PROTOCOLS[name].chat_stream(["x"], finish=False)))
    assert caught.value.fault == "truncated"


async def test_an_error_within_the_stream_ends_it(name, server, opened):
    pieces = [*PROTOCOLS[name].chat_stream(["x"], finish=False), PROTOCOLS[name].error("the model is gone")]
    with pytest.raises(BackendProtocolError, match="the model is gone") as caught:
        await gather(make(name, server, opened, pieces))
    assert caught.value.fault == "stream_error"


async def test_further_fields_of_the_settings_are_sent(name, server, opened):
    backend = make(
        name,
        server,
        opened,
        PROTOCOLS[name].chat_stream(["x"]),
        options={"body": {"user": "u1", "generationConfig": {"seed": 7}, "options": {"seed": 7}}},
    )
    await gather(backend)
    body = server.asked[0].body
    assert body["user"] == "u1"
    assert body["generationConfig"]["seed"] == body["options"]["seed"] == 7
    assert ("maxOutputTokens" in body["generationConfig"]) == (name == "gemini")
    assert ("num_predict" in body["options"]) == (name == "ollama")


@pytest.mark.parametrize(
    ("name", "said", "fault"),
    [
        ("anthropic", {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "http_529"),
        ("anthropic", {"type": "error", "error": {"type": "rate_limit_error", "message": "slow"}}, "http_429"),
        ("gemini", {"error": {"code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED"}}, "http_429"),
        ("gemini", {"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}}, "http_503"),
        ("tgi", {"error": "Model is overloaded", "error_type": "overloaded"}, "http_503"),
        ("openai", {"error": {"message": "slow", "type": "requests", "code": "rate_limit_exceeded"}}, "http_429"),
        ("llama_cpp", {"error": {"code": 500, "message": "no", "type": "server_error"}}, "stream_error"),
    ],
)
async def test_a_pause_that_is_asked_for_within_the_stream_has_the_name_of_its_status(
    name, said, fault, server, opened
):
    piece = b"data: " + json.dumps(said).encode() + b"\n\n"
    with pytest.raises(BackendError) as caught:
        await gather(make(name, server, opened, [*PROTOCOLS[name].chat_stream(["x"], finish=False), piece]))
    assert caught.value.fault == fault


@pytest.mark.parametrize(
    ("status", "body", "fault", "says"),
    [
        (400, b'[{"error":{"code":400,"message":"API key not valid"}}]', "http_400", "API key not valid"),
        (
            400,
            b'{"error":{"code":"content_filter","message":"triggering Azure OpenAI\'s content management policy"}}',
            "content_filter",
            "filter of contents",
        ),
        (408, b"{}", "http_408", "waited too long"),
        (413, b"<html>", "http_413", "lower context.budget_tokens"),
    ],
)
async def test_a_refusal_says_what_it_means(name, server, opened, status, body, fault, says):
    async def script(connection, asked):
        await connection.whole(status, body)

    server.script = script
    with pytest.raises(BackendRefusedError, match=says) as caught:
        await gather(make(name, server, opened))
    assert caught.value.fault == fault
