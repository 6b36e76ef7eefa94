"""What `doctor` says of checkers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from copilot_ls.cli.checkers_report import checker_rows
from copilot_ls.config.settings import Settings
from copilot_ls.config.trust import PROJECT_FILE, TrustStore

SETTINGS = Settings()


@pytest.fixture(autouse=True)
def only_ruff(script, monkeypatch, tmp_path):
    script("ruff", "")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def test_doctor_says_where_checkers_are_and_whether_they_run(workspace, tmp_path):
    assert [row[:2] for row in checker_rows(workspace, SETTINGS)] == [("none", "note")]
    (workspace / "pyproject.toml").write_text("[tool.ruff]\n[tool.mypy]\n")
    ruff, mypy, trust = checker_rows(workspace, SETTINGS)
    assert ruff == ("ruff", "ok", f"{tmp_path / 'bin' / 'ruff'}, configured in pyproject.toml")
    assert mypy[:2] == ("mypy", "note")
    assert "no mypy on PATH" in mypy[2]
    assert "copilot-ls trust" in trust[2]
    TrustStore().trust(workspace / PROJECT_FILE, b"")
    assert [row[0] for row in checker_rows(workspace, SETTINGS)] == ["ruff", "mypy", "network"]


def test_doctor_names_what_is_no_checker(workspace):
    settings = replace(SETTINGS, fix=replace(SETTINGS.fix, checkers=("rough",)))
    assert next(checker_rows(workspace, settings))[:2] == ("rough", "bad")
