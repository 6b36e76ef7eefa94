"""The protocol of GitHub's language server, as its documentation and the sources of its clients have it."""

from __future__ import annotations

import asyncio
import platform
from typing import Any

import pytest

from tests.e2e.conftest import SERVER, House
from tests.lsp_client import LspClient, LspError, edit

GREETING = {
    "editorInfo": {"name": "Neovim", "version": "0.12.4"},
    "editorPluginInfo": {"name": "some-copilot-plugin", "version": "1.515.0"},
}
# What a plugin's editor offers is not what the plugin counts in.
CAPABILITIES = {
    "general": {"positionEncodings": ["utf-8", "utf-16", "utf-32"]},
    "window": {"showDocument": {"support": True}},
    "workspace": {"workspaceFolders": True},
}
ACCEPT = "github.copilot.didAcceptCompletionItem"
THREE = ["price * quantity", "price + tax", "sum(prices)"]


def outcomes(house: House) -> dict[str, int]:
    stats = house.stats()
    names = ("shown", "accepted", "partially_accepted", "typed", "rejected", "ignored", "accepted_chars")
    return {name: stats[name] for name in names if stats[name]}


def doc(uri: str, line: int, character: int, version: int = 1) -> dict[str, Any]:
    """The parameters of copilot.lua and copilot.vim."""
    position = {"line": line, "character": character}
    about = {
        "uri": uri,
        "version": version,
        "relativePath": "a.py",
        "insertSpaces": True,
        "tabSize": 4,
        "indentSize": 4,
    }
    return {"doc": {**about, "position": position}, "position": position, "textDocument": {"uri": uri}, "_": True}


def pops_up(client: LspClient) -> list[Any]:
    asked = [params for method, params in client.requests_received if method == "window/showMessageRequest"]
    return client.notifications("window/showMessage") + asked


# Before completions


@pytest.mark.parametrize("greeting", [GREETING, {"editorInfo": {}, "editorPluginInfo": {}}, None])
async def test_whoever_asks_is_signed_in(house: House, greeting: object) -> None:
    async with house.serve(options=greeting) as client:
        status = await client.request("checkStatus", {"options": {"localChecksOnly": True}})
        assert status["status"] == "OK"
        assert status["user"]
        assert await client.request("checkStatus", None) == status
        for method in ("signIn", "signInInitiate"):
            assert await client.request(method, {}) == {"status": "AlreadySignedIn", "user": status["user"]}
        assert await client.request("signInConfirm", {"userCode": "X"}) == status
        assert (await client.request("signOut", {}))["status"] == "NotSignedIn"
        assert (await client.request("recordTelemetryConsent", {}))["status"] == "OK"
        version = await client.request("getVersion", {})
        assert version["version"] == client.server_info["version"]
        assert version["runtimeVersion"] == f"python/{platform.python_version()}"


async def test_it_may_stand_where_a_plugin_starts_node(house: House) -> None:
    """Some plugins let their user change nothing but what they take for node."""
    as_node = [*SERVER[:-1], "--experimental-sqlite", "/plugin/dist/language-server.js", "--stdio"]
    async with LspClient.start(as_node, env=house.env) as client:
        await client.initialize(options=GREETING)
        assert (await client.request("checkStatus", {}))["status"] == "OK"


async def test_a_plugins_options_and_settings_are_no_mistakes_of_the_user(house: House) -> None:
    more = {
        "copilotCapabilities": {},
        "networkProxy": {"host": "h"},
        "name": "emacs",
        "version": "0.1.0",
        "editorConfig": {"enableAutoCompletions": True, "disabledLanguages": None},
    }
    async with house.serve(options=GREETING | more, capabilities=CAPABILITIES) as client:
        settings = {
            "http": {"proxy": None},
            "telemetry": {"telemetryLevel": "all"},
            "github-enterprise": {"uri": None},
            "github": {"copilot": {"selectedCompletionModel": ""}},
            "advanced": {"timeout": 30000},
            "disabledLanguages": [],
        }
        client.notify("workspace/didChangeConfiguration", {"settings": settings})
        client.notify("$/setTrace", {"value": "off"})
        client.notify("textDocument/didFocus", {})
        await client.request("checkStatus", {})
        assert pops_up(client) == []


