"""Whatever comes over the wire or stands in a document, the server answers or refuses, and lives on."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import House
from tests.lsp_client import LspClient, LspError, edit

ANSWERS = [{"prefix": "x = $", "text": "42"}]


async def alive(client: LspClient, house: House) -> None:
    uri = house.uri("alive.py")
    client.open(uri, "x = ")
    (item,) = await client.inline_completion(uri, 0, 4)
    assert item["insertText"] == "42"


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Length: 5\r\n\r\n{oops",
        b"Content-Length: 2\r\n\r\n[]",
        b"Content-Length: 4\r\n\r\nnull",
        b"Content-Length: x\r\n\r\n",
        b"no header at all\r\n\r\n",
        b"Content-Length: 3\r\n\r\n\xff\xfe\x00",
        b'Content-Length: 40\r\n\r\n{"jsonrpc":"2.0","method":"$/nobody"}   ',
    ],
)
async def test_malformed_messages(house: House, raw: bytes) -> None:
    house.script(ANSWERS)
    async with house.serve() as client:
        client.send_raw(raw)
        await alive(client, house)
        client.unknown_responses.clear()  # errors without an id are what the specification asks for


@pytest.mark.parametrize(
    ("text", "line", "character"),
    [
        ("x = 1\n", 5_000, 3),
        ("x = 1\n", 0, 2**31 - 2),
        ("", 0, 0),
        ("x = '\ud800", 0, 6),
        ("x = '😀é", 0, 6),
        ("\ufeffx = 1\r\ny = \r\n", 1, 4),
        ("a\rb = \rc", 1, 4),
        ("a\x0cb\u2028c\x85 = ", 0, 9),
        ("\x00\x01\x02\xff" * 1000, 0, 12),
        ("\t" * 500 + "x", 0, 501),
        ("(" * 5_000, 0, 5_000),
    ],
)
async def test_strange_documents_and_places(house: House, text: str, line: int, character: int) -> None:
    house.script([*ANSWERS, {"text": "ok"}])
    uri = house.uri("strange.py")
    async with house.serve() as client:
        client.open(uri, text)
        for trigger_kind in (1, 2):
            await client.inline_completion(uri, line, character, trigger_kind)
        client.change(uri, 2, [edit((line, character), (line, character), "z"), edit((9**6, 0), (9**6, 9), "y")])
        await client.inline_completion(uri, line, character + 1)
        await alive(client, house)


async def test_a_ten_megabyte_line(house: House) -> None:
    house.script(ANSWERS)
    uri = house.uri("big.js")
    async with house.serve() as client:
        client.open(uri, "x" * 10_000_000, "javascript")
        assert await client.inline_completion(uri, 0, 10_000_000) == []
        client.change(uri, 2, [edit((0, 5_000_000), (0, 5_000_000), "y")])
        await alive(client, house)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"textDocument": {"uri": "file:///a"}, "position": {"line": -1, "character": 0}, "context": {"triggerKind": 2}},
        {
            "textDocument": {"uri": "file:///a"},
            "position": {"line": 1.5, "character": 0},
            "context": {"triggerKind": 2},
        },
        {"textDocument": {"uri": 5}, "position": {"line": 0, "character": 0}, "context": {"triggerKind": 2}},
        {"textDocument": {"uri": "file:///a"}, "position": {"line": 0, "character": 0}, "context": {"triggerKind": 77}},
    ],
)
async def test_parameters_out_of_the_specification(house: House, params: object) -> None:
    house.script(ANSWERS)
    async with house.serve() as client:
        try:
            await client.request("textDocument/inlineCompletion", params)
        except LspError as error:
            assert error.code == -32602
        await alive(client, house)


async def test_a_command_with_nonsense_for_an_id(house: House) -> None:
    house.script(ANSWERS)
    async with house.serve() as client:
        for arguments in ([], ["nobody"], [5], [{"a": []}], [None, None]):
            await client.execute({"command": "copilot-ls.didAcceptCompletionItem", "arguments": arguments})
        client.notify("textDocument/didShowCompletion", {"item": 5})
        client.notify("textDocument/didPartiallyAcceptCompletion", {"item": {}, "acceptedLength": "x"})
        await alive(client, house)


@pytest.mark.parametrize(
    "generated", ["\x00", "\ud800", "```", "x" * 200_000, "\n" * 500, "\u202e evil", "42 # " + "é" * 5000]
)
async def test_whatever_a_backend_says(house: House, generated: str) -> None:
    house.script([{"prefix": "bad = $", "text": generated}, *ANSWERS])
    uri = house.uri("bad.py")
    async with house.serve() as client:
        client.open(uri, "bad = ")
        await client.inline_completion(uri, 0, 6)
        await alive(client, house)
