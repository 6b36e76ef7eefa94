"""What a status item asks for and turns, over the wire: the state, a pause, languages, paths, files left alone."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from tests.e2e.conftest import House
from tests.lsp_client import LspClient, LspError, edit

STATUS = "copilot-ls/status"
GREETING = {"editorInfo": {"name": "test", "version": "1"}, "editorPluginInfo": {"name": "test", "version": "1"}}


async def status_of(client: LspClient, uri: str | None = None) -> dict[str, Any]:
    return await client.request(STATUS, {} if uri is None else {"textDocument": {"uri": uri}}, timeout=60)


async def run(client: LspClient, command: str, *arguments: Any) -> dict[str, Any]:
    return await client.execute({"command": command, "arguments": list(arguments)})


async def test_a_fresh_session_says_how_it_stands(house: House) -> None:
    async with house.serve() as client:
        client.open(house.uri("a.py"), "total = ")
        answer = await status_of(client, house.uri("a.py"))
        assert answer == {
            "kind": "Normal",
            "busy": False,
            "message": "",
            "version": client.server_info["version"],
            "backends": [
                {"name": "embedded", "model": answer["backends"][0]["model"], "state": "ready", "problem": None}
            ],
            "today": {"shown": 0, "accepted": 0, "acceptanceRate": None},
            "snoozedUntil": None,
            "enabled": True,
            "untrustedFolders": [],
            "document": {"languageId": "python", "enabled": True, "why": None, "reason": None},
        }
        assert (await status_of(client))["document"] is None
        assert (await status_of(client, house.uri("closed.py")))["document"] is None
        assert (await client.request(STATUS, None))["document"] is None


async def test_what_was_taken_today_is_counted(house: House) -> None:
    house.script([{"prefix": "total = $", "text": "price * quantity"}])
    uri = house.uri("a.py")
    async with house.serve() as client:
        client.open(uri, "total = ")
        (item,) = await client.inline_completion(uri, 0, 8)
        client.change(uri, 2, [edit((0, 8), (0, 8), item["insertText"])])
        await client.execute(item["command"])
        async with asyncio.timeout(20):
            while (today := (await status_of(client))["today"])["accepted"] == 0:
                await asyncio.sleep(0.05)
        assert today == {"shown": 1, "accepted": 1, "acceptanceRate": 1.0}


async def test_a_pause_silences_what_comes_by_itself_and_a_question_is_answered(house: House) -> None:
    house.script([{"prefix": "total = $", "text": "price"}])
    uri = house.uri("a.py")
    async with house.serve(options=GREETING) as client:
        client.open(uri, "total = ")
        answer = await run(client, "copilot-ls.snooze", 5)
        assert answer["snoozedUntil"] == pytest.approx(time.time() + 300, abs=60)
        assert answer["kind"] == "Inactive"
        assert answer["message"].startswith("completions pause until ")
        assert await client.inline_completion(uri, 0, 8) == []
        params = client.inline_completion_params(uri, 0, 8) | {"context": {"triggerKind": 1}}
        assert (await client.request("textDocument/inlineCompletion", params))["items"]
        assert (await status_of(client, uri))["document"]["why"] == "snoozed"
        told = await client.wait_notification("didChangeStatus", lambda params: params["kind"] == "Inactive")
        assert told["message"] == answer["message"]
        answer = await run(client, "copilot-ls.resume")
        assert (answer["snoozedUntil"], answer["kind"], answer["message"]) == (None, "Normal", "")
        assert [item["insertText"] for item in await client.inline_completion(uri, 0, 8)] == ["price"]


async def test_a_short_pause_ends_by_itself(house: House) -> None:
    async with house.serve(options=GREETING) as client:
        await client.wait_notification("didChangeStatus", lambda params: params["kind"] == "Normal")
        since = len(client.notifications("didChangeStatus"))
        await run(client, "copilot-ls.snooze", 0.02)
        await client.wait_notification("didChangeStatus", lambda params: params["kind"] == "Inactive", since=since)
        await client.wait_notification("didChangeStatus", lambda params: params["kind"] == "Normal", since=since + 1)
        assert (await status_of(client))["snoozedUntil"] is None


async def test_a_language_and_everything_are_turned_off_and_on(house: House) -> None:
    house.script([{"prefix": "total = $", "text": "price"}])
    uri = house.uri("a.py")
    async with house.serve() as client:
        client.open(uri, "total = ")
        assert (await run(client, "copilot-ls.toggle", "python"))["enabled"] is True
        assert await client.inline_completion(uri, 0, 8) == []
        assert (await status_of(client, uri))["document"] == {
            "languageId": "python",
            "enabled": False,
            "why": "language_disabled",
            "reason": "completions are turned off in this language",
        }
        await run(client, "copilot-ls.toggle", "python")
        assert await client.inline_completion(uri, 0, 8)
        answer = await run(client, "copilot-ls.toggle")
        assert (answer["enabled"], answer["kind"], answer["message"]) == (
            False,
            "Inactive",
            "completions are turned off",
        )
        assert await client.inline_completion(uri, 0, 8) == []
        assert (await run(client, "copilot-ls.toggle"))["enabled"] is True


@pytest.mark.parametrize(
    ("command", "argument"),
    [
        ("copilot-ls.snooze", "soon"),
        ("copilot-ls.snooze", -1),
        ("copilot-ls.snooze", 0),
        ("copilot-ls.snooze", True),
        ("copilot-ls.toggle", 3),
        ("copilot-ls.toggle", ""),
    ],
)
async def test_what_makes_no_sense_is_refused_by_name(house: House, command: str, argument: object) -> None:
    async with house.serve() as client:
        with pytest.raises(LspError, match=f"{command}: expected .* got {argument!r}"):
            await run(client, command, argument)


async def test_files_left_alone_say_so_and_why(house: House) -> None:
    house.script([{"prefix": "total = $", "text": "price"}], '[completion]\npaths_disable = ["notes/"]\n')
    (house.workspace / ".copilotignore").write_text("private/\n")
    texts = {
        ".env": "KEY=",
        "private/a.py": "total = ",
        "notes/a.py": "total = ",
        "data.py": ("x" * 99 + "\n") * 90_000,
    }
    async with house.serve(options=GREETING) as client:
        for name, text in texts.items():
            client.open(house.uri(name), text)
        found = {name: (await status_of(client, house.uri(name)))["document"] for name in texts}
        assert {name: (about["enabled"], about["why"]) for name, about in found.items()} == {
            ".env": (False, "secret_file"),
            "private/a.py": (False, "ignored_file"),
            "notes/a.py": (False, "path_disabled"),
            "data.py": (False, "document_too_large"),
        }
        assert all(about["reason"] for about in found.values())
        client.open(house.uri("fine.py"), "x = 1\n")
        for name in texts:
            client.notify("textDocument/didFocus", {"textDocument": {"uri": house.uri(name)}})
            wanted = ("Inactive", found[name]["reason"])
            await client.wait_notification(
                "didChangeStatus", lambda told, w=wanted: (told["kind"], told["message"]) == w
            )
            since = len(client.notifications("didChangeStatus"))
            client.notify("textDocument/didFocus", {"textDocument": {"uri": house.uri("fine.py")}})
            await client.wait_notification("didChangeStatus", lambda told: told["kind"] == "Normal", since=since)


async def test_in_an_ignored_file_what_needs_no_sending_goes_on(house: House) -> None:
    (house.workspace / ".copilotignore").write_text("private/\n")
    async with house.serve() as client:
        client.open(house.uri("private/a.py"), "total = ")
        about = (await status_of(client, house.uri("private/a.py")))["document"]
        assert (about["enabled"], about["why"]) == (True, "ignored_file")


async def test_settings_that_wait_for_trust_are_named(house: House) -> None:
    (house.workspace / ".copilot-ls.toml").write_text('[log]\nlevel = "debug"\n')
    async with house.serve() as client:
        assert (await status_of(client))["untrustedFolders"] == [str(house.workspace)]


async def test_nobody_else_is_told_a_status(house: House) -> None:
    async with house.serve() as client:
        await run(client, "copilot-ls.snooze")
        await status_of(client)
        assert client.notifications("didChangeStatus") == []


async def test_a_pause_silences_next_edits_too(house: House) -> None:
    uri = house.uri("a.py")
    text = "def f():\n    result = 0\n    use(result)\n    return result\n"
    async with house.serve(options=GREETING) as client:
        client.open(uri, text)
        client.change(uri, 2, [edit((1, 4), (1, 10), "amount")])
        params = {"textDocument": {"uri": uri, "version": 2}, "position": {"line": 1, "character": 10}}
        await run(client, "copilot-ls.snooze")
        assert await client.request("textDocument/copilotInlineEdit", params) == {"edits": []}
        await run(client, "copilot-ls.resume")
        async with asyncio.timeout(20):  # one that is late is answered with nothing
            while not (edits := (await client.request("textDocument/copilotInlineEdit", params))["edits"]):
                await asyncio.sleep(0.05)
        assert edits[0]["text"] == "amount"


async def test_a_backend_that_is_down_is_told_in_the_status_and_opens_no_window(house: House) -> None:
    house.configure('[backend.gone]\nkind = "ollama"\nurl = "http://127.0.0.1:9"\nmodel = "m"\n')
    async with house.serve(options=GREETING) as client:
        client.open(house.uri("a.py"), "def f(self):\n    return sel\n")
        await client.inline_completion(house.uri("a.py"), 1, 14)
        await client.wait_notification("didChangeStatus", lambda params: params["kind"] == "Warning")
        gone, embedded = (await status_of(client))["backends"]
        assert gone == {"name": "gone", "model": "m", "state": "resting", "problem": "nothing listens at its address"}
        assert embedded["state"] == "ready"
        assert client.notifications("window/showMessage") == []
        assert "window/showMessageRequest" not in [method for method, _ in client.requests_received]