async def test_languages_and_typing_are_turned_off_as_plugins_do(house: House) -> None:
    house.script([{"prefix": "total = $", "text": "price"}])
    uri = house.uri("a.py")
    async with house.serve(options=GREETING, capabilities=CAPABILITIES) as client:
        client.open(uri, "total = ")

        async def n_offered(settings: dict[str, Any]) -> int:
            client.notify("workspace/didChangeConfiguration", {"settings": settings})
            return len((await client.request("getCompletions", doc(uri, 0, 8)))["completions"])

        assert await n_offered({"enableAutoCompletions": True, "disabledLanguages": [{"languageId": "go"}]}) == 1
        assert await n_offered({"enableAutoCompletions": True, "disabledLanguages": [{"languageId": "python"}]}) == 0
        assert await n_offered({"enableAutoCompletions": False}) == 0
        assert await client.request("notifyChangeConfiguration", {"settings": {"enableAutoCompletions": True}}) == "OK"
        assert len((await client.request("getCompletions", doc(uri, 0, 8)))["completions"]) == 1


async def test_settings_of_ours_are_taken_from_a_plugin_under_our_name(house: House) -> None:
    house.script([{"prefix": "total = $", "text": "price"}])
    uri = house.uri("a.py")
    own = {"copilot-ls": {"completion": {"enable": False}}}
    async with house.serve(options=GREETING | own, capabilities=CAPABILITIES) as client:
        client.open(uri, "total = ")
        assert (await client.request("getCompletions", doc(uri, 0, 8)))["completions"] == []
        client.notify(
            "workspace/didChangeConfiguration", {"settings": {"copilot-ls": {"completion": {"enable": True}}}}
        )
        assert len((await client.request("getCompletions", doc(uri, 0, 8)))["completions"]) == 1


async def test_the_backends_are_the_models_to_choose_from(house: House) -> None:
    house.script([{"prefix": "total = $", "text": "price"}])
    uri = house.uri("a.py")
    async with house.serve(options=GREETING, capabilities=CAPABILITIES) as client:
        client.open(uri, "total = ")
        models = await client.request("copilot/models", {})
        assert [(model["id"], model["default"], model["scopes"]) for model in models] == [
            ("script", True, ["completion"])
        ]
    house.configure(
        (house.root / "config" / "config.toml").read_text() + '[[route.completion]]\nbackend = "embedded"\n'
    )
    async with house.serve(options=GREETING, capabilities=CAPABILITIES) as client:
        client.open(uri, "price_of_all = 1\ntotal = pri")
        assert [model["id"] for model in await client.request("copilot/models", {})] == ["script", "embedded"]
        chosen = {"github": {"copilot": {"selectedCompletionModel": "embedded"}}}
        client.notify("workspace/didChangeConfiguration", {"settings": chosen})
        models = await client.request("copilot/models", {})
        assert [model["id"] for model in models if model["default"]] == ["embedded"]
        unknown = {"github": {"copilot": {"selectedCompletionModel": "gpt-41-copilot"}}}
        client.notify("workspace/didChangeConfiguration", {"settings": unknown})
        assert (await client.request("copilot/models", {}))[0]["id"] == "script"


async def test_status_is_told_under_both_names_and_from_the_start(house: House) -> None:
    async with house.serve(options=GREETING) as client:
        assert await client.wait_notification("didChangeStatus") == {"busy": False, "kind": "Normal", "message": ""}
        assert await client.wait_notification("statusNotification") == {"status": "Normal", "message": ""}


