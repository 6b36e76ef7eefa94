"""Keeping the index up to date: incremental passes, single files, processes that die."""

import asyncio
import json
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys

import pytest

from copilot_ls.errors import IndexUnavailableError
from copilot_ls.index import store as index_store
from copilot_ls.index.builder import IndexBuilder
from copilot_ls.index.indexing import index_workspace, refresh_files
from copilot_ls.index.location import database_for
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.store import IndexStore
from copilot_ls.index.worker import build

WORKER = [sys.executable, "-P", "-m", "copilot_ls.index.worker"]


def content(database):
    """Everything an index says, apart from ids."""
    connection = sqlite3.connect(database)
    try:
        paths = dict(connection.execute("SELECT id, path FROM files"))
        lines = dict(connection.execute("SELECT id, text FROM lines"))
        said = {
            "files": sorted(connection.execute("SELECT path, size, hash, language, n_lines, skipped FROM files")),
            "lines": sorted(connection.execute("SELECT text, count, tier FROM lines")),
            "places": sorted(
                (lines[line], lines.get(previous, ""), paths[file], at)
                for line, previous, file, at in connection.execute("SELECT * FROM places")
            ),
            "definitions": sorted(
                (paths[file], *rest)
                for file, *rest in connection.execute(
                    "SELECT file, name, kind, line, end, container, signature, body_end FROM definitions"
                )
            ),
            "used": sorted((paths[file], data) for file, data in connection.execute("SELECT * FROM used")),
            "used_names": sorted(
                paths[file]
                for (file,) in connection.execute("SELECT rowid FROM used_names WHERE used_names MATCH 'shared'")
            ),
            "imports": sorted((paths[file], *rest) for file, *rest in connection.execute("SELECT * FROM imports")),
            "bases": sorted((paths[file], *rest) for file, *rest in connection.execute("SELECT * FROM bases")),
            "blocks": sorted(
                (paths[at >> 20], at & 0xFFFFF, data) for at, data in connection.execute("SELECT * FROM blocks")
            ),
            "chunks": sorted(
                (paths[at >> 20], at & 0xFFFFF)
                for (at,) in connection.execute("SELECT rowid FROM chunks WHERE chunks MATCH 'shared'")
            ),
            "pieces": sorted(
                lines[at] for (at,) in connection.execute("SELECT rowid FROM pieces WHERE pieces MATCH 'shared'")
            ),
        }
        for table in ("chunks", "pieces", "used_names"):
            connection.execute(f"INSERT INTO {table}({table}) VALUES ('integrity-check')")
        return said
    finally:
        connection.close()


def a_file(rng):
    words = ["shared", "alpha", "import beta", "def shared():", "    return shared()", "class A(B): x = 1", "", "}"]
    return "".join(rng.choice(words) + "\n" for _ in range(rng.randrange(60)))


def test_any_history_of_changes_leaves_the_index_that_a_fresh_build_makes(write, database, tmp_path):
    rng = random.Random(3)
    root = write({f"d{n % 3}/f{n}.py": a_file(rng) for n in range(12)})
    build(root, database, tell=lambda _: None)
    for step in range(8):
        changed = rng.choice(sorted(root.rglob("*.py")))
        rng.choice(
            [
                lambda path: path.write_text(a_file(rng)),
                lambda path: path.unlink(),
                lambda path: (path.parent / f"new_{path.stem}.py").write_text(a_file(rng)),
                lambda path: path.rename(path.with_suffix(".go")),
            ]
        )(changed)
        if step % 2:
            build(root, database, tell=lambda _: None)
        else:
            store = IndexStore(database)
            refresh_files(
                root, store, [path.relative_to(root).as_posix() for path in [changed, *changed.parent.iterdir()]]
            )
            store.close()
    build(root, database, tell=lambda _: None)
    fresh = tmp_path / "fresh.db"
    build(root, fresh, tell=lambda _: None)
    assert content(database) == content(fresh)


def test_files_that_have_not_changed_are_not_put_in_again(write, database):
    root = write({"a.py": "x = 1\n", "b.py": "y = 2\n"})
    store = IndexStore(database)
    assert index_workspace(root, store).n_changed == 2
    os.utime(root / "a.py", ns=(1, 1))  # touched, with the same content
    (root / "b.py").write_text("y = 3\n")
    report = index_workspace(root, store)
    assert (report.n_changed, report.n_removed, report.n_files) == (1, 0, 2)
    assert index_workspace(root, store).n_changed == 0
    (root / "b.py").unlink()
    assert index_workspace(root, store).n_removed == 1
    store.close()


