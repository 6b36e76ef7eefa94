"""Several databases as one: a team's, one person's machines, copies; of other versions, broken, or none at all."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from copilot_ls_telemetry import events
from copilot_ls_telemetry.merging import merge
from copilot_ls_telemetry.report import make_report
from copilot_ls_telemetry.store import Store, StoreError
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.cli import main
from tests.telemetry.conftest import AT, generated, of_chain, requested


def story(session: str, n: int, *, accepted: bool = True, at: float = AT) -> list[Any]:
    """`n` suggestions of one session, shown, and accepted or ignored."""
    told: list[Any] = []
    for number in range(n):
        common = {"session_id": session, "at": at}
        told += [requested(number, **common), generated(number, **common), of_chain(events.Shown, number, **common)]
        told.append(of_chain(events.Accepted if accepted else events.Ignored, number, **common))
    return told


def store(path: Path, *told: Any) -> Path:
    with closing(Store(path, max_bytes=10**9, retention_days=10**5, wall_clock=lambda: AT)) as opened:
        opened.write([event for part in told for event in part])
    return path


def shown(path: Path) -> tuple[int, int]:
    total = make_report(path).total
    return total.shown, total.accepted


def test_a_team_s_databases_add_up(tmp_path: Path) -> None:
    ada = store(tmp_path / "ada.db", story("a1", 3), story("a2", 2, accepted=False))
    bob = store(tmp_path / "bob.db", story("b1", 4))
    before = ada.read_bytes(), bob.read_bytes()
    assert merge([ada, bob], tmp_path / "all.db") == []
    assert shown(tmp_path / "all.db") == (9, 7)
    assert (ada.read_bytes(), bob.read_bytes()) == before


def test_copies_count_once_and_what_only_one_has_counts(tmp_path: Path) -> None:
    ada = store(tmp_path / "ada.db", story("a1", 3))
    backup = shutil.copy(ada, tmp_path / "backup.db")
    store(ada, story("a2", 1))
    store(backup, story("elsewhere", 5, accepted=False, at=AT + 5))
    merge([ada, backup, ada, tmp_path / "." / "ada.db"], tmp_path / "all.db")
    assert shown(tmp_path / "all.db") == (9, 4)


def test_of_a_session_that_goes_on_the_fuller_copy_counts(tmp_path: Path) -> None:
    ada = store(tmp_path / "ada.db", story("a1", 3))
    backup = Path(shutil.copy(ada, tmp_path / "backup.db"))
    store(ada, story("a1", 5)[12:])
    merge([backup, ada], tmp_path / "all.db")
    assert shown(tmp_path / "all.db") == (5, 5)


def test_rows_that_are_alike_within_a_session_stay(tmp_path: Path) -> None:
    written = events.Written(at=AT, session_id="s", language="go", n_typed=1, n_inserted=0, n_deleted=0)
    ada = store(tmp_path / "ada.db", [written, written])
    backup = shutil.copy(ada, tmp_path / "backup.db")
    merge([ada, backup], tmp_path / "all.db")
    with closing(sqlite3.connect(tmp_path / "all.db")) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (2,)


DAY_S = 86_400.0


def with_totals(path: Path, *told: Any) -> Path:
    """A database whose events of days ago have become totals, and are gone."""
    store(path, *told)
    with closing(Store(path, max_bytes=10**9, retention_days=5, wall_clock=lambda: AT)) as opened:
        opened.keep_up()
    return path


def test_daily_totals_add_up(tmp_path: Path) -> None:
    ago = AT - 10 * DAY_S
    ada = with_totals(tmp_path / "ada.db", story("a1", 3, at=ago), story("a2", 2))
    bob = with_totals(tmp_path / "bob.db", story("b1", 4, at=ago, accepted=False), story("b2", 1))
    with closing(sqlite3.connect(ada)) as connection:
        ((n,),) = connection.execute("SELECT count(*) FROM events WHERE session_id = 'a1'")
    assert n < 12, "some have become totals alone"
    merge([ada, bob], tmp_path / "all.db")
    assert shown(ada) == (5, 5)
    assert shown(tmp_path / "all.db") == (10, 6)
    by_day = make_report(tmp_path / "all.db", by="day").groups
    assert [(each.shown, each.accepted) for each in by_day] == [(7, 3), (3, 3)]


def test_totals_of_copies_count_once(tmp_path: Path) -> None:
    ago = AT - 10 * DAY_S
    ada = store(tmp_path / "ada.db", story("a1", 3, at=ago), story("a2", 2))
    backup = Path(shutil.copy(ada, tmp_path / "backup.db"))
    with_totals(ada, story("a3", 1, at=AT + 1))
    merge([backup, ada], tmp_path / "all.db")
    assert shown(tmp_path / "all.db") == shown(ada) == (6, 6)


def test_an_older_version_s_is_read(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript((Path(__file__).parent / "schema_version_2.sql").read_text("utf-8"))
        connection.execute("PRAGMA application_id = 0x43704C73")
        connection.execute("PRAGMA user_version = 2")
        connection.execute("INSERT INTO events (event, at, session_id, request_id) VALUES ('requested', 1, 'old', 'r')")
        connection.commit()
    bob = store(tmp_path / "bob.db", story("b1", 2))
    assert merge([old, bob], tmp_path / "all.db") == []
    assert make_report(tmp_path / "all.db").requests["requested"] == 3


def test_what_cannot_be_read_is_named_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"no database " * 500)
    with closing(sqlite3.connect(tmp_path / "foreign.db")) as connection:
        connection.execute("CREATE TABLE x (y)")
    bob = store(tmp_path / "bob.db", story("b1", 2))
    left_out = merge(
        [tmp_path / "broken.db", bob, tmp_path / "nowhere.db", tmp_path / "foreign.db"], tmp_path / "all.db"
    )
    assert [each.path.name for each in left_out] == ["broken.db", "nowhere.db", "foreign.db"]
    assert all(str(each.path) in each.reason for each in left_out)
    assert shown(tmp_path / "all.db") == (2, 2)


def test_nothing_that_can_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere\.db"):
        merge([tmp_path / "nowhere.db"], tmp_path / "all.db")


SESSIONS = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 4), min_size=1, max_size=4)


@given(st.lists(SESSIONS, min_size=1, max_size=4))
@settings(max_examples=40)
def test_any_copies_of_any_sessions_make_each_count_once(tmp_path_factory: Any, sources: list[dict[str, int]]) -> None:
    folder = tmp_path_factory.mktemp("merged")
    paths = [
        store(folder / f"{n}.db", *(story(session, count) for session, count in source.items()))
        for n, source in enumerate(sources)
    ]
    merge(paths, folder / "all.db")
    expected = {session: max(each.get(session, 0) for each in sources) for source in sources for session in source}
    assert shown(folder / "all.db")[0] == sum(expected.values())


def test_stats_from_several_and_what_is_left_out_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ada, bob = store(tmp_path / "ada.db", story("a1", 3)), store(tmp_path / "bob.db", story("b1", 4, accepted=False))
    (tmp_path / "broken.db").write_bytes(b"no database " * 500)
    assert main(["stats", "--json", "--from", str(ada), str(tmp_path / "broken.db"), str(bob)]) == 0
    out, err = capsys.readouterr()
    assert (json.loads(out)["shown"], json.loads(out)["accepted"]) == (7, 3)
    assert err.startswith(f"copilot-ls stats: left out: {tmp_path / 'broken.db'} cannot be read")
    assert len(err.splitlines()) == 1
    assert main(["stats", "--from", str(tmp_path / "nowhere.db")]) == 1
    assert "no telemetry database at" in capsys.readouterr().err


def test_the_dashboard_of_several(tmp_path: Path) -> None:
    import subprocess
    import sys
    import urllib.request

    ada, bob = store(tmp_path / "ada.db", story("a1", 3)), store(tmp_path / "bob.db", story("b1", 4))
    command = [sys.executable, "-m", "copilot_ls", "dashboard", "--no-open", "--from", str(ada), str(bob)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().removeprefix("Statistics at ").strip()
        with urllib.request.urlopen(f"{address}data.json?period=all") as answer:
            assert json.load(answer)["shown"] == 7
    finally:
        process.terminate()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