async def test_a_plugin_may_introduce_itself_late(house: House) -> None:
    async with house.serve() as client:
        assert await client.request("setEditorInfo", GREETING) == "OK"
        await client.wait_notification("statusNotification", lambda told: told["status"] == "Normal")
        assert await client.request("setEditorInfo", GREETING | {"networkProxy": {}}) == "OK"
        assert {told["status"] for told in client.notifications("statusNotification")} == {"Normal"}


async def test_a_file_that_is_left_alone_is_not_included(house: House) -> None:
    (house.workspace / ".copilotignore").write_text("private/\n")
    async with house.serve(options=GREETING) as client:
        for name in ("private/a.py", "a.py", ".env"):
            client.open(house.uri(name), "x = 1\n")
        found = [
            (await client.request("checkFileStatus", {"uri": house.uri(name)}))["status"]
            for name in ("private/a.py", "a.py", ".env")
        ]
        assert found == ["not included", "included", "not included"]


async def test_commands_of_that_server_are_offered_to_its_clients_alone(house: House) -> None:
    """An editor that has both servers would otherwise meet a command of one name twice."""
    ours = {"editorPluginInfo": {"name": "copilot-ls.nvim", "version": "1"}}
    for greeting, offered in ((GREETING, True), (ours, False), (None, False)):
        async with house.serve(options=greeting) as client:
            commands = client.server_capabilities["executeCommandProvider"]["commands"]
            assert (ACCEPT in commands) is offered
            assert "copilot-ls.didAcceptCompletionItem" in commands


# LSP's own inline completion, with what that server adds


async def test_inline_completion_is_shown_taken_by_word_and_then_whole(house: House) -> None:
    house.script([{"prefix": "total = $", "text": "𝒳 * quantity"}])
    uri = house.uri("a.py")
    async with house.serve(options=GREETING, capabilities=CAPABILITIES) as client:
        client.open(uri, "total = ")
        params = client.inline_completion_params(uri, 0, 8)
        params["textDocument"]["version"] = 1
        params["formattingOptions"] = {"tabSize": 4, "insertSpaces": True}
        (item,) = (await client.request("textDocument/inlineCompletion", params))["items"]
        assert item["command"]["command"] == ACCEPT
        client.notify("textDocument/didShowCompletion", {"item": item})
        # Two utf-16 units, of one letter.
        client.notify("textDocument/didPartiallyAcceptCompletion", {"item": item, "acceptedLength": 2})
        client.change(uri, 2, [edit((0, 8), (0, 8), "𝒳")])
        client.change(uri, 3, [edit((0, 10), (0, 10), " * quantity")])
        await client.execute(item["command"])
    assert outcomes(house) == {"shown": 1, "accepted": 1, "accepted_chars": 12}


async def test_a_plugin_that_sends_the_command_alone_is_understood(house: House) -> None:
    """copilot.el."""
    house.script([{"prefix": "total = $", "text": "price * quantity"}])
    uri = house.uri("a.py")
    async with house.serve(options=GREETING, capabilities=CAPABILITIES) as client:
        client.open(uri, "total = ")
        (item,) = await client.inline_completion(uri, 0, 8)
        bare = {"item": {"command": item["command"]}}
        client.notify("textDocument/didShowCompletion", bare)
        client.notify("textDocument/didPartiallyAcceptCompletion", {**bare, "acceptedLength": 6})
        client.change(uri, 2, [edit((0, 8), (0, 8), "price ")])
    assert outcomes(house) == {"shown": 1, "partially_accepted": 1, "accepted_chars": 6}


# Older plugins' own requests


