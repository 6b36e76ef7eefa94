"""What a kind of fault is. Pure but for the chance that is handed in; the languages' kinds stand beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

_MOST_TRIES = 20
_SHORTEST_DROPPED = 2


class Kind(NamedTuple):
    """One kind of fault. `made` yields mutated texts, at most some, each of the original; none without a place."""

    name: str
    made: Callable[[str, Random], Iterator[str]]


def misspelt(name: str, chance: Random, known: frozenset[str] | set[str]) -> str:
    """A name with one slip of the finger, that is none of the known ones; the same name where that cannot be."""
    for _ in range(_MOST_TRIES):
        at = chance.randrange(len(name))
        letters = list(name)
        slip = chance.choice(("exchanged", "dropped", "doubled", "replaced"))
        if slip == "exchanged" and at + 1 < len(name):
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        elif slip == "dropped" and len(name) > _SHORTEST_DROPPED:
            del letters[at]
        elif slip == "doubled":
            letters.insert(at, letters[at])
        elif slip == "replaced":
            letters[at] = chance.choice("abcdefghijklmnopqrstuvwxyz")
        made = "".join(letters)
        if made != name and made.isidentifier() and made not in known:
            return made
    return name
