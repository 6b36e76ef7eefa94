"""Lines that declare the identifiers which are likely to be needed, wherever they were met.

What similar code uses, somebody has declared: the declaring line says more of a name than its uses do. Asked in a
second round, once `relevance` knows the chances. Called by `gather`.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from copilot_ls.context.candidate import declared_lines
from copilot_ls.context.definitions import SOURCE, same_family

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copilot_ls.context.candidate import Candidate
    from copilot_ls.context.request import Situation
    from copilot_ls.index.hits import DefinitionHit

_MOST_NAMES = 100
_LIMIT_EACH = 6
# Places of one name that are worth proposing.
_MOST_PLACES = 2


def declarations(situation: Situation, *, chances: Mapping[str, float], paths: frozenset[str]) -> list[Candidate]:
    """Declaring lines, by file; `paths` are files that were met, which are preferred."""
    index = situation.request.index
    if index is None or situation.is_late():
        return []
    likely = heapq.nlargest(_MOST_NAMES, chances, key=lambda name: (chances[name], name))
    by_path: dict[str, list[DefinitionHit]] = {}
    for hits in index.definitions(likely, limit_each=_LIMIT_EACH).values():
        elsewhere = [hit for hit in hits if hit.path != situation.path and same_family(hit, situation)]
        elsewhere.sort(key=lambda hit: (hit.path not in paths, hit.kind == "variable", hit.path, hit.line))
        for hit in elsewhere[:_MOST_PLACES]:
            by_path.setdefault(hit.path, []).append(hit)
    return [declared_lines(hits, SOURCE, 0.0) for hits in by_path.values()]
