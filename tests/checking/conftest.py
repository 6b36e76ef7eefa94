"""Folders of their own for the tests of checkers, and commands that misbehave."""

from __future__ import annotations

import stat
import sys

import pytest


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    """The state folder of one test."""
    folder = tmp_path / "state"
    monkeypatch.setenv("COPILOT_LS_STATE_DIR", str(folder))
    return folder


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def script(tmp_path):
    """Makes an executable of a Python text."""

    def make(name: str, text: str):
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!{sys.executable} -I\n{text}", "utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make
