"""Context source: how others use what the cursor's line is about to use.

The function whose call is open at the cursor, and the types that the line names, are looked up among the uses that the
index knows; nearer files come first. A use is shown with the line below it, where its arguments often go on. Called by
`gather`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.context.candidate import Candidate
from copilot_ls.context.definitions import same_family
from copilot_ls.context.receiver import CAPITALISED

if TYPE_CHECKING:
    from copilot_ls.context.request import Situation

SOURCE = "usages"
_OPEN_CALL = re.compile(r"([^\W\d]\w*)\((?:[^()]|\([^()]*\))*$")
_LINES_ABOVE = 3
_LONGEST_CALL = 1_000
_MOST_EACH = 10
_MOST_TYPES = 2
_LINES = 2
# What a use counts beside the most similar code: of what is being called, and of a type on the line.
_OF_CALL = 0.6
_OF_TYPE = 0.3


def usages(situation: Situation) -> list[Candidate]:
    """Uses in other files, the likeliest to be alike first; scores are shares of that of the most similar code."""
    index = situation.request.index
    if index is None:
        return []
    wanted = _wanted(situation)
    found = index.references(list(wanted), limit_each=_MOST_EACH, near=situation.path)
    candidates: dict[tuple[str, int], Candidate] = {}
    for name, weight in wanted.items():
        for hit in found.get(name, ()):
            if hit.path == situation.path or (hit.path, hit.line) in candidates or situation.is_late():
                continue
            lines = index.file_lines(hit.path, hit.line, hit.line + _LINES) if same_family(hit, situation) else []
            if lines:
                candidates[hit.path, hit.line] = Candidate(
                    hit.path, hit.line, hit.line + len(lines), lines, SOURCE, weight
                )
    return list(candidates.values())


def _wanted(situation: Situation) -> dict[str, float]:
    wanted: dict[str, float] = {}
    call = _OPEN_CALL.search("\n".join(situation.above(_LINES_ABOVE))[-_LONGEST_CALL:])
    if call is not None:
        wanted[call[1]] = _OF_CALL
    for name in CAPITALISED.findall(situation.line_prefix)[-_MOST_TYPES:]:
        wanted.setdefault(name, _OF_TYPE)
    return wanted
