"""Context source: the method that the method at the cursor overrides or implements, and how its siblings do that.

A method of a type with a base or an interface in another file has to fit what is declared there: the signature of the
same name, and its first lines. Other types that are derived from that base show how it is done. Told by names, through
the declared bases; the method is the one whose header is at the cursor or around it, by indentation. Called by
`gather`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.context.candidate import Candidate, declared_lines
from copilot_ls.context.definitions import same_family
from copilot_ls.context.line_words import KEYWORDS
from copilot_ls.context.receiver import CAPITALISED, enclosing_class

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.context.request import Situation
    from copilot_ls.index.hits import DefinitionHit
    from copilot_ls.index.lookup import WorkspaceIndex

SOURCE = "overridden"
# How far above the cursor the method's header may stand.
_LINES_ABOVE = 80
_HEADER = re.compile(
    r"^[ \t]+(?:(?:async|public|private|protected|static|override|final|abstract|get|set|func|fun|fn|pub|def)[ \t]+)*"
    r"(?:[\w<>\[\],.?]+[ \t]+)?(?P<name>[^\W\d]\w*)[ \t]*(?:<[^>\n]*>)?\("
)
_TYPE = re.compile(r"^[ \t]*(?:[a-z]+[ \t]+)*(?:class|interface|struct|impl|enum|record|trait)\b")
_MOST_BASES = 3
_MOST_GENERATIONS = 3
# A base that so many types of one name may be is nobody's in particular.
_AMBIGUOUS = 4
_MOST_SIBLINGS = 4
_LOOKED_AT = 12
_LINES_OF_BASE = 8
_LINES_OF_SIBLING = 10
# Beside those of `definitions`: what is written has to agree with it, name by name.
_SCORE = 30.0
# What an implementation of a sibling counts beside the most similar code.
_OF_SIBLING = 0.6


def overridden(situation: Situation) -> list[Candidate]:
    """The overridden signatures, which name what they declare; then code of bases and siblings, which does not.

    Scores of signatures are as those of `definitions`, the others are shares of that of the most similar code.
    """
    index = situation.request.index
    method = _method(situation) if index is not None else ""
    enclosing = enclosing_class(situation) if method else None
    if index is None or enclosing is None:
        return []
    bases = [name for name in CAPITALISED.findall(enclosing[1]) if name != enclosing[0]][:_MOST_BASES]
    signatures: list[Candidate] = []
    code: list[Candidate] = []
    for hit in _declared(bases, method, situation, index):
        signatures.append(declared_lines([hit], SOURCE, _SCORE))
        code += _lines(hit, hit.end, _LINES_OF_BASE, index)
    for hit in _of_siblings(enclosing[0], bases, method, situation, index):
        code += _lines(hit, hit.line, _LINES_OF_SIBLING, index)
    return [*signatures, *code]


def _method(situation: Situation) -> str:
    """The member of the class around the cursor that the cursor stands in, or whose header is being written there."""
    *above, header = situation.above(_LINES_ABOVE)
    indent = _width(header) if header.strip() else len(header.expandtabs(4))
    for line in reversed(above):
        width = _width(line)
        if width >= indent or not line.strip():
            continue
        if not width or _TYPE.match(line):
            break
        # The end of a header of several lines is no block around: the line that begins it stands above.
        is_end = line.lstrip().startswith((")", "}", "]"))
        header, indent = line, width + is_end
    match = _HEADER.match(header)
    is_call = match is not None and situation.family == "python" and "def " not in match[0]
    return match["name"] if match is not None and not is_call and match["name"] not in KEYWORDS else ""


def _width(line: str) -> int:
    """The width of a line's indentation."""
    return len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())


def _declared(bases: list[str], method: str, situation: Situation, index: WorkspaceIndex) -> Iterator[DefinitionHit]:
    """The nearest declaration of the method above each base, if another file has it."""
    for base in bases:
        names = [base]
        for _ in range(_MOST_GENERATIONS):
            types = [
                hit
                for hits in index.definitions(names, limit_each=_AMBIGUOUS).values()
                for hit in hits
                if hit.kind == "class" and hit.path != situation.path and same_family(hit, situation)
            ]
            found = [hit for each in types[:_AMBIGUOUS] if (hit := _member(each.name, each.path, method, index))]
            if found:
                yield found[0]
                break
            names = [hit.base for each in types[:_AMBIGUOUS] for hit in index.supertypes(each.name, each.path)]
            if not names or situation.is_late():
                break


def _of_siblings(
    own: str, bases: list[str], method: str, situation: Situation, index: WorkspaceIndex
) -> Iterator[DefinitionHit]:
    """The method in other types that are derived from the same bases, those in near folders first."""
    kin = [hit for base in bases for hit in index.subtypes(base) if hit.path != situation.path and hit.name != own]
    folders = situation.path.split("/")[:-1]
    kin.sort(key=lambda hit: -_n_shared(folders, hit.path))
    n_found = 0
    for each in kin[:_LOOKED_AT]:
        hit = _member(each.name, each.path, method, index) if same_family(each, situation) else None
        if hit is not None:
            n_found += 1
            yield hit
        if n_found == _MOST_SIBLINGS or situation.is_late():
            return


def _member(name: str, path: str, method: str, index: WorkspaceIndex) -> DefinitionHit | None:
    return next((hit for hit in index.members(name, path) if hit.name == method and hit.kind == "function"), None)


def _lines(hit: DefinitionHit, start: int, most: int, index: WorkspaceIndex) -> list[Candidate]:
    """The first lines of a method from `start` on."""
    lines = index.file_lines(hit.path, start, min(hit.body_end, start + most))
    return [Candidate(hit.path, start, start + len(lines), lines, SOURCE, _OF_SIBLING)] if lines else []


def _n_shared(folders: list[str], path: str) -> int:
    """How many folders, from the root, two files have in common."""
    n_same = 0
    for one, other in zip(folders, path.split("/")[:-1], strict=False):
        if one != other:
            break
        n_same += 1
    return n_same
