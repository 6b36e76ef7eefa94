"""Questions to the declarations of installed packages, for one workspace: of the packages that it imports alone.

Modules are spelled as `copilot_ls.context.imports` does: `requests/api`, `@scope/name/part`, a Go import path. Bounded
in time and never an error, as all questions to an index are. Made by `copilot_ls.index.lookup`; `context` asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.index.hits import DefinitionHit
from copilot_ls.index.store.dependencies import FORM
from copilot_ls.index.store.reading import IndexReader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_MOST_PLACES = 200
_DEPTH = 4
_COLUMNS = "SELECT d.name, d.kind, f.path, d.line, d.end, d.container, d.signature, d.end, f.module FROM"
# CROSS says which table is looked at first: the one that a name, or else a module, narrows down.
_BY_NAME = f"{_COLUMNS} declarations d CROSS JOIN files f ON f.id = d.file AND d.package IN"
_BY_MODULE = f"{_COLUMNS} files f CROSS JOIN declarations d ON d.file = f.id AND f.package IN"


def database_beside(database: Path) -> Path:
    """Where the packages' declarations lie, for the index of a workspace at `database`."""
    return database.with_name("dependencies.db")


class _Found(NamedTuple):
    hit: DefinitionHit
    module: str


class DependencyIndex(IndexReader):
    """What the packages that one workspace imports declare. `workspace` is the workspace's key in the database."""

    form = FORM

    def __init__(self, database: Path, workspace: str, *, query_ms: float = 50.0) -> None:
        super().__init__(database, query_ms=query_ms)
        self._workspace = workspace
        self._packages: dict[int, str] = {}

    def definitions(
        self, names: Sequence[str], *, module: str = "", limit_each: int = 5
    ) -> dict[str, list[DefinitionHit]]:
        """Where each of `names` is declared; with `module`, as something imported from there, what it exports first.

        Without `module` all packages of the workspace are asked. Names that are declared nowhere are left out.
        """
        found: dict[str, list[DefinitionHit]] = {}
        with self._question("dependency definitions"):
            owners = self._owners(module) if module else list(self._packages)
            module = self._real_module(owners, module)
            for name in names if owners else ():
                places = self._offered(owners, module, name, _DEPTH) if module else []
                if not places:
                    places = self._places(_BY_NAME, owners, "d.name = ?", (name,))
                    places.sort(key=lambda each: _rank(each, module))
                hits = list(dict.fromkeys(each.hit for each in places))[:limit_each]
                if hits:
                    found[name] = hits
        return found

    def module_definitions(self, module: str, *, limit: int = 200) -> list[DefinitionHit]:
        """What a module offers to those who import it as a whole: what it declares, and what it takes over."""
        with self._question("dependency module_definitions"):
            owners = self._owners(module)
            places = self._offered(owners, self._real_module(owners, module), "", _DEPTH) if owners else []
            return list(dict.fromkeys(each.hit for each in places))[:limit]
        return []

    def members(self, container: str, path: str, *, limit: int = 200) -> list[DefinitionHit]:
        """The public members of a type that one file declares, in order of lines."""
        with self._question("dependency members"):
            places = self._places(
                _BY_NAME,
                list(self._packages),
                "d.container = ? AND d.container <> '' AND f.path = ?",
                (container, path),
            )
            return [each.hit for each in sorted(places, key=lambda each: each.hit.line)][:limit]
        return []

    def packages(self) -> list[str]:
        """The names of the packages that the workspace imports."""
        with self._question("dependency packages"):
            return sorted(self._packages.values())
        return []

    def _offered(self, owners: list[int], module: str, name: str, depth: int) -> list[_Found]:
        """What a module declares or takes over under `name`, or under any name when it is empty."""
        where, values = ("AND d.name = ?", (name,)) if name else ("", ())
        found = self._places(_BY_MODULE, owners, f"f.module = ? AND d.container = '' {where}", (module, *values))
        if depth == 0 or (name and found) or len(found) >= _MOST_PLACES:
            return found
        where = "AND name IN (?, '*')" if name else ""
        rows = self._rows(
            f"SELECT name, source, original FROM exports WHERE package IN ({_listed(owners)}) AND module = ? {where} "  # noqa: S608 -- own numbers
            "LIMIT ?",
            (module, *values, _MOST_PLACES),
        )
        for exported, source, original in rows:
            if exported != "*" and original == "*":
                continue  # a module by a name, which itself declares nothing
            wanted = name if exported == "*" else original
            if (source, wanted) != (module, name) and source:
                found += self._offered(owners, source, wanted, depth - 1)
            if len(found) >= _MOST_PLACES or self._left() <= 0:
                break
        return found

    def _real_module(self, owners: list[int], module: str, depth: int = _DEPTH) -> str:
        """The module that a module offers under a name: `zod/z` is what `zod` calls `z`; else as it is."""
        folder, _, name = module.rpartition("/")
        rows = self._rows(
            f"SELECT name, source FROM exports WHERE package IN ({_listed(owners)}) AND module = ? AND original = '*' "  # noqa: S608 -- own numbers
            "AND name IN (?, '*') ORDER BY name = '*' LIMIT ?",
            (folder, name, _MOST_PLACES),
        )
        for exported, source in rows:
            if exported != "*":
                return str(source)
            if not depth or source == folder or self._left() <= 0:
                break
            real = self._real_module(owners, f"{source}/{name}", depth - 1)
            if real != f"{source}/{name}":
                return real
        return module

    def _places(self, table: str, owners: list[int], where: str, values: tuple[object, ...]) -> list[_Found]:
        rows = self._rows(
            f"{table} ({_listed(owners)}) WHERE {where} ORDER BY f.module, d.line LIMIT ?", (*values, _MOST_PLACES)
        )
        return [_Found(DefinitionHit(*row[:8]), row[8]) for row in rows]

    def _owners(self, module: str) -> list[int]:
        """The packages that a module may be of."""
        return [at for at, name in self._packages.items() if module == name or module.startswith(name + "/")]

    def _refresh(self) -> None:
        rows = self._rows(
            "SELECT p.id, p.name FROM uses u JOIN packages p ON p.id = u.package WHERE u.workspace = ?",
            (self._workspace,),
        )
        self._packages = dict(rows)

    def _forget(self) -> None:
        super()._forget()
        self._packages = {}


def _listed(packages: list[int]) -> str:
    return ",".join(map(str, packages))


def _rank(found: _Found, module: str) -> tuple[object, ...]:
    """Top-level declarations first, of modules near the one that was imported."""
    return bool(found.hit.container), found.module != module, found.module.count("/"), found.module, found.hit.line
