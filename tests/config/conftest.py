from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Each test has configuration, state and cache of its own."""
    for kind in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"COPILOT_LS_{kind}_DIR", str(tmp_path / kind.lower()))


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder
