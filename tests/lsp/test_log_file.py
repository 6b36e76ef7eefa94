"""The log file is its owner's alone, whatever its generation, and never grows beyond its bound."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest

from copilot_ls.lsp.log_file import MAX_BYTES, N_OLD_FILES, PrivateLogFile


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("copilot_ls", logging.WARNING, __file__, 1, text, None, None)


def test_all_generations_are_bounded_and_private(tmp_path: Path) -> None:
    handler = PrivateLogFile(tmp_path / "folder" / "log")
    for number in range(2 * (N_OLD_FILES + 1)):
        handler.emit(record(f"{number} " + "x" * (MAX_BYTES - 100)))
    handler.emit(record("the last \ud800"))
    handler.close()
    files = sorted((tmp_path / "folder").iterdir())
    assert [file.name for file in files] == ["log", *(f"log.{n}" for n in range(1, N_OLD_FILES + 1))]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert all(file.stat().st_size <= MAX_BYTES for file in files)
    assert "the last" in files[0].read_text("utf-8")


def test_where_it_cannot_be_made_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        PrivateLogFile(tmp_path / "file" / "log")
