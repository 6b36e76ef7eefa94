"""What `copilot-ls doctor` says of an index: sound, incomplete, absent, damaged, held by another, not to be written."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import NamedTuple

import pytest

from copilot_ls.cli.index_report import index_rows
from copilot_ls.config.settings import IndexSettings
from copilot_ls.index.bounds import WalkLimits
from copilot_ls.index.location import database_for
from copilot_ls.index.store import inspect
from copilot_ls.index.worker import build


class Folder(NamedTuple):
    root: Path
    database: Path

    def say(self, **settings: bool) -> list[tuple[str, str]]:
        return [(row.status, row.text) for row in index_rows(self.root, IndexSettings(**settings))]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("COPILOT_LS_CACHE_DIR", str(tmp_path / "cache"))
    root = tmp_path / "workspace"
    root.mkdir()
    for n in range(3):
        (root / f"f{n}.py").write_text(f"def f{n}(): pass\n" * 2_000)
    return Folder(root, database_for(root, tmp_path / "cache"))


def built(folder: Folder, **limits: int) -> None:
    build(folder.root, folder.database, tell=lambda _: None, limits=WalkLimits(**limits))


def test_a_sound_index(folder: Folder) -> None:
    built(folder)
    ((status, text),) = folder.say()
    assert status == "ok"
    assert text.startswith("3 files (0.1 MB) in ")


def test_none_yet_and_turned_off(folder: Folder) -> None:
    assert folder.say()[0][0] == "note"
    assert "copilot-ls index" in folder.say()[0][1]
    assert folder.say(enable=False) == [("note", "turned off (index.enable)")]


def test_an_incomplete_index_names_the_bound(folder: Folder) -> None:
    built(folder, max_files=2)
    (row,) = index_rows(folder.root, IndexSettings())
    assert (row.status, row.details) == (
        "note",
        {
            "incomplete": "index.max_files was reached: 1 more file is left out; raise it, or leave folders out with index.exclude"
        },
    )


@pytest.mark.parametrize("damage", ["text", "empty", "torn", "other form"])
def test_a_damaged_index_is_bad_and_is_mended_by_indexing(folder: Folder, damage: str) -> None:
    built(folder)
    data = folder.database.read_bytes()
    if damage == "other form":
        with sqlite3.connect(folder.database) as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()
    else:
        said = {"text": b"no database" * 999, "empty": b"\0" * 8192, "torn": data[: len(data) // 2]}[damage]
        folder.database.write_bytes(said)
    ((status, text),) = folder.say()
    assert status == "bad"
    assert "`copilot-ls index` builds it again" in text
    built(folder)
    assert folder.say()[0][0] == "ok"


def test_an_index_that_another_program_holds(folder: Folder) -> None:
    built(folder)
    other = sqlite3.connect(folder.database, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")
    ((status, text),) = folder.say()
    other.close()
    assert (status, "another program holds it" in text) == ("bad", True)


def test_a_cache_that_cannot_be_written(folder: Folder) -> None:
    folder.database.parent.parent.mkdir()
    folder.database.parent.write_text("in the way")
    ((status, text),) = folder.say()
    assert (status, "COPILOT_LS_CACHE_DIR" in text) == ("bad", True)


def test_a_full_disk(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    built(folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 5_000_000, 5_000_000))
    assert folder.say()[1] == ("bad", "5 MB are free for it; make room, or set COPILOT_LS_CACHE_DIR to another disk")


def test_looking_is_bounded_in_time(folder: Folder) -> None:
    built(folder)
    assert inspect(folder.database, look_seconds=0.0).state == "sound"
