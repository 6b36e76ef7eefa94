"""What of the last prompt is kept in the next one, so that a server can use again what it computed for it.

Every key ranks the snippets anew, and a snippet that comes, goes or changes, changes all that stands behind it, the
open file included. So what was shown and is still true stays as it is while it has enough of the best of the new
ranking. When it has not, the lines that are missing are added behind it, and where there is no room, what was added
last goes first: the head of the prompt stays, its tail follows the ranking. What changes with every edit (`VOLATILE`)
stands behind all. A suffix that hardly changed is taken for unchanged.

Pure: the last prompt comes in as an argument. Leaves ranking, and finding out what is still true, to
`copilot_ls.context`. Called by `assemble`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from copilot_ls.context.snippet import is_gap
from copilot_ls.prompt.tokens import estimate, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from copilot_ls.context.snippet import ContextSnippet

    _Key = tuple[str, int, int, str, str]
    _Cost = Callable[[ContextSnippet], int]

VOLATILE = frozenset({"diagnostics", "recent_edits"})
"""Sources whose snippets change with every edit, or with what others say of it."""

# The best of the ranking are what fits in this share of the room …
_BY_RANK = 0.7
# … of which so much may be missing before anything is changed. By trial on replayed typing (`make bench-prompt`): from
# 0.2 to 0.5 the bytes that stay grow from 56 to 73 %, and the snippets hold about as many of the identifiers to come.
_MAY_MISS = 0.5
# When less than this of what was shown can stay, all is laid out anew, by rank.
_LEAST_KEPT = 0.4
# Copilot's client takes a suffix for unchanged when less than a tenth of its first 50 tokens differ.
_SUFFIX_PIECES = 50
_SUFFIX_CHANGE = 0.1


def settle(
    ranked: Sequence[ContextSnippet], previous: Sequence[ContextSnippet], room: int, cost: _Cost
) -> list[ContextSnippet]:
    """What is shown of `ranked`, best first, within `room`, in the order in which it is laid out.

    Of `previous`, in its order, that stays which is among `ranked` too. Snippets of one file may be shown in several
    pieces, each of the lines that the ones before it have not.
    """
    volatile = list(_fitting([each for each in ranked if each.source in VOLATILE], room, cost))
    room -= sum(cost(each) for each in volatile)
    stable = [each for each in ranked if each.source not in VOLATILE]
    found = {_key(each) for each in stable}
    kept = [each for each in previous if each.source not in VOLATILE and _key(each) in found]
    best = list(_fitting(stable, int(room * _BY_RANK), cost))
    if not kept or not _is_good_enough(kept, best, room, cost):
        kept = _with_best(kept, best, room, cost)
        kept += _fitting(_added(stable, kept), room - sum(cost(each) for each in kept), cost)
    # The best stands nearest to the file.
    return [*kept, *reversed(volatile)]


def _is_good_enough(kept: Sequence[ContextSnippet], best: Sequence[ContextSnippet], room: int, cost: _Cost) -> bool:
    """Whether what stays fits, and has most of the best."""
    missing = sum(estimate(each.text) for each in _added(best, kept))
    wanted = sum(estimate(each.text) for each in best)
    return missing <= wanted * _MAY_MISS and sum(cost(each) for each in kept) <= room


def _with_best(
    kept: list[ContextSnippet], best: Sequence[ContextSnippet], room: int, cost: _Cost
) -> list[ContextSnippet]:
    """What stays, as long as there is room, and behind it what of the best is not among it."""
    least = _LEAST_KEPT * sum(cost(each) for each in kept)
    while kept:
        used = sum(cost(each) for each in kept)
        added = list(_added(best, kept))
        if used + sum(cost(each) for each in added) <= room:
            return [*kept, *added]
        if used <= least:
            break
        kept = kept[:-1]
    return []


def steady_suffix(suffix: str, previous: str) -> str:
    """`previous` if `suffix` hardly differs from it at its beginning; else `suffix`."""
    if suffix == previous:
        return suffix
    now, then = (list(islice(pieces(text), _SUFFIX_PIECES)) for text in (suffix, previous))
    return previous if _distance(now, then) < _SUFFIX_CHANGE * max(len(now), len(then)) else suffix


def _fitting(
    snippets: Iterator[ContextSnippet] | Sequence[ContextSnippet], room: int, cost: _Cost
) -> Iterator[ContextSnippet]:
    """Those that fit, in order."""
    for snippet in snippets:
        needed = cost(snippet)
        if needed <= room:
            room -= needed
            yield snippet


def _added(snippets: Sequence[ContextSnippet], shown: Sequence[ContextSnippet]) -> Iterator[ContextSnippet]:
    """What of `snippets` is not among the `shown` yet: whole ones, or their other lines."""
    lines: dict[str, set[str]] = {}
    for each in shown:
        lines.setdefault(each.path, set()).update(each.text.split("\n"))
    for snippet in snippets:
        there = lines.setdefault(snippet.path, set())
        own = snippet.text.split("\n")
        new = [line for line in own if is_gap(line) or line not in there]
        if any(line.strip() and not is_gap(line) for line in new):
            text = "\n".join(new if len(new) == len(own) else _without_lone_marks(new))
            yield snippet if len(new) == len(own) else replace(snippet, text=text, tokens=estimate(text))
            there.update(new)


def _without_lone_marks(lines: Sequence[str]) -> Iterator[str]:
    """The lines, with marks of gaps only where lines stand above and below."""
    mark = ""
    is_first = True
    for line in lines:
        if is_gap(line):
            mark = line
            continue
        if mark and not is_first:
            yield mark
        yield line
        mark, is_first = "", False


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
