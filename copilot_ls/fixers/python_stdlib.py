"""What Python's standard library offers: names by module, members by class, keywords by the name of what is called.

From a table made of typeshed's stubs; nothing is imported to find out. Read when first asked. Called by the Python
rules.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

_TABLE = Path(__file__).parent / "data" / "python_stdlib.txt"
_DEPTH = 8


class _Class(NamedTuple):
    module: str
    bases: tuple[str, ...]
    members: tuple[str, ...]


class _Table(NamedTuple):
    modules: dict[str, tuple[str, ...]]
    classes: dict[str, _Class]
    parameters: dict[str, tuple[str, ...]]


@cache
def _table() -> _Table:
    modules: dict[str, tuple[str, ...]] = {}
    classes: dict[str, _Class] = {}
    parameters: dict[str, tuple[str, ...]] = {}
    for line in _TABLE.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, *words = line.split(" ")
        if name.startswith("="):
            at = words.index("|")
            classes[name[1:]] = _Class(name[1:].rpartition(".")[0], tuple(words[:at]), tuple(words[at + 1 :]))
        elif name.startswith("("):
            parameters[name[1:]] = tuple(words)
        else:
            modules[name] = tuple(words)
    return _Table(modules, classes, parameters)


@cache
def _modules_by_name() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for module, names in _table().modules.items():
        for name in names:
            found.setdefault(name, []).append(module)
    return {name: tuple(modules) for name, modules in found.items()}


@cache
def _classes_by_name() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for qualified in _table().classes:
        found.setdefault(qualified.rpartition(".")[2], []).append(qualified)
    return {name: tuple(classes) for name, classes in found.items()}


def is_module(name: str) -> bool:
    """Whether the library has a module of this dotted name."""
    return name in _table().modules


def modules() -> tuple[str, ...]:
    """The dotted names of all public modules."""
    return tuple(_table().modules)


def names_of(module: str) -> tuple[str, ...]:
    """What a module offers, its submodules included; empty for no module of the library."""
    table = _table()
    if module not in table.modules:
        return ()
    below = f"{module}."
    parts = [each[len(below) :] for each in table.modules if each.startswith(below) and "." not in each[len(below) :]]
    return (*table.modules[module], *parts)


def modules_with(name: str) -> tuple[str, ...]:
    """The modules that offer a name."""
    return _modules_by_name().get(name, ())


def builtins() -> tuple[str, ...]:
    """The names that need no import."""
    return (*_table().modules["builtins"], "__file__", "__name__", "__doc__")


def parameters_of(name: str) -> tuple[str, ...]:
    """What may be passed by keyword to functions, methods and classes of this name, all of them together."""
    return _table().parameters.get(name, ())


def members_of(class_name: str) -> tuple[str, ...]:
    """The public members of a class, inherited ones included: `pathlib.Path`, or `Path` where one module has it.

    Of classes that share a name, builtins' one counts; otherwise the members of all of them do.
    """
    if class_name in _table().classes:
        return tuple(_members(class_name, _DEPTH))
    qualified = _classes_by_name().get(class_name, ())
    if f"builtins.{class_name}" in qualified:
        qualified = (f"builtins.{class_name}",)
    return tuple(dict.fromkeys(member for each in qualified for member in _members(each, _DEPTH)))


def _members(qualified: str, depth: int) -> list[str]:
    known = _table().classes.get(qualified)
    if known is None or not depth:
        return []
    found = list(known.members)
    for base in known.bases:
        tail = base.rpartition(".")[2]
        places = [each for each in (f"{known.module}.{base}", base, f"builtins.{base}") if each in _table().classes]
        places = places or [each for each in _classes_by_name().get(tail, ()) if each != qualified][:1]
        found += _members(places[0], depth - 1) if places else []
    return list(dict.fromkeys(found))
