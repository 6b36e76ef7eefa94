"""Context source: signatures of what the code at the cursor is likely to use.

Names get a weight by where they stand: the type of the expression before a dot most, then what the cursor's line and
the lines near it name, the bases of the class around the cursor, and what the file imports. Each is looked up in the
index, places agreeing with an import or near in the tree of folders preferred. A type is shown by the lines that
declare it and its members, a function by its signature, a module by what it declares. Types are inferred from
annotations and assignments in the open file alone, plus one step through a called function's declared result. Called by
`gather`.

The text of these candidates is declaration lines only: whole lines of the file in their order, those between left out.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.context.candidate import Candidate, declared_lines, first_line
from copilot_ls.context.imports import find_imports
from copilot_ls.context.receiver import CAPITALISED, enclosing_class, receiver_types
from copilot_ls.index.filetypes import file_type
from copilot_ls.index.terms import IDENTIFIER

if TYPE_CHECKING:
    from copilot_ls.context.imports import Import
    from copilot_ls.context.request import Situation
    from copilot_ls.index.hits import BaseHit, DefinitionHit, ReferenceHit
    from copilot_ls.index.lookup import WorkspaceIndex

SOURCE = "definitions"
_MOST_NAMES = 60
_MOST_CANDIDATES = 24
_LINES_ABOVE = 40
_LINES_BELOW = 5
_MEMBERS_OF_RECEIVER = 60
_MEMBERS = 25
_MODULE_LINES = 60
# A name that so many places define is nobody's in particular.
_AMBIGUOUS = 8
_SHORTEST_NAME = 2
_KEPT_PATHS = 2_000

# Weights, found by trial on the tuning projects of `make bench-context`; only their order matters much.
_RECEIVER = 12.0
_BASE = 4.0
_IMPORTED = 1.0
_INHERITED = 0.7
_MOST_BASES = 3
SAME_LINE = 5.0
_NEAR = 2.5

FOLDER_FILES = frozenset({"__init__", "index", "mod", "lib"})
_TYPED_MEMBER = re.compile(r"\.([^\W\d]\w*)$")
_AFTER_DOT = re.compile(r"\.\w*$")
_OWN = re.compile(r"(?:^|\W)(?:self|this|cls|super\(\))\.\w*$")
_CONSTRUCTORS = frozenset({"__init__", "constructor", "new"})


class _Target(NamedTuple):
    name: str
    weight: float
    members: int


def definitions(situation: Situation) -> list[Candidate]:
    """Signatures, best first; scores are the weights of the names, lessened where a name is ambiguous."""
    index = situation.request.index
    if index is None:
        return []
    text = situation.text_around
    imports = {each.local: each for each in find_imports(text, situation.family)}
    targets = _targets(situation, text, imports, index)
    ranked = sorted(targets.values(), key=lambda target: (-target.weight, target.name))[:_MOST_NAMES]
    candidates: list[Candidate] = []
    found = index.definitions(
        [imports[each.name].name or each.name if each.name in imports else each.name for each in ranked]
    )
    for target in ranked:
        if situation.is_late() or len(candidates) >= _MOST_CANDIDATES:
            break
        source = imports.get(target.name)
        if source is not None:
            paths = _module_paths(source, situation, index)
            for path in paths:
                candidates += _module(path, target, situation, index)
            if paths or not source.name:
                continue
        hits = found.get(source.name if source is not None else target.name, [])
        candidates += _declared(hits, source, target, situation, index)
    return sorted(candidates, key=lambda each: -each.score)


def _targets(situation: Situation, text: str, imports: dict[str, Import], index: WorkspaceIndex) -> dict[str, _Target]:
    targets: dict[str, _Target] = {}

    def want(name: str, weight: float, members: int = _MEMBERS) -> None:
        known = targets.get(name)
        if len(name) < _SHORTEST_NAME and name not in imports:
            return
        if known is None or known.weight < weight:
            targets[name] = _Target(name, weight, max(members, known.members if known else 0))

    for local in imports:
        want(local, _IMPORTED)
    above = situation.above(_LINES_ABOVE)
    for distance, line in enumerate(reversed(above)):
        weight = SAME_LINE if distance == 0 else _NEAR * (1 - distance / (len(above) + 1))
        for name in IDENTIFIER.findall(line):
            bonus = 1.0 if name in imports or name[0].isupper() else 0.6
            want(name, weight * bonus)
    for name in IDENTIFIER.findall("\n".join(situation.below(_LINES_BELOW))):
        want(name, _NEAR * (0.7 if name in imports or name[0].isupper() else 0.4))
    enclosing = enclosing_class(situation)
    for name in CAPITALISED.findall(enclosing[1] if enclosing else ""):
        want(name, _BASE, _MEMBERS_OF_RECEIVER)
    for name in receiver_types(situation, text, enclosing, index):
        want(name, _RECEIVER, _MEMBERS_OF_RECEIVER)
    return targets


def _declared(
    hits: list[DefinitionHit],
    source: Import | None,
    target: _Target,
    situation: Situation,
    index: WorkspaceIndex,
    depth: int = 0,
) -> list[Candidate]:
    stubbed = {hit.path for hit in hits}
    elsewhere = [
        hit
        for hit in hits
        if hit.path != situation.path
        and same_family(hit, situation)
        and not (hit.path.endswith(".pyi") and hit.path[:-1] in stubbed)
        # A field of some type that happens to have the name says nothing, unless its type is known.
        and (source is not None or not hit.container or hit.kind != "variable")
    ]
    if not elsewhere:
        return []
    if len(elsewhere) < len(hits) and source is None:
        return []  # the open file declares it itself: the model sees that one
    fits = [(_agreement(hit, source, situation.path), hit) for hit in elsewhere]
    fits.sort(key=lambda each: (-each[0], bool(each[1].container), each[1].path, each[1].line))
    best = fits[0][0]
    chosen = [hit for fit, hit in fits if fit >= best - 0.01][:2]
    doubt = len(chosen) if source is not None else min(len(elsewhere), _AMBIGUOUS)
    weight = target.weight / (doubt**0.5)
    shown = [_shown(hit, weight / (1 + rank), target, situation, index) for rank, hit in enumerate(chosen)]
    if weight >= _BASE and depth < _MOST_BASES:
        for name in _bases(chosen[0]):
            base = _Target(name, weight * _INHERITED, target.members)
            found = index.definitions([name]).get(name, [])
            shown += _declared(found, None, base, situation, index, depth + 1)
    return shown


def _shown(hit: DefinitionHit, score: float, target: _Target, situation: Situation, index: WorkspaceIndex) -> Candidate:
    if hit.kind != "class":
        return declared_lines([hit], SOURCE, score)
    members = [each for each in index.members(hit.name, hit.path) if each.line >= hit.line]
    typed = _typed_member(situation)
    after_dot = bool(_AFTER_DOT.search(situation.line_prefix))
    if after_dot and not typed.startswith("_") and not _OWN.search(situation.line_prefix):
        members = [member for member in members if not member.name.startswith("_")] or members
    ranked = sorted(members, key=lambda member: _member_rank(member.name, typed))[: target.members]
    chosen = sorted({member.line: member for member in ranked}.items())
    # Of a long parameter list the first line says the name; the constructor's is what a call needs.
    whole = {at for at, member in chosen if member.name in _CONSTRUCTORS and not after_dot}
    shown = [hit, *(member if at in whole else first_line(member) for at, member in chosen)]
    return declared_lines(shown, SOURCE, score)


def _typed_member(situation: Situation) -> str:
    """The beginning of a member's name that stands between a dot and the cursor."""
    match = _TYPED_MEMBER.search(situation.line_prefix)
    return match[1] if match else ""


