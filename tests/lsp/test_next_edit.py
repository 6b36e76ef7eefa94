"""Next edits over the wire, in the shapes of Copilot's public protocol."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from copilot_ls.lsp.handlers.next_edit import ACCEPT_COMMAND, DID_SHOW, INLINE_EDIT, REJECT_COMMAND
from tests.lsp.desk import at_desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.lsp.desk import Editor

NEOVIM = Path(__file__).parents[1] / "clients" / "neovim_v0.12.4.json"

URI = "file:///project/a.py"
TEXT = "# «😀»\ndef f():\n    result = 0\n    '😀', result\n    return result\n"


async def ask(editor: Editor, version: int | None = None, **more: Any) -> list[dict[str, Any]]:
    document = {"uri": URI, "version": editor.versions[URI] if version is None else version}
    position = {"line": 2, "character": 8}
    answer = await editor.client.request(INLINE_EDIT, {"textDocument": document, "position": position, **more})
    assert set(answer) == {"edits"}
    return answer["edits"]


@pytest.fixture
async def editor(tmp_path: Path) -> AsyncIterator[Editor]:
    capabilities = json.loads(NEOVIM.read_text("utf-8"))["capabilities"]
    async with at_desk(tmp_path, capabilities) as editor:
        editor.desk.next_edits.deadline_s = 60  # or a busy machine is answered with nothing
        editor.open(URI, TEXT)
        yield editor


def make(editor: Editor, edit: dict[str, Any]) -> None:
    assert edit["textDocument"] == {"uri": URI, "version": editor.versions[URI]}
    editor.make(URI, [{"range": edit["range"], "newText": edit["text"]}])


async def test_an_edit_is_answered_made_and_followed_by_the_next(editor: Editor) -> None:
    assert await ask(editor) == []
    editor.type(URI, (2, 4), (2, 10), "amount")
    (first,) = await ask(editor, context={"triggerKind": 2})
    assert first["command"]["command"] == ACCEPT_COMMAND
    make(editor, first)
    await editor.client.execute(first["command"])
    (second,) = await ask(editor)
    make(editor, second)
    await editor.client.execute(second["command"])
    assert editor.text(URI) == TEXT.replace("result", "amount")
    assert await ask(editor) == []


async def test_another_version_is_not_answered(editor: Editor) -> None:
    editor.type(URI, (2, 4), (2, 10), "amount")
    assert await ask(editor, version=1) == []
    assert await ask(editor, version=7) == []
    assert len(await ask(editor)) == 1


async def test_what_is_turned_down_does_not_come_again(editor: Editor) -> None:
    editor.type(URI, (2, 4), (2, 10), "amount")
    (first,) = await ask(editor)
    editor.client.notify(DID_SHOW, {"item": first})
    await editor.client.execute({"command": REJECT_COMMAND, "arguments": first["command"]["arguments"]})
    (second,) = await ask(editor)
    assert second["range"] != first["range"]


@pytest.mark.parametrize("params", [{}, {"textDocument": None}, {"textDocument": {"uri": URI}, "position": 3}, []])
async def test_what_makes_no_sense_is_answered_with_nothing(editor: Editor, params: Any) -> None:
    assert await editor.client.request(INLINE_EDIT, params) == {"edits": []}
    editor.client.notify(DID_SHOW, params)
    await editor.client.execute({"command": ACCEPT_COMMAND, "arguments": [{"no": "id"}]})
    await editor.client.execute({"command": REJECT_COMMAND, "arguments": []})


async def test_a_client_that_never_asks_has_it_in_the_menu_with_all_that_are_like_it(editor: Editor) -> None:
    editor.type(URI, (2, 4), (2, 10), "amount")
    automatic = await editor.actions(URI, (2, 4), triggerKind=2)
    assert not [each for each in automatic if each["title"].startswith("Next edit")]
    one, every = [
        each for each in await editor.actions(URI, (2, 4), triggerKind=1) if each["title"].startswith("Next edit")
    ]
    assert one["title"] == "Next edit (line 4): result → amount"
    assert every["title"] == "Next edits: all 2 like it"
    (change,) = every["edit"]["documentChanges"]
    assert change["textDocument"]["version"] == editor.versions[URI]
    editor.make(URI, change["edits"])
    await editor.client.execute(every["command"])
    assert editor.text(URI) == TEXT.replace("result", "amount")


async def test_a_client_that_draws_it_has_it_there_alone(editor: Editor) -> None:
    editor.type(URI, (2, 4), (2, 10), "amount")
    assert len(await ask(editor)) == 1
    found = await editor.actions(URI, (2, 4), triggerKind=1)
    assert not [each for each in found if each["title"].startswith("Next edit")]


async def test_it_can_be_turned_off(editor: Editor) -> None:
    editor.type(URI, (2, 4), (2, 10), "amount")
    editor.server.apply_settings({"next_edit": {"enable": False}})
    assert await ask(editor) == []
