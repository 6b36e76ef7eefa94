"""The settings as a list of keys with their facts, for whoever goes through all of them.

That is loading, the reference and the command line. Reads `copilot_ls.config.settings`, where the facts are written.
Imports no pydantic, except to check a value.
"""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from copilot_ls.config import settings
from copilot_ls.config.settings import BackendSettings, RouteSettings, Settings

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from copilot_ls.config.facts import ProjectRule

_CONSTRAINTS = ("ge", "le", "pattern")


@dataclass(frozen=True, slots=True)
class Key:
    """One setting: `name` without its section, the type `hint`, and what its field's metadata says.

    `default` is `dataclasses.MISSING` for a key that has to be given.
    """

    name: str
    hint: Any
    default: object
    description: str
    unit: str
    project: ProjectRule
    constraints: tuple[tuple[str, Any], ...]

    @property
    def expected(self) -> str:
        """What a value has to be, in words that can follow `expected`."""
        return _expected(self.hint, dict(self.constraints), self.unit)

    def check(self, value: object) -> object:
        """Return `value` as the setting holds it; raises pydantic.ValidationError where it is not allowed."""
        if get_origin(self.hint) is tuple and isinstance(value, list):
            value = tuple(value)
        elif self.hint is int and isinstance(value, float) and value.is_integer():
            value = int(value)  # editors whose only numbers are floats
        return _adapter(self.hint, self.constraints).validate_python(value, strict=True)


@cache
def sections() -> dict[str, dict[str, Key]]:
    """Keys by section and name. `backend` has those of one backend."""
    found = {}
    for field in dataclasses.fields(Settings):
        kind = {"backend": BackendSettings, "route": RouteSettings}.get(field.name) or field.default_factory
        found[field.name] = keys_of(kind)  # type: ignore[arg-type]  # each default_factory is a dataclass
    return found


@cache
def keys_of(model: type) -> dict[str, Key]:
    """Keys of one dataclass of settings."""
    hints = get_type_hints(model, vars(sys.modules[model.__module__]))
    found = {}
    for field in dataclasses.fields(model):
        facts = field.metadata
        default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        found[field.name] = Key(
            name=field.name,
            hint=hints[field.name],
            default=default,
            description=facts["description"],
            unit=facts.get("unit", ""),
            project=facts["project"],
            constraints=tuple((name, facts[name]) for name in _CONSTRAINTS if name in facts),
        )
    return found


@cache
def _adapter(hint: Any, constraints: tuple[tuple[str, Any], ...]) -> TypeAdapter[Any]:  # noqa: ANN401 - any type
    from typing import Annotated

    from pydantic import Field, TypeAdapter

    return TypeAdapter(Annotated[hint, Field(**dict(constraints))] if constraints else hint)


def _expected(hint: Any, limits: dict[str, Any], unit: str) -> str:  # noqa: ANN401 - any type
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(f'"{choice}"' for choice in get_args(hint))
    if hint in (int, float):
        number = "a whole number" if hint is int else "a number"
        if "ge" in limits and "le" in limits:
            number += f" from {limits['ge']} to {limits['le']}"
        elif "ge" in limits:
            number += f", {limits['ge']} or more"
        return f"{number} ({unit})" if unit else number
    names = {
        bool: "true or false",
        str: "a string",
        tuple[str, ...]: "a list of strings",
        tuple[settings.RouteStep, ...]: 'a list of tables with the keys "backend" and, if wanted, "deadline_ms"',
    }
    if hint in names:
        return names[hint]
    if type(None) in get_args(hint):
        wanted = get_args(hint)[0]
        if wanted in (int, float):
            return _expected(wanted, limits, unit)
        return "an http:// or https:// address" if "pattern" in limits else "a string"
    return "a table of strings" if get_args(hint)[-1:] == (str,) else "a table"
