"""The life of a server process: every client is understood, and the server ends with its client."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import SERVER, House
from tests.lsp_client import LspClient, LspError, edit

CLIENTS = sorted((Path(__file__).parent.parent / "clients").glob("*.json"))


@pytest.mark.parametrize("file", CLIENTS, ids=lambda file: file.stem)
async def test_every_recorded_client_initializes_and_gets_what_it_can_show(house: House, file: Path) -> None:
    capabilities = json.loads(file.read_text())["capabilities"]
    async with house.serve(capabilities=capabilities) as client:
        offered = client.server_capabilities
        shows_ghost_text = "inlineCompletion" in capabilities.get("textDocument", {})
        assert "inlineCompletionProvider" in offered
        assert ("completionProvider" in offered) is not shows_ghost_text
        wanted = capabilities.get("general", {}).get("positionEncodings", ["utf-16"])
        assert offered["positionEncoding"] in wanted
        assert offered["textDocumentSync"]["change"] == 2


async def test_a_client_without_ghost_text_gets_it_as_completion_items(house: House) -> None:
    house.script([{"prefix": "return sel$", "text": "f.balance"}])
    capabilities = json.loads(next(file for file in CLIENTS if "helix" in file.stem).read_text())["capabilities"]
    async with house.serve(capabilities=capabilities) as client:
        client.open(house.uri("a.py"), "def f(self):\n    return sel\n")
        answer = await client.request(
            "textDocument/completion",
            {"textDocument": {"uri": house.uri("a.py")}, "position": {"line": 1, "character": 14}},
        )
        (item,) = answer["items"]
        assert item["textEdit"]["newText"] == "self.balance"
        assert item["textEdit"]["range"]["start"] == {"line": 1, "character": 11}
        await client.execute(item["command"])


def menu_params(house: House, line: int, character: int) -> dict:
    return {
        "textDocument": {"uri": house.uri("a.py")},
        "position": {"line": line, "character": character},
        "context": {"triggerKind": 2, "triggerCharacter": "("},
    }


WIDTHS = "def show(width, weight):\n    print(width)\n    print(weight)\n    print(width)\n    print(w\n"


async def test_a_menu_has_several_entries_ranked_and_replaced_from_the_word_that_is_typed(house: House) -> None:
    house.configure('[backend.embedded]\nkind = "embedded"\noptions = { invoked_threshold = 0.01 }\n')
    capabilities = json.loads(next(file for file in CLIENTS if "helix" in file.stem).read_text())["capabilities"]
    async with house.serve(capabilities=capabilities) as client:
        client.open(house.uri("a.py"), WIDTHS)
        answer = await client.request("textDocument/completion", menu_params(house, 4, 11))
        items = answer["items"]
        assert answer["isIncomplete"] is True
        assert len(items) > 1
        assert [item["sortText"] for item in items] == sorted(item["sortText"] for item in items)
        for item in items:
            assert item["textEdit"]["range"] == {
                "start": {"line": 4, "character": 10},
                "end": {"line": 4, "character": 11},
            }
            assert item["filterText"].startswith("w")
            assert item["textEdit"]["newText"].startswith("w")
        await client.execute(items[1]["command"])
    stats = house.stats()
    assert (stats["shown"], stats["accepted"]) == (1, 1)


async def test_a_menu_that_is_turned_off_stays_empty(house: House) -> None:
    house.configure('[completion]\nmenu = "never"\n')
    capabilities = json.loads(next(file for file in CLIENTS if "helix" in file.stem).read_text())["capabilities"]
    async with house.serve(capabilities=capabilities) as client:
        client.open(house.uri("a.py"), WIDTHS)
        assert (await client.request("textDocument/completion", menu_params(house, 4, 11)))["items"] == []


async def test_a_menu_is_registered_late_beside_ghost_text_when_the_user_wants_both(house: House) -> None:
    house.configure('[completion]\nmenu = "always"\n')
    ghost = {"inlineCompletion": {"dynamicRegistration": False}, "completion": {"dynamicRegistration": True}}
    async with house.serve(capabilities={"textDocument": ghost}) as client:
        assert "completionProvider" not in client.server_capabilities
        client.open(house.uri("a.py"), WIDTHS)
        async with asyncio.timeout(10):
            while not (received := dict(client.requests_received).get("client/registerCapability")):
                await asyncio.sleep(0.005)
        (registration,) = received["registrations"]
        assert registration["method"] == "textDocument/completion"
        assert (await client.request("textDocument/completion", menu_params(house, 4, 11)))["items"]


async def test_the_server_ends_when_its_input_closes(house: House) -> None:
    async with house.serve() as client:
        client.close_stdin()
        assert await client.wait_exit() == 0
        client.assert_no_complaint()


async def test_exit_without_shutdown_is_status_one(house: House) -> None:
    async with house.serve() as client:
        client.notify("exit", None)
        assert await client.wait_exit() == 1


@pytest.mark.skipif(os.name == "nt", reason="processes are watched on POSIX only")
async def test_the_server_ends_when_its_clients_process_dies(house: House) -> None:
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    async with LspClient.start(SERVER, env=house.env) as client:
        await client.request("initialize", {"processId": other.pid, "rootUri": None, "capabilities": {}})
        other.send_signal(signal.SIGKILL)
        await other.wait()
        assert await client.wait_exit(timeout=20) == 0


async def test_tcp_on_loopback_serves_the_same(house: House) -> None:
    house.script([{"prefix": "x = $", "text": "42"}])
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "copilot_ls", "serve", "--tcp", "127.0.0.1:0"),
        env=house.env,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr
    try:
        port = int((await process.stderr.readline()).decode().rsplit(":", 1)[1])
        async with LspClient.connect("127.0.0.1", port) as client:
            await client.initialize(root=house.workspace)
            client.open(house.uri("a.py"), "x = ")
            assert [item["insertText"] for item in await client.inline_completion(house.uri("a.py"), 0, 4)] == ["42"]
    finally:
        process.kill()
        await process.communicate()


@pytest.mark.parametrize("address", ["0.0.0.0:1234", "example.org:80", "127.0.0.1", "127.0.0.1:99999"])
async def test_tcp_elsewhere_than_on_loopback_is_refused(house: House, address: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "copilot_ls", "serve", "--tcp", address),
        env=house.env,
        stderr=asyncio.subprocess.PIPE,
    )
    _, stderr = await process.communicate()
    assert process.returncode == 2
    assert address in stderr.decode()


async def test_no_socket_is_opened_without_a_configured_backend(house: House) -> None:
    trace = house.root / "sockets"
    (house.root / "site").mkdir()
    (house.root / "site" / "sitecustomize.py").write_text(
        "import sys\n"
        "def hook(event, arguments):\n"
        "    if event in {'socket.connect', 'socket.bind', 'socket.getaddrinfo', 'socket.sendto'}:\n"
        f"        open({str(trace)!r}, 'a').write(event + chr(10))\n"
        "sys.addaudithook(hook)\n"
    )
    house.env["PYTHONPATH"] = str(house.root / "site")
    async with house.serve() as client:
        client.open(
            house.uri("a.py"), "class Account:\n    def __init__(self, owner, balance=0):\n        self.owner = "
        )
        await client.inline_completion(house.uri("a.py"), 2, 21)
        await client.inline_completion(house.uri("a.py"), 2, 21, trigger_kind=1)
        client.save(house.uri("a.py"))
    assert not trace.exists()


async def test_bad_settings_are_told_once_and_the_rest_applies(house: House) -> None:
    house.script(
        [{"prefix": "x = $", "text": "42"}],
        extra='[completion]\nmax_lines = "many"\nmultilin = true\ndebounce_max_ms = 0\n',
    )
    async with house.serve() as client:
        told = await client.wait_notification("window/showMessage")
        logged = [one["message"] for one in client.notifications("window/logMessage")]
        assert "copilot-ls" in told["message"]
        assert any("max_lines" in line and "many" in line for line in logged)
        assert any("multilin" in line for line in logged)
        client.open(house.uri("a.py"), "x = ")
        assert await client.inline_completion(house.uri("a.py"), 0, 4)
        assert len(client.notifications("window/showMessage")) == 1


async def test_the_first_request_waits_for_the_settings(house: House) -> None:
    house.script([{"prefix": "x = $", "text": "42"}])
    async with LspClient.start(SERVER, env=house.env) as client:
        client.settings["copilot-ls"] = {"completion": {"enable": False}}
        await client.initialize(root=house.workspace)
        client.open(house.uri("a.py"), "x = ")
        assert await client.inline_completion(house.uri("a.py"), 0, 4) == []
    assert not house.recorded("asked")


async def test_a_client_that_never_says_initialized_is_answered_all_the_same(house: House) -> None:
    async with LspClient.start(SERVER, env=house.env) as client:
        await client.initialize(root=house.workspace, initialized=False)
        client.open(house.uri("a.py"), "total = price * quantity\nprint(total)\ntotal = pri")
        assert await client.inline_completion(house.uri("a.py"), 2, 11, trigger_kind=1)


async def test_files_that_change_outside_of_the_editor_are_learnt(house: House) -> None:
    async with house.serve() as client:
        uri, typed = house.uri("new.py"), "registry = open_the_reg"
        client.open(uri, typed)
        assert await client.inline_completion(uri, 0, len(typed), trigger_kind=1) == []
        async with asyncio.timeout(20):
            while not any(method == "client/registerCapability" for method, _ in client.requests_received):
                await asyncio.sleep(0.01)
            for n in range(3):
                path = house.workspace / f"other{n}.py"
                path.write_text("registry = open_the_registry(path)\n" * 3)
                changes = [{"uri": path.as_uri(), "type": 1}]
                client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
            while not await client.inline_completion(uri, 0, len(typed), trigger_kind=1):
                await asyncio.sleep(0.02)


async def test_the_log_goes_to_the_file_that_is_named(house: House) -> None:
    log = house.root / "logs" / "server.log"
    house.configure(f'[log]\nlevel = "warning"\nfile = "{log}"\n')
    async with house.serve() as client:
        client.open(house.uri("a.py"), "x = ")
        await client.inline_completion(house.uri("a.py"), 0, 4)
        client.change(house.uri("never opened.py"), 2, [])
    assert "not open" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600
    assert "not open" not in client.stderr


async def test_at_its_most_talkative_the_log_holds_nothing_of_the_text(house: House) -> None:
    log = house.root / "server.log"
    told, key = "zebra_crossing", "sk-live-51H8zebra0123456789abcdef"
    answers = [{"prefix": "total = $", "text": f"{told}(1)"}, {"prefix": "other = $", "fault": "http_500"}]
    house.script(answers, f'[log]\nlevel = "debug"\nfile = "{log}"\n')
    uri = house.uri("a.py")
    async with house.serve() as client:
        client.open(uri, f'{told} = "{key}"\ntotal = ')
        (item,) = await client.inline_completion(uri, 1, 8)
        client.change(uri, 2, [edit((1, 8), (1, 8), item["insertText"] + "\nother = ")])
        await client.execute(item["command"])
        await client.inline_completion(uri, 2, 8)
        client.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": told}})
        client.notify("textDocument/didShowCompletion", {"item": {"insertText": told}})
        with pytest.raises(LspError):
            await client.execute({"command": "copilot-ls.fix", "arguments": [told]})
    text = log.read_text()
    assert "parameters do not fit" in text
    assert [each for each in (told, key) if each in text] == []


async def test_a_log_file_that_cannot_be_is_one_warning(house: House) -> None:
    house.configure(f'[log]\nfile = "{house.workspace}"\n')
    async with house.serve() as client:
        client.open(house.uri("a.py"), "x = ")
        await client.inline_completion(house.uri("a.py"), 0, 4)
    assert client.stderr.count("cannot be written to") == 1


async def test_settings_of_the_editor_take_effect_while_running(house: House) -> None:
    house.script([{"prefix": "x = $", "text": "42"}])
    async with house.serve() as client:
        client.open(house.uri("a.py"), "x = ")
        assert await client.inline_completion(house.uri("a.py"), 0, 4)
        client.settings["copilot-ls"] = {"completion": {"enable": False}}
        asked = len(client.requests_received)
        client.notify("workspace/didChangeConfiguration", {"settings": None})
        while len(client.requests_received) == asked:
            await asyncio.sleep(0)
        while await client.inline_completion(house.uri("a.py"), 0, 4):
            await asyncio.sleep(0)


async def test_a_document_that_is_not_open_is_answered_with_nothing(house: House) -> None:
    async with house.serve() as client:
        assert await client.inline_completion(house.uri("nowhere.py"), 0, 0) == []
        client.change(house.uri("nowhere.py"), 2, [])
        with pytest.raises(LspError):
            await client.request("textDocument/inlineCompletion", {"position": {"line": -1}})
