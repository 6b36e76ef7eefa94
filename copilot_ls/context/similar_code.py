"""Context source: runs of ten lines elsewhere in the workspace that share telling words with the code at the cursor.

The query is what stands before the cursor, nearer lines weighing more, and the first lines after it: on real tasks ten-line
chunks and five lines of suffix hold a fifth more of the identifiers to come than twenty-line chunks do. Adjacent hits are
merged. Called by `gather`; the ranking itself is `copilot_ls.index.lookup.WorkspaceIndex.search`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.context.candidate import Candidate
from copilot_ls.index.terms import terms_of

if TYPE_CHECKING:
    from copilot_ls.context.request import Situation
    from copilot_ls.index.lookup import ChunkHit

SOURCE = "similar_code"
_LINES_ABOVE = 20
_LINES_BELOW = 5
# The weight of a word on the line of the cursor; it falls to a third at the far end of the query.
_NEAREST_WEIGHT = 3.0
_FAR_WEIGHT = 1.0
_MOST_HITS = 40
# Share of a chunk's lines that stand around the cursor already, from which on it brings nothing.
_KNOWN_SHARE = 0.7


def similar_code(situation: Situation) -> list[Candidate]:
    """Chunks of other files, best first; scores are sums of inverse document frequencies."""
    index = situation.request.index
    if index is None:
        return []
    hits = index.search(
        query_terms(situation), limit=_MOST_HITS, exclude_path=situation.path, families={situation.family}
    )
    candidates = []
    for start, end, best in _merged(hits):
        if situation.is_late():
            break
        lines = index.file_lines(best.path, start, end)
        if lines and not _is_known(lines, situation.visible_lines):
            candidates.append(Candidate(best.path, start, start + len(lines), "\n".join(lines), SOURCE, best.score))
    return candidates


def query_terms(situation: Situation) -> dict[str, float]:
    """The words around the cursor and how much each counts."""
    weights: dict[str, float] = {}
    above = situation.above(_LINES_ABOVE)
    for at, line in enumerate(above):
        weight = _FAR_WEIGHT + (_NEAREST_WEIGHT - _FAR_WEIGHT) * (at + 1) / len(above)
        for term in terms_of(line):
            weights[term] = max(weights.get(term, 0.0), weight)
    for line in situation.below(_LINES_BELOW):
        for term in terms_of(line):
            weights[term] = max(weights.get(term, 0.0), _FAR_WEIGHT)
    return weights


def _merged(hits: list[ChunkHit]) -> list[tuple[int, int, ChunkHit]]:
    """Adjacent hits of one file as one, in the place of the better one."""
    spans: list[tuple[int, int, ChunkHit]] = []
    for hit in hits:
        for at, (start, end, best) in enumerate(spans):
            if best.path == hit.path and (hit.end == start or end == hit.start):
                spans[at] = (min(start, hit.start), max(end, hit.end), best)
                break
        else:
            spans.append((hit.start, hit.end, hit))
    return spans


def _is_known(lines: list[str], visible: frozenset[str]) -> bool:
    telling = [line.strip() for line in lines if line.strip()]
    return not telling or sum(line in visible for line in telling) >= _KNOWN_SHARE * len(telling)
