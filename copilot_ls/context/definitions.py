"""Context source: signatures of what the code at the cursor is likely to use.

Names get a weight by where they stand: the type of the expression before a dot most, then what the cursor's line and the
lines near it name, the bases of the class around the cursor, and what the file imports. Each is looked up in the index,
places agreeing with an import or near in the tree of folders preferred. A type is shown by the lines that declare it and its members, a
function by its signature, a module by what it declares. Types are inferred from annotations and assignments in the open file alone,
plus one step through a called function's declared result. Called by `gather`.

The text of these candidates is declaration lines only: whole lines of the file in their order, those between left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.context.candidate import Candidate
from copilot_ls.context.imports import find_imports
from copilot_ls.index.terms import IDENTIFIER

if TYPE_CHECKING:
    from copilot_ls.context.imports import Import
    from copilot_ls.context.request import Situation
    from copilot_ls.index.lookup import DefinitionHit, WorkspaceIndex

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

# Weights, found by trial on four packages (tests/bench/bench_context.py); only their order matters much.
_RECEIVER = 12.0
_BASE = 4.0
_IMPORTED = 1.0
_SAME_LINE = 5.0
_NEAR = 2.5

_CHAIN = re.compile(r"((?:[^\W\d]\w*(?:\(\))?\??\.)+)\w*$")
_CALLED = re.compile(r"([^\W\d][\w.]*)\($")
_ENCLOSING_CLASS = re.compile(
    r"^([ \t]*)(?:[a-z]+[ \t]+)*(?:class|interface|struct|impl)\b[^\S\n]+(\w+)([^\n{]*)", re.MULTILINE
)
_CAPITALISED = re.compile(r"\b[A-Z]\w*")


class _Target(NamedTuple):
    name: str
    weight: float
    members: int


def definitions(situation: Situation) -> list[Candidate]:
    """Signatures, best first; scores are the weights of the names, lessened where a name is ambiguous."""
    index = situation.request.index
    if index is None:
        return []
    text = situation.request.document.text.text
    imports = {each.local: each for each in find_imports(text, situation.family)}
    targets = _targets(situation, text, imports, index)
    ranked = sorted(targets.values(), key=lambda target: (-target.weight, target.name))[:_MOST_NAMES]
    candidates: list[Candidate] = []
    found = index.definitions([imports[each.name].name or each.name if each.name in imports else each.name for each in ranked])
    for target in ranked:
        if situation.is_late() or len(candidates) >= _MOST_CANDIDATES:
            break
        source = imports.get(target.name)
        if source is not None and not source.name:
            candidates += _module(source, target, situation, index)
            continue
        hits = found.get(source.name if source is not None else target.name, [])
        candidates += _declared(hits, source, target, situation, index)
    return sorted(candidates, key=lambda each: -each.score)


def _targets(
    situation: Situation, text: str, imports: dict[str, Import], index: WorkspaceIndex
) -> dict[str, _Target]:
    targets: dict[str, _Target] = {}

    def want(name: str, weight: float, members: int = _MEMBERS) -> None:
        known = targets.get(name)
        if known is None or known.weight < weight:
            targets[name] = _Target(name, weight, max(members, known.members if known else 0))

    for local in imports:
        want(local, _IMPORTED)
    above = situation.above(_LINES_ABOVE)
    for distance, line in enumerate(reversed(above)):
        weight = _SAME_LINE if distance == 0 else _NEAR * (1 - distance / (len(above) + 1))
        for name in IDENTIFIER.findall(line):
            bonus = 1.0 if name in imports or name[0].isupper() else 0.6
            want(name, weight * bonus)
    for line in situation.below(_LINES_BELOW):
        for name in IDENTIFIER.findall(line):
            want(name, _NEAR * (0.7 if name in imports or name[0].isupper() else 0.4))
    enclosing = _enclosing_class(situation)
    if enclosing:
        for name in _CAPITALISED.findall(enclosing[1]):
            want(name, _BASE, _MEMBERS_OF_RECEIVER)
    for name in _receiver_types(situation, text, enclosing, index):
        want(name, _RECEIVER, _MEMBERS_OF_RECEIVER)
    return targets


def _enclosing_class(situation: Situation) -> tuple[str, str] | None:
    """Name and bases of the class that the cursor stands in, by indentation."""
    prefix = situation.request.document.text.prefix(situation.request.cursor)
    line = situation.line_prefix
    indent = len(line) - len(line.lstrip()) if line.strip() else len(line)
    for match in reversed(list(_ENCLOSING_CLASS.finditer(prefix))):
        if len(match[1].expandtabs(4)) < max(indent, 1):
            return match[2], match[3]
    return None


def _receiver_types(
    situation: Situation, text: str, enclosing: tuple[str, str] | None, index: WorkspaceIndex
) -> list[str]:
    """Names of types that the expression before the cursor's dot, or the call it stands in, may have."""
    chain = _CHAIN.search(situation.line_prefix)
    if chain is None:
        called = _CALLED.search(situation.line_prefix.rstrip())
        return [called[1].rpartition(".")[2]] if called else []
    parts = [part.rstrip("?") for part in chain[1].rstrip(".").split(".")]
    if parts[0] in {"self", "this", "cls", "super()"}:
        if len(parts) == 1:
            return _CAPITALISED.findall(enclosing[1]) if enclosing else []
        return _types_of_variable(rf"(?:self|this)\.{re.escape(parts[1].removesuffix('()'))}", parts[1], text, index)
    if len(parts) > 1:
        return [parts[-1].removesuffix("()"), *_result_types(parts[-1].removesuffix("()"), index), parts[0]]
    name = parts[0].removesuffix("()")
    return [name, *_types_of_variable(rf"\b{re.escape(name)}", name, text, index)]


