"""Holds parsed JSON against the types of a vendor's client, as strictly as they can be read.

TypedDicts may have no key that they do not declare and lack none that they require, at any depth, which no type checker
does at run time. Pydantic models must give back all that they were given: what they ignored, they do not know.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, NotRequired, Required, Union, get_args, get_origin

import typing_extensions
from pydantic import BaseModel

# What holds a JSON schema may hold anything: the schema is the user's.
ANYTHING_IN = {"parameters", "input_schema", "schema", "format", "responseJsonSchema", "parametersJsonSchema"}

_MODIFIERS = {Required, NotRequired, typing_extensions.Required, typing_extensions.NotRequired}


def mistakes(value: Any, expected: Any, at: str = "body") -> list[str]:
    """Everything by which `value` is not what the annotation `expected` says; empty when it is."""
    origin, arguments = get_origin(expected), get_args(expected)
    if origin in _MODIFIERS or origin is Annotated:
        return mistakes(value, arguments[0], at)
    if isinstance(expected, typing_extensions.TypeAliasType):
        return mistakes(value, expected.__value__, at)
    if origin in {Union, types.UnionType}:
        return _nearest([mistakes(value, option, at) for option in arguments])
    if origin is Literal:
        return [] if value in arguments else [f"{at}: {value!r} is none of {arguments}"]
    if typing.is_typeddict(expected) or typing_extensions.is_typeddict(expected):
        return _of_typed_dict(value, expected, at)
    if isinstance(expected, type) and issubclass(expected, BaseModel):
        return [f"{at}: a model, not JSON"]
    if expected is Any or expected is object or isinstance(expected, typing.TypeVar):
        return []
    if expected is None or expected is type(None):
        return [] if value is None else [f"{at}: {value!r} is not null"]
    if expected is float:
        return [] if isinstance(value, int | float) and not isinstance(value, bool) else [f"{at}: {value!r}: no number"]
    if expected in {str, int, bool}:
        return [] if type(value) is expected else [f"{at}: {value!r} is no {expected.__name__}"]
    if (isinstance(origin, type) and issubclass(origin, Mapping)) or expected in {dict, Mapping}:
        if not isinstance(value, dict):
            return [f"{at}: no table"]
        return [
            found for key in value for found in mistakes(value[key], arguments[1] if arguments else Any, f"{at}.{key}")
        ]
    if arguments:  # Sequence, Iterable, List, and what some clients call a sequence but not of characters
        if not isinstance(value, list):
            return [f"{at}: no list"]
        return [found for n, entry in enumerate(value) for found in mistakes(entry, arguments[0], f"{at}[{n}]")]
    raise AssertionError(f"{at}: no rule for the annotation {expected!r}")


def _of_typed_dict(value: Any, expected: Any, at: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{at}: no table"]
    hints = _hints(expected)
    required = {key for key, hint in hints.items() if _is_required(key, hint, expected)}
    found = [f"{at}: {key!r} is missing" for key in sorted(required - set(value))]
    found += [f"{at}: {key!r} is unknown" for key in sorted(set(value) - set(hints))]
    for key in value:
        if key in hints and key not in ANYTHING_IN:
            found += mistakes(value[key], hints[key], f"{at}.{key}")
    return found


@lru_cache(maxsize=512)
def _hints(expected: Any) -> dict[str, Any]:
    return typing_extensions.get_type_hints(expected, include_extras=True)


def _is_required(key: str, hint: Any, expected: Any) -> bool:
    origin = get_origin(hint)
    if origin in {Required, typing_extensions.Required}:
        return True
    return origin not in _MODIFIERS and key in expected.__required_keys__ and expected.__total__


def _nearest(options: list[list[str]]) -> list[str]:
    """Of several alternatives none of which fits, the one that is understood best: the fewest, then deepest mistakes."""
    return min(options, key=lambda found: (len(found), -max((len(each) for each in found), default=0)))


def understood(value: Any, model: type[BaseModel], at: str = "body") -> list[str]:
    """The same for a pydantic model. Raises its `ValidationError`, too."""
    parsed = model.model_validate(value)
    return _lost(value, parsed.model_dump(by_alias=True, exclude_unset=True, mode="json"), at)


def _lost(given: Any, kept: Any, at: str) -> list[str]:
    if isinstance(given, dict):
        if not isinstance(kept, dict):
            return [f"{at}: is not understood"]
        lost = [f"{at}: {key!r} is unknown" for key in given if key not in kept]
        both = [key for key in given if key in kept and key not in ANYTHING_IN]
        return lost + [found for key in both for found in _lost(given[key], kept[key], f"{at}.{key}")]
    if isinstance(given, list):
        if not isinstance(kept, list) or len(given) != len(kept):
            return [f"{at}: is not understood"]
        return [found for n, pair in enumerate(zip(given, kept, strict=True)) for found in _lost(*pair, f"{at}[{n}]")]
    return [] if given == kept else [f"{at}: {given!r} is understood as {kept!r}"]
