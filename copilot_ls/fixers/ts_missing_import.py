"""TypeScript and JavaScript: a name that nothing binds but that something exports is imported as the workspace does.

Asked in turn: how other files import the name, what the workspace's files export, what is imported from installed
packages already, and what those declare. A module's path is written relative to the file and with the ending that the
file's other imports have.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING

from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.names import reported_name
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.fixers.ts_globals import ECMA
from copilot_ls.fixers.ts_syntax import imports_of, with_import

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.index.hits import DefinitionHit

_MOST = 5
_ENDINGS = (".d.ts", ".d.mts", ".d.cts", ".tsx", ".mts", ".cts", ".ts", ".jsx", ".mjs", ".cjs", ".js")
_PACKAGE = re.compile(r"(?:^|/)node_modules/((?:@[^/]+/)?[^/]+)")
_TYPES = frozenset({"interface", "type"})

Way = tuple[str, str, str]
"""Module as it is written here, name as in `ts_syntax.Imported`, alias."""


def propose(problem: Problem) -> Iterator[Proposal]:
    """One import for each place that the name may come from, the likeliest first."""
    reported = reported_name(problem)
    if reported is None or problem.index is None:
        return
    name = reported[0]
    best: dict[Way, tuple[float, str]] = {}
    for certainty, way, why in (*_as_others_do(problem, name), *_exported(problem, name)):
        if certainty > best.get(way, (0.0, ""))[0]:
            best[way] = (certainty, why)
    for (module, original, alias), (certainty, why) in sorted(best.items(), key=lambda each: (-each[1][0], each[0]))[
        :_MOST
    ]:
        yield Proposal(
            RULE.name,
            f"Import '{name}' from '{module}'",
            (with_import(problem, module, original, alias=alias or (name if original in ("", "default") else "")),),
            certainty,
            why,
        )


def _as_others_do(problem: Problem, name: str) -> Iterator[tuple[float, Way, str]]:
    here = own_path(problem)
    ways: Counter[Way] = Counter()
    for hit in problem.index.imports_of_name(name) if problem.index is not None else ():
        if hit.path == here or not hit.path.endswith(_ENDINGS):
            continue
        module = hit.module
        if module.startswith("."):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(hit.path), module))
            if _stem(target) in (_stem(here), posixpath.dirname(here)):
                continue
            module = relative(problem, target, written=module)
        original = hit.name
        # A default import is noted by its local name alone: the source says which it is.
        if original == name and not hit.alias and _is_default(problem, hit.path, hit.line, name):
            original = "default"
        elif original == name and _is_namespace(problem, hit.path, hit.line, name):
            original = ""
        ways[module, original, hit.alias] += 1
    total = sum(ways.values())
    for way, n_files in ways.items():
        files = "one other file imports" if n_files == 1 else f"{n_files} other files import"
        near = 0.01 * (not way[0].startswith("../"))
        yield 0.85 + 0.11 * n_files / total + near, way, f"{files} '{name}' like this."


def _exported(problem: Problem, name: str) -> Iterator[tuple[float, Way, str]]:
    index = problem.index
    if index is None:
        return
    here = own_path(problem)
    for hit in index.definitions([name]).get(name, []):
        if hit.container or hit.path == here or not hit.path.endswith(_ENDINGS) or not _is_exported(problem, hit):
            continue
        is_test = re.search(r"(?:^|/)(?:tests?|__tests__|spec)/|\.(?:test|spec)\.", hit.path) is not None
        is_default = "default" in hit.signature.split()
        way = (relative(problem, hit.path), "default" if is_default else name, "")
        yield 0.83 - 0.25 * is_test, way, f"'{hit.path}' declares '{name}'."
    taken = {each.source for each in imports_of(problem.tree)}
    for hit in index.dependencies.definitions([name]).get(name, []):
        package = _PACKAGE.search(hit.path)
        module = package[1] if package else hit.path.partition("/")[0]
        if not hit.container and hit.path.endswith(_ENDINGS):
            yield (
                0.7 + 0.1 * (module in taken),
                (module, name, ""),
                f"the installed package '{module}' declares '{name}'.",
            )


def own_path(problem: Problem) -> str:
    """The path of the problem's file from the workspace's root, as the index has it; empty outside of it."""
    if problem.root is None or not problem.document.path:
        return ""
    try:
        return PurePath(problem.document.path).relative_to(problem.root).as_posix()
    except ValueError:
        return ""


def relative(problem: Problem, target: str, *, written: str = "") -> str:
    """How the problem's file writes the module at a path from the root: relative, with the ending it uses elsewhere."""
    folder = posixpath.dirname(own_path(problem))
    ending = _ending(problem, written)
    stem = _stem(target)
    if posixpath.basename(stem) == "index" and ending == "":
        stem = posixpath.dirname(stem) or "."
    path = posixpath.relpath(stem or ".", folder or ".")
    return (path if path.startswith(".") else f"./{path}") + ending


def _ending(problem: Problem, written: str) -> str:
    """The ending of the workspace's modules in imports: that of the file's own, or else as another file wrote it."""
    own = [each.source for each in imports_of(problem.tree) if each.source.startswith(".")]
    for module in (*own, written):
        if module:
            return next((ending for ending in _ENDINGS if module.endswith(ending)), "")
    return ""


def _stem(path: str) -> str:
    return next((path.removesuffix(ending) for ending in _ENDINGS if path.endswith(ending)), path)


def _line(problem: Problem, path: str, line: int) -> str:
    lines = problem.index.file_lines(path, line, line + 1) if problem.index is not None else []
    return lines[0] if lines else ""


def _is_default(problem: Problem, path: str, line: int, name: str) -> bool:
    return re.match(rf"\s*import\s+(?:type\s+)?{re.escape(name)}\b", _line(problem, path, line)) is not None


def _is_namespace(problem: Problem, path: str, line: int, name: str) -> bool:
    return re.search(rf"\*\s+as\s+{re.escape(name)}\b", _line(problem, path, line)) is not None


def _is_exported(problem: Problem, hit: DefinitionHit) -> bool:
    """Whether the declaration is exported, by the word before it or by a list at another place of the file."""
    if "export" in _line(problem, hit.path, hit.line) or hit.path.endswith(".d.ts") or "export" in hit.signature:
        return True
    lines = problem.index.file_lines(hit.path, 0, 1_000_000) if problem.index is not None else []
    listed = re.compile(rf"export\s*(?:default\s+{re.escape(hit.name)}\b|\{{[^}}]*\b{re.escape(hit.name)}\b)")
    return listed.search("\n".join(line.rstrip("\n") for line in lines)) is not None


RULE = Rule(
    "ts_missing_import",
    propose,
    languages=ECMA,
    codes=codes("2304", "2552", "2503", "2693", "2749", "18004", "2686", "no-undef", "react/jsx-no-undef"),
    message=words(r"cannot find (?:name|namespace)", r"is not defined"),
)
