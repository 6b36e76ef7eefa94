"""Every beginning of every continuation, each once, with the votes that pass through it.

A beginning ends at the end of a token. They form a tree: a beginning's parent lacks its last token, and comes before
it. Pure. Called by `propose`; `prefixes` describes what is made here in numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import lexing

if TYPE_CHECKING:
    from copilot_ls.backends.embedded.evidence import Continuation, Engine, Found

# Continuations beyond these carry next to no weight, and each costs time.
MAX_CONTINUATIONS = 28
# Of a longer line these many tokens are beginnings, and all of it.
_MAX_TOKENS = 24
_MAX_OTHERS = 12
# Shares of the votes below which a continuation is not looked at, and a beginning that is not all of it never chosen,
# thus not described; nor with less than the chance.
_LEAST_VOTE, _LEAST_SHARE, _LEAST_CHANCE = 0.002, 0.05, 0.1
_LEAST_ESCAPE = -12.0


@dataclass(slots=True, eq=False)
class Beginning:
    """The beginning of some continuations: their votes added up, extremes over them, and the best place.

    `weight` is the votes of all engines that vote, once all are there, `step` its share of the parent's, `rival` the
    largest such share of another child, `weakest` the least step on the way here, `goes_on` the largest share of a
    child, `escape` the log of the product of the Witten-Bell estimates on the way. `rank` is the place of its
    weightiest continuation. `whole` says that one of the continuations is no longer. `chance` and `ending_chance` are
    what the n-grams say of it, and of the line's ending with it.
    """

    text: str
    token: str
    n_tokens: int
    rank: int = 0
    parent: Beginning | None = None
    mild: float = 0.0
    steep: float = 0.0
    renamed: float = 0.0
    renamed_count: int = 0
    aligned: float = 0.0
    aligned_count: int = 0
    aligned_likeness: float = 0.0
    recent: float = 0.0
    recent_level: int = 0
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
    whole: bool = False
    escape: float = 0.0
    step: float = 1.0
    rival: float = 0.0
    weakest: float = 1.0
    goes_on: float = 0.0
    best: Found | None = None
    children: int = 0
    chance: float = 0.0
    ending_chance: float = 0.0
    weight: float = 0.0
    levels: dict[Engine, int] = field(default_factory=dict)


_SOURCE_BITS = {"above": 1, "below": 2, "open": 4, "workspace": 8}


def beginnings(continuations: list[Continuation]) -> list[Beginning]:
    """Every beginning worth mentioning, parents first, with the votes of all continuations that share it.

    All of a continuation always is, a shorter one if it has a share of the votes or a chance.
    """
    root = Beginning("", "", 0)
    nodes: dict[str, Beginning] = {}
    for continuation in continuations:
        root.mild += continuation.mild
        root.steep += continuation.steep
        root.renamed += continuation.renamed
        root.aligned += continuation.aligned
        root.level = max(root.level, continuation.level)
    for rank, continuation in enumerate(looked_at(continuations)):
        if _matters(continuation, root, _LEAST_VOTE):
            _grow(root, nodes, continuation, rank)
    found = list(nodes.values())
    for node in reversed(found):
        if node.parent is not None and node.parent is not root:
            _hand_up(node, node.parent)
    root.weight = root.steep + root.renamed + root.aligned
    _estimate(found)
    return [node for node in found if node.whole or node.chance > _LEAST_CHANCE or _matters(node, root, _LEAST_SHARE)]


def _grow(root: Beginning, nodes: dict[str, Beginning], continuation: Continuation, rank: int) -> None:
    """Add the beginnings of one continuation, whose votes the last of them gets. The weightiest comes first."""
    text, chances = continuation.text, continuation.chances
    cuts = list(enumerate(lexing.cut_points(text), 1))
    if len(cuts) > _MAX_TOKENS:
        cuts[_MAX_TOKENS:-1] = []
    parent, last = root, 0
    for n_tokens, cut in cuts:
        beginning = text[:cut]
        node = nodes.get(beginning)
        if node is None:
            node = nodes[beginning] = Beginning(beginning, text[last:cut], n_tokens, rank, parent)
            node.best = continuation.best
            parent.children += 1
        if n_tokens <= len(chances):
            node.chance = max(node.chance, chances[n_tokens - 1])
        parent, last = node, cut
    if not cuts:
        return
    _vote(parent, continuation)
    n_tokens, cut = cuts[-1]
    if cut == len(text):
        parent.ending += continuation.weight
        parent.whole = True
        parent.children += 1
        if len(chances) > n_tokens:
            parent.ending_chance = chances[-1]


def parents(nodes: list[Beginning]) -> list[int]:
    """Where in `nodes` the nearest ancestor of each is that is there, or -1; ancestors come before."""
    places: dict[Beginning, int] = {}
    found: list[int] = []
    for at, node in enumerate(nodes):
        ancestor = node.parent
        while ancestor is not None and ancestor not in places:
            ancestor = ancestor.parent
        found.append(places[ancestor] if ancestor is not None else -1)
        places[node] = at
    return found


def looked_at(continuations: list[Continuation]) -> list[Continuation]:
    """The weightiest of the continuations, and the first few of those that only engines without votes found."""
    others = [one for one in continuations[MAX_CONTINUATIONS:] if one.levels]
    return [*continuations[:MAX_CONTINUATIONS], *others[:_MAX_OTHERS]]


def _matters(part: Continuation | Beginning, whole: Beginning, share: float) -> bool:
    return (
        part.steep > share * whole.steep
        or part.mild > share * whole.mild
        or part.renamed > share * whole.renamed
        or part.aligned > share * whole.aligned
        or part.series > 0
        or (bool(part.levels) and share < _LEAST_SHARE)
    )


def _vote(node: Beginning, continuation: Continuation) -> None:
    for source in continuation.sources:
        node.sources |= _SOURCE_BITS[source]
    _add(node, continuation)


def _hand_up(node: Beginning, parent: Beginning) -> None:
    parent.sources |= node.sources
    _add(parent, node)


def _add(node: Beginning, other: Continuation | Beginning) -> None:
    """Add the votes of a continuation that ends here, or of a longer beginning.

    The busiest lines of the completer: most have nothing to add of the rarer votes, and are not asked for theirs.
    """
    node.mild += other.mild
    node.steep += other.steep
    node.count += other.count
    node.places += other.places
    node.recent += other.recent
    node.level = max(node.level, other.level)
    if other.recent_level:
        node.recent_level = max(node.recent_level, other.recent_level)
    if other.renamed:
        node.renamed += other.renamed
        node.renamed_count += other.renamed_count
        node.renamed_level = max(node.renamed_level, other.renamed_level)
        node.series = max(node.series, other.series)
    if other.aligned:
        node.aligned += other.aligned
        node.aligned_count += other.aligned_count
        node.aligned_likeness = max(node.aligned_likeness, other.aligned_likeness)
    if other.places:
        node.likeness = max(node.likeness, other.likeness)
        if other.lines_above:
            node.lines_above = max(node.lines_above, other.lines_above)
        node.distance = min(node.distance, other.distance)
        node.whole_head |= other.whole_head
    node.follows |= other.follows
    if other.levels:
        levels = node.levels
        for engine, level in other.levels.items():
            levels[engine] = max(level, levels.get(engine, 0))


def _estimate(nodes: list[Beginning]) -> None:
    """Fill in what compares a beginning with its parent and with the other children of that. Parents come first.

    Witten and Bell (1991), method C: P(child) = n(child) / (n(node) + number of distinct children). Counts here are the
    votes in units of one vote at the node's best level, so that one long match and one short one are not one to one.
    """
    largest: dict[Beginning, tuple[float, float]] = {}
    for node in nodes:
        node.weight = node.steep + node.renamed + node.aligned
    for node in nodes:
        parent = node.parent
        if parent is not None:
            here = node.weight
            first, second = largest.get(parent, (parent.ending, 0.0))
            if here > first:
                largest[parent] = (here, first)
            elif here > second or parent not in largest:
                largest[parent] = (first, max(second, here))
    for node in nodes:
        parent = node.parent
        if parent is None:
            continue
        total = parent.weight
        if not total:
            node.escape = max(_LEAST_ESCAPE, parent.escape - 1.0)
            node.weakest = node.step = 0.0
            continue
        here = node.weight
        unit = 1.3 * 2.6**parent.level if parent.steep else 1.0
        estimate = (here / unit) / (total / unit + max(1, parent.children))
        first, second = largest[parent]
        node.step = step = here / total
        node.rival = (second if here >= first else first) / total
        node.weakest = min(parent.weakest, step)
        node.escape = max(_LEAST_ESCAPE, parent.escape + math.log(max(estimate, 1e-6)))
        parent.goes_on = max(parent.goes_on, step)
