"""An answer is valid, or it is repaired once, or the task has failed; and so with the arguments of tools."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, field_validator

from copilot_ls.backends.chat import ChatBackend, ChatRequest, Message
from copilot_ls.backends.json_in_text import json_objects
from copilot_ls.backends.registry import create
from copilot_ls.backends.structured import Tool, ask, schema_of, take_turn
from copilot_ls.config.settings import BackendSettings
from copilot_ls.errors import BackendError


class Edit(BaseModel):
    """A change of one line."""

    title: str
    line: int = Field(ge=0)
    kind: Literal["fix", "tidy"] = "fix"


class Search(BaseModel):
    words: str
    limit: int = 10


class ReadLines(BaseModel):
    path: str
    start: int

    @field_validator("path")
    @classmethod
    def inside(cls, path: str) -> str:
        if ".." in path:
            raise ValueError(f"{path} is outside of the workspace")
        return path


VALID = '{"title": "a", "line": 3}'
EDIT = Edit(title="a", line=3)
TOOLS = [Tool("search", "Look words up.", Search), Tool("read", "Read lines of a file.", ReadLines)]
QUESTION = ChatRequest((Message("system", "Mend it."), Message("user", "x = 1")), cache_prefix=1)


def scripted(*answers: dict, record=None):
    options = {"answers": list(answers)} | ({"record": str(record)} if record else {})
    backend = create("it", BackendSettings(kind="scripted", options=options))
    assert isinstance(backend, ChatBackend)
    return backend


@pytest.fixture
def asked(tmp_path):
    """What the backend was asked, one entry for each request."""
    path = tmp_path / "record.jsonl"

    def read() -> list[dict]:
        lines = map(json.loads, path.read_text("utf-8").splitlines())
        return [line for line in lines if line["event"] == "asked"]

    read.path = path
    return read


@pytest.mark.parametrize(
    "text",
    [
        VALID,
        f"\n  {VALID}\n",
        f"```json\n{VALID}\n```",
        f"Sure! Here it is:\n\n```\n{VALID}\n```\nI hope that this helps.",
        f"The answer is {VALID}.",
        f"<think>Perhaps {{}}? No.</think>{VALID}",
        f'Not {{"title": "draft", "line": -1}}, rather {VALID}',
        f"```json\n{{}}\n```\nwould be wrong, so\n```json\n{VALID}\n```",
    ],
)
async def test_a_valid_answer_is_found_wherever_it_stands(text):
    answer = await ask(scripted({"text": text}), QUESTION, Edit)
    assert (answer.value, answer.n_invalid) == (EDIT, 0)


async def test_the_schema_is_said_in_words_and_to_the_protocol(asked):
    await ask(scripted({"text": VALID}, record=asked.path), QUESTION, Edit)
    (request,) = asked()
    system, user = request["messages"]
    assert system["content"].startswith("Mend it.\n\nAnswer with one JSON object")
    assert json.dumps(schema_of(Edit), separators=(",", ":")) in system["content"]
    assert user["content"] == "x = 1"
    assert request["output_schema"] == "Edit"


def test_a_schema_has_no_titles_but_properties_of_that_name():
    schema = schema_of(Edit)
    assert "title" not in schema
    assert schema["properties"]["title"] == {"type": "string"}


async def test_without_a_system_message_there_is_one(asked):
    request = ChatRequest((Message("user", "x = 1"),))
    await ask(scripted({"text": VALID}, record=asked.path), request, Edit)
    assert [message["role"] for message in asked()[0]["messages"]] == ["system", "user"]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ('{"title": "a", "line": -3}', "- line: Input should be greater than or equal to 0"),
        ('{"line": 3}', "- title: Field required"),
        ("I can't do that.", "- it holds no JSON object"),
        ('{"title": "a", "line": 3', "- it holds no JSON object"),
        ("", "- it holds no JSON object"),
    ],
)
async def test_an_invalid_answer_is_repaired_once(asked, bad, told):
    backend = scripted({"text": bad, "times": 1}, {"text": VALID}, record=asked.path)
    answer = await ask(backend, QUESTION, Edit)
    assert (answer.value, answer.n_invalid) == (EDIT, 1)
    *_, given_back, repair = asked()[1]["messages"]
    assert given_back == {"role": "assistant", "content": bad}
    assert repair["role"] == "user"
    assert told in repair["content"]
    assert '"properties"' in repair["content"]


async def test_what_was_cut_off_is_told_to_be_shorter(asked):
    backend = scripted(
        {"text": '{"title": "a', "finish_reason": "length", "times": 1}, {"text": VALID}, record=asked.path
    )
    assert (await ask(backend, QUESTION, Edit)).value == EDIT
    assert "be shorter" in asked()[1]["messages"][-1]["content"]


async def test_a_second_invalid_answer_is_a_failed_task(asked):
    backend = scripted({"text": '{"title": "secret_source", "line": "secret_source"}'}, record=asked.path)
    with pytest.raises(BackendError) as caught:
        await ask(backend, QUESTION, Edit)
    assert caught.value.fault == "invalid_output"
    assert "secret_source" not in str(caught.value)
    assert "int_parsing" in str(caught.value)
    assert len(asked()) == 2


async def test_a_fault_of_the_backend_is_not_repaired(asked):
    with pytest.raises(BackendError) as caught:
        await ask(scripted({"text": "", "fault": "http_429"}, record=asked.path), QUESTION, Edit)
    assert caught.value.fault == "http_429"
    assert len(asked()) == 1


async def test_an_answer_by_a_forced_tool_counts():
    backend = scripted({"tool_calls": [{"name": "Edit", "arguments": {"title": "a", "line": 3}}]})
    assert (await ask(backend, QUESTION, Edit)).value == EDIT


async def test_valid_calls_are_handed_on():
    backend = scripted(
        {
            "text": "Let me see.",
            "tool_calls": [
                {"name": "search", "arguments": {"words": "area"}},
                {"name": "read", "arguments": '{"path": "a.py", "start": 3}'},
            ],
        }
    )
    turn = await take_turn(backend, QUESTION, Edit, TOOLS)
    assert (turn.text, turn.value, turn.mistake) == ("Let me see.", None, "")
    assert [(each.tool.name, each.arguments) for each in turn.calls] == [
        ("search", Search(words="area")),
        ("read", ReadLines(path="a.py", start=3)),
    ]
    assert turn.messages[-1].tool_calls == tuple(each.call for each in turn.calls)


async def test_a_turn_is_asked_for_once_and_says_what_is_wrong(asked):
    turn = await take_turn(scripted({"text": "Done."}, record=asked.path), QUESTION, Edit, TOOLS)
    assert (turn.value, turn.calls) == (None, ())
    assert "it holds no JSON object" in turn.mistake
    (request,) = asked()
    assert request["tools"] == ["search", "read", "Edit"]
    assert request["output_schema"] is None
    assert "Before your answer you may call tools." in request["messages"][0]["content"]
    told = turn.told("No.")
    assert [(each.role, each.content) for each in told[-2:]] == [("assistant", "Done."), ("user", "No.")]


async def test_the_instruction_is_given_once(asked):
    backend = scripted({"text": "Done."}, record=asked.path)
    turn = await take_turn(backend, QUESTION, Edit)
    await take_turn(backend, ChatRequest(turn.told("No.")), Edit)
    first, second = asked()
    assert first["output_schema"] == "Edit"
    assert first["messages"][0] == second["messages"][0]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ({"name": "grep", "arguments": {}}, "There is no tool 'grep'. There are: search, read."),
        ({"name": "search", "arguments": {}}, "- words: Field required"),
        ({"name": "search", "arguments": "not JSON"}, "Invalid JSON"),
        ({"name": "read", "arguments": {"path": "../x", "start": 1}}, "../x is outside of the workspace"),
    ],
)
async def test_a_bad_call_says_what_is_wrong_beside_a_good_one(call, told):
    good = {"name": "search", "arguments": {"words": "area"}}
    turn = await take_turn(scripted({"tool_calls": [good, call]}), QUESTION, Edit, TOOLS)
    assert [each.arguments for each in turn.calls] == [Search(words="area"), None]
    assert turn.calls[0].mistake == ""
    assert told in turn.calls[1].mistake


async def test_an_answer_ends_the_turn_whatever_was_called_beside_it():
    call = {"name": "search", "arguments": {"words": "area"}}
    by_call = {"name": "Edit", "arguments": {"title": "a", "line": 3}}
    turn = await take_turn(scripted({"tool_calls": [call, by_call]}), QUESTION, Edit, TOOLS)
    assert (turn.value, turn.calls) == (EDIT, ())
    *_, said, told = turn.told("No.")
    assert [each.name for each in said.tool_calls] == ["Edit"]
    assert (told.role, told.tool_call_id) == ("tool", said.tool_calls[0].id)
    turn = await take_turn(scripted({"text": VALID, "tool_calls": [call]}), QUESTION, Edit, TOOLS)
    assert (turn.value, turn.calls, turn.messages[-1].tool_calls) == (EDIT, (), ())


async def test_who_writes_too_much_is_stopped():
    turn = await take_turn(scripted({"chunks": ["x" * 60] * 9, "hang": True}), QUESTION, Edit, max_chars=100)
    assert turn.value is None
    assert "it was cut off at its limit" in turn.mistake
    assert len(turn.text) == 100


@given(st.text('{}[]"\\:,a1 \n`~', max_size=60))
def test_whatever_is_found_in_a_text_is_an_object_that_stands_there(text):
    for found in json_objects(text):
        assert isinstance(json.loads(found), dict)
        assert found in text


@given(
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=4),
    st.text("ab .:\n", max_size=20),
    st.text("ab .:\n", max_size=20),
)
def test_an_object_is_found_in_prose(value, before, after):
    written = json.dumps(value)
    assert json_objects(before + written + after) == [written]
