"""The server process that tests look at from outside."""

from __future__ import annotations

from tests.e2e.conftest import house

__all__ = ["house"]
