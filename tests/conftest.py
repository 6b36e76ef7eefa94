"""What holds for every test: none touches the user's own files, and none fails because the machine is busy."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# How long an example takes says more of the machine than of the code; `make bench` measures that. The gate takes the
# same examples each time, so that what it says is about the change; at a desk they are new each time.
settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="rewrite the expected sections of case files")


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Configuration, state and caches of this run, for tests that do not choose their own, and for what they start."""
    home = tmp_path_factory.mktemp("copilot-ls")
    folders = {f"COPILOT_LS_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE")}
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("COPILOT_LS_") and not name.startswith("COPILOT_LS_TEST_"):
                patch.delenv(name)
        for name, folder in folders.items():
            patch.setenv(name, folder)
        yield
