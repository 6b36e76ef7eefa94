"""The import engine: what the open file uses and does not import yet, from where others import it.

After `from module import` it is the names that the module declares; where an import may stand, the lines by which other
files import what is used here and comes from nowhere. Called by `propose`; `declared` knows modules.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import lexing
from copilot_ls.backends.embedded.evidence import Found
from copilot_ls.context.imports import find_imports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.backends.embedded.declared import Declarations
    from copilot_ls.backends.embedded.situation import Situation
    from copilot_ls.backends.embedded.workspace import PatientIndex

_FROM = re.compile(r"from\s+([.\w]+)\s+import\s+\(?((?:[\w ]+,)*)\s*(\w*)\Z")
_NAMED = re.compile(r"(?:import|export)\s+(?:type\s+)?\{((?:[\w ]+,)*)\s*(\w*)\Z")
_NAMED_TAIL = re.compile(r"\s*\}\s*from\s*['\"]([^'\"]+)['\"]")
# What import lines of a language begin with.
_BEGINNINGS = {"python": ("from ", "import "), "go": ('"',), "web": ("import {", "import "), "jvm": ("import ",)}
_IMPORT = re.compile(r"(?:from|import|use|using|package)\b|\"[\w./-]+\"\Z|[\w.]+ \"[\w./-]+\"\Z")
# Levels: used here and from nowhere; declared there, and not used here.
_WANTED, _OFFERED = 8, 2
_LIMIT = 80
_MOST = 20
# Characters above and below the cursor whose words count as used.
_REACH = 200_000


def places(situation: Situation, declarations: Declarations, index: PatientIndex) -> list[Found]:
    """Names to import, or whole lines."""
    if situation.region == "comment" or len(situation.brackets) > 1:
        return []
    named = _FROM.match(situation.head) or _NAMED.match(situation.head)
    if named is not None:
        return list(_names(situation, declarations, named))[:_MOST]
    return list(_lines(situation, declarations, index))[:_MOST]


def _names(situation: Situation, declarations: Declarations, match: re.Match[str]) -> Iterator[Found]:
    *module, given, partial = match.groups()
    if not module:
        tail = _NAMED_TAIL.match(situation.tail)
        if tail is None:
            return
        module = [re.sub(r"^(?:\.{1,2}/)+|^[@~]/|\.[mc]?[jt]sx?$", "", tail[1])]
    already = {word.strip() for word in given.split(",")} | {one.local for one in declarations.imports()}
    used = _used(situation)
    for one in declarations.of_module(module[0].lstrip(".").replace(".", "/")):
        if one.container or one.name in already or not one.name.startswith(partial) or one.name == partial:
            continue
        level = _WANTED if one.name in used else _OFFERED
        yield Found(one.name[len(partial) :], level, "workspace", one.path, one.line, engine="import")


def _lines(situation: Situation, declarations: Declarations, index: PatientIndex) -> Iterator[Found]:
    """Lines that import something wanted, where import lines stand."""
    beginnings = _BEGINNINGS.get(declarations.family, ())
    head = situation.head
    if head:
        asked = [head] if any(head.startswith(one) or one.startswith(head) for one in beginnings) else []
    else:
        beside = (*situation.previous[:1], situation.next_line)
        asked = list(beginnings) if any(_IMPORT.match(line) for line in beside) else []
    if not asked:
        return
    imported = {one.local for one in declarations.imports()}
    wanted = _used(situation) - imported - {one.name for one in declarations.own()}
    for beginning in asked:
        for hit in index.lines_starting_with(beginning, limit=_LIMIT):
            if not hit.text.startswith(head) or hit.text == head or hit.path == situation.index_path:
                continue
            locals_ = [one.local for one in find_imports(hit.text + "\n", declarations.family)]
            if locals_ and all(local in wanted for local in locals_):
                text = hit.text[len(head) :]
                yield Found(text, _WANTED, "workspace", hit.path, hit.line, times=hit.count, engine="import")


def _used(situation: Situation) -> set[str]:
    """The words of the document, the cursor's line left out."""
    text, end = situation.text, situation.end
    above = lexing.WORD.findall(text, max(0, situation.offset - _REACH), situation.offset)
    return {*above, *lexing.WORD.findall(text, end, end + _REACH)}
