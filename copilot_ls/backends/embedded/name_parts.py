"""The parts of names: what of one name is another in its place, and the same done to a third name.

`read_timeout` became `write_timeout`, so `ReadTimeout` becomes `WriteTimeout`: parts are compared without regard to
case, and written as those of the name that they are put into. Pure. Called by `alignment`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Names that differ in more than this and share nothing are two names, not one that was changed.
_MOST_DIFFERING = 3


class PartChange(NamedTuple):
    """Consecutive parts of a name, lower case, and those that stand in their place."""

    old: tuple[str, ...]
    new: tuple[str, ...]


@lru_cache(4096)
def part_change(old: str, new: str) -> PartChange | None:
    """What differs between two names between their common beginning and end; None where one only adds to the other."""
    theirs, ours = ([part.lower() for part in _PART.findall(name)] for name in (old, new))
    shortest = min(len(theirs), len(ours))
    first = 0
    while first < shortest and theirs[first] == ours[first]:
        first += 1
    last = 0
    while last < shortest - first and theirs[-1 - last] == ours[-1 - last]:
        last += 1
    changed = PartChange(tuple(theirs[first : len(theirs) - last]), tuple(ours[first : len(ours) - last]))
    if not changed.old or not changed.new:
        return None
    return None if not first and not last and max(map(len, changed)) > _MOST_DIFFERING else changed


def with_changes(name: str, changes: Sequence[PartChange]) -> str:
    """`name` with the first of the changes that fits; as it is where none does."""
    lowered = name.lower()
    changes = [change for change in changes if change.old[0] in lowered]
    if not changes:
        return name
    parts = list(_PART.finditer(name))
    lower = tuple(part[0].lower() for part in parts)
    for old, new in changes:
        size = len(old)
        for at in range(len(parts) - size + 1):
            if lower[at : at + size] == old:
                start, end = parts[at].start(), parts[at + size - 1].end()
                return name[:start] + _cased(name, parts[at][0], new) + name[end:]
    return name


def _cased(name: str, like: str, parts: Sequence[str]) -> str:
    """`parts` as one name, joined as `name` joins its own and capitalised as the part `like` is."""
    separator = "_" if "_" in name or name.islower() or name.isupper() else ""
    if like.isupper() and len(like) > 1:
        return separator.join(parts).upper()
    if separator:
        return separator.join(part.capitalize() if like[:1].isupper() else part for part in parts)
    first = parts[0].capitalize() if like[:1].isupper() else parts[0]
    return first + "".join(part.capitalize() for part in parts[1:])