def test_a_refresh_obeys_the_rules(write, database):
    root = write({"a.py": "x = 1\n", ".env.py": "KEY = 1\n", "drop/b.py": "", ".gitignore": "drop/\n"})
    store = IndexStore(database)
    assert (
        refresh_files(root, store, ["a.py", ".env.py", "drop/b.py", "../a.py", "/etc/x.py", "gone.py", "a//b.py", ""])
        == 1
    )
    assert list(store.stored_files()) == ["a.py"]
    (root / ".gitignore").write_text("a.py\n")
    assert refresh_files(root, store, ["a.py"]) == 1
    assert store.stored_files() == {}
    store.close()


def test_a_link_in_place_of_a_file_is_not_read(write, database, tmp_path):
    root = write({"a.py": "x = 1\n"})
    (tmp_path / "elsewhere.py").write_text("stolen = 1\n")
    (root / "a.py").unlink()
    os.symlink(tmp_path / "elsewhere.py", root / "a.py")
    store = IndexStore(database)
    refresh_files(root, store, ["a.py"])
    assert store.stored_files() == {}
    store.close()


def test_binary_and_generated_files_are_known_but_not_indexed(indexed):
    index = indexed({"a.py": b"x\0y", "b.go": "// Code generated by x. DO NOT EDIT.\n", "c.py": "x = 1\n"})
    assert [file.path for file in index.files()] == ["c.py"]


