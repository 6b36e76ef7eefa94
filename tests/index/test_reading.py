"""The reading end keeps in step with the table of files, however it changes and however large it is."""

import random

import pytest

from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.worker import build


@pytest.mark.parametrize("seed", range(4))
def test_a_reader_that_has_seen_all_changes_knows_what_a_fresh_one_does(write, database, seed):
    rng = random.Random(seed)
    root = write({f"f{n}.py": f"x = {n}\n" for n in range(12)})
    build(root, database, tell=lambda _: None)
    old = WorkspaceIndex(database, query_ms=5_000)
    for step in range(12):
        for _ in range(rng.randrange(1, 4)):
            path = root / f"f{rng.randrange(16)}.py"
            what = rng.choice(["write", "write", "delete", "generated", "last"])
            if what == "delete":
                path.unlink(missing_ok=True)
            elif what == "last":  # the file that came last, whose id a table might give away again
                (root / "zzz.py").write_text(f"x = {step}\n" * rng.randrange(1, 30))
            else:
                head = "# @generated\n" if what == "generated" else ""
                path.write_text(head + f"y = {step}\n" * rng.randrange(1, 30))
        if rng.random() < 0.8:
            old.files()
        build(root, database, tell=lambda _: None)
        fresh = WorkspaceIndex(database, query_ms=5_000)
        assert sorted(old.files(), key=lambda each: each.path) == sorted(fresh.files(), key=lambda each: each.path)
        assert old._n_chunks == fresh._n_chunks
        assert {each.path: old.file(each.path) for each in fresh.files()} == {each.path: each for each in fresh.files()}
        fresh.close()
    old.close()


def test_a_large_table_of_files_is_read_whole_whatever_time_a_question_has(write, database, caplog):
    root = write({f"f{n}.py": "" for n in range(3_000)})
    build(root, database, tell=lambda _: None)
    index = WorkspaceIndex(database, query_ms=0.001)
    assert len(index.files()) == 3_000
    assert not caplog.records
    index.close()
