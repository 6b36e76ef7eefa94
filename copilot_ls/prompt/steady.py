"""What of the last prompt is kept in the next one, so that a server can use again what it computed for it.

Every key ranks the snippets anew, and a snippet that comes, goes or moves changes all that stands behind it. So the
best part of the room goes by rank alone; for the rest, what was shown before is preferred, as long as it is still among
what was found, with the same text. What stays keeps its place, what is new stands behind it, and what changes with
every edit (`VOLATILE`) stands last. A suffix that hardly changed is taken for unchanged.

Pure: the last prompt comes in as an argument. Leaves ranking to `copilot_ls.context`. Called by `assemble`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from copilot_ls.prompt.tokens import pieces

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from copilot_ls.context.snippet import ContextSnippet

    _Key = tuple[str, int, int, str, str]
    _Costed = tuple[ContextSnippet, int]

VOLATILE = frozenset({"recent_edits", "diagnostics"})
"""Sources whose snippets change with every edit."""

# Share of a source's room that goes by rank, whatever was shown before. By trial (`make bench-prompt`): with 0.7 the
# snippets hold as many of the identifiers to come as with 1.0, with 0.5 two in a hundred less.
_BY_RANK = 0.7
# Copilot's client takes a suffix for unchanged when less than a tenth of its first 50 tokens differ.
_SUFFIX_PIECES = 50
_SUFFIX_CHANGE = 0.1


@dataclass(slots=True)
class _Source:
    """The snippets of one source, best first, and its share of the room."""

    ranked: list[_Costed] = field(default_factory=list)
    tokens: int = 0


def settle(ranked: Sequence[_Costed], previous: Sequence[ContextSnippet], room: int) -> list[ContextSnippet]:
    """Those of `ranked` (best first, with their cost) that fit `room`, in the order in which they are laid out.

    Where not all fit, each source has its share of the room in proportion to what it found.
    """
    wanted = sum(cost for _, cost in ranked)
    if wanted <= room:
        return laid_out([snippet for snippet, _ in ranked], previous)
    by_source: dict[str, _Source] = {}
    for snippet, cost in ranked:
        source = by_source.setdefault(snippet.source, _Source())
        source.ranked.append((snippet, cost))
        source.tokens += cost
    shown = {_key(snippet): at for at, snippet in enumerate(previous)}
    chosen: list[ContextSnippet] = []
    left = room
    for source in by_source.values():
        share = room * source.tokens // wanted
        left -= _take(_preferred(source, shown, share), min(share, left), chosen)
    taken = {_key(snippet) for snippet in chosen}
    rest = [(snippet, cost) for snippet, cost in ranked if _key(snippet) not in taken]
    _take(_shown_first(rest, shown), left, chosen)
    return laid_out(chosen, previous)


def laid_out(chosen: Sequence[ContextSnippet], previous: Sequence[ContextSnippet]) -> list[ContextSnippet]:
    """In the order of `previous`, then of their places; volatile ones behind all others, the best of them last."""
    order = {_key(snippet): at for at, snippet in enumerate(previous)}
    stable = [snippet for snippet in chosen if snippet.source not in VOLATILE]
    kept = sorted((each for each in stable if _key(each) in order), key=lambda snippet: order[_key(snippet)])
    new = sorted(
        (each for each in stable if _key(each) not in order),
        key=lambda each: (each.path, each.start_line, each.end_line),
    )
    return [*kept, *new, *reversed([snippet for snippet in chosen if snippet.source in VOLATILE])]


def steady_suffix(suffix: str, previous: str) -> str:
    """`previous` if `suffix` hardly differs from it at its beginning; else `suffix`."""
    if suffix == previous:
        return suffix
    now, then = (list(islice(pieces(text), _SUFFIX_PIECES)) for text in (suffix, previous))
    return previous if _distance(now, then) < _SUFFIX_CHANGE * max(len(now), len(then)) else suffix


def _preferred(source: _Source, shown: Mapping[_Key, int], share: int) -> list[_Costed]:
    """The source's snippets: the best by rank, then those that were shown, then the others."""
    by_rank: list[_Costed] = []
    used = 0
    for snippet, cost in source.ranked:
        if used + cost > share * _BY_RANK:
            break
        by_rank.append((snippet, cost))
        used += cost
    rest = source.ranked[len(by_rank) :]
    return [
        *by_rank,
        *_shown_first(rest, shown),
    ]


def _shown_first(snippets: Sequence[_Costed], shown: Mapping[_Key, int]) -> list[_Costed]:
    """Those that were shown, in the order of the last prompt: what gives way stands behind what stays."""
    before = sorted((each for each in snippets if _key(each[0]) in shown), key=lambda each: shown[_key(each[0])])
    return [*before, *(each for each in snippets if _key(each[0]) not in shown)]


def _take(snippets: Sequence[_Costed], room: int, chosen: list[ContextSnippet]) -> int:
    """Add to `chosen` what fits; the tokens of it."""
    used = 0
    taken = {_key(snippet) for snippet in chosen}
    for snippet, cost in snippets:
        if used + cost <= room and _key(snippet) not in taken:
            chosen.append(snippet)
            taken.add(_key(snippet))
            used += cost
    return used


def _key(snippet: ContextSnippet) -> _Key:
    return snippet.path, snippet.start_line, snippet.end_line, snippet.source, snippet.text


def _distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Pieces to insert, delete or replace to make one of the other."""
    row = list(range(len(other) + 1))
    for at, piece in enumerate(one, 1):
        above, row[0] = row[0], at
        for number, another in enumerate(other, 1):
            above, row[number] = row[number], min(row[number] + 1, row[number - 1] + 1, above + (piece != another))
    return row[-1]
