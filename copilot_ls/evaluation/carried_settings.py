"""Settings as JSON, for workers in other processes and on other machines. No key is among them: they are named there.

Made by the plans, read by the workers.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import TypeAdapter

    from copilot_ls.config.settings import Settings


def as_json(settings: Settings) -> dict[str, Any]:
    """The settings as plain data."""
    found: dict[str, Any] = _adapter().dump_python(settings, mode="json")
    return found


def of_json(raw: Mapping[str, Any]) -> Settings:
    """The settings that plain data says."""
    return _adapter().validate_python(raw)


@cache
def _adapter() -> TypeAdapter[Settings]:
    from pydantic import TypeAdapter

    from copilot_ls.config.settings import Settings

    return TypeAdapter(Settings)
