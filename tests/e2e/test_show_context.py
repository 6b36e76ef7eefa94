"""The command that opens what a model would be sent for a place."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from tests.e2e.conftest import House
from tests.lsp_client import DEFAULT_CAPABILITIES, LspClient, LspError

COMMAND = "copilot-ls.showContext"
TYPED = "from accounts import Account\n\nmine = Account()\nmine.dep"


def place(uri: str, line: int, character: int) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}


async def show(client: LspClient, *arguments: Any) -> tuple[str, Path]:
    answer = await client.execute({"command": COMMAND, "arguments": list(arguments)})
    return answer["uri"], Path(url2pathname(urlsplit(answer["uri"]).path))


async def test_the_prompt_with_unsaved_text_is_opened_read_only(house: House) -> None:
    async with house.serve() as client:
        uri = house.uri("new.py")
        client.open(uri, TYPED)
        client.open(house.uri("unsaved.py"), TYPED.replace("mine.dep", "mine.deposit(Account.all_at_once)\n"))
        async with asyncio.timeout(20):
            while True:
                shown, file = await show(client, place(uri, 3, 8))
                text = file.read_text()
                if "def deposit" in text and "all_at_once" in text:
                    break
                await asyncio.sleep(0.05)
        assert "# Context · new.py" in text
        assert "mine.dep" in text
        assert stat.S_IMODE(file.stat().st_mode) == 0o400
        assert file.parent == house.root / "state"
        request = {"uri": shown, "external": False, "takeFocus": True}
        assert ("window/showDocument", request) in client.requests_received


async def test_signatures_of_installed_packages_are_in_it(house: House) -> None:
    site = house.workspace / ".venv/lib/python3.12/site-packages"
    site.mkdir(parents=True)
    (site / "wires.py").write_text("def fetch(url: str, *, retries: int = 3) -> bytes:\n    return b''\n")
    (house.workspace / "uses.py").write_text("import wires\n")
    async with house.serve() as client:
        uri = house.uri("new.py")
        client.open(uri, "import wires\n\nbody = wires.fetch(")
        async with asyncio.timeout(20):
            while True:
                _, file = await show(client, place(uri, 2, 19))
                if "def fetch(url: str, *, retries: int = 3) -> bytes:" in file.read_text():
                    break
                await asyncio.sleep(0.05)


async def test_without_a_place_it_is_that_of_the_last_ghost_text(house: House) -> None:
    async with house.serve() as client:
        with pytest.raises(LspError, match="ghost text was not asked for"):
            await show(client)
        client.open(house.uri("new.py"), TYPED)
        await client.inline_completion(house.uri("new.py"), 3, 8)
        _, file = await show(client)
        assert "# Context · new.py" in file.read_text()


async def test_clients_that_open_nothing_are_told_where_it_is(house: House) -> None:
    capabilities = {**DEFAULT_CAPABILITIES, "window": {}}
    async with house.serve(capabilities=capabilities) as client:
        client.open(house.uri("new.py"), TYPED)
        _, file = await show(client, place(house.uri("new.py"), 0, 0))
        assert file.is_file()
        assert not [method for method, _ in client.requests_received if method == "window/showDocument"]


@pytest.mark.parametrize(
    "argument",
    [7, "new.py", {}, {"textDocument": {"uri": "file:///nowhere.py"}, "position": {"line": 0, "character": 0}}],
)
async def test_places_that_make_no_sense_are_refused(house: House, argument: Any) -> None:
    async with house.serve() as client:
        with pytest.raises(LspError, match="expected"):
            await show(client, argument)


async def test_nothing_is_shown_of_files_that_hold_keys(house: House) -> None:
    async with house.serve() as client:
        client.open(house.uri(".env"), "KEY=1\n")
        with pytest.raises(LspError, match="holds keys"):
            await show(client, place(house.uri(".env"), 0, 0))


async def test_secrets_are_shown_as_they_are_sent(house: House) -> None:
    token = "ghp_" + "0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R"
    async with house.serve() as client:
        client.open(house.uri("new.py"), f'{TYPED}\ntoken = "{token}"\n')
        _, file = await show(client, place(house.uri("new.py"), 3, 8))
        assert token not in file.read_text()
        assert "REDACTED_1_" in file.read_text()


async def test_nothing_is_shown_of_ignored_documents_nor_learnt_from_them(house: House) -> None:
    (house.workspace / ".gitignore").write_text("private.py\n")
    async with house.serve() as client:
        client.open(house.uri("private.py"), TYPED.replace("mine.dep", "mine.deposit(Account.for_nobody_else)\n"))
        with pytest.raises(LspError, match="is ignored"):
            await show(client, place(house.uri("private.py"), 3, 8))
        client.open(house.uri("new.py"), TYPED)
        _, file = await show(client, place(house.uri("new.py"), 3, 8))
        assert "for_nobody_else" not in file.read_text()


async def test_a_state_folder_that_cannot_be_written_is_one_sentence(house: House) -> None:
    (house.root / "state").write_text("in the way")
    async with house.serve() as client:
        client.open(house.uri("new.py"), TYPED)
        with pytest.raises(LspError, match="COPILOT_LS_STATE_DIR"):
            await show(client, place(house.uri("new.py"), 0, 0))
