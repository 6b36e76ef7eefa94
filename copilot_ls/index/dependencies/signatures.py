"""One file of a package, as those who import it see it: public declarations, and names that it takes over from others.

Called by `collecting`. Bodies and private names are left out; nothing but signatures is ever stored of a package.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.index.definitions import Definition
from copilot_ls.index.dependencies.packages import LARGEST_FILE
from copilot_ls.index.facts import file_facts
from copilot_ls.index.filetypes import families

if TYPE_CHECKING:
    from copilot_ls.index.dependencies.packages import SourceFile
    from copilot_ls.index.facts import Facts

_SPECIAL = frozenset({"__init__", "__call__", "__getitem__", "__enter__", "__aenter__", "__iter__"})
_HIDDEN_MEMBER = re.compile(r"^\s*(?:static\s+|readonly\s+)*(?:private\b|#)")
_EXPORT = re.compile(
    r"""\bexport\s+(?:type\s+)?(?P<what>\*(?:\s+as\s+\w+)?|\{[^}]{0,20000}\})\s*from\s*["'](?P<path>\.[^"'\n]*)["']"""
)
_NAMESPACE = re.compile(r"""\bimport\s*\*\s*as\s+(?P<name>[\w$]+)\s+from\s*["'](?P<path>\.[^"'\n]*)["']""")
_LISTED = re.compile(r"\bexport\s*\{(?P<what>[^}]{0,20000})\}(?!\s*from)")
_RENAMED = re.compile(r"(?:type\s+)?([\w$]+)(?:\s+as\s+([\w$]+))?")
_ENDING = re.compile(r"(?:\.d)?\.[cm]?[jt]sx?$")
_MOST_EXPORTS = 5_000


class Export(NamedTuple):
    """A module offers as `name` what `source` declares as `original`.

    `*` stands for everything: as both, what is taken over; as `original` alone, a name for the module as a whole.
    """

    name: str
    source: str
    original: str


class Offered(NamedTuple):
    """What one file offers."""

    definitions: list[Definition]
    exports: list[Export]


def offered(source: SourceFile, roots: frozenset[str]) -> Offered | None:
    """What the file offers; None when it cannot be read. Modules of the package begin with one of `roots`."""
    try:
        data = source.place.read_bytes()[: LARGEST_FILE + 1]
    except OSError:
        return None
    if len(data) > LARGEST_FILE or b"\0" in data:
        return None
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    facts = file_facts(text, source.language, families().get(source.language, ""), source.path)
    return Offered(_public(facts, source.language), _exports(facts, text, source, roots)[:_MOST_EXPORTS])


def _public(facts: Facts, language: str) -> list[Definition]:
    kept: list[Definition] = []
    end_of_function = 0
    for row in sorted(facts.definitions, key=lambda row: (row.line, -row.body_end)):
        definition, body_end = Definition(*row[:6]), row.body_end
        is_local = definition.line < end_of_function and not (definition.container and definition.kind == "variable")
        if definition.kind == "function" and not is_local:
            end_of_function = max(end_of_function, body_end)
        if not is_local and _is_public(definition, language):
            kept.append(definition)
    return kept


def _is_public(definition: Definition, language: str) -> bool:
    name, container = definition.name, definition.container
    if language == "go":
        return name[:1].isupper() and (not container or container[:1].isupper())
    if language == "python":
        return (not name.startswith("_") or name in _SPECIAL) and not container.startswith("_")
    return not _HIDDEN_MEMBER.match(definition.signature)


def _exports(facts: Facts, text: str, source: SourceFile, roots: frozenset[str]) -> list[Export]:
    if source.language == "python":
        is_folder = source.path.rpartition("/")[2].startswith("__init__.")
        return [
            Export(alias, origin, name)
            for each in facts.imports
            if each.name
            and (origin := _python_origin(each.module, source.module, is_folder=is_folder)) is not None
            and _is_below(origin, roots)
            and not (alias := each.alias or each.name).startswith("_")
            and (name := each.name)
        ]
    if source.language == "typescript":
        return [
            *(export for match in _EXPORT.finditer(text) for export in _typescript(match, source, roots)),
            *_listed(text, source, roots),
        ]
    return []


def _is_below(module: str, roots: frozenset[str]) -> bool:
    return any(module == root or module.startswith(root + "/") for root in roots)


def _python_origin(module: str, here: str, *, is_folder: bool) -> str | None:
    """The module that an import statement in the module `here` names, with `/`."""
    n_dots = len(module) - len(module.lstrip("."))
    rest = module[n_dots:].replace(".", "/")
    if not n_dots:
        return rest
    parts = here.split("/")
    parts = parts[: len(parts) - n_dots + is_folder]
    return "/".join([*parts, *([rest] if rest else [])]) if parts else None


def _typescript(match: re.Match[str], source: SourceFile, roots: frozenset[str]) -> list[Export]:
    path = _typescript_origin(match["path"], source)
    if not _is_below(path, roots):
        return []
    what = match["what"]
    if what.startswith("*"):
        return [Export(what.rpartition(" ")[2] if " " in what else "*", path, "*")]
    return [Export(new or old, path, old) for old, new in _RENAMED.findall(what)]


def _listed(text: str, source: SourceFile, roots: frozenset[str]) -> list[Export]:
    """`export { made as make, z }`: own declarations under other names, and modules that are imported under a name."""
    named = {match["name"]: _typescript_origin(match["path"], source) for match in _NAMESPACE.finditer(text)}
    found = []
    for old, new in (pair for match in _LISTED.finditer(text) for pair in _RENAMED.findall(match["what"])):
        if old in named and _is_below(named[old], roots):
            found.append(Export(new or old, named[old], "*"))
        elif new and new != old:
            found.append(Export(new, source.module, old))
    return found


def _typescript_origin(path: str, source: SourceFile) -> str:
    folder = source.path.rpartition("/")[0]
    return _ENDING.sub("", posixpath.normpath(posixpath.join(folder, path))).removesuffix("/index")