def _types_of_variable(pattern: str, name: str, text: str, index: WorkspaceIndex) -> list[str]:
    """Types named in annotations of a variable or in what is assigned to it, anywhere in the open file."""
    types: list[str] = []
    annotated = re.compile(rf"{pattern}\??[ \t]*:[ \t]*([^\n=,)(]{{1,80}})")
    for match in list(annotated.finditer(text))[-5:]:
        types += _CAPITALISED.findall(match[1])
    assigned = re.compile(rf"{pattern}(?:[ \t]*:[^\n=]+)?[ \t]*:?=[ \t]*(?:await[ \t]+|new[ \t]+|&)*([\w.]+)")
    for match in list(assigned.finditer(text))[-5:]:
        last = match[1].rpartition(".")[2]
        if last[:1].isupper():
            types.append(last)
        elif last and last != name:
            types += _result_types(last, index)
    declared = re.compile(rf"\b([A-Z]\w*)(?:<[^>\n]*>)?[ \t*&]+{re.escape(name)}\b")
    types += [match[1] for match in list(declared.finditer(text))[-3:]]
    in_context = re.compile(rf"\b(?:with|for)[ \t]+([\w.]+)\([^\n]*\)[ \t]+as[ \t]+{re.escape(name)}\b")
    for match in list(in_context.finditer(text))[-2:]:
        last = match[1].rpartition(".")[2]
        types += [last] if last[:1].isupper() else _result_types(last, index)
    guess = "".join(part.capitalize() for part in name.strip("_").split("_"))
    return list(dict.fromkeys([*types, guess]))


def _result_types(function: str, index: WorkspaceIndex) -> list[str]:
    """Types named in the declared result of functions of this name."""
    types: list[str] = []
    hits = index.definitions([function], limit_each=_AMBIGUOUS).get(function, [])
    for hit in hits if len(hits) < _AMBIGUOUS else ():
        result = re.search(r"(?:->|\)[ \t]*:)[ \t]*([^\n]+)", hit.signature)
        if result is not None:
            types += _CAPITALISED.findall(result[1])
        elif hit.kind == "variable":
            types += _CAPITALISED.findall(hit.signature.partition("=")[0].partition(":")[2])
    return types


