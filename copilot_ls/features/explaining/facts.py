"""What the index knows about a piece of code: where its names are declared, who calls it, what it overrides, its tests.

Names are compared as they are written. Where one name has several declarations, which of them is meant
is inferred, by import and by file. Made in a thread by `explainer`; plain data for `embedded`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.index.hits import DefinitionHit, ReferenceHit
    from copilot_ls.index.lookup import WorkspaceIndex

_MOST_CALLERS = 40
_TEST_PATH = re.compile(r"(^|/)(tests?|spec|__tests__)/|(^|/)test_[^/]*$|[._-](test|spec)s?\.[^/]*$|Tests?\.\w+$")
_LAST_NAME = re.compile(r"([\w$?!]+)\W*$")


@dataclass(frozen=True, slots=True)
class Declared:
    """A name in use and the declaration that it means. `is_certain` is False where others might be meant as well."""

    name: str
    line: int
    declaration: DefinitionHit
    is_certain: bool
    is_installed: bool = False


@dataclass(slots=True)
class Facts:
    """What is known about one declaration."""

    callees: list[Declared] = field(default_factory=list)
    callers: list[ReferenceHit] = field(default_factory=list)
    tests: list[ReferenceHit] = field(default_factory=list)
    overrides: list[DefinitionHit] = field(default_factory=list)
    overridden_by: list[DefinitionHit] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    subtypes: list[tuple[str, str, int]] = field(default_factory=list)
    n_namesakes: int = 0


def is_test(path: str) -> bool:
    """Whether a path is one that tests have, by the customs of the languages."""
    return _TEST_PATH.search(path) is not None


def last_name(code: str) -> str:
    """The name that a callee ends with: `self.store.get` is a call of `get`."""
    found = _LAST_NAME.search(re.sub(r"<[^<>]*>$", "", code))
    return found[1] if found else ""


def facts_about(
    name: str, container: str, path: str, index: WorkspaceIndex, *, callees: Sequence[tuple[str, int]]
) -> Facts:
    """The facts about what is declared as `name` in `path`, which calls `callees` (code, line)."""
    facts = Facts()
    facts.callees = declared(callees, path, index)
    found = index.callers(name, limit=_MOST_CALLERS, near=path)
    own = ".".join(filter(None, (container, name)))
    used = [hit for hit in found if not (hit.path == path and hit.scope == own)]
    facts.tests = [hit for hit in used if is_test(hit.path)]
    facts.callers = [hit for hit in used if not is_test(hit.path)]
    facts.n_namesakes = sum(
        (hit.path, hit.container) != (path, container)
        for hit in index.definitions([name], limit_each=_MOST_CALLERS).get(name, [])
    )
    if container:
        _relate(facts, name, container, path, index)
    return facts


def facts_about_type(name: str, path: str, index: WorkspaceIndex) -> Facts:
    """The facts about a class or another type that is declared in `path`."""
    facts = facts_about(name, "", path, index, callees=())
    facts.bases = list(dict.fromkeys(hit.base for hit in index.supertypes(name, path)))
    facts.subtypes = [(hit.name, hit.path, hit.line) for hit in index.subtypes(name)]
    return facts


def declared(names: Sequence[tuple[str, int]], path: str, index: WorkspaceIndex) -> list[Declared]:
    """The declarations of names (code, line) that are used in `path`; what has none is left out."""
    by_name = {last_name(code): line for code, line in reversed(names)}
    by_name.pop("", None)
    imported = {hit.alias or hit.name or hit.module: hit.module for hit in index.file_imports(path)}
    hits = index.definitions(list(by_name), limit_each=20)
    found = []
    for name, line in sorted(by_name.items(), key=lambda each: each[1]):
        here = [hit for hit in hits.get(name, []) if hit.path == path]
        module = imported.get(name, "")
        named = [hit for hit in hits.get(name, []) if module and _may_be(module, hit.path)]
        likely = here or named or hits.get(name, [])
        if likely:
            found.append(Declared(name, line, likely[0], len(likely) == 1 and bool(here or named)))
            continue
        installed = index.dependencies.definitions([name], module=module, limit_each=3)
        if module and installed.get(name):
            found.append(Declared(name, line, installed[name][0], is_certain=True, is_installed=True))
    return found


def _may_be(module: str, path: str) -> bool:
    """Whether a module, as an import names it, may be this file."""
    words = [word for word in re.split(r"[./\\:]+", module) if word]
    stem = path.rsplit(".", 1)[0]
    return bool(words) and (stem.endswith("/".join(words)) or words[-1] in stem.split("/"))


def _relate(facts: Facts, name: str, container: str, path: str, index: WorkspaceIndex) -> None:
    """The members of the same name in types that the container is derived from, and in those derived from it."""
    for base in index.supertypes(container, path):
        for hit in index.definitions([name], limit_each=50).get(name, []):
            if hit.container == base.base and hit not in facts.overrides:
                facts.overrides.append(hit)
    for derived in index.subtypes(container):
        members = index.members(derived.name, derived.path)
        facts.overridden_by += [hit for hit in members if hit.name == name]
