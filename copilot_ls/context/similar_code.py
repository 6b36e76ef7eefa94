"""Context source: runs of ten lines elsewhere in the workspace that share telling words with the code at the cursor.

The query is what stands before the cursor, nearer lines weighing more, and the first lines after it: on real tasks
ten-line chunks and five lines of suffix hold a fifth more of the identifiers to come than twenty-line chunks do. Called
by `gather`; the ranking itself is `copilot_ls.index.lookup.WorkspaceIndex.search`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.context.candidate import Candidate
from copilot_ls.index.terms import terms_of

if TYPE_CHECKING:
    from copilot_ls.context.request import Situation

SOURCE = "similar_code"
_LINES_ABOVE = 10
_LINES_BELOW = 5
# What a word counts, by its line: 1 far above, up to 3 near the cursor (a fifth of the surplus goes with each line), 3
# more on the cursor's line, and 2 below. By trial on tuning projects of `make bench-context`: 6 points of idR@1k
# over equal weights.
_NEAR_SURPLUS = 2.0
_FALL = 0.8
_CURSOR_SURPLUS = 3.0
_BELOW_WEIGHT = 2.0
# Chunks that are proposed, by the budget: many, since of each only some lines will be shown. Twice as many find 2
# to 4 points more of idR, in twice the time.
_LEAST_HITS, _MOST_HITS = 140, 200
_TOKENS_PER_HIT = 12
# Share of a chunk's lines that stand around the cursor already, from which on it brings nothing.
_KNOWN_SHARE = 0.7


def similar_code(situation: Situation) -> list[Candidate]:
    """Chunks of other files, best first; scores are BM25's."""
    index = situation.request.index
    if index is None:
        return []
    limit = min(max(situation.budget_tokens // _TOKENS_PER_HIT, _LEAST_HITS), _MOST_HITS)
    found = index.search_lines(
        query_terms(situation), limit=limit, exclude_path=situation.path, families={situation.family}
    )
    return [
        Candidate(hit.path, hit.start, hit.start + len(lines), lines, SOURCE, hit.score)
        for hit, lines in found
        if lines and not _is_known(lines, situation.visible_lines)
    ]


def query_terms(situation: Situation) -> dict[str, float]:
    """The words around the cursor and how much each counts."""
    weights: dict[str, float] = {}
    for distance, line in enumerate(reversed(situation.above(_LINES_ABOVE))):
        weight = 1.0 + _NEAR_SURPLUS * _FALL**distance + (0.0 if distance else _CURSOR_SURPLUS)
        for term in terms_of(line):
            weights[term] = max(weights.get(term, 0.0), weight)
    for line in situation.below(_LINES_BELOW):
        for term in terms_of(line):
            weights[term] = max(weights.get(term, 0.0), _BELOW_WEIGHT)
    return weights


def _is_known(lines: list[str], visible: frozenset[str]) -> bool:
    stripped = list(map(str.strip, lines))
    if visible.isdisjoint(stripped):  # as nearly all
        return not any(stripped)
    telling = [line for line in stripped if line]
    return not telling or sum(line in visible for line in telling) >= _KNOWN_SHARE * len(telling)
