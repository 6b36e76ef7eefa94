"""The cache on disk keeps text for its owner alone, runs nothing that it finds, and breaks nothing when it breaks."""

from __future__ import annotations

import gc
import pickle
import sqlite3
import warnings
from pathlib import Path

import diskcache
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.features.disk_cache import DiskCache, key_of

LONG = 5.0


def cache_in(folder: Path) -> DiskCache:
    return DiskCache(folder / "suggestions", max_bytes=1_000_000, answer_within_s=LONG)


async def test_what_was_kept_is_there_in_the_next_run(tmp_path: Path) -> None:
    first = cache_in(tmp_path)
    assert await first.get("k") == []
    first.put("k", ["one\n\ud800", "é" * 50_000])
    first.close()
    second = cache_in(tmp_path)
    assert await second.get("k") == ["one\n\ud800", "é" * 50_000]
    second.close()
    assert (tmp_path / "suggestions").stat().st_mode & 0o777 == 0o700


class Boom:
    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (Path("pickle-ran"),))


async def test_a_pickle_in_the_file_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cache = cache_in(tmp_path)
    cache.put("k", ["text"])
    cache.close()
    with sqlite3.connect(tmp_path / "suggestions" / "cache.db") as database:
        database.execute("UPDATE Cache SET mode = 4, value = ?", (pickle.dumps(Boom()),))
        database.execute("UPDATE Settings SET value = 'diskcache.core:Disk' WHERE key = 'disk'")
    database.close()
    again = cache_in(tmp_path)
    assert await again.get("k") == []
    again.close()
    assert not (tmp_path / "pickle-ran").exists()
    with diskcache.Cache(str(tmp_path / "suggestions")) as stock:
        stock.get("k")
    assert (tmp_path / "pickle-ran").exists(), "the trap is real: diskcache's own Disk springs it"


async def test_a_broken_file_is_an_empty_cache_and_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "suggestions"
    folder.mkdir()
    (folder / "cache.db").write_bytes(b"not a database" * 100)
    cache = cache_in(tmp_path)
    assert await cache.get("k") == []
    cache.put("k", ["x"])
    assert await cache.get("k") == []
    cache.close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # diskcache leaves its connection to a broken file open
        gc.collect()
    assert len([record for record in caplog.records if "deleting the folder mends it" in record.message]) == 1


async def test_a_disk_slower_than_asking_is_not_waited_for(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "s", max_bytes=1_000_000, answer_within_s=0.0)
    cache.put("k", ["x"])
    assert await cache.get("k") == []
    cache.close()


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_keys_differ_where_requests_do(one: list[str], other: list[str]) -> None:
    assert (key_of(*one) == key_of(*other)) == (one == other)
    assert all(len(part) < 3 or part not in key_of(*one) for part in one)
