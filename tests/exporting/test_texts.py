"""What is stored of a session's texts: nothing unless the user asked, and then what was seen and what became of it."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from copilot_ls.config.paths import state_dir
from copilot_ls.config.stores_settings import TelemetrySettings
from copilot_ls.features.text_files import TextFiles, read_records
from tests import virtual_loop
from tests.lifecycle.paper_session import PaperSession


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COPILOT_LS_STATE_DIR", str(tmp_path))
    return tmp_path / "completion-texts"


def stored(play: Any, *, store_text: bool = True) -> list[dict[str, Any]]:
    """The records of a session in which `play` was done."""

    async def run() -> None:
        session = PaperSession("session", 0, says_shown=False)
        telemetry = TelemetrySettings(store_text=store_text)
        session.bench._settings = replace(session.bench.settings(), telemetry=telemetry)
        await play(session)
        await session.finish()

    virtual_loop.run(run())
    return list(read_records(state_dir() / "completion-texts"))


async def seen(session: PaperSession) -> str:
    session.ask()
    await session.wait(1.3)
    entry = session.ghost_of(session.here)
    assert entry is not None
    return entry.left


async def accept_and_rewrite(session: PaperSession) -> None:
    await seen(session)
    await session.accept(0.1)
    for _ in range(5):
        session.backspace()
    session.type("mike()\nmore")
    await session.wait(121)


def test_what_was_taken_and_what_became_of_it(state: Path) -> None:
    (record,) = stored(accept_and_rewrite)
    shown = record["shown"]
    assert record["prefix"] == "start of one\n"
    assert record["suffix"] == "\nits end\n"
    assert (record["outcome"], record["accepted_length"], record["was_shown"]) == ("accepted", len(shown), True)
    assert record["written"] == shown[:-5] + "mike()\nmore"
    assert (record["backend"], record["language"]) == ("paper", "plaintext")
    assert "path" not in record
    (file,) = state.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


async def dismiss_and_write(session: PaperSession) -> None:
    await seen(session)
    session.type("quite another thing")
    await session.wait(121)


def test_what_was_written_instead() -> None:
    (record,) = stored(dismiss_and_write)
    assert (record["outcome"], record["reason"], record["was_shown"]) == ("ignored", "typing_disagreed", True)
    assert record["written"] == "quite another thing"


def test_nothing_is_stored_unless_the_user_asked(state: Path) -> None:
    assert stored(accept_and_rewrite, store_text=False) == []
    assert not state.exists()


async def never_see(session: PaperSession) -> None:
    session.ask()
    await session.wait(0.2)
    session.type("zzz")
    await session.wait(300)


def test_what_nobody_saw_is_not_stored() -> None:
    assert stored(never_see) == []


async def close_at_once(session: PaperSession) -> None:
    await seen(session)
    await session.accept(0.0)
    session.open("two")
    session.switch()
    session.close()


def test_a_document_that_is_closed_is_looked_at_then() -> None:
    (record,) = stored(close_at_once)
    assert record["written"] == record["shown"]


async def in_a_file_of_keys(session: PaperSession) -> None:
    document = session.bench.documents.get(session.here.uri)
    document._is_secret = True
    await session.wait(0)
    session.ask()
    await session.wait(1.3)


def test_nothing_of_a_file_with_keys_is_stored() -> None:
    assert stored(in_a_file_of_keys) == []


RECORD = {
    "at": 1_800_000_000.0,
    "prefix": 'token = "',
    "suffix": "\n",
    "shown": "x",
    "written": None,
    "outcome": "accepted",
    "chain_id": "c",
    "language": "python",
    "backend": "b",
    "model": "m",
}


def test_secrets_are_taken_out_also_where_they_begin_before_the_place(tmp_path: Path) -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    files = TextFiles(lambda: tmp_path / "t", keep_days=lambda: 10_000)
    record = {**RECORD, "prefix": f'token = "{secret[:10]}', "shown": secret[10:] + '"', "written": secret[10:] + '"'}
    files.write(record, lambda: "MIT")
    text = next((tmp_path / "t").iterdir()).read_text()
    assert secret[:10] not in text
    assert secret[10:] not in text
    (found,) = read_records(tmp_path / "t")
    assert found["licence"] == "MIT"


def test_old_files_go_and_broken_lines_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    folder = tmp_path / "t"
    files = TextFiles(lambda: folder, keep_days=lambda: 30)
    files.write(RECORD, lambda: None)
    (old := folder / "2001-01-01.jsonl").write_text("")
    os.utime(old, (0, 0))
    files.write({**RECORD, "at": RECORD["at"] + 86_400}, lambda: None)
    assert not old.exists()
    with next(iter(sorted(folder.iterdir()))).open("a") as stream:
        stream.write('{"half": \n[1]\n{"at": 1}\n')
    assert len(list(read_records(folder))) == 2
    assert list(read_records(tmp_path / "nowhere")) == []


def test_a_folder_that_cannot_be_written_costs_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    files = TextFiles(lambda: tmp_path / "file" / "t", keep_days=lambda: 30)
    for _ in range(3):
        files.write(RECORD, lambda: None)
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith(f"texts are not being stored in {tmp_path / 'file' / 't'} (")
    assert said.endswith("or set telemetry.store_text = false")


def test_a_record_is_json_whatever_it_holds(tmp_path: Path) -> None:
    files = TextFiles(lambda: tmp_path / "t", keep_days=lambda: 10_000)
    files.write({**RECORD, "shown": "half \ud800 \u2028 end"}, lambda: None)
    (line,) = next((tmp_path / "t").iterdir()).read_bytes().splitlines()
    assert json.loads(line)["shown"].startswith("half")
