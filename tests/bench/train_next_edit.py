"""Trains the chances of next edits on replayed commits, and writes their data file.

    python -m tests.bench.train_next_edit --mirror DIR collect OUT     what was weighed at every point, and what was right
    python -m tests.bench.train_next_edit fit OUT                      trees, calibration, threshold; writes chances.json

Wants LightGBM and NumPy (`pip install --group train`), which the product does not. Only repositories of
`replay_repositories.TUNERS` are read; those that judge in `bench_next_edit` are others. For the calibration, the threshold
and the figures printed, each repository is judged by trees that were grown without it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import lightgbm
import numpy as np

from copilot_ls.features.next_edit import chance, proposing
from copilot_ls.features.next_edit.candidate import KINDS
from copilot_ls.features.next_edit.evidence import DERIVED, FEATURES, derived, describe
from tests.bench import replay
from tests.bench.confidence_trees import _logistic, as_data
from tests.bench.next_edit_tasks import tasks
from tests.bench.replay_repositories import TUNERS, Repository

N_FOLDS = 4
N_TREES = 120
# A little more than is promised: judging repositories are others.
WANTED_PRECISION = 0.72
PARAMETERS = {
    "objective": "binary", "learning_rate": 0.06, "num_leaves": 15, "min_data_in_leaf": 30, "lambda_l2": 3.0,
    "feature_fraction": 0.6, "bagging_fraction": 0.8, "bagging_freq": 1, "max_bin": 63, "num_threads": 1, "verbose": -1,
    "seed": 1, "force_col_wise": True,
}  # fmt: skip


def collect(repository: Repository, mirror: Path | None, out: Path, n_commits: int) -> str:
    """Write what was weighed in one repository."""
    target = out / (repository.name.replace("/", "+") + ".npz")
    if target.exists():
        return f"{repository.name}: there already"
    folder = replay.clone_of(repository, mirror)
    if folder is None:
        return f"{repository.name}: cannot be had here"
    started = time.process_time()
    rows, point, right, next_, more, way = [], [], [], [], [], []
    for n, task in enumerate(tasks(repository, folder, seed="train", n_commits=n_commits)):
        more.append(bool(task.left))
        scene = task.session.scene()
        # Files that are not open are only looked into where nothing is found in those that are.
        for stage, pages in enumerate((None, task.elsewhere())):
            candidates = proposing.candidates_of(scene, pages=pages)
            for row, each in zip(describe(scene, candidates), candidates, strict=True):
                verdict = task.judged(each.page.document.path[1:], each.replacement())
                rows.append(row)
                point.append(n)
                right.append(verdict.right)
                next_.append(verdict.next)
                way.append((stage, *proposing._way(scene, each)))
    np.savez_compressed(
        target, rows=np.array(rows, np.float32).reshape(-1, len(FEATURES)), point=np.array(point, np.int32),
        right=np.array(right, bool), next=np.array(next_, bool), more=np.array(more, bool),
        way=np.array(way, np.int32).reshape(-1, 3), names=np.array(FEATURES),
    )  # fmt: skip
    return f"{repository.name}: {len(more)} points, {len(rows)} candidates, {np.mean(right):.3f} right, {time.process_time() - started:.0f} s"


class Collected:
    """What was weighed in one repository."""

    def __init__(self, path: Path) -> None:
        self.repository = next(one for one in TUNERS if one.name.replace("/", "+") == path.stem)
        with np.load(path) as arrays:
            # What is derived is derived anew, so that it may change without collecting again.
            rows = arrays["rows"][:, : len(FEATURES) - len(DERIVED)]
            more = np.array([derived(row) for row in rows.tolist()], np.float32).reshape(-1, len(DERIVED))
            self.rows = np.concatenate([rows, more], axis=1)
            self.point, self.right = arrays["point"], arrays["right"]
            self.next, self.more, self.way = arrays["next"], arrays["more"], arrays["way"]

    def chosen(self, chances: np.ndarray) -> np.ndarray:
        """The row of the likeliest candidate of each point that has any, as `proposing.ranked` orders them."""
        order = np.lexsort((self.way[:, 1], self.way[:, 0], -np.round(chances, 2), self.point))
        return order[np.unique(self.point[order], return_index=True)[1]]


def fitted(paths: list[Path]) -> dict[str, object]:
    """The content of the data file."""
    collected = [Collected(path) for path in paths]
    chances: dict[int, np.ndarray] = {}
    for fold in range(N_FOLDS):
        booster = _grown([one for at, one in enumerate(collected) if at % N_FOLDS != fold])
        for at, one in enumerate(collected):
            if at % N_FOLDS == fold:
                chances[at] = booster.predict(one.rows)
    rows = [one.chosen(chances[at]) for at, one in enumerate(collected)]
    odds = [_log_odds(chances[at][chosen]) for at, chosen in enumerate(rows)]
    right = [one.right[chosen] for one, chosen in zip(collected, rows, strict=True)]
    bias, slope = _logistic(np.concatenate(odds), np.concatenate(right))
    said = [1 / (1 + np.exp(-(bias + slope * each))) for each in odds]
    least = _threshold(collected, rows, said)
    _report(collected, rows, said, chances, least)
    return {
        "version": chance.VERSION,
        "least": round(least, 3),
        "chosen": [round(bias, 3), round(slope, 3)],
        "undeclared": round(_undeclared(collected), 3),
        "trees": as_data(_grown(collected)),
    }


def _undeclared(collected: list[Collected]) -> float:
    """The share of the points where a name is left undeclared at which one such place was right to rename."""
    at = FEATURES.index("leaves_undeclared")
    points = [(one, point) for one in collected for point in np.unique(one.point[one.rows[:, at] == 1])]
    right = [one.right[(one.rows[:, at] == 1) & (one.point == point)].any() for one, point in points]
    return float(np.mean(right))


def _grown(collected: list[Collected]) -> lightgbm.Booster:
    # A point with hundreds of candidates is one question as well.
    weight = np.concatenate([1 / np.sqrt(np.bincount(one.point)[one.point]) for one in collected])
    data = lightgbm.Dataset(
        np.concatenate([one.rows for one in collected]), np.concatenate([one.right for one in collected]),
        weight=weight / weight.mean(), feature_name=list(FEATURES),
    )  # fmt: skip
    return lightgbm.train(PARAMETERS, data, num_boost_round=N_TREES)


def _log_odds(probability: np.ndarray) -> np.ndarray:
    within = np.clip(probability, 1e-4, 1 - 1e-4)
    return np.log(within / (1 - within))


def _threshold(collected: list[Collected], rows: list[np.ndarray], said: list[np.ndarray]) -> float:
    """The least chance from which on the repositories' precision, each weighing the same, is what is wanted."""
    for least in np.arange(0.2, 0.95, 0.01):
        shares = [
            one.right[chosen[likely >= least]].mean()
            for one, chosen, likely in zip(collected, rows, said, strict=True) if (likely >= least).sum() >= 5
        ]  # fmt: skip
        every = np.concatenate(
            [one.right[chosen[likely >= least]] for one, chosen, likely in zip(collected, rows, said, strict=True)]
        )
        if shares and min(np.mean(shares), every.mean()) >= WANTED_PRECISION:
            return float(least)
    return 0.95


