"""Each test's own state: what one pays is no other's."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("COPILOT_LS_STATE_DIR", str(tmp_path / "own-state"))