def test_the_database_is_its_owners_alone(indexed, database):
    indexed({"a.py": "x = 1\n"})
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert stat.S_IMODE(database.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("damage", [b"junk" * 5_000, b"SQLite format 3\0" + b"\xff" * 9_000])
def test_a_damaged_database_is_built_anew(write, database, damage):
    root = write({"a.py": "x = 1\n"})
    database.parent.mkdir(parents=True)
    database.write_bytes(damage)
    assert build(root, database, tell=lambda _: None).n_files == 1
    assert content(database)["lines"] == [("x = 1", 1, 0)]


def test_damage_in_the_middle_is_met_while_writing_and_mended(write, database):
    root = write({f"f{n}.py": a_file(random.Random(n)) + f"unique_{n} = 1\n" for n in range(300)})
    build(root, database, tell=lambda _: None)
    data = bytearray(database.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    database.write_bytes(data)
    (root / "f1.py").write_text("changed = 1\n")
    assert build(root, database, tell=lambda _: None).n_files == 300


def test_a_database_of_another_form_is_built_anew(indexed, write, database):
    indexed({"a.py": "x = 1\n"}).close()
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA user_version = 1000")
    connection.close()
    build(write({}), database, tell=lambda _: None)
    assert len(content(database)["files"]) == 1


def test_a_place_that_cannot_be_written_is_named_with_what_mends_it(write, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexUnavailableError, match=r"COPILOT_LS_CACHE_DIR"):
        build(write({"a.py": ""}), tmp_path / "file" / "index.db", tell=lambda _: None)


def test_every_spelling_of_a_folder_has_the_same_database(tmp_path):
    (tmp_path / "a").mkdir()
    os.symlink(tmp_path / "a", tmp_path / "b")
    there = database_for(tmp_path / "a", tmp_path)
    assert there == database_for(tmp_path / "a" / ".." / "b", tmp_path)
    assert there != database_for(tmp_path, tmp_path)
    assert there.parent == tmp_path / "index"


def test_a_worker_killed_at_any_moment_leaves_a_sound_index(write, database, monkeypatch):
    rng = random.Random(1)
    root = write({f"f{n}.py": a_file(rng) * 20 + f"unique_{n} = 1\n" for n in range(400)})
    with subprocess.Popen([*WORKER, str(root), str(database)], stdout=subprocess.PIPE) as worker:
        while json.loads(worker.stdout.readline())["event"] != "progress":
            pass  # until the first batch is in
        worker.send_signal(signal.SIGKILL)
    readable = WorkspaceIndex(database, query_ms=5_000)
    n_before = len(readable.files())
    assert n_before > 0
    assert readable.lines_starting_with("shared", limit=1)
    build(root, database, tell=lambda _: None)
    assert len(readable.files()) == 400
    content(database)
    readable.close()


def test_the_worker_reports_in_json_lines(write, database):
    root = write({"a.py": "x = 1\n", ".env": "KEY=1\n"})
    run = subprocess.run([*WORKER, str(root), str(database)], capture_output=True, text=True, check=True)
    last = json.loads(run.stdout.splitlines()[-1])
    assert last["event"] == "done"
    assert (last["files"], last["changed"], last["left_out"]) == (1, 1, {"secret": 1})
    assert run.stderr == ""


def test_the_worker_does_not_import_from_the_folder_it_is_started_in(write, database):
    root = write({"copilot_ls/__init__.py": "raise SystemExit('imported')", "json.py": "raise SystemExit('imported')"})
    run = subprocess.run([*WORKER, str(root), str(database)], cwd=root, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_two_workers_take_turns(write, database):
    root = write({f"f{n}.py": a_file(random.Random(n)) for n in range(100)})
    workers = [
        subprocess.Popen([*WORKER, str(root), str(database)], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    done = [json.loads(worker.communicate()[0].splitlines()[-1]) for worker in workers]
    assert sorted(event["changed"] for event in done) == [0, 100]


class Events:
    """The events of a builder, to be waited for."""

    def __init__(self):
        self.queue = asyncio.Queue()

    def __call__(self, event):
        self.queue.put_nowait(event)

    async def until(self, name):
        while True:
            event = await asyncio.wait_for(self.queue.get(), 20)
            if event["event"] == name:
                return event


async def test_a_saved_file_reaches_the_readers(write, database):
    root = write({"a.py": "x = 1\n"})
    events = Events()
    builder = IndexBuilder(root, database, on_event=events)
    builder.start()
    await events.until("done")
    index = WorkspaceIndex(database, query_ms=5_000)
    (root / "a.py").write_text("renewed = 1\n")
    (root / "b.py").write_text("renewed = 1\n")
    builder.refresh("a.py")
    builder.refresh("b.py")
    seen = 0
    while seen < 2:
        seen += (await events.until("refreshed"))["changed"]
    assert index.lines_starting_with("renew", limit=3)[0].count == 2
    (root / "a.py").unlink()
    builder.rescan()
    assert (await events.until("done"))["removed"] == 1
    process = builder._process
    await builder.aclose()
    assert process.returncode is not None
    index.close()


async def test_saves_before_the_worker_runs_are_not_lost(write, database):
    root = write({"a.py": "x = 1\n"})
    events = Events()
    builder = IndexBuilder(root, database, on_event=events)
    builder.refresh("a.py")
    builder.start()
    assert (await events.until("refreshed"))["changed"] == 0
    await builder.aclose()


async def test_a_flood_of_saves_becomes_one_walk(write, database):
    builder = IndexBuilder(write({}), database)
    for number in range(2_000):
        builder.refresh(f"f{number}.py")
    assert (len(builder._pending), builder._rescan) == (0, True)


async def test_a_worker_that_dies_is_started_again(write, database):
    events = Events()
    builder = IndexBuilder(write({"a.py": "x = 1\n"}), database, on_event=events, pauses=(0.0, 0.0))
    builder.start()
    await events.until("done")
    first = builder._process.pid
    builder._process.kill()
    await events.until("done")
    assert builder._process.pid != first
    await builder.aclose()


async def test_a_worker_that_keeps_dying_is_given_up_with_one_warning(write, database, caplog):
    builder = IndexBuilder(write({}), database, pauses=(0.0, 0.0), python=[sys.executable, "-c", "raise SystemExit(7)"])
    builder.start()
    await asyncio.wait_for(asyncio.shield(builder._task), 20)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "exit status 7" in caplog.text
    await builder.aclose()


async def test_a_missing_interpreter_is_no_error_for_the_server(write, database, caplog):
    builder = IndexBuilder(write({}), database, pauses=(), python=["/nonexistent/python"])
    builder.start()
    await asyncio.wait_for(asyncio.shield(builder._task), 20)
    assert len(caplog.records) == 1
    await builder.aclose()


def test_the_store_speaks_of_circumstances_and_damage_apart():
    assert issubclass(index_store.CircumstanceError, index_store.DamagedError)
    assert issubclass(index_store.DamagedError, index_store.StoreError)