def _report(
    collected: list[Collected],
    rows: list[np.ndarray],
    said: list[np.ndarray],
    chances: dict[int, np.ndarray],
    least: float,
) -> None:
    total = np.zeros(6)
    for at, (one, chosen, likely) in enumerate(zip(collected, rows, said, strict=True)):
        shown = chosen[likely >= least]
        there = one.more[one.point[shown]]
        possible = len(np.unique(one.point[one.right]))
        total += [one.more.sum(), len(shown), one.right[shown].sum(), there.sum(), one.next[shown].sum(), possible]
        print(
            f"{one.repository.name:<28} {_line(total * 0 + [one.more.sum(), len(shown), one.right[shown].sum(), there.sum(), one.next[shown].sum(), possible])}"
        )
        del at
    print(f"{'all':<28} {_line(total)}")
    kinds = np.concatenate(
        [one.rows[chosen[likely >= least], 0] for one, chosen, likely in zip(collected, rows, said, strict=True)]
    )
    hits = np.concatenate(
        [one.right[chosen[likely >= least]] for one, chosen, likely in zip(collected, rows, said, strict=True)]
    )
    for number, kind in enumerate(KINDS):
        if (kinds == number).any():
            print(f"  {kind:<16} shown {(kinds == number).sum():>5}, right {hits[kinds == number].mean():.3f}")
    for other in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        n = sum((likely >= other).sum() for likely in said)
        good = sum(
            one.right[chosen[likely >= other]].sum() for one, chosen, likely in zip(collected, rows, said, strict=True)
        )
        cover = sum(
            one.more[one.point[chosen[likely >= other]]].sum()
            for one, chosen, likely in zip(collected, rows, said, strict=True)
        )
        print(f"  at {other}: precision {good / max(n, 1):.3f}, coverage {cover / total[0]:.3f}")
    print(f"least chance {least:.2f}")


def _line(numbers: np.ndarray) -> str:
    more, shown, right, there, next_, possible = numbers
    return (
        f"{more:>6.0f} points, coverage {there / max(more, 1):.3f}, precision {right / max(shown, 1):.3f} "
        f"(where edits are left {right / max(there, 1):.3f}), the very next {next_ / max(shown, 1):.3f}, possible {possible / max(more, 1):.3f}"
    )


def main(argv: list[str] | None = None) -> int:
    """Collect, or fit."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mirror", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--commits", type=int, default=250, help="commits per repository")
    parser.add_argument("step", choices=["collect", "fit"])
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args(argv)
    if arguments.step == "collect":
        arguments.out.mkdir(parents=True, exist_ok=True)
        with ProcessPoolExecutor(arguments.jobs) as pool:
            waiting = [
                pool.submit(collect, repository, arguments.mirror, arguments.out, arguments.commits)
                for repository in TUNERS
            ]
            for each in waiting:
                print(each.result(), flush=True)
        return 0
    model = fitted(sorted(arguments.out.glob("*.npz")))
    target = Path(chance.__file__).with_name("chances.json")
    target.write_text(json.dumps(model, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"wrote {target.name}, {target.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
