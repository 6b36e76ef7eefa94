"""Every request that can be sent is one that the vendor's own client would send, by its types."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from copilot_ls.backends.base import CompletionRequest
from copilot_ls.backends.chat import AUTO, NONE, REQUIRED, ChatRequest, Message, OutputSchema, ToolCall
from copilot_ls.backends.registry import create
from copilot_ls.backends.structured import Tool, schema_of
from copilot_ls.context.snippet import ContextSnippet
from tests.backends.model_server import settings_for
from tests.backends.protocols import PROTOCOLS
from tests.conformance.vendors import VENDORS

URL = "http://127.0.0.1:9"
MODELS = {
    "openai": ("qwen2.5-coder:1.5b", "gpt-4.1-mini"),
    "azure": ("qwen2.5-coder:1.5b", "gpt-4.1-mini"),
    "ollama": ("qwen2.5-coder:1.5b", "llama3.1:8b"),
    "mistral": ("codestral-latest", "devstral-small"),
}


class Place(BaseModel):
    """Where."""

    line: int = Field(ge=0, le=10_000)
    column: int | None = None


class Edits(BaseModel):
    places: list[Place] = Field(min_length=1)
    why: str = ""


TOOLS = [Tool("search", "Look words up.", Place).spec(), Tool("apply", "Change the file.", Edits).spec()]
SCHEMA = OutputSchema("Edits", schema_of(Edits))

text = st.text(max_size=20)
some_text = st.text(min_size=1, max_size=20)
stops = st.lists(st.sampled_from(["\n\n", "\n", "```", "def "]), max_size=6, unique=True).map(tuple)
snippets = st.lists(
    st.builds(lambda path, code: ContextSnippet(path, 0, 1, code, "similar_code", 1.0, 3), some_text, some_text),
    max_size=2,
)
middles = st.builds(
    CompletionRequest,
    path=text,
    language_id=st.sampled_from(["python", "go", ""]),
    prefix=text,
    suffix=text,
    snippets=snippets,
    multiline=st.booleans(),
    max_tokens=st.integers(1, 4096),
    temperature=st.sampled_from([0.0, 0.2, 1.0]),
    n=st.integers(1, 4),
    stop=stops,
)


@st.composite
def conversations(draw: Any) -> ChatRequest:
    """A system's word, turns of both sides, and calls with their results, as structured answers and tasks make them."""
    messages = [Message("system", draw(some_text))] if draw(st.booleans()) else []
    messages.append(Message("user", draw(some_text)))
    tools = draw(st.sampled_from([(), TOOLS[:1], TOOLS]))
    for number in range(draw(st.integers(0, 2))):
        if tools and draw(st.booleans()):
            calls = tuple(
                ToolCall(
                    f"call{number}{at}abc", tool.name, draw(st.sampled_from(["{}", '{"line": 3}', "not JSON", ""]))
                )
                for at, tool in enumerate(tools)
            )
            messages.append(Message("assistant", draw(text), tool_calls=calls))
            messages += [Message("tool", draw(some_text), tool_call_id=call.id) for call in calls]
        else:
            messages.append(Message("assistant", draw(some_text)))
            messages.append(Message("user", draw(some_text)))
    choices = [AUTO, NONE, REQUIRED, *(tool.name for tool in tools)] if tools else [AUTO]
    return ChatRequest(
        tuple(messages),
        tools=tools,
        tool_choice=draw(st.sampled_from(choices)),
        output_schema=draw(st.sampled_from([None, SCHEMA])),
        max_tokens=draw(st.integers(1, 8192)),
        temperature=draw(st.sampled_from([0.0, 0.7])),
        stop=draw(stops),
        cache_prefix=draw(st.integers(0, len(messages))),
    )


def backend_of(name: str, model: str | None = None) -> Any:
    protocol = PROTOCOLS[name]
    return create("it", settings_for(name, URL, model=model or protocol.model))


def judged(judge: Any, wire: Any) -> None:
    body = json.loads(json.dumps(wire.body))
    if judge is not None:
        assert judge(body) == []


def test_every_protocol_has_its_judges():
    assert set(VENDORS) == set(PROTOCOLS)


@pytest.mark.parametrize(
    ("name", "model"), [(name, model) for name in PROTOCOLS for model in MODELS.get(name, (PROTOCOLS[name].model,))]
)
@settings(max_examples=25)
@given(request=middles)
def test_a_request_for_a_middle(name, model, request):
    judged(VENDORS[name][0], backend_of(name, model).completion_request(request))


@pytest.mark.parametrize("way", ["auto", "prompt", "suffix", "chat"])
def test_each_way_of_asking_openais_api(way):
    backend = create("it", settings_for("openai", URL, options={"fim": way}))
    request = CompletionRequest("a.py", "python", "x = ", "\n", n=2, stop=("a", "b", "c", "d", "e"))
    judged(VENDORS["openai_chat" if way == "chat" else "openai"][0], backend.completion_request(request))


@pytest.mark.parametrize("name", PROTOCOLS)
@settings(max_examples=40)
@given(request=conversations())
def test_a_conversation(name, request):
    judged(VENDORS[name][1], backend_of(name).chat_request(request))


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_conversation_of_which_optional_fields_were_refused(name):
    """One field after the other, as servers refuse them: what is left is still a request."""
    backend = backend_of(name)
    request = ChatRequest((Message("user", "x"),), tools=TOOLS, output_schema=SCHEMA, stop=("a",))
    for field in sorted(backend._refused._patterns):
        backend._refused._found.add(field)
        judged(VENDORS[name][1], backend.chat_request(request))


CONVERSATION = ChatRequest(
    (
        Message("system", "s"),
        Message("user", "u"),
        Message("assistant", "", tool_calls=(ToolCall("call12abc", "search", '{"line": 3}'),)),
        Message("tool", "found", tool_call_id="call12abc"),
    ),
    tools=TOOLS,
    output_schema=SCHEMA,
    cache_prefix=1,
)


@pytest.mark.parametrize("name", PROTOCOLS)
@settings(max_examples=25)
@given(data=st.data())
def test_the_judges_see_what_is_wrong(name, data):
    """An unknown field anywhere but in a schema, and a text that is a number, are both seen."""
    judge = VENDORS[name][1]
    body = json.loads(json.dumps(backend_of(name).chat_request(CONVERSATION).body))
    tables = list(tables_in(body))
    table = data.draw(st.sampled_from(tables))
    table["unknown_field"] = 1
    with pytest.raises((AssertionError, ValidationError)):
        assert judge(body) == []


def tables_in(value: Any, key: str = "") -> Any:
    """Every table that is not part of a JSON schema or of the arguments of a call."""
    if isinstance(value, dict):
        yield value
        for inner, entry in value.items():
            if inner not in {
                "parameters",
                "input_schema",
                "schema",
                "format",
                "responseJsonSchema",
                "parametersJsonSchema",
                "args",
                "input",
                "arguments",
                "response",
            }:
                yield from tables_in(entry, inner)
    elif isinstance(value, list):
        for entry in value:
            yield from tables_in(entry, key)


def test_the_product_never_imports_a_vendors_client():
    vendors = re.compile(r"^\s*(?:from|import) (?:openai|anthropic|mistralai|ollama|google)\b", re.MULTILINE)
    root = Path(__file__).parents[2]
    for package in ("copilot_ls", "grammars", "telemetry"):
        for module in (root / package).rglob("*.py"):
            assert not vendors.search(module.read_text("utf-8")), module
