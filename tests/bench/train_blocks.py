"""Trains how far the embedded completer's blocks go, on replayed commits, and writes its data file.

    python -m tests.bench.train_blocks --mirror DIR collect OUT     each next line that was found, and whether it was right
    python -m tests.bench.train_blocks fit OUT                      trees; writes blocks.json

Wants LightGBM and NumPy (`pip install --group train`), which the product does not. Only repositories of
`replay_repositories.TUNERS` are read. A sampled line is taken as right, and so is each line after it until one is not what the
commit has there. `fit` prints, for repositories that were left out, how often whole blocks are right at several thresholds.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import lightgbm
import numpy as np

from copilot_ls.backends.embedded import blocks, streams
from copilot_ls.backends.embedded.situation import Situation
from copilot_ls.backends.embedded.workspace import PatientIndex
from copilot_ls.text import Point
from tests.bench import replay
from tests.bench.confidence_trees import as_data
from tests.bench.replay_repositories import TUNERS, Repository

N_TREES, N_FOLDS = 80, 4
MAX_LINES = 9
PARAMETERS = {
    "objective": "binary", "learning_rate": 0.06, "num_leaves": 31, "min_data_in_leaf": 40, "lambda_l2": 2.0,
    "feature_fraction": 0.6, "bagging_fraction": 0.8, "bagging_freq": 1, "num_threads": 1, "verbose": -1, "seed": 1,
}  # fmt: skip
_BLANK = blocks.FEATURES.index("blank")


def collect(repository: Repository, mirror: Path | None, out: Path, n_lines: int) -> str:
    """Write `NAME.npz`: the numbers of each step, whether it was right, and which sampled line it belongs to."""
    target = out / (repository.name.replace("/", "+") + ".npz")
    if target.exists():
        return f"{repository.name}: there already"
    folder = replay.clone_of(repository, mirror)
    if folder is None:
        return f"{repository.name}: cannot be had here"
    rng = random.Random(f"{repository.name}/blocks")
    # As many commits as `train_confidence` goes through, and more lines of each.
    replayed = replay.history(repository, folder, n_lines=n_lines, rng=rng, spread=2, per_file=200, per_commit=400)
    numbers, right, line = [], [], []
    chunks = streams.Chunks()
    for n, typed in enumerate(replay.typed_lines(replayed)):
        column = len(typed.line) - len(typed.line.lstrip())
        document = typed.until(column)
        situation = Situation.at(document, Point(typed.at, column), typed.path)
        where = streams.around(document, typed.at, typed.others, chunks)
        index = PatientIndex(typed.index)
        steps = blocks.steps(situation, typed.line[column:], typed.others, where, index, MAX_LINES)
        for step, written in zip(steps, [*typed.after, None], strict=False):
            numbers.append(step.numbers)
            said = situation.indent_text + step.line if step.line else ""
            right.append(written is not None and written.rstrip() == said)
            line.append(n)
            if not right[-1]:
                break
    np.savez(target, numbers=np.array(numbers, np.float32), right=np.array(right, bool), line=np.array(line, np.int32))
    return f"{repository.name}: {replayed.n_lines} lines, {len(right)} next lines, {np.mean(right):.3f} right"


def fit(paths: list[Path]) -> dict[str, object]:
    """The content of the data file."""
    collected = [np.load(path) for path in paths]
    probabilities: dict[int, np.ndarray] = {}
    for fold in range(N_FOLDS):
        booster = _grown([one for at, one in enumerate(collected) if at % N_FOLDS != fold])
        for at, one in enumerate(collected):
            if at % N_FOLDS == fold:
                probabilities[at] = booster.predict(one["numbers"])
    for least in (0.5, 0.6, 0.7, 0.8):
        shown, right, n_lines, said = np.sum(
            [_blocks(one, probabilities[at], least) for at, one in enumerate(collected)], axis=0
        )
        print(
            f"blocks at {least}: {shown:.0f}, {right / shown:.3f} right, said {said / shown:.3f}, "
            f"{n_lines / shown:.2f} lines added"
        )
    trees = as_data(_grown(collected), hopeless=0.0)  # few steps are asked about: all trees see them
    return {"version": blocks.VERSION, **{name: trees[name] for name in ("base", "thresholds", "trees")}}


def _grown(collected: list) -> lightgbm.Booster:
    numbers = np.concatenate([one["numbers"] for one in collected])
    right = np.concatenate([one["right"] for one in collected]).astype(float)
    data = lightgbm.Dataset(numbers, right, feature_name=list(blocks.FEATURES))
    return lightgbm.train(PARAMETERS, data, num_boost_round=N_TREES)


def _blocks(one, probability: np.ndarray, least: float) -> tuple[int, int, int, float]:
    """Blocks as `blocks.extend` cuts them: how many, how many right to their end, their lines, what was said of them."""
    shown = right = n_lines = 0
    said = 0.0
    numbers, was_right, line = one["numbers"], one["right"], one["line"]
    for number in np.unique(line):
        likely, good, kept = 1.0, True, (0, False, 0.0)
        for n, at in enumerate(np.flatnonzero(line == number), 1):
            likely *= probability[at]
            if likely < least:
                break
            good = good and bool(was_right[at])
            if not numbers[at, _BLANK]:
                kept = n, good, likely
        if kept[0]:
            shown, right, n_lines, said = shown + 1, right + kept[1], n_lines + kept[0], said + kept[2]
    return shown, right, n_lines, said


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mirror", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--lines", type=int, default=1800, help="lines sampled per repository")
    parser.add_argument("step", choices=["collect", "fit"])
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args(argv)
    if arguments.step == "collect":
        arguments.out.mkdir(parents=True, exist_ok=True)
        each = partial(collect, mirror=arguments.mirror, out=arguments.out, n_lines=arguments.lines)
        with ProcessPoolExecutor(arguments.jobs) as pool:
            for said in pool.map(each, TUNERS):
                print(said, flush=True)
    else:
        target = Path(blocks.__file__).with_name("blocks.json")
        content = fit(sorted(arguments.out.glob("*.npz")))
        target.write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")
        print(f"wrote {target.name}, {target.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