def _declared(
    hits: list[DefinitionHit], source: Import | None, target: _Target, situation: Situation, index: WorkspaceIndex
) -> list[Candidate]:
    elsewhere = [hit for hit in hits if hit.path != situation.path and _same_family(hit, situation, index)]
    if not elsewhere:
        return []
    if len(elsewhere) < len(hits) and source is None:
        return []  # the open file declares it itself: the model sees that one
    ranked = sorted(elsewhere, key=lambda hit: (-_agreement(hit, source, situation.path), bool(hit.container), hit.path, hit.line))
    best = _agreement(ranked[0], source, situation.path)
    chosen = [hit for hit in ranked if _agreement(hit, source, situation.path) >= best - 0.01][:2]
    doubt = len(chosen) if source is not None else min(len(elsewhere), _AMBIGUOUS)
    weight = target.weight / (doubt**0.5)
    return [_shown(hit, weight / (1 + rank), target.members, index) for rank, hit in enumerate(chosen)]


def _shown(hit: DefinitionHit, score: float, n_members: int, index: WorkspaceIndex) -> Candidate:
    lines = hit.signature.split("\n")
    end = hit.end
    if hit.kind == "class":
        members = index.members(hit.name, hit.path)
        public = [each for each in members if not each.name.startswith("_") or each.name == "__init__"]
        seen: set[tuple[str, str]] = set()
        for member in (public or members)[:n_members]:
            if (member.name, member.signature) not in seen and member.line >= hit.line:
                seen.add((member.name, member.signature))
                lines += member.signature.split("\n")
                end = max(end, member.end)
    return Candidate(hit.path, hit.line, end, "\n".join(lines), SOURCE, score)


def _module(source: Import, target: _Target, situation: Situation, index: WorkspaceIndex) -> list[Candidate]:
    """What a module that is imported as a whole declares at its top."""
    paths = [each.path for each in index.files() if _module_agreement(each.path, source.module) >= 1]
    if not paths or len(paths) > _AMBIGUOUS:
        return []
    path = min(paths, key=lambda path: (-_nearness(path, situation.path), len(path)))
    top = [hit for hit in index.file_definitions(path) if not hit.container and not hit.name.startswith("_")]
    shown = top[: _MODULE_LINES if target.members == _MEMBERS_OF_RECEIVER else _MEMBERS // 2]
    if not shown or path == situation.path:
        return []
    lines = [line for hit in shown for line in hit.signature.split("\n")]
    return [Candidate(path, shown[0].line, shown[-1].end, "\n".join(lines), SOURCE, target.weight)]


def _same_family(hit: DefinitionHit, situation: Situation, index: WorkspaceIndex) -> bool:
    file = index.file(hit.path)
    return file is not None and file.family == situation.family


def _agreement(hit: DefinitionHit, source: Import | None, path: str) -> float:
    """How well a place fits: what the import says first, nearness in the tree of folders second."""
    said = 4 * _module_agreement(hit.path, source.module) if source is not None and source.module else 0.0
    return said + _nearness(hit.path, path) + (0.0 if hit.container else 0.5) + (0.3 if hit.kind == "class" else 0.0)


def _module_agreement(path: str, module: str) -> float:
    """Share of the parts of `module` that the end of `path` (without its ending) has."""
    stem = path.rpartition(".")[0] or path
    have = [part for part in stem.split("/") if part not in {"__init__", "index", "mod"}]
    want = [part for part in module.split("/") if part]
    if not want:
        return 0.0
    n_same = 0
    while n_same < min(len(want), len(have)) and want[-1 - n_same] == have[-1 - n_same]:
        n_same += 1
    if not n_same and want[-1] in have:  # a package: the name may stand in any file below it
        return 0.5
    return n_same / len(want)


def _nearness(one: str, other: str) -> float:
    """Share of the folders of `other` that `one` begins with."""
    mine, theirs = one.split("/")[:-1], other.split("/")[:-1]
    n_same = 0
    while n_same < min(len(mine), len(theirs)) and mine[n_same] == theirs[n_same]:
        n_same += 1
    return n_same / (max(len(mine), len(theirs)) or 1)