async def test_completions_begin_at_the_lines_beginning_and_count_in_utf_16(house: House) -> None:
    house.script([{"prefix": "    é = 𝒳 . $", "text": "price"}])
    uri = house.uri("a.py")
    async with house.serve(options=GREETING, capabilities=CAPABILITIES) as client:
        client.open(uri, "if x:\n    é = 𝒳 + ")
        (completion,) = (await client.request("getCompletions", doc(uri, 1, 13)))["completions"]
        assert completion.pop("uuid")
        assert completion == {
            "text": "    é = 𝒳 + price",
            "displayText": "price",
            "range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 13}},
            "position": {"line": 1, "character": 13},
            "docVersion": 1,
        }


async def test_shown_and_taken_whole(house: House) -> None:
    house.script([{"prefix": "total = $", "text": "price * quantity"}])
    uri = house.uri("a.py")
    async with house.serve(options=GREETING, capabilities=CAPABILITIES) as client:
        client.open(uri, "total = ")
        (completion,) = (await client.request("getCompletions", doc(uri, 0, 8)))["completions"]
        assert await client.request("notifyShown", {"uuid": completion["uuid"]}) == "OK"
        assert await client.request("notifyAccepted", {"uuid": completion["uuid"]}) == "OK"
        client.change(uri, 2, [edit((0, 8), (0, 8), completion["displayText"])])
        # Said again when the buffer goes: it was taken all the same.
        assert await client.request("notifyRejected", {"uuids": [completion["uuid"]]}) == "OK"
    assert outcomes(house) == {"shown": 1, "accepted": 1, "accepted_chars": 16}


@pytest.mark.parametrize("length", [6, 24], ids=["the word's length", "the length of all, with every word"])
async def test_a_word_taken(house: House, length: int) -> None:
    house.script([{"prefix": "total = $", "text": "price * quantity"}])
    uri = house.uri("a.py")
    async with house.serve(options=GREETING, capabilities=CAPABILITIES) as client:
        client.open(uri, "total = ")
        (completion,) = (await client.request("getCompletions", doc(uri, 0, 8)))["completions"]
        await client.request("notifyShown", {"uuid": completion["uuid"]})
        await client.request("notifyAccepted", {"uuid": completion["uuid"], "acceptedLength": length})
        client.change(uri, 2, [edit((0, 8), (0, 8), "price ")])
        await client.request("getVersion", {})
    assert outcomes(house) == {"shown": 1, "partially_accepted": 1, "accepted_chars": 6}


async def test_cycling_brings_more_and_what_was_seen_is_rejected(house: House) -> None:
    house.script([{"prefix": "total = $", "alternatives": THREE}])
    uri = house.uri("a.py")
    async with house.serve(options=GREETING, capabilities=CAPABILITIES) as client:
        client.open(uri, "total = ")
        (first,) = (await client.request("getCompletions", doc(uri, 0, 8)))["completions"]
        await client.request("notifyShown", {"uuid": first["uuid"]})
        more = (await client.request("getCompletionsCycling", doc(uri, 0, 8)))["completions"]
        assert [each["displayText"] for each in more] == THREE
        await client.request("notifyShown", {"uuid": more[1]["uuid"]})
        await client.request("notifyRejected", {"uuids": [first["uuid"], more[1]["uuid"]]})
    assert outcomes(house) == {"shown": 2, "rejected": 2}


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("getCompletions", None),
        ("getCompletions", {"doc": {"uri": "file:///nowhere.py", "position": {"line": 0, "character": 0}}}),
        ("getCompletions", {"doc": {"uri": 3, "position": {"line": "a"}}}),
        ("getCompletionsCycling", []),
        ("textDocument/copilotPanelCompletion", {"textDocument": None, "position": None}),
        ("notifyShown", {"uuid": "unknown"}),
        ("notifyAccepted", {"uuid": ["x"], "acceptedLength": "y"}),
        ("notifyRejected", {"uuids": {"a": 1}}),
        ("notifyRejected", None),
        ("setEditorInfo", [1]),
        ("notifyChangeConfiguration", {"settings": [1]}),
        ("checkFileStatus", None),
    ],
)
async def test_what_makes_no_sense_is_answered_and_harms_nobody(house: House, method: str, params: object) -> None:
    async with house.serve(options=GREETING) as client:
        answer = await client.request(method, params)
        assert answer in ({"completions": []}, {"items": []}, "OK", {"status": "included"})


