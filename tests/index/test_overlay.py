"""Open files are answered from as they are in the editor."""

import pytest

from copilot_ls.index.open_file import OpenFile
from copilot_ls.index.worker import build

FILES = {
    "a.py": "class Old(Base):\n    def method(self):\n        return helper(self)\n",
    "b.py": "import a\nhelper(1)\n",
}
NEW = "class New(Base):\n    def method(self):\n        return fresh_helper(self)\n"


def opened(path, text, version=1):
    return OpenFile(path, version, lambda: text)


def test_a_changed_file_is_found_as_it_is(indexed):
    index = indexed(FILES)
    index.overlay([opened("a.py", NEW)])
    assert list(index.definitions(["Old", "New"])) == ["New"]
    assert [hit.name for hit in index.members("New", "a.py")] == ["method"]
    assert [hit.path for hit in index.callers("fresh_helper")] == ["a.py"]
    assert [hit.path for hit in index.callers("helper")] == ["b.py"]
    assert [hit.name for hit in index.subtypes("Base")] == ["New"]
    assert [hit.name for hit in index.search_symbols("new", limit=5)] == ["New"]
    assert index.file_lines("a.py", 0, 1) == ["class New(Base):"]
    assert [(hit.path, hit.start) for hit in index.search(["fresh_helper"], limit=5)] == [("a.py", 0)]
    assert index.search(["old"], limit=5) == []
    assert [hit.path for hit in index.importers("a.py")] == ["b.py"]
    assert {file.path for file in index.files()} == {"a.py", "b.py"}


def test_a_closed_file_is_answered_from_as_it_was_saved(indexed):
    index = indexed(FILES)
    index.overlay([opened("a.py", NEW)])
    index.overlay([])
    assert list(index.definitions(["Old", "New"])) == ["Old"]
    assert [hit.path for hit in index.callers("helper")] == ["a.py", "b.py"]


def test_a_version_is_read_once_and_what_is_saved_is_not_kept_twice(indexed):
    index = indexed(FILES)
    reads = []

    def read():
        reads.append(1)
        return FILES["a.py"]

    for _ in range(3):
        index.overlay([OpenFile("a.py", 1, read)])
    assert len(reads) == 1
    assert index._open_texts is None
    index.overlay([opened("a.py", NEW, 2)])
    index.overlay([opened("a.py", FILES["a.py"], 3)])
    assert list(index.definitions(["Old", "New"])) == ["Old"]


def test_the_file_somebody_types_in_waits_until_they_go_elsewhere(indexed):
    index = indexed(FILES)
    index.overlay([opened("a.py", NEW, 1)], active="a.py")
    assert list(index.definitions(["Old", "New"])) == ["Old"]
    index.overlay([opened("a.py", NEW, 1)], active="b.py")
    index.overlay([opened("a.py", NEW + "later = 1\n", 2)], active="a.py")
    assert list(index.definitions(["Old", "New", "later"])) == ["New"]
    index.overlay([opened("a.py", NEW + "later = 1\n", 2)])
    assert list(index.definitions(["New", "later"])) == ["New", "later"]


def test_a_saved_file_leaves_the_overlay_when_the_index_has_it(indexed, database):
    index = indexed(FILES)
    root = database.parents[1] / "workspace"
    index.overlay([opened("a.py", NEW)])
    (root / "a.py").write_text(NEW)
    build(root, database, tell=lambda _: None)
    index.overlay([opened("a.py", NEW)])
    assert index._open_texts.files == {}
    assert [hit.path for hit in index.definitions(["New"])["New"]] == ["a.py"]


@pytest.mark.parametrize(
    ("path", "text"),
    [("secret.py", "class Hidden: pass\n"), ("a.py", "x = 1\n" * 200_000)],
    ids=["unknown", "too long"],
)
def test_files_that_do_not_count_and_very_long_ones_are_passed_over(indexed, path, text):
    index = indexed(FILES)
    reads = []
    for _ in range(2):
        index.overlay([OpenFile(path, 1, lambda: reads.append(1) or text)])
    assert len(reads) <= 1
    assert list(index.definitions(["Hidden", "Old"])) == ["Old"]


def test_lines_stay_those_that_were_saved(indexed):
    index = indexed(FILES)
    index.overlay([opened("a.py", NEW)])
    assert [hit.text for hit in index.lines_starting_with("return ", limit=5)] == ["return helper(self)"]


def test_an_index_that_is_gone_still_knows_the_open_files(indexed, database):
    index = indexed(FILES)
    index.overlay([opened("a.py", NEW)])
    for ending in ("", "-wal", "-shm"):
        database.with_name(database.name + ending).unlink(missing_ok=True)
    assert list(index.definitions(["New", "Old"])) == ["New"]
    assert [hit.path for hit in index.search(["fresh_helper"], limit=5)] == ["a.py"]
