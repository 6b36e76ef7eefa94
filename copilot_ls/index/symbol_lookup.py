"""Questions about symbols: where names are declared and used, who calls, imports and inherits what.

Answers come from the grammars' queries once the worker has looked at a file's syntax, declarations before that from
patterns. Names are compared as they are written: nothing is resolved, which is the callers' part. The base of
`lookup.WorkspaceIndex`, through which it is used; bounded in time as described there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from copilot_ls.index.facts import name_pieces, name_words, packed_uses, uncompressed, uses
from copilot_ls.index.full_text import quoted
from copilot_ls.index.hits import BaseHit, DefinitionHit, ImportHit, ReferenceHit
from copilot_ls.index.module_names import may_mean, module_parts, module_tail
from copilot_ls.index.store.reading import IndexReader

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

# Files that are looked into for the uses of one name. Where more use it, it is no telling name.
_MOST_FILES = 200
_KEPT_FILES = 1_000
_MOST_IMPORTS = 2_000
_MOST_SYMBOLS = 2_000
_COLUMNS = "SELECT name, kind, file, line, end, container, signature, body_end FROM"
_DEFINITION = f"{_COLUMNS} definitions"
_NAMED = "WHERE name = ? LIMIT ?"
# Names that are looked for at one go, which takes half the time; a question that runs out of it has the names before.
_AT_ONCE = 32
_SOUGHT = f"WITH wanted(sought) AS (VALUES {','.join(['(?)'] * _AT_ONCE)})"
_FEW_OF_EACH = "wanted CROSS JOIN definitions WHERE id IN (SELECT id FROM definitions WHERE name = sought LIMIT ?)"
_ANY_NAMED = f"{_SOUGHT} {_COLUMNS} {_FEW_OF_EACH}"
# Whatever the case of ASCII letters.
_BETWEEN = "name >= ? COLLATE NOCASE AND name < ? COLLATE NOCASE"
_LAST = "\U0010ffff"
_WORD_STARTS = re.compile(r"[A-Z]?[^\W_A-Z]+|[A-Z]+(?![a-z])")


class SymbolReader(IndexReader):
    """The reading end's half for symbols."""

    # --- definitions -------------------------------------------------------------------------------------------

    def definitions(self, names: Sequence[str], *, limit_each: int = 20) -> dict[str, list[DefinitionHit]]:
        """Where each of `names` is declared, at most `limit_each` places per name.

        Names that are declared nowhere are left out.
        """
        found: dict[str, list[DefinitionHit]] = {}
        with self._question("definitions"):
            for at in range(0, len(names), _AT_ONCE):
                asked = names[at : at + _AT_ONCE]
                self._look_up(asked, limit_each)
                for name in asked:
                    hits = self._definition_hits(_NAMED, (name, limit_each))
                    if hits:
                        found[name] = hits
        return found

    def _look_up(self, names: Sequence[str], limit_each: int) -> None:
        """Have the declarations of some names at hand: one question for those that are not kept."""
        wanted = dict.fromkeys(name for name in names if self._kept_hits.get((_NAMED, name, limit_each)) is None)
        if len(wanted) > 1:
            found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in wanted}
            values = (*wanted, *[None] * (_AT_ONCE - len(wanted)), limit_each)
            for row in self._rows(_ANY_NAMED, values):
                found[row[0]].append(row)
            for name, rows in found.items():
                self._kept_hits.put((_NAMED, name, limit_each), self._hits_of(rows))

    def members(self, container: str, path: str, *, limit: int = 200) -> list[DefinitionHit]:
        """The members of a type that are declared in one file, in order of lines."""
        with self._question("members"):
            file = self._ids.get(path, -1)
            return self._definition_hits(
                "WHERE container = ? AND container <> '' AND file = ? ORDER BY line LIMIT ?", (container, file, limit)
            )
        return []

    def file_definitions(self, path: str, *, limit: int = 200) -> list[DefinitionHit]:
        """All that one file declares, in order of lines."""
        with self._question("file_definitions"):
            return self._definition_hits("WHERE file = ? ORDER BY line LIMIT ?", (self._ids.get(path, -1), limit))
        return []

    def search_symbols(self, query: str, *, limit: int = 50) -> list[DefinitionHit]:
        """Declarations whose names fit what somebody typed, best first.

        A name that equals `query` comes before one that begins with it, then those that have it at the start of a
        word, anywhere, or begin with its first letter and have the others in this order. `Type.member` asks for members
        of a type.
        """
        container, _, wanted = query.strip().rpartition(".")
        if not wanted or not limit:
            return []
        names: dict[str, None] = {}
        with self._question("search_symbols"):
            for ask in (self._names_beginning, self._names_with, self._names_like):
                names |= dict.fromkeys(ask(wanted))
                if len(names) >= limit:
                    break
        hits: list[DefinitionHit] = []
        with self._question("search_symbols"):
            for name in sorted(names, key=lambda name: _fit(name, wanted)):
                if len(hits) >= limit:
                    break
                found = self._definition_hits(_NAMED, (name, limit))
                hits += [hit for hit in found if not container or hit.container.lower() == container.lower()]
        return hits[:limit]

    def _names_beginning(self, wanted: str) -> list[str]:
        return self._names(f"{_BETWEEN} LIMIT ?", (wanted, wanted + _LAST, _MOST_SYMBOLS))

    def _names_with(self, wanted: str) -> list[str]:
        pieces = name_pieces(wanted)
        if not pieces:
            return []
        query = "id IN (SELECT rowid FROM name_pieces WHERE name_pieces MATCH ?) AND name LIKE ? ESCAPE '\\' LIMIT ?"
        return self._names(query, (" AND ".join(map(quoted, pieces)), f"%{_escaped(wanted)}%", _MOST_SYMBOLS))

    def _names_like(self, wanted: str) -> list[str]:
        letters = "%".join(_escaped(letter) for letter in wanted)
        query = f"{_BETWEEN} AND name LIKE ? ESCAPE '\\' LIMIT ?"
        return self._names(query, (wanted[0], wanted[0] + _LAST, f"{letters}%", _MOST_SYMBOLS))

    def _names(self, where: str, values: tuple[object, ...]) -> list[str]:
        return [name for (name,) in self._rows(f"SELECT name FROM names WHERE {where}", values)]  # noqa: S608 -- own text

    # --- references and calls ----------------------------------------------------------------------------------

    def references(
        self,
        names: Sequence[str],
        *,
        kinds: Collection[str] | None = None,
        limit_each: int = 20,
        near: str = "",
    ) -> dict[str, list[ReferenceHit]]:
        """Where each of `names` is called, used as a type or read as a member, at most `limit_each` places per name.

        `kinds` are some of `call`, `type` and `member`. Files that lie near the file `near` in the tree of folders come
        first. Names that nobody uses are left out.
        """
        found: dict[str, list[ReferenceHit]] = {}
        with self._question("references"):
            for name in names:
                hits = []
                for hit in self._uses_of(name, kinds, near):
                    hits.append(hit)
                    if len(hits) >= limit_each:
                        break
                if hits:
                    found[name] = hits
        return found

    def callers(self, name: str, *, limit: int = 50, near: str = "") -> list[ReferenceHit]:
        """The declarations that call something called `name`, each by its first call; `scope` may be empty."""
        calls: dict[tuple[str, str], ReferenceHit] = {}
        with self._question("callers"):
            for hit in self._uses_of(name, ("call",), near):
                calls.setdefault((hit.path, hit.scope), hit)
                if len(calls) >= limit:
                    break
        return list(calls.values())

    def callees(self, path: str, scope: str, *, limit: int = 100) -> list[ReferenceHit]:
        """What the declaration `scope` (`name` or `Type.member`) of one file calls: the first call of each name."""
        container, _, name = scope.rpartition(".")
        calls: dict[str, ReferenceHit] = {}
        with self._question("callees"):
            file = self._ids.get(path, -1)
            ranges = self._rows(
                "SELECT line, body_end FROM definitions WHERE name = ? AND container = ? AND file = ?",
                (name, container, file),
            )
            found = [
                (line, used)
                for used, packed in (each.split("\t", 1) for each in self._used_in(file).split("\n") if ranges and each)
                for kind, line in uses(packed)
                if kind == "call" and any(start <= line < end for start, end in ranges)
            ]
            for line, used in sorted(found):
                calls.setdefault(used, ReferenceHit(used, "call", path, line, scope))
        return list(calls.values())[:limit]

    def _uses_of(self, name: str, kinds: Collection[str] | None, near: str) -> Iterator[ReferenceHit]:
        words = name_words(name)
        if not words:
            return
        rows = self._rows(
            "SELECT rowid FROM used_names WHERE used_names MATCH ? LIMIT ?",
            (" AND ".join(map(quoted, words)), _MOST_FILES),
        )
        files = [(file, self._files[file].path) for (file,) in rows if file in self._files]
        if near:
            files.sort(key=lambda each: -_shared_folders(each[1], near))
        for file, path in files:
            packed = packed_uses(self._used_in(file), name)
            for kind, line in uses(packed) if packed else ():
                if kinds is None or kind in kinds:
                    yield ReferenceHit(name, kind, path, line, self._scope(file, line))

    def _used_in(self, file: int) -> str:
        """The names in use in a file, packed: to look for one is quicker than to unpack all."""
        known = self._used.get(file)
        if known is None:
            rows = self._rows("SELECT data FROM used WHERE file = ?", (file,))
            if len(self._used) >= _KEPT_FILES:
                del self._used[next(iter(self._used))]
            known = self._used[file] = uncompressed(rows[0][0]) if rows else ""
        return known

    def _scope(self, file: int, line: int) -> str:
        rows = self._rows(
            "SELECT name, container FROM definitions WHERE file = ? AND line <= ? AND body_end > ? "
            "AND kind <> 'variable' ORDER BY line DESC LIMIT 1",
            (file, line, line),
        )
        return ".".join(filter(None, (rows[0][1], rows[0][0]))) if rows else ""

    # --- inheritance -------------------------------------------------------------------------------------------

    def supertypes(self, name: str, path: str | None = None) -> list[BaseHit]:
        """What the type `name` is derived from, implements or includes; with `path`, as that file declares it."""
        with self._question("supertypes"):
            hits = self._base_hits("name = ?", name)
            return hits if path is None else [hit for hit in hits if hit.path == path]
        return []

    def subtypes(self, name: str, *, limit: int = 100) -> list[BaseHit]:
        """Which types are derived from, implement or include something called `name`."""
        with self._question("subtypes"):
            return self._base_hits("base = ?", name, limit)
        return []

    def _base_hits(self, where: str, name: str, limit: int = 100) -> list[BaseHit]:
        rows = self._rows(f"SELECT name, base, file, line FROM bases WHERE {where} LIMIT ?", (name, limit))  # noqa: S608 -- own text
        return [
            BaseHit(name, base, self._files[file].path, line) for name, base, file, line in rows if file in self._files
        ]

    # --- imports -----------------------------------------------------------------------------------------------

    def file_imports(self, path: str) -> list[ImportHit]:
        """What one file imports, in order of lines."""
        with self._question("file_imports"):
            return self._import_hits("file = ? ORDER BY line", self._ids.get(path, -1))
        return []

    def imports_of_families(self, families: Collection[str]) -> list[tuple[str, str, str]]:
        """All that files of some families import: family, module as it is written, path of the file; each once."""
        with self._question("imports_of_families"):
            rows = self._rows("SELECT DISTINCT module, file FROM imports", ())
            return [
                (self._files[file].family, module, self._files[file].path)
                for module, file in rows
                if file in self._files and self._files[file].family in families
            ]
        return []

    def imports_of_name(self, name: str, *, limit: int = 200) -> list[ImportHit]:
        """The imports by which files get something that they call `name`: a name, an alias, or a module as a whole."""
        with self._question("imports_of_name"):
            hits = [hit for hit in self._import_hits("name <> '' AND name = ?", name) if hit.alias in ("", name)]
            hits += self._import_hits("alias <> name AND alias = ?", name)
            whole = self._import_hits("tail = ?", module_tail(name))
            hits += [hit for hit in whole if hit.module == name and not hit.name and not hit.alias]
            return hits[:limit]
        return []

    def importers(self, module: str) -> list[ImportHit]:
        """The imports that name a module as it is written, or, for the path of an indexed file, that may mean it."""
        with self._question("importers"):
            file = self._files.get(self._ids.get(module, -1))
            if file is None:
                return [hit for hit in self._import_hits("tail = ?", module_tail(module)) if hit.module == module]
            parts = module_parts(file.path, file.family)
            hits: dict[ImportHit, None] = {}
            if parts:
                stem = parts[-1]
                hits |= dict.fromkeys(self._import_hits("tail = ?", stem.lower()))
                hits |= dict.fromkeys(self._import_hits("name = ? AND name <> ''", stem))
            return [hit for hit in hits if hit.path != module and may_mean(hit.module, hit.name, hit.path, parts)]
        return []

    def _import_hits(self, where: str, value: object) -> list[ImportHit]:
        rows = self._rows(
            f"SELECT module, name, alias, file, line FROM imports WHERE {where} LIMIT ?",  # noqa: S608 -- own text
            (value, _MOST_IMPORTS),
        )
        return [
            ImportHit(module, name, alias, self._files[file].path, line)
            for module, name, alias, file, line in rows
            if file in self._files
        ]

    def _definition_hits(self, where: str, values: tuple[object, ...]) -> list[DefinitionHit]:
        question = (where, *values)
        hits = self._kept_hits.get(question)
        if hits is None:
            hits = self._hits_of(self._rows(f"{_DEFINITION} {where}", values))
            self._kept_hits.put(question, hits)
        return hits

    def _hits_of(self, rows: list[tuple[Any, ...]]) -> list[DefinitionHit]:
        files = self._files
        return [
            DefinitionHit(name, kind, files[file].path, line, end, container, signature, body_end)
            for name, kind, file, line, end, container, signature, body_end in rows
            if file in files
        ]


def _escaped(text: str) -> str:
    return re.sub(r"[%_\\]", r"\\\g<0>", text)


def _fit(name: str, wanted: str) -> tuple[object, ...]:
    """How well a name fits, best first."""
    low, asked = name.lower(), wanted.lower()
    at = low.find(asked)
    starts = at >= 0 and any(match.start() == at for match in _WORD_STARTS.finditer(name))
    return (name != wanted, low != asked, at != 0, not starts, at < 0, len(name), name)


def _shared_folders(path: str, other: str) -> int:
    shared = 0
    for one, two in zip(path.split("/"), other.split("/"), strict=False):
        if one != two:
            break
        shared += 1
    return shared
