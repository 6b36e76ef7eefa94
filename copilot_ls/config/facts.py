"""How a setting is written down: a dataclass field whose metadata has its description, unit, limits and trust.

Used by `copilot_ls.config.settings` alone, which says what the facts mean.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

ProjectRule = Literal["any", "tighten", "trusted", "user"]

T = TypeVar("T")


def key(
    default: T,
    description: str,
    *,
    unit: str = "",
    ge: float | None = None,
    le: float | None = None,
    pattern: str | None = None,
    project: ProjectRule = "any",
) -> T:
    """A setting with a default; `ge`, `le` and `pattern` are its limits, by pydantic's names."""
    metadata = _metadata(description, unit=unit, ge=ge, le=le, pattern=pattern, project=project)
    result: Any = field(default=default, metadata=metadata)
    return result  # type: ignore[no-any-return]  # a Field for @dataclass, the default for everybody else


def price(of: str, otherwise: str = "they are free") -> float | None:
    """A price of a million tokens."""
    description = f"Price of a million {of}, in a unit of your choice. Unset, {otherwise}."
    return key(None, description, ge=0, project="trusted")


def table(make: Callable[[], T], description: str, *, project: ProjectRule = "trusted") -> T:
    """A setting that is a table, empty by default."""
    result: Any = field(default_factory=make, metadata=_metadata(description, project=project))
    return result  # type: ignore[no-any-return]  # as in `key`


def required(description: str, *, project: ProjectRule = "trusted") -> Any:  # noqa: ANN401 - a Field stands for any type
    """A setting without a default."""
    return field(metadata=_metadata(description, project=project))


def _metadata(description: str, **facts: object) -> dict[str, object]:
    return {"description": description} | {name: fact for name, fact in facts.items() if fact not in (None, "")}
