"""Every beginning of every continuation, each once, with the votes that pass through it.

A beginning ends at the end of a token. Pure. Called by `propose`; `prefixes` describes what is made here in numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import lexing

if TYPE_CHECKING:
    from copilot_ls.backends.embedded.evidence import Continuation, Engine, Found

# Continuations beyond these carry next to no weight, and each costs time.
MAX_CONTINUATIONS = 20
_MAX_TOKENS = 24
_MAX_OTHERS = 12
# Shares of the votes below which a continuation is not looked at, and a beginning never chosen, thus not described.
_LEAST_VOTE, _LEAST_SHARE = 0.01, 0.05


@dataclass(slots=True)
class Beginning:
    """The beginning of some continuations: their votes added up, extremes over them, and the best place."""

    text: str
    n_tokens: int
    mild: float = 0.0
    steep: float = 0.0
    renamed: float = 0.0
    renamed_count: int = 0
    series: int = 0
    count: int = 0
    places: int = 0
    level: int = 0
    renamed_level: int = 0
    lines_above: int = 0
    likeness: float = 0.0
    whole_head: bool = False
    follows: bool = False
    distance: int = 1_000_000
    sources: int = 0
    ending: float = 0.0
    escape: float = 0.0
    step: float = 1.0
    best: Found | None = None
    children: int = 0
    chance: float = 0.0
    ending_chance: float = 0.0
    levels: dict[Engine, int] = field(default_factory=dict)


_SOURCE_BITS = {"above": 1, "below": 2, "open": 4, "workspace": 8}


def beginnings(continuations: list[Continuation]) -> list[Beginning]:
    """Every beginning with a share of the votes worth mentioning, and the votes of all continuations that share it."""
    root = Beginning("", 0)
    nodes: dict[str, Beginning] = {}
    parents: list[tuple[Beginning, Beginning]] = []
    for continuation in continuations:
        _vote(root, continuation)
    for continuation in looked_at(continuations):
        if not _matters(continuation, root, _LEAST_VOTE):
            continue
        text = continuation.text
        cuts = lexing.cut_points(text)[:_MAX_TOKENS]
        parent = root
        for n_tokens, cut in enumerate(cuts, 1):
            beginning = text[:cut]
            node = nodes.get(beginning)
            if node is None:
                node = nodes[beginning] = Beginning(beginning, n_tokens)
                parents.append((node, parent))
                parent.children += 1
            _vote(node, continuation)
            if n_tokens <= len(continuation.chances):
                node.chance = max(node.chance, continuation.chances[n_tokens - 1])
            parent = node
        if cuts and cuts[-1] == len(text):
            parent.ending += continuation.steep + continuation.renamed
            if len(continuation.chances) > len(cuts):
                parent.ending_chance = continuation.chances[-1]
            parent.children += 1
    _estimate(parents)
    return [node for node in nodes.values() if _matters(node, root, _LEAST_SHARE)]


def looked_at(continuations: list[Continuation]) -> list[Continuation]:
    """The weightiest of the continuations, and the first few of those that only engines without votes found."""
    others = [one for one in continuations[MAX_CONTINUATIONS:] if one.levels]
    return [*continuations[:MAX_CONTINUATIONS], *others[:_MAX_OTHERS]]


def _matters(part: Continuation | Beginning, whole: Beginning, share: float) -> bool:
    return (
        part.steep > share * whole.steep
        or part.mild > share * whole.mild
        or part.renamed > share * whole.renamed
        or part.series > 0
        or bool(part.levels)
    )


def _vote(node: Beginning, continuation: Continuation) -> None:
    node.mild += continuation.mild
    node.steep += continuation.steep
    node.renamed += continuation.renamed
    node.renamed_count += continuation.renamed_count
    node.series = max(node.series, continuation.series)
    node.count += continuation.count
    node.places += continuation.places
    node.level = max(node.level, continuation.level)
    node.renamed_level = max(node.renamed_level, continuation.renamed_level)
    node.likeness = max(node.likeness, continuation.likeness)
    node.lines_above = max(node.lines_above, continuation.lines_above)
    node.whole_head |= continuation.whole_head
    node.follows |= continuation.follows
    node.distance = min(node.distance, continuation.distance)
    for source in continuation.sources:
        node.sources |= _SOURCE_BITS[source]
    for engine, level in continuation.levels.items():
        node.levels[engine] = max(level, node.levels.get(engine, 0))
    if node.best is None:  # continuations come weightiest first
        node.best = continuation.best


def _estimate(parents: list[tuple[Beginning, Beginning]]) -> None:
    """Write the log of the product of Witten-Bell estimates along the path into `escape`, the last share into `step`.

    Parents come before children. Witten and Bell (1991), method C: P(child) = n(child) / (n(node) + number of distinct
    children). Counts here are the votes in units of one vote at the node's best level, so that one long match and one
    short one are not one to one.
    """
    for node, parent in parents:
        unit = 1.3 * 2.6**parent.level if parent.steep else 1.0
        total = (parent.steep + parent.renamed) / unit
        here = (node.steep + node.renamed) / unit
        estimate = here / (total + max(1, parent.children)) if total else 0.0
        node.step = here / total if total else 0.0
        node.escape = max(-12.0, parent.escape + math.log(max(estimate, 1e-6)))
