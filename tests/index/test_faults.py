"""An index that cannot be written: one error that says how to mend it, readers that go on, and nothing wrong afterwards.

The faults are SQLite's own, brought about by its limits and locks.
"""

import sqlite3

import pytest

from copilot_ls.errors import IndexUnavailableError
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.store import connection as connection_module
from copilot_ls.index.worker import build
from tests.index.contents import contents

FILES = {f"f{n:02}.py": f"def name_{n}():\n    return shared({n})\n" * 900 for n in range(60)}


@pytest.fixture
def limited(monkeypatch):
    """Have the next writers begin with a statement."""
    opened = connection_module._open

    def limit(statement):
        def open_limited(database):
            connection = opened(database)
            connection.execute(statement)
            return connection

        monkeypatch.setattr(connection_module, "_open", open_limited)

    yield limit
    monkeypatch.undo()


def quiet(root, database):
    return build(root, database, tell=lambda _: None)


def refused(root, database):
    with pytest.raises(IndexUnavailableError) as error:
        quiet(root, database)
    assert str(database) in str(error.value)
    assert "COPILOT_LS_CACHE_DIR" in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("max_pages", [10, 400, 1_200])
def test_a_disk_that_is_full_loses_nothing_that_was_there(write, database, tmp_path, limited, monkeypatch, max_pages):
    root = write(FILES)
    limited(f"PRAGMA max_page_count = {max_pages}")
    assert "full" in refused(root, database)
    index = WorkspaceIndex(database, query_ms=5_000)
    for file in index.files():
        assert index.file_lines(file.path, 0, 9_999) == FILES[file.path].split("\n")[:-1]
    monkeypatch.undo()
    quiet(root, database)
    quiet(root, tmp_path / "fresh.db")
    assert contents(database) == contents(tmp_path / "fresh.db")
    assert len(index.files()) == len(FILES)
    index.close()


def test_an_index_that_may_only_be_read_is_answered_from(write, database, limited):
    root = write({"a.py": "def old_name(): ...\n"})
    quiet(root, database)
    (root / "a.py").write_text("def new_name(): ...\n")
    limited("PRAGMA query_only = ON")
    assert "readonly" in refused(root, database)
    index = WorkspaceIndex(database, query_ms=5_000)
    assert list(index.definitions(["old_name", "new_name"])) == ["old_name"]
    index.close()


def test_an_index_that_another_program_holds_answers_nothing_and_comes_back(write, database, monkeypatch, caplog):
    monkeypatch.setattr(connection_module, "_BUSY_SECONDS", 0.01)
    root = write({"a.py": "def name(): ...\n"})
    quiet(root, database)
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    index = WorkspaceIndex(database, query_ms=5_000)
    assert index.definitions(["name"]) == {}
    assert "locked" in refused(root, database)
    assert not caplog.records
    holder.close()
    assert list(index.definitions(["name"])) == ["name"]
    assert quiet(root, database).n_files == 1
    index.close()


def test_lines_that_are_damaged_are_one_complaint(indexed, database, caplog):
    index = indexed({"a.py": "value = compute(1)\n" * 3})
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE line_pages SET places = x'0102'")
    connection.close()
    assert index.lines_starting_with("value", limit=3) == []
    assert index.lines_following("value = compute(1)", limit=3) == []
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "copilot-ls index" in caplog.text
