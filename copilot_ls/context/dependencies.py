"""Context source: signatures of what the code at the cursor uses of installed packages.

Only what the open file imports, and only names that stand near the cursor: a package declares thousands. A name
imported by itself is shown by its signature, a type with its public members; of a module that is imported as a whole,
the attributes in use, and after its dot what it offers; of a receiver whose type a package declares, the members.
Models know well-known packages by heart, in some version or other: this is the one that is installed. Called by
`gather`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.context.candidate import declared_lines, first_line
from copilot_ls.context.imports import find_imports
from copilot_ls.context.receiver import enclosing_class, receiver_types
from copilot_ls.index.terms import IDENTIFIER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.context.candidate import Candidate
    from copilot_ls.context.imports import Import
    from copilot_ls.context.request import Situation
    from copilot_ls.index.dependencies.lookup import DependencyIndex
    from copilot_ls.index.hits import DefinitionHit

SOURCE = "dependencies"
_LINES_ABOVE = 30
_LINES_BELOW = 3
_MOST_CANDIDATES = 12
_MOST_TYPES = 3
_MEMBERS = 12
_MEMBERS_OF_RECEIVER = 40
_MODULE_LINES = 40
_OFFERED_LIMIT = 400

# As in `definitions`; only their order matters much.
_RECEIVER = 12.0
_SAME_LINE = 5.0
_NEAR = 2.5
_TYPED = re.compile(r"\.([^\W\d]\w*)?$")
_RECEIVER_NAME = re.compile(r"([^\W\d]\w*)\.\w*$")
_CONSTRUCTORS = frozenset({"__init__", "constructor", "new"})


class _Use(NamedTuple):
    """A name in use near the cursor and the attribute that is taken of it, if any; the nearer the weightier."""

    source: Import
    attribute: str
    weight: float


def dependencies(situation: Situation) -> list[Candidate]:
    """Signatures, best first."""
    request = situation.request
    if request.index is None:
        return []
    packages = request.index.dependencies
    text = situation.text_around
    imports = {each.local: each for each in find_imports(text, situation.family)}
    if not imports or not packages.packages():
        return []
    candidates = [*_of_receiver(situation, text, imports, packages)]
    for use in sorted(_uses(situation, imports), key=lambda use: -use.weight):
        if situation.is_late() or len(candidates) >= _MOST_CANDIDATES:
            break
        candidates += [_shown(hit, use.weight, _MEMBERS, packages) for hit in _meant(use, packages)]
    best: dict[tuple[str, int], Candidate] = {}
    for each in sorted(candidates, key=lambda each: -each.score):
        best.setdefault((each.path, each.start_line), each)
    return list(best.values())


def _uses(situation: Situation, imports: dict[str, Import]) -> Iterator[_Use]:
    """Each imported name that stands near the cursor, once, by its nearest place."""
    seen: set[tuple[str, str]] = set()
    above = situation.above(_LINES_ABOVE)
    lines = [*reversed(above), *situation.below(_LINES_BELOW)]
    for distance, line in enumerate(lines):
        weight = _SAME_LINE if distance == 0 else _NEAR * (1 - min(distance, len(above)) / (len(above) + 1))
        for match in IDENTIFIER.finditer(line):
            source = imports.get(match[0])
            if source is None:
                continue
            dotted = IDENTIFIER.match(line, match.end() + 1) if line[match.end() : match.end() + 1] == "." else None
            attribute = dotted[0] if dotted is not None else ""
            if (match[0], attribute) not in seen:
                seen.add((match[0], attribute))
                yield _Use(source, attribute, weight)


def _meant(use: _Use, packages: DependencyIndex) -> list[DefinitionHit]:
    """The declaration that a use means: of the name, or, where the name is a module, of its attribute."""
    module, name, attribute = use.source.module, use.source.name, use.attribute
    if name:
        found = packages.definitions([name], module=module, limit_each=1).get(name, [])
        if found or not attribute:
            return found
        module = f"{module}/{name}"
    return packages.definitions([attribute], module=module, limit_each=1).get(attribute, []) if attribute else []


def _of_receiver(
    situation: Situation, text: str, imports: dict[str, Import], packages: DependencyIndex
) -> Iterator[Candidate]:
    """What the expression before the dot at the cursor offers: a module, or a type."""
    typed = _TYPED.search(situation.line_prefix)
    if typed is None:
        return
    receiver = _RECEIVER_NAME.search(situation.line_prefix)
    source = imports.get(receiver[1]) if receiver is not None else None
    module = "" if source is None else "/".join(filter(None, (source.module, source.name)))
    offered = _fitting(packages.module_definitions(module, limit=_OFFERED_LIMIT), typed[1] or "") if module else []
    if offered:
        by_path: dict[str, list[DefinitionHit]] = {}
        for hit in offered[:_MODULE_LINES]:
            by_path.setdefault(hit.path, []).append(hit)
        for hits in by_path.values():
            yield _lines_of(hits, _RECEIVER)
        return
    types = receiver_types(situation, text, enclosing_class(situation), packages)
    for rank, name in enumerate(types[:_MOST_TYPES]):
        module = imports[name].module if name in imports else ""
        declared = imports[name].name or name if name in imports else name
        for hit in packages.definitions([declared], module=module, limit_each=3).get(declared, ()):
            if hit.kind == "class":
                yield _shown(hit, _RECEIVER / (1 + rank), _MEMBERS_OF_RECEIVER, packages, typed[1] or "")
                return


def _shown(hit: DefinitionHit, score: float, n_members: int, packages: DependencyIndex, typed: str = "") -> Candidate:
    """A function by its signature, a type with its members."""
    if hit.kind != "class":
        return declared_lines([hit], SOURCE, score)
    members = [each for each in packages.members(hit.name, hit.path) if each.line >= hit.line]
    chosen = _fitting(members, typed)[:n_members]
    return _lines_of([hit, *(each for each in chosen if each.line != hit.line)], score)


def _fitting(hits: list[DefinitionHit], typed: str) -> list[DefinitionHit]:
    """Those that go on as typed first; constructors before the others."""
    return sorted(
        hits, key=lambda hit: (not (typed and hit.name.startswith(typed)), hit.name not in _CONSTRUCTORS, hit.line)
    )


def _lines_of(hits: list[DefinitionHit], score: float) -> Candidate:
    """Declaring lines of one file in their order; of long ones the first line, but for constructors and what leads."""
    return declared_lines(
        [hit if at == 0 or hit.name in _CONSTRUCTORS else first_line(hit) for at, hit in enumerate(hits)], SOURCE, score
    )
