"""Faults put into real code: what one is, and how the kinds of one language are handed to `bench_fix`.

A kind makes mutated texts of a source, each with one fault at a place that chance chose. What is made never depends on
the fixers, and the fixers see the mutated text alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tests.bench.packages import unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from random import Random

    from copilot_ls.diagnostic import Diagnostic


class Kind(NamedTuple):
    """One kind of fault. `made` yields mutated texts, at most some, each from the original; none where it has no place."""

    name: str
    made: Callable[[str, Random], Iterator[str]]


class Checking(Protocol):
    """All checkers of a language, over many files at once: starting them costs more than checking a file."""

    def __call__(self, root: Path, texts: Mapping[str, str]) -> dict[str, list[Diagnostic]]:
        """What is reported of each text as if it were the file of that path below `root`, a folder that may be written."""
        ...


@dataclass(frozen=True, slots=True)
class Subject:
    """A language to judge on. Packages are spelled as `packages.unpacked` does; `tuning` ones were looked at, `judging`
    ones were not. `baselines` are other fixers: from mutated texts to what they make of them, by name. `sources`
    makes the folder that is judged on of a package: as it is, or with its sources alone. `checkers` names
    the checkers with their versions: what they say of a text is kept, as starting them takes most of the time."""

    name: str
    language_id: str
    endings: tuple[str, ...]
    kinds: Sequence[Kind]
    tuning: Sequence[str]
    judging: Sequence[str]
    check: Checking
    baselines: Mapping[str, Callable[[Path, Mapping[str, str]], dict[str, str]]]
    sources: Callable[[str], Path] = unpacked
    checkers: str = ""


def misspelt(name: str, chance: Random, known: frozenset[str] | set[str]) -> str:
    """A name with one slip of the finger, that is none of the known ones; the same name where that cannot be."""
    for _ in range(20):
        at = chance.randrange(len(name))
        letters = list(name)
        slip = chance.choice(("exchanged", "dropped", "doubled", "replaced"))
        if slip == "exchanged" and at + 1 < len(name):
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        elif slip == "dropped" and len(name) > 2:
            del letters[at]
        elif slip == "doubled":
            letters.insert(at, letters[at])
        elif slip == "replaced":
            letters[at] = chance.choice("abcdefghijklmnopqrstuvwxyz")
        made = "".join(letters)
        if made != name and made.isidentifier() and made not in known:
            return made
    return name