def _member_rank(name: str, typed: str) -> tuple[bool, bool, bool]:
    """Those that go on as typed first, then public ones, then private ones; special methods last."""
    return (not (typed and name.startswith(typed)), name.startswith("__"), name.startswith("_"))


def _bases(hit: DefinitionHit) -> list[str]:
    """The types named in the header of a type besides its own name."""
    return [name for name in CAPITALISED.findall(hit.signature) if name != hit.name] if hit.kind == "class" else []


def _module_paths(source: Import, situation: Situation, index: WorkspaceIndex) -> list[str]:
    """The file that an imported name stands for as a whole; of Go, the files of the package."""
    if situation.family == "go":
        return _package_files(source.module, index)
    module = f"{source.module}/{source.name}" if source.name and source.name != source.module else source.module
    wanted = module.strip("/").split("/")
    paths = []
    for each in index.files_named(wanted[-1]):
        stem = _stem(each.path)
        if stem[-len(wanted) :] == wanted and each.family == situation.family and not each.path.endswith(".pyi"):
            paths.append(each.path)
    if not paths or len(paths) > _AMBIGUOUS:
        return []
    return [min(paths, key=lambda path: (-_nearness(path, situation.path), len(path), path))]


def _package_files(module: str, index: WorkspaceIndex) -> list[str]:
    """The files of the folder whose path agrees with the end of a Go import path best."""
    wanted = module.split("/")
    best: dict[int, list[str]] = {}
    for each in index.files_named(wanted[-1]):
        if each.family == "go" and not each.path.endswith("_test.go"):
            n_same = _n_same_ends(each.path.split("/")[:-1], wanted)
            best.setdefault(n_same, []).append(each.path)
    n_most = max(best, default=0)  # 0: the name of a file, not of a folder
    return sorted(best[n_most])[:_AMBIGUOUS] if n_most else []


