from __future__ import annotations

import contextlib

import pytest


def pytest_addoption(parser):
    # Another folder's runner may have added it already.
    with contextlib.suppress(ValueError):
        parser.addoption("--update-goldens", action="store_true", help="rewrite the expected sections of case files")


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("COPILOT_LS_STATE_DIR", str(tmp_path_factory.mktemp("state")))
