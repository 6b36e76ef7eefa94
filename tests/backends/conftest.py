"""A model server on loopback, and backends that are closed when a test ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from copilot_ls.backends.base import Backend
from tests.backends.model_server import ModelServer


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    found = ModelServer()
    await found.start()
    yield found
    await found.stop()


@pytest.fixture
async def opened() -> AsyncIterator[Callable[[Backend], Backend]]:
    """Closes after the test what it is given."""
    backends: list[Backend] = []

    def remember(backend: Backend) -> Backend:
        backends.append(backend)
        return backend

    yield remember
    for backend in backends:
        await backend.aclose()
