"""What the embedded completer knew at every key of replayed lines, so that many ways to show it can be tried on the
same keys.

A trace is one repository: its sampled lines in the order of its commits, and for each column of a line the beginnings
that were weighed there, with their probabilities. Working them out takes minutes; what to show of them takes none, and
is `bench_calibration`'s business. Traces are kept in a folder, as JSON lines, and made once.
"""

from __future__ import annotations

import gzip
import json
import random
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.backends.embedded.propose import Weighed, described, weighed_of
from copilot_ls.backends.embedded.streams import Chunks
from copilot_ls.backends.embedded.workspace import PatientIndex
from copilot_ls.text import Point
from tests.bench import replay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bench.replay_repositories import Repository

_LONGEST_LINE = 100
# Less likely than this is not shown by anybody; of the rest the likeliest are kept.
_LEAST, _MOST_KEPT = 0.1, 12


class Key(NamedTuple):
    """One column of a line: the kind of place, and what was weighed."""

    place: str
    weighed: list[Weighed]


class Line(NamedTuple):
    """A line that somebody wrote: its language, its text, where typing begins, and a `Key` for each column from
    there."""

    language_id: str
    text: str
    start: int
    keys: list[Key]


def traces_of(repository: Repository, mirror: Path | None, folder: Path, n_lines: int) -> list[Line] | None:
    """The lines of a repository, oldest first; None where it cannot be had."""
    kept = folder / f"{repository.name.replace('/', '+')}-{repository.commit[:10]}-{n_lines}.jsonl.gz"
    if not kept.exists():
        clone = replay.clone_of(repository, mirror)
        if clone is None:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(".partial")
        with gzip.open(partial, "wt", encoding="utf-8") as stream:
            for row in _traced(repository, clone, n_lines):
                stream.write(json.dumps(row, separators=(",", ":")) + "\n")
        partial.replace(kept)
    with gzip.open(kept, "rt", encoding="utf-8") as stream:
        return [_line(json.loads(row)) for row in stream]


def _traced(repository: Repository, clone: Path, n_lines: int) -> Iterator[list[object]]:
    rng = random.Random(f"{repository.name}/calibration")
    replayed = replay.history(repository, clone, n_lines=n_lines, rng=rng)
    chunks = Chunks()
    for typed in replay.typed_lines(replayed):
        line = typed.line[:_LONGEST_LINE]
        start = len(line) - len(line.lstrip())
        index = PatientIndex(typed.index)
        keys = []
        for column in range(start, len(line)):
            here = described(
                typed.until(column), Point(typed.at, column), typed.others, index,
                index_path=typed.path, chunks=chunks, recent_edits=typed.edits,
            )  # fmt: skip
            keys.append((here.situation.place, _likely(weighed_of(here))))
        yield [typed.until(start).language_id, line, start, keys]


def _likely(weighed: list[Weighed]) -> list[tuple[object, ...]]:
    likely = sorted((one for one in weighed if one.chosen >= _LEAST), key=lambda one: -one.chosen)
    return [
        (one.text, round(one.probability, 3), round(one.line, 3), round(one.chosen, 3), one.ends, one.unfit)
        for one in likely[:_MOST_KEPT]
    ]


def _line(row: list) -> Line:
    language_id, text, start, keys = row
    return Line(
        language_id, text, start, [Key(place, [Weighed(*one, None) for one in weighed]) for place, weighed in keys]
    )