def _n_same_ends(have: list[str], want: list[str]) -> int:
    """How many parts at the ends of two paths are the same."""
    n_same = 0
    while n_same < min(len(want), len(have)) and want[-1 - n_same] == have[-1 - n_same]:
        n_same += 1
    return n_same


def _module(path: str, target: _Target, situation: Situation, index: WorkspaceIndex) -> list[Candidate]:
    """What a module that is imported as a whole declares at its top."""
    typed = _typed_member(situation)
    top = [hit for hit in index.file_definitions(path, limit=1_000) if not hit.container]
    n_lines = _MODULE_LINES if target.weight >= _RECEIVER else _MEMBERS // 2
    ranked = sorted(top, key=lambda hit: _member_rank(hit.name, typed))[:n_lines]
    shown = sorted(ranked, key=lambda hit: hit.line)
    if not shown or path == situation.path:
        return []
    return [declared_lines([first_line(hit) for hit in shown], SOURCE, target.weight)]


def same_family(hit: DefinitionHit | ReferenceHit | BaseHit, situation: Situation) -> bool:
    """Whether what was found is in the open file's family of languages; told by its name, as the index does."""
    return _family_of(hit.path) == situation.family


@lru_cache(_KEPT_PATHS)
def _family_of(path: str) -> str:
    known = file_type(path)
    return known.family if known is not None else ""


def _agreement(hit: DefinitionHit, source: Import | None, path: str) -> float:
    """How well a place fits: what the import says first, nearness in the tree of folders second."""
    said = 4 * _module_agreement(hit.path, source.module) if source is not None and source.module else 0.0
    return said + _nearness(hit.path, path) + (0.0 if hit.container else 0.5) + (0.3 if hit.kind == "class" else 0.0)


def _module_agreement(path: str, module: str) -> float:
    """Share of the parts of `module` that the end of `path` (without its ending) has."""
    have = _stem(path)
    want = [part for part in module.split("/") if part]
    if not want:
        return 0.0
    n_same = _n_same_ends(have, want)
    if not n_same and want[-1] in have:  # a package: the name may stand in any file below it
        return 0.5
    return n_same / len(want)


def _stem(path: str) -> list[str]:
    """The parts of a path without its ending, and without the names that stand for their folder."""
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    return [*(folder.split("/") if folder else []), *([] if stem in FOLDER_FILES else [stem])]


def _nearness(one: str, other: str) -> float:
    """Share of the folders of `other` that `one` begins with."""
    mine, theirs = one.split("/")[:-1], other.split("/")[:-1]
    n_same = 0
    while n_same < min(len(mine), len(theirs)) and mine[n_same] == theirs[n_same]:
        n_same += 1
    return n_same / (max(len(mine), len(theirs)) or 1)
