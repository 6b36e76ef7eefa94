"""How the kinds of fault of one language are handed to `bench_fix`, with what they are put into and judged by.

The kinds themselves are `copilot_ls.evaluation.faults`. The fixers see the mutated text alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tests.bench.packages import unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.evaluation.faults.kind import Kind


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
