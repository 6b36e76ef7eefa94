"""Names of keys as people and editors write them: snake_case, camelCase, and dotted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")


def canonical(name: object, known: Iterable[str]) -> str | None:
    """Return the known name that `name` stands for, if any: `maxLines`, `max-lines` and `max_lines` are the same."""
    given = _HUMP.sub(r"_\1", str(name)).lower().replace("-", "_")
    return given if given in known else None


def unfolded(table: Mapping[Any, Any]) -> dict[str, Any]:
    """Turn dotted names into tables: `{"completion.enable": x}` into `{"completion": {"enable": x}}`."""
    result: dict[str, Any] = {}
    for name, value in table.items():
        first, dot, rest = str(name).partition(".")
        if not dot or not rest:
            _merge(result, str(name), value)
            continue
        # Names of backends may hold dots themselves; only the first two levels are keys of ours.
        _merge(result, first, {rest: value} if first != "backend" else _backend(rest, value))
    return result


def _backend(rest: str, value: object) -> dict[str, Any]:
    name, dot, key = rest.rpartition(".")
    return {name: {key: value}} if dot else {rest: value}


def _merge(result: dict[str, Any], name: str, value: object) -> None:
    present = result.get(name)
    if isinstance(present, dict) and isinstance(value, dict):
        merged = dict(present)
        for inner, inner_value in value.items():
            _merge(merged, str(inner), inner_value)
        result[name] = merged
    else:
        result[name] = value
