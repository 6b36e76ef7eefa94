"""Trains the embedded completer's confidence on replayed commits, and writes its data file.

    python -m tests.bench.train_confidence --mirror DIR collect OUT     what was weighed at every point, and what was right
    python -m tests.bench.train_confidence fit OUT                      trees, calibration; writes confidence.json

Wants LightGBM and NumPy (`pip install --group train`), which the product does not. Only repositories of
`replay_repositories.TUNERS` are read; those that judge in `bench_embedded` are others. `collect` does a repository at a time
in `--jobs` processes, and leaves alone what is in OUT already. Everything is seeded.

What is shipped was collected with `--lines 350` from all 49 repositories (some 25 s of one core each), and fitted with
LightGBM 4.7.0 and NumPy 2.4.6 (some 8 min of one core). What is collected holds the features there are at the time: who
adds some collects anew.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from copilot_ls.backends.embedded import confidence, prefixes, surroundings
from copilot_ls.backends.embedded.propose import described
from copilot_ls.backends.embedded.streams import Chunks
from copilot_ls.backends.embedded.workspace import PatientIndex
from tests.bench import replay, small_workspaces
from tests.bench.replay import ANYWHERE, PLACES
from tests.bench.replay_repositories import JUDGES, TUNERS, Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = (*PLACES, ANYWHERE)
# Who types is in the midst of a word most of the time.
N_ANYWHERE = 2
# So many lines are also asked about as if they stood in a small workspace.
SMALL_SHARE = 0.35


def collect(repository: Repository, mirror: Path | None, out: Path, n_lines: int) -> str:
    target = out / (repository.name.replace("/", "+") + ".npz")
    if target.exists():
        return f"{repository.name}: there already"
    folder = replay.clone_of(repository, mirror)
    if folder is None:
        return f"{repository.name}: cannot be had here"
    started = time.perf_counter()
    rng = random.Random(f"{repository.name}/train")
    replayed = replay.history(repository, folder, n_lines=n_lines, rng=rng)
    common, own, point, right, whole, ends, literal, length, kind, parent, text, small = (
        [], [], [], [], [], [], [], [], [], [], [], []
    )  # fmt: skip
    n, chunks = 0, Chunks()
    for case, is_small in _cases(replayed, rng):
        found = described(
            case.document, case.cursor, case.others, PatientIndex(case.index),
            index_path=case.document.path, chunks=chunks, recent_edits=case.edits,
        )  # fmt: skip
        common.append(found.common)
        parent += [at + len(point) if at >= 0 else -1 for at in found.parents]
        kind.append(KINDS.index(case.place))
        small.append(is_small)
        for node, row in zip(found.nodes, found.rows, strict=True):
            own.append(np.array(row, np.float32))
            point.append(n)
            right.append(replay.is_right(case.truth, node.text))
            whole.append(case.truth == node.text)
            ends.append(node.whole)
            literal.append(found.is_unfit(node))
            length.append(len(node.text))
            text.append(node.text)
        n += 1
    np.savez(
        target,
        common=np.array(common, np.float32), own=np.array(own, np.float32), point=np.array(point, np.int32),
        right=np.array(right, bool), whole=np.array(whole, bool), ends=np.array(ends, bool),
        literal=np.array(literal, bool), length=np.array(length, np.int32), kind=np.array(kind, np.int8),
        parent=np.array(parent, np.int32), text=np.array("\0".join(text)), small=np.array(small, bool),
        names=np.array([*surroundings.FEATURES, *prefixes.BEGINNING_FEATURES]),
    )  # fmt: skip
    return f"{repository.name}: {n} points, {len(own)} beginnings, {sum(right) / len(right):.3f} right, {time.perf_counter() - started:.0f} s"


def _cases(replayed: replay.History, rng: random.Random) -> Iterator[tuple[replay.Case, bool]]:
    """Every point of every line, and of some lines once more as if in a small workspace (true)."""
    for typed in replay.typed_lines(replayed):
        for case in replay.cases_of(typed, replayed.repository, rng, n_anywhere=N_ANYWHERE):
            yield case, False
        if rng.random() < SMALL_SHARE:
            with small_workspaces.cut_down(typed, rng) as less:
                for case in replay.cases_of(less, replayed.repository, rng):
                    yield case, True


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mirror", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--lines", type=int, default=350, help="lines sampled per repository")
    parser.add_argument("--judges", action="store_true", help="collect those that judge: to look at, not to fit on")
    parser.add_argument("step", choices=["collect", "fit"])
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args(argv)
    if arguments.step == "collect":
        arguments.out.mkdir(parents=True, exist_ok=True)
        repositories = JUDGES if arguments.judges else TUNERS
        with ProcessPoolExecutor(arguments.jobs) as pool:
            waiting = [
                pool.submit(collect, repository, arguments.mirror, arguments.out, arguments.lines)
                for repository in repositories
            ]
            for each in waiting:
                print(each.result(), flush=True)
    else:
        from tests.bench import confidence_trees

        model = confidence_trees.fitted(sorted(arguments.out.glob("*.npz")))
        target = Path(confidence.__file__).with_name("confidence.json")
        target.write_text(json.dumps(model, separators=(",", ":")) + "\n", encoding="utf-8")
        print(f"wrote {target.name}, {target.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