async def test_a_request_can_be_cancelled(house: House) -> None:
    house.script([{"prefix": "slow = $", "hang": True}])
    uri = house.uri("a.py")
    async with house.serve(options=GREETING, capabilities=CAPABILITIES) as client:
        client.open(uri, "slow = ")
        number, answer = client.request_nowait("getCompletions", doc(uri, 0, 7))
        async with asyncio.timeout(10):
            while not house.recorded("asked"):
                await asyncio.sleep(0.01)
        client.cancel(number)
        with pytest.raises(LspError):
            await answer


# Panels


async def test_a_panel_is_filled_by_partial_results(house: House) -> None:
    house.script([{"prefix": "total = $", "alternatives": THREE}])
    uri = house.uri("a.py")
    async with house.serve(options=GREETING, capabilities=CAPABILITIES) as client:
        client.open(uri, "total = ")
        params = {"textDocument": {"uri": uri, "version": 1}, "position": {"line": 0, "character": 8}}
        items = (await client.request("textDocument/copilotPanelCompletion", params))["items"]
        assert [item["insertText"] for item in items] == THREE
        assert {item["command"]["command"] for item in items} == {ACCEPT}
        token = {"partialResultToken": "panel-1", "workDoneToken": "work-1"}
        assert await client.request("textDocument/copilotPanelCompletion", params | token) == {"items": []}
        parts = [told["value"]["items"] for told in client.notifications("$/progress") if told["token"] == "panel-1"]
        assert [item["insertText"] for (item,) in parts] == THREE
        work = [told["value"]["kind"] for told in client.notifications("$/progress") if told["token"] == "work-1"]
        assert work == ["begin", "end"]
        client.change(uri, 2, [edit((0, 8), (0, 8), THREE[1])])
        await client.execute(parts[1][0]["command"])
    assert outcomes(house)["accepted"] == 1


async def test_an_older_plugins_panel_is_filled_by_notifications(house: House) -> None:
    house.script([{"prefix": "total = $", "alternatives": THREE}])
    uri = house.uri("a.py")
    async with house.serve(options=GREETING, capabilities=CAPABILITIES) as client:
        client.open(uri, "total = ")
        answer = await client.request("getPanelCompletions", doc(uri, 0, 8) | {"panelId": "1:copilot:///a.py"})
        assert answer["solutionCountTarget"] >= len(THREE)
        done = await client.wait_notification("PanelSolutionsDone")
        assert done == {"panelId": "1:copilot:///a.py", "status": "OK"}
        solutions = client.notifications("PanelSolution")
        assert [each["completionText"] for each in solutions] == THREE
        assert [each["displayText"] for each in solutions] == [f"total = {text}" for text in THREE]
        here = {"line": 0, "character": 8}
        assert all(each["range"] == {"start": here, "end": here} for each in solutions)
        assert all(each["panelId"] == "1:copilot:///a.py" and each["solutionId"] for each in solutions)
        assert [each["score"] for each in solutions] == sorted((each["score"] for each in solutions), reverse=True)
        await client.request("notifyAccepted", {"uuid": solutions[1]["solutionId"]})
        client.change(uri, 2, [edit((0, 8), (0, 8), THREE[1])])
    assert outcomes(house)["accepted"] == 1


async def test_a_panel_at_a_place_without_suggestions_ends(house: House) -> None:
    house.script([])
    async with house.serve(options=GREETING, capabilities=CAPABILITIES) as client:
        await client.request("getPanelCompletions", doc(house.uri("closed.py"), 0, 0) | {"panelId": "p"})
        assert (await client.wait_notification("PanelSolutionsDone"))["panelId"] == "p"
        assert client.notifications("PanelSolution") == []
