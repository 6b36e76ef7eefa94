"""Explain and fix through a real process: what is offered, edited, opened and counted."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.lsp_client import LspClient, edit, recorded_capabilities

if TYPE_CHECKING:
    from tests.e2e.conftest import House

RIGHT = "from accounts import Account\n\n\ndef pay(account, amount):\n    return account.withdraw(amount)\n"
WRONG = RIGHT.replace("withdraw(amount)", "withdraw(amuont)")
PLACE = {"start": {"line": 4, "character": 28}, "end": {"line": 4, "character": 34}}
UNDEFINED = {"range": PLACE, "message": "Undefined name `amuont`", "source": "Ruff", "code": "F821", "severity": 1}


def publish(client: LspClient, uri: str, version: int, *found: dict[str, Any]) -> None:
    params = {"uri": uri, "version": version, "diagnostics": list(found)}
    client.notify("copilot-ls/didPublishDiagnostics", params)


async def actions(client: LspClient, uri: str) -> list[dict[str, Any]]:
    params = {"textDocument": {"uri": uri}, "range": PLACE, "context": {"diagnostics": []}}
    return await client.request("textDocument/codeAction", params)


async def test_a_fix_goes_from_the_menu_into_the_document_and_into_the_statistics(house: House) -> None:
    uri = house.uri("pay.py")
    async with house.serve(capabilities=recorded_capabilities("vscode")) as client:
        client.open(uri, WRONG)
        publish(client, uri, 1, UNDEFINED)
        (fix,) = [each for each in await actions(client, uri) if each["title"].startswith("Fix: ")]
        resolved = await client.request("codeAction/resolve", fix)
        while "edit" not in resolved:  # a busy machine: what is asked again takes the place of what was asked before
            resolved = await client.request("codeAction/resolve", fix)
        (change,) = resolved["edit"]["documentChanges"]
        assert change["textDocument"] == {"uri": uri, "version": 1}
        (one,) = change["edits"]
        start, end = (one["range"][which]["character"] for which in ("start", "end"))
        line = WRONG.splitlines()[4]
        assert line[:start] + one["newText"] + line[end:] == RIGHT.splitlines()[4]
        client.change(uri, 2, [edit((4, start), (4, end), one["newText"])])
        await client.execute(resolved["command"])
        publish(client, uri, 2)
        client.change(uri, 3, [edit((4, start), (4, start + len(one["newText"])), line[start:end])])  # an undo
        await actions(client, uri)
    (counted,) = house.stats()["fixes"]
    assert (counted["rule"], counted["applied"], counted["undone"]) == ("ruff:F821", 1, 1)


async def test_a_fix_that_is_run_as_a_command_is_sent_to_the_editor(house: House) -> None:
    uri, sent = house.uri("pay.py"), []
    async with house.serve(capabilities={"workspace": {"applyEdit": True}}) as client:

        def apply(params: dict[str, Any]) -> dict[str, Any]:
            (one,) = params["edit"]["changes"][uri]
            sent.append(one)
            client.change(uri, 2, [{"range": one["range"], "text": one["newText"]}])
            return {"applied": True}

        client.on_request("workspace/applyEdit", apply)
        client.open(uri, WRONG)
        publish(client, uri, 1, UNDEFINED)
        command = next(each for each in await actions(client, uri) if each["title"].startswith("Fix: "))
        params = {"command": command["command"], "arguments": command["arguments"], "workDoneToken": "mine"}
        answer = await client.request("workspace/executeCommand", params, timeout=60)
        assert answer["state"] == "applied"
        assert len(sent) == 1
        kinds = [each["value"]["kind"] for each in client.notifications("$/progress") if each["token"] == "mine"]
        assert (kinds[0], kinds[-1]) == ("begin", "end")


async def test_a_client_that_takes_edits_with_actions_alone_gets_them_so(house: House) -> None:
    uri = house.uri("pay.py")
    async with house.serve(capabilities=recorded_capabilities("ale")) as client:
        client.open(uri, WRONG)
        params = {"textDocument": {"uri": uri}, "range": PLACE, "context": {"diagnostics": [UNDEFINED]}}
        first: dict[str, Any] = {}
        async with asyncio.timeout(60):
            while "edit" not in first:  # on a busy machine they may come too late
                first, *_ = await client.request("textDocument/codeAction", params)
        (one,) = first["edit"]["changes"][uri]
        start, end = (one["range"][which]["character"] for which in ("start", "end"))
        line = WRONG.splitlines()[4]
        assert line[:start] + one["newText"] + line[end:] == RIGHT.splitlines()[4]
        assert first["title"].endswith("(not verified)")
        assert "command" not in first
        params["context"]["triggerKind"] = 2
        assert not [each for each in await client.request("textDocument/codeAction", params) if "edit" in each]


async def test_an_explanation_without_a_model_is_opened_as_a_file(house: House) -> None:
    uri = house.uri("pay.py")
    async with house.serve() as client:
        client.open(uri, RIGHT)
        explain = next(each for each in await actions(client, uri) if each["title"].startswith("Explain"))
        assert "pay" in str(explain)
        command = explain["command"] if isinstance(explain["command"], dict) else explain
        params = {"command": command["command"], "arguments": command["arguments"], "workDoneToken": "mine"}
        answer = await client.request("workspace/executeCommand", params, timeout=60)
        assert answer["state"] == "shown"
        file = Path(urlsplit(answer["uri"]).path)
        assert file.parent == house.root / "state" / "explanations"
        assert "`pay`" in file.read_text()


async def test_a_model_that_hangs_is_ended_by_the_bar(house: House) -> None:
    house.script([{"message": ".", "text": "It", "hang": True}])
    uri = house.uri("pay.py")
    async with house.serve(capabilities=recorded_capabilities("vscode")) as client:
        client.open(uri, RIGHT)
        argument = {"uri": uri, "range": PLACE}
        params = {"command": "copilot-ls.explain", "arguments": [argument], "workDoneToken": "mine"}
        _, future = client.request_nowait("workspace/executeCommand", params)
        async with asyncio.timeout(30):
            while not house.recorded("asked"):
                await asyncio.sleep(0.01)
        client.notify("window/workDoneProgress/cancel", {"token": "mine"})
        assert (await asyncio.wait_for(future, 30))["state"] == "cancelled"
        async with asyncio.timeout(30):
            while not house.recorded("cancelled"):
                await asyncio.sleep(0.01)


async def test_offering_asks_no_model(house: House) -> None:
    house.script([{"message": ".", "text": "It"}])
    uri = house.uri("pay.py")
    async with house.serve(capabilities=recorded_capabilities("vscode")) as client:
        client.open(uri, WRONG)
        publish(client, uri, 1, UNDEFINED)
        for _ in range(5):
            assert await actions(client, uri)
    assert not house.recorded("asked")
