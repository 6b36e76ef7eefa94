"""JSON schemas as the services that guarantee structured outputs want them.

They take a part of JSON schema alone, and each another: every object closed and its properties all required, no
defaults, for some no limits. What is taken away here is checked all the same by whoever asked, against the whole
schema. Pure. Called by the builders of requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Keywords that say what a value may be like, beyond its type.
_LIMITS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
)
_TABLES_OF_SCHEMAS = {"properties", "$defs", "definitions"}


def closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with every object closed, every property required, and no defaults."""
    return _closed(schema, limits=True)


def closed_without_limits(schema: Mapping[str, Any]) -> dict[str, Any]:
    """As `closed`; limits become words of the description, which the model reads."""
    return _closed(schema, limits=False)


def _closed(schema: Mapping[str, Any], *, limits: bool) -> dict[str, Any]:
    result: dict[str, Any] = {}
    dropped: list[str] = []
    for key, value in schema.items():
        if key == "default":
            continue
        if not limits and key in _LIMITS:
            dropped.append(f"{key}: {value}")
        elif key in _TABLES_OF_SCHEMAS and isinstance(value, Mapping):
            result[key] = {name: _within(entry, limits=limits) for name, entry in value.items()}
        else:
            result[key] = _within(value, limits=limits) if key not in {"enum", "const", "required"} else value
    if dropped:
        result["description"] = " ".join(filter(None, [result.get("description"), f"({', '.join(dropped)})"]))
    if isinstance(result.get("properties"), dict):
        result["required"] = list(result["properties"])
    if result.get("type") == "object" or "properties" in result:
        result["additionalProperties"] = False
    return result


def _within(value: object, *, limits: bool) -> object:
    if isinstance(value, Mapping):
        return _closed(value, limits=limits)
    if isinstance(value, list):
        return [_within(entry, limits=limits) for entry in value]
    return value
