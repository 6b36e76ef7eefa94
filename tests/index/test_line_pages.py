"""Runs of lines: made, merged, and read back as they were."""

import sqlite3
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.index.digest import line_key
from copilot_ls.index.indexing import refresh_files
from copilot_ls.index.line_pages import PAGE_LINES, made_pages, mark, merged_pages, unpacked
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.store import IndexStore
from copilot_ls.index.worker import build
from tests.index.contents import contents

LINES = st.lists(
    st.sampled_from(["", "  ", "}", "return None", "  return None", "größe = 1", "x" * 300])
    | st.text("ab \n", max_size=6)
)
FILES = st.lists(LINES.map(lambda lines: "\n".join(lines).split("\n")), max_size=6)


def run(files, first=1):
    return list(enumerate(files, first))


def expected(files):
    """What stands where, and below what, by the plainest means."""
    found = defaultdict(list)
    for file, lines in files:
        above = ""
        for at, line in enumerate(lines):
            key = line_key(line)
            if key:
                found[key].append((file << 20 | at, mark(above)))
            above = key if line.strip() else above
    return sorted(found.items())


def read(pages):
    return [
        (text, list(zip(places, above, strict=True)))
        for page in pages
        for text, places, above in unpacked(*page[2:6]).entries()
    ]


@given(FILES)
def test_a_run_has_each_line_once_with_all_its_places(files):
    assert read(made_pages(run(files))) == expected(run(files))


@given(st.lists(FILES, max_size=4), st.sets(st.integers(0, 12)))
def test_merged_runs_are_the_run_of_the_files_that_are_still_there(parts, gone):
    runs, first = [], 0
    for files in parts:
        runs.append(run(files, first))
        first += len(files)
    pages = [[unpacked(*page[2:6]) for page in made_pages(each)] for each in runs]
    left = [each for part in runs for each in part if each[0] not in gone]
    assert read(merged_pages(pages, lambda file: file not in gone)) == expected(left)


def test_pages_say_where_they_begin_and_what_is_most_frequent():
    lines = [f"line {number:04}" for number in range(3 * PAGE_LINES)]
    pages = list(made_pages(run([[*lines, lines[200]]])))
    assert [(page.first, page.top) for page in pages] == [(lines[0], 1), (lines[128], 2), (lines[256], 1)]
    page = unpacked(*pages[1][2:6])
    assert (page.find(lines[200]), page.find(lines[0]), page.find("zzz")) == (200 - 128, -1, -1)


@pytest.mark.parametrize("cut", [0, 4, 8])
def test_a_page_that_is_cut_off_is_no_page(cut):
    (page,) = made_pages(run([["one", "two"]]))
    with pytest.raises(ValueError):
        unpacked(page.texts, page.starts, page.places[:cut], page.previous)


def test_many_saves_leave_few_runs_and_the_index_that_a_fresh_one_is(write, database, tmp_path):
    root = write({f"f{n}.py": f"shared = 1\nvalue_{n} = shared\n" for n in range(20)})
    build(root, database, tell=lambda _: None)
    store = IndexStore(database)
    for step in range(150):
        name = f"f{step % 23}.py"
        (root / name).write_text(f"shared = {step % 5}\n" * (step % 7) + f"value_{step} = shared\n")
        refresh_files(root, store, [name])
    (root / "f3.py").unlink()
    refresh_files(root, store, ["f3.py"])
    store.close()
    build(root, tmp_path / "fresh.db", tell=lambda _: None)
    assert contents(database) == contents(tmp_path / "fresh.db")
    connection = sqlite3.connect(database)
    n_runs, n_dead = connection.execute("SELECT count(*), sum(n_gone >= n_files) FROM line_runs").fetchone()
    connection.close()
    assert (n_runs < 20, n_dead) == (True, 0)
    old, new = WorkspaceIndex(database, query_ms=5_000), WorkspaceIndex(tmp_path / "fresh.db", query_ms=5_000)
    for prefix in ("shared", "value_", "v", "value_14"):
        assert [(hit.text, hit.count) for hit in old.lines_starting_with(prefix, limit=500)] == [
            (hit.text, hit.count) for hit in new.lines_starting_with(prefix, limit=500)
        ]
    assert {hit.count for hit in old.lines_containing("shared = 1", limit=1)} == {
        hit.count for hit in new.lines_starting_with("shared = 1", limit=1)
    }
    old.close()
    new.close()
