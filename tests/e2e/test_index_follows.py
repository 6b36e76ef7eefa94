"""The index follows what happens to the workspace, over stdio: files, folders, branches, rules, settings."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from copilot_ls.index.location import database_for
from copilot_ls.index.lookup import WorkspaceIndex
from tests.e2e.conftest import SERVER, House
from tests.lsp_client import LspClient

WITHIN_S = 30
CREATED, CHANGED, DELETED = 1, 2, 3


def index_of(house: House, root: Path | None = None) -> WorkspaceIndex:
    return WorkspaceIndex(database_for(root or house.workspace, house.root / "cache"), query_ms=5_000)


async def until_defined(index: WorkspaceIndex, *names: str) -> None:
    """Wait until exactly these of the names that begin with `probe_` are defined."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            hits = [hit for file in index.files() for hit in index.file_definitions(file.path)]
            if {hit.name for hit in hits if hit.name.startswith("probe_")} == set(names):
                return
            await asyncio.sleep(0.02)


def watched(client: LspClient, path: Path, kind: int) -> None:
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": path.as_uri(), "type": kind}]})


def write(house: House, path: str, text: str) -> Path:
    place = house.workspace / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    return place


async def test_saved_made_renamed_and_deleted_files(house: House) -> None:
    place = write(house, "lib/one.py", "def probe_one(): pass\n")
    index = index_of(house)
    async with house.serve() as client:
        await until_defined(index, "probe_one")
        client.open(place, "def probe_two(): pass\n")
        place.write_text("def probe_two(): pass\n")
        client.save(place)
        await until_defined(index, "probe_two")
        made = write(house, "lib/made.py", "def probe_made(): pass\n")
        watched(client, made, CREATED)
        await until_defined(index, "probe_two", "probe_made")
        made.rename(made.with_name("renamed.py"))
        files = [{"oldUri": made.as_uri(), "newUri": made.with_name("renamed.py").as_uri()}]
        client.notify("workspace/didRenameFiles", {"files": files})
        async with asyncio.timeout(WITHIN_S):
            while index.file("lib/made.py") or not index.file("lib/renamed.py"):
                await asyncio.sleep(0.02)
        # Of a folder that goes, some editors speak of the folder alone; so with one that comes.
        shutil.move(house.workspace / "lib", house.root / "lib")
        watched(client, house.workspace / "lib", DELETED)
        await until_defined(index)
        shutil.move(house.root / "lib", house.workspace / "lib")
        watched(client, house.workspace / "lib", CREATED)
        await until_defined(index, "probe_two", "probe_made")
    index.close()


async def test_another_branch_is_followed_though_nobody_watches_files(house: House) -> None:
    def git(*words: str) -> None:
        command = ["git", "-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false", *words]
        subprocess.run(command, cwd=house.workspace, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    for n in range(3):
        write(house, f"f{n}.py", f"def probe_main_{n}(): pass\n")
    git("add", ".")
    git("commit", "-q", "-m", "main")
    git("checkout", "-q", "-b", "other")
    git("rm", "-q", "f0.py")
    write(house, "f1.py", "def probe_other(): pass\n")
    git("commit", "-q", "-a", "-m", "other")
    index = index_of(house)
    async with house.serve() as _:
        await until_defined(index, "probe_other", "probe_main_2")
        git("checkout", "-q", "main")
        await until_defined(index, "probe_main_0", "probe_main_1", "probe_main_2")
    index.close()


async def test_rules_that_change_take_effect(house: House) -> None:
    write(house, "lib/one.py", "def probe_one(): pass\n")
    index = index_of(house)
    async with house.serve() as client:
        await until_defined(index, "probe_one")
        watched(client, write(house, ".copilotignore", "lib/\n"), CREATED)
        await until_defined(index)
        rules = house.workspace / ".copilotignore"
        rules.unlink()
        watched(client, rules, DELETED)
        await until_defined(index, "probe_one")
    index.close()


async def test_settings_of_the_index_take_effect_while_running(house: House) -> None:
    write(house, "lib/one.py", "def probe_one(): pass\n")
    write(house, "gen/two.py", "def probe_two(): pass\n")
    index = index_of(house)
    async with house.serve() as client:
        await until_defined(index, "probe_one", "probe_two")
        client.settings["copilot-ls"] = {"index": {"exclude": ["gen/"]}}
        client.notify("workspace/didChangeConfiguration", {"settings": None})
        await until_defined(index, "probe_one")
        # The project's own file.
        client.settings["copilot-ls"] = {}
        client.notify("workspace/didChangeConfiguration", {"settings": {"copilot-ls": {}}})
        await until_defined(index, "probe_one", "probe_two")
        settings = write(house, ".copilot-ls.toml", '[index]\nexclude = ["lib/"]\n')
        watched(client, settings, CREATED)
        await until_defined(index, "probe_two")
        settings.unlink()
        watched(client, settings, DELETED)
        await until_defined(index, "probe_one", "probe_two")
    index.close()


async def test_folders_come_and_go(house: House, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.py").write_text("def probe_other(): pass\n")
    index = index_of(house, other)
    folder = {"uri": other.as_uri(), "name": "other"}
    async with house.serve() as client:
        client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [folder], "removed": []}})
        await until_defined(index, "probe_other")
        client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [folder]}})
        (other / "a.py").write_text("def probe_later(): pass\n")
        client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [folder], "removed": []}})
        await until_defined(index, "probe_later")
    index.close()


