"""The scripted backend does what its script says, and tells how it was used."""

from __future__ import annotations

import asyncio
import json

import pytest

from copilot_ls.backends.registry import create
from copilot_ls.config.settings import BackendSettings
from copilot_ls.errors import (
    BackendError,
    BackendRefusedError,
    BackendTimeoutError,
    BackendUnreachableError,
    SettingsError,
)
from tests.backends.model_server import gather, request, text_of


def scripted(*answers: dict, **options):
    return create("it", BackendSettings(kind="scripted", options={"answers": list(answers)} | options))


async def test_the_first_answer_whose_conditions_hold_is_given():
    backend = scripted(
        {"prefix": "return $", "language": "go", "text": "wrong language"},
        {"prefix": r"^def nothing", "text": "wrong prefix"},
        {"path": r"\.py$", "prefix": "return $", "suffix": "print", "text": "a + b"},
        {"text": "too late"},
    )
    assert text_of(await gather(backend)) == "a + b"
    assert text_of(await gather(backend, request("x = "))) == "too late"


async def test_without_an_answer_it_says_nothing():
    chunks = await gather(scripted({"prefix": "never", "text": "x"}))
    assert text_of(chunks) == ""
    assert chunks[-1].finish_reason == "stop"


async def test_an_answer_can_be_used_up():
    backend = scripted({"times": 1, "text": "first"}, {"text": "then"})
    assert [text_of(await gather(backend)) for _ in range(3)] == ["first", "then", "then"]


async def test_an_answer_can_use_what_its_prefix_matched():
    backend = scripted({"prefix": r"def (?P<name>\w+)\((\w+)", "text": r"\g<name>(\2)", "expand": True})
    assert text_of(await gather(backend)) == "add(a)"


async def test_alternatives_are_given_as_many_as_are_asked_for():
    backend = scripted({"alternatives": ["a", ["b", "c"]], "confidence": 0.5})
    chunks = await gather(backend, request(n=2))
    assert (text_of(chunks, 0), text_of(chunks, 1)) == ("a", "bc")
    assert {chunk.confidence for chunk in chunks if chunk.finish_reason} == {0.5}
    assert {chunk.choice for chunk in await gather(backend)} == {0}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("http_429", BackendRefusedError),
        ("timeout_first_byte", BackendTimeoutError),
        ("refused", BackendUnreachableError),
        ("bad_json", BackendError),
    ],
)
async def test_a_fault_comes_after_the_chunks(fault, kind):
    backend = scripted({"text": "a", "fault": fault})
    got = []
    with pytest.raises(kind) as caught:
        async for chunk in backend.complete(request()):
            got.append(chunk.text)
    assert got == ["a"]
    assert caught.value.fault == fault


async def test_what_was_asked_and_what_became_of_it_is_recorded(tmp_path):
    record = tmp_path / "asked.jsonl"
    backend = scripted(
        {"prefix": "hang", "hang": True}, {"prefix": "fail", "fault": "refused"}, {"text": "x"}, record=str(record)
    )
    await gather(backend)
    hanging = asyncio.ensure_future(gather(backend, request("hang")))
    while not backend.live:
        await asyncio.sleep(0)
    with pytest.raises(BackendError):
        await gather(backend, request("fail"))
    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert [(line["event"], line["id"], line["live"]) for line in lines] == [
        ("asked", 1, 1),
        ("answered", 1, 0),
        ("asked", 2, 1),
        ("asked", 3, 2),
        ("failed", 3, 1),
        ("cancelled", 2, 0),
    ]
    assert lines[2]["prefix"] == "hang"
    assert (backend.n_asked, backend.max_live, backend.n_cancelled) == (3, 2, 1)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("script.toml", '[[answers]]\nprefix = "return $"\ntext = "a + b"\n'),
        ("script.json", '[{"prefix": "return $", "text": "a + b"}]'),
        ("script.json", '{"answers": [{"chunks": ["a + ", "b"]}]}'),
    ],
)
async def test_a_script_can_be_a_file(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    backend = create("it", BackendSettings(kind="scripted", options={"script": str(tmp_path / name)}))
    assert text_of(await gather(backend)) == "a + b"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"txt": "a"}, "unknown key 'txt'; expected some of alternatives"),
        ({"prefix": "("}, "prefix is not a regular expression"),
        ({"delay_ms": "5"}, "delay_ms is '5'; expected a int"),
        ({"hang": 1}, "hang is 1; expected a bool"),
        ({"times": True}, "times is True; expected a int"),
        ({"text": 3}, "hold strings"),
        ("text", "is a str; expected a table"),
    ],
)
def test_a_mistake_in_a_script_is_told_with_its_place(answer, message):
    with pytest.raises(SettingsError) as caught:
        scripted({"text": "fine"}, answer)
    assert message in str(caught.value)
    assert "backend.it.options.answers[1]" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"), [("none.toml", None), ("bad.toml", "[["), ("bad.json", "{"), ("odd.json", "3")]
)
def test_a_script_that_cannot_be_read_is_named(tmp_path, name, text):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(SettingsError, match=name):
        create("it", BackendSettings(kind="scripted", options={"script": str(tmp_path / name)}))
