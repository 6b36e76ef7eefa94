"""What holds for every test: none touches the user's own files, and none fails because the machine is busy."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xdist.scheduler import LoadScopeScheduling

# How long an example takes says more of the machine than of the code; `make bench` measures that. The gate takes the
# same examples each time, so that what it says is about the change; at a desk they are new each time.
settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("suite")

_TOGETHER = {"tests/editors", "tests/engines", "tests/packaging"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="rewrite the expected sections of case files")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Tests of these folders share a window, a build or an engine, and go to one worker, in their order; others to any.

    pytest-xdist's own groups write their name into an item's id, which pytest 9.2 reckons anew: they hold nothing
    together any more.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFolder(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            folder = "/".join(nodeid.split("/")[:2])
            return folder if folder in _TOGETHER else nodeid

    return ByFolder(config, log)


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
