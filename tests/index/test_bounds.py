"""A pass that reaches a bound leaves an index that is right, says what it lacks, and goes on the next time."""

import pytest

from copilot_ls.index import walk as walk_module
from copilot_ls.index.bounds import Bounds, WalkLimits, said_of_bound
from copilot_ls.index.ignore import IgnoreRules
from copilot_ls.index.indexing import index_workspace
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.parsing import finish_files
from copilot_ls.index.store import IndexStore, inspect
from copilot_ls.index.walk import WalkReport, walk
from copilot_ls.index.worker import build
from tests.index.contents import contents

FILES = {f"f{n:02}.py": f"def name_{n}():\n    return {n}\n" for n in range(30)}
REMEDY = "raise it, or leave folders out with index.exclude"
LATER = "; the next pass goes on from there"


class Clock:
    """Time that passes by `step` seconds each time that somebody looks."""

    def __init__(self, step):
        self.now, self.step = 0.0, step

    def __call__(self):
        self.now += self.step
        return self.now


def built(root, database, **limits):
    told = []
    build(root, database, tell=told.append, limits=WalkLimits(**limits))
    return told[-1]


def test_more_files_than_may_be_are_counted(write, database):
    done = built(write(FILES), database, max_files=12)
    assert (done["files"], done["bound_reached"], done["beyond"], done["unfinished"]) == (12, "max_files", 18, 0)
    assert done["left_out"] == {"max_files": 18}
    found = inspect(database)
    assert (found.bound, found.n_beyond) == ("max_files", 18)


def test_what_would_take_long_to_count_is_counted_in_part(write, monkeypatch):
    root = write({f"d{n}/{path}": text for n in range(4) for path, text in FILES.items()})
    monkeypatch.setattr(walk_module, "COUNTING_S", 0.0)
    report = WalkReport()
    assert len(list(walk(root, IgnoreRules(root, ()), report, WalkLimits(max_files=5), Clock(1.0)))) == 5
    assert (report.bound_reached, report.is_whole) == ("max_files", False)
    assert 0 < report.left_out["max_files"] < 4 * len(FILES) - 5


def test_time_that_is_up_leaves_the_rest_to_the_next_pass(write, database, tmp_path):
    root = write(FILES)
    store = IndexStore(database)
    limits = WalkLimits(max_seconds=8.5)
    report = index_workspace(root, store, limits=limits, bounds=Bounds(limits, Clock(1.0), store.used_bytes))
    assert report.bound_reached == "max_seconds"
    assert 0 < report.n_files < len(FILES)
    assert report.n_files + report.left_out["max_seconds"] <= len(FILES)
    assert report.n_removed == 0
    store.close()
    done = built(root, database)
    assert (done["files"], done["bound_reached"]) == (len(FILES), None)
    built(root, tmp_path / "fresh.db")
    assert contents(database, "return") == contents(tmp_path / "fresh.db", "return")


def test_what_has_changed_when_time_is_up_is_not_answered_from_as_it_was(write, database):
    root = write(FILES)
    built(root, database)
    (root / "f29.py").write_text("def other_name(): ...\n")
    store = IndexStore(database)
    limits = WalkLimits(max_seconds=0.5)
    report = index_workspace(root, store, limits=limits, bounds=Bounds(limits, Clock(1.0), store.used_bytes))
    store.close()
    assert (report.bound_reached, report.n_files, report.n_removed) == ("max_seconds", 29, 1)
    index = WorkspaceIndex(database, query_ms=5_000)
    assert list(index.definitions(["name_28", "name_29", "other_name"])) == ["name_28"]
    index.close()


def test_files_whose_second_step_had_no_time_are_known_by_their_words(write, database):
    root = write({path: text * 3_000 for path, text in FILES.items()})
    store = IndexStore(database)
    index_workspace(root, store)
    n_finished = finish_files(store, bounds=Bounds(WalkLimits(max_seconds=2.5), Clock(1.0), store.used_bytes))
    n_unfinished = store.n_unfinished()
    store.close()
    assert 0 < n_finished < len(FILES)
    done = built(root, database)
    assert (done["unfinished"], n_unfinished > 0, done["bound_reached"]) == (0, True, None)


def test_a_database_that_is_full_takes_no_more_files_and_keeps_up_with_those_it_has(write, database):
    root = write({path: text * 3_000 for path, text in FILES.items()})
    first = built(root, database, max_disk_bytes=600_000)
    assert first["bound_reached"] == "max_disk_bytes"
    assert first["beyond"] + first["unfinished"] > 0
    second = built(root, database, max_disk_bytes=600_000)
    assert (second["bound_reached"], second["changed"]) == ("max_disk_bytes", 0)
    known = next(path for path in FILES if path in contents(database)["files"][0])
    (root / known).write_text("def fresh_name(): ...\n")
    third = built(root, database, max_disk_bytes=600_000)
    assert third["changed"] == 1
    index = WorkspaceIndex(database, query_ms=5_000)
    assert [hit.path for hit, _ in index.search_lines(["fresh_name"], limit=3)] == [known]
    index.close()


@pytest.mark.parametrize(
    ("said", "numbers", "options"),
    [
        ("index.max_files was reached; " + REMEDY, ("max_files",), {}),
        (
            "index.max_files was reached: at least 1,234 more files are left out; " + REMEDY,
            ("max_files", 1_234),
            {"is_counted": False},
        ),
        ("the bound max_depth was reached; leave folders out with index.exclude", ("max_depth",), {}),
        (
            f"index.max_seconds was reached: 1 more file is left out, 20 are known by their words alone; {REMEDY}{LATER}",
            ("max_seconds", 1, 20),
            {},
        ),
    ],
)
def test_what_is_said_of_a_bound(said, numbers, options):
    assert said_of_bound(*numbers, **options) == said