async def test_looking_again_when_the_user_says_so(house: House) -> None:
    index = index_of(house)
    async with house.serve() as client:
        await until_defined(index)
        write(house, "unseen.py", "def probe_unseen(): pass\n")
        async with asyncio.timeout(WITHIN_S):
            while not index.file("accounts.py"):
                await asyncio.sleep(0.02)
        await client.execute({"command": "copilot-ls.indexWorkspace"})
        await until_defined(index, "probe_unseen")
    index.close()


@pytest.mark.skipif(sys.platform == "win32", reason="locks the file as the worker does elsewhere")
async def test_a_long_pass_has_a_bar(house: House) -> None:
    import fcntl

    database = database_for(house.workspace, house.root / "cache")
    database.parent.mkdir(parents=True)
    with Path(f"{database}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # so that the pass lasts until we let it go on
        async with house.serve() as client:
            begin = await progress(client, "begin")
            assert begin["value"]["title"] == "Indexing workspace"
            assert begin["value"]["message"] == "another process is at it"
            assert ("window/workDoneProgress/create", {"token": begin["token"]}) in client.requests_received
            fcntl.flock(lock, fcntl.LOCK_UN)
            end = await progress(client, "end")
            assert end["token"] == begin["token"]
            assert end["value"]["message"] == "1 file, 0 MB"


async def progress(client: LspClient, kind: str) -> Any:
    return await client.wait_notification("$/progress", lambda it: it["value"]["kind"] == kind, timeout=WITHIN_S)


async def test_an_index_that_cannot_be_written_is_one_warning(house: House) -> None:
    (house.root / "cache").mkdir()
    (house.root / "cache" / "index").write_text("a file in the way")
    async with house.serve() as client:
        client.open(house.uri("a.py"), "total = price * quantity\nprint(total)\ntotal = pri")
        assert await client.inline_completion(house.uri("a.py"), 2, 11, trigger_kind=1)
        async with asyncio.timeout(WITHIN_S):
            while "is not kept up to date" not in client.stderr:
                await asyncio.sleep(0.02)
        assert not client.notifications("window/showMessage")
    assert client.stderr.count("is not kept up to date") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="bounds the size of files as a shell does")
async def test_a_disk_that_is_full_is_one_warning(house: House) -> None:
    for n in range(60):
        write(house, f"f{n}.py", "".join(f"value_{n}_{k} = compute({k}, everything)\n" for k in range(200)))
    server = ["bash", "-c", 'ulimit -f 200; exec "$0" "$@"', *SERVER]
    async with LspClient.start(server, env=house.env, cwd=house.workspace) as client:
        await client.initialize(root=house.workspace)
        client.open(house.uri("a.py"), "total = price * quantity\nprint(total)\ntotal = pri")
        assert await client.inline_completion(house.uri("a.py"), 2, 11, trigger_kind=1)
        async with asyncio.timeout(WITHIN_S):
            while "is not kept up to date" not in client.stderr:
                await asyncio.sleep(0.02)
        assert await client.inline_completion(house.uri("a.py"), 2, 11, trigger_kind=1)
        assert not client.notifications("window/showMessage")
    assert client.stderr.count("is not kept up to date") == 1
    assert "COPILOT_LS_CACHE_DIR" in client.stderr


async def test_a_bound_that_was_reached_is_one_warning(house: House) -> None:
    house.configure("[index]\nmax_files = 2\n")
    for n in range(5):
        write(house, f"f{n}.py", "x = 1\n")
    async with house.serve() as client:
        async with asyncio.timeout(WITHIN_S):
            while "index.max_files was reached" not in client.stderr:
                await asyncio.sleep(0.02)
        await client.execute({"command": "copilot-ls.indexWorkspace"})
    assert client.stderr.count("index.max_files was reached") == 1
