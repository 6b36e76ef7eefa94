from __future__ import annotations

import contextlib


def pytest_addoption(parser):
    # Another folder's runner may have added it already.
    with contextlib.suppress(ValueError):
        parser.addoption("--update-goldens", action="store_true", help="rewrite the expected sections of case files")
