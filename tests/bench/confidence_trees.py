"""Fits trees on what `train_confidence` collected, calibrates them on repositories left out, and turns them into data.

Two forests: that a beginning is what the user types, and, of texts that end a line elsewhere, that they are the whole rest
of the line; the first are told what the second say. Languages weigh the same. For the calibration, and for the figures
printed, each repository is judged by trees that were grown without it. Called by `train_confidence`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import lightgbm
import numpy as np

from copilot_ls.backends.embedded import prefixes, surroundings
from copilot_ls.backends.embedded.confidence import FEATURES, LINE_FEATURES, SUREST, VERSION, has_something_for_it
from copilot_ls.backends.embedded.forest import LANE, LEAF_UNIT
from copilot_ls.backends.embedded.propose import END_BONUS, WARINESS
from copilot_ls.backends.embedded.surroundings import PLACES
from tests.bench import replay
from tests.bench.replay_repositories import JUDGES, TUNERS

if TYPE_CHECKING:
    from pathlib import Path

N_FOLDS = 3
RIGHT_TREES, WHOLE_TREES = 350, 150
# A row is left to the first trees where they leave it less hope than all but this share had of the rows that mattered
# in the end: those that all trees together give this probability.
FIRST_SHARE, HOPE_LOST, MATTERING = 0.2, 0.002, 0.1
# Of beginnings that are wrong, most say the same: so many are kept, and weigh the more.
KEPT_WRONG = 0.6
# The least probability of what is calibrated: less is never shown.
LEAST_CHOSEN = 0.15
PARAMETERS = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": LANE - 1, "min_data_in_leaf": 200, "lambda_l2": 10.0,
    "path_smooth": 50.0, "feature_fraction": 0.4, "bagging_fraction": 0.8, "bagging_freq": 1, "max_bin": 63,
    "num_threads": 2, "verbose": -1, "seed": 1, "force_col_wise": True, "deterministic": True,
}  # fmt: skip


class Collected:
    """What was weighed in one repository: a row of `numbers` for each beginning, and what is known of it."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as arrays:
            names = [str(name) for name in arrays["names"]]
            common, self.point, self.kind = arrays["common"], arrays["point"], arrays["kind"]
            numbers = np.concatenate([common[self.point], arrays["own"]], axis=1)
            # A feature that is newer than what was collected is 0 throughout, and will not be split by.
            missing = np.zeros(len(numbers), np.float32)
            columns = [numbers[:, names.index(name)] if name in names else missing for name in prefixes.FEATURES]
            self.numbers = np.stack(columns, axis=1)
            self.place = common[:, names.index("place")].astype(int)
            self.right, self.whole, self.ends = arrays["right"], arrays["whole"], arrays["ends"]
            self.literal, self.length, self.parent = arrays["literal"], arrays["length"], arrays["parent"]
            self.small = arrays["small"]
        self.repository = next(one for one in (*TUNERS, *JUDGES) if one.name.replace("/", "+") == path.stem)
        self.counted = np.isin(self.kind, range(len(replay.PLACES)))

    def add_lines(self, whole: np.ndarray) -> None:
        """Add `LINE_FEATURES` to the numbers; the same as `confidence.lines_through` does, point by point."""
        whole = np.where(self.ends, whole, 0.0)
        total, best = whole.copy(), whole.copy()
        for at in range(len(whole) - 1, -1, -1):
            parent = self.parent[at]
            if parent >= 0:
                total[parent] += total[at]
                best[parent] = max(best[parent], best[at])
        n_points = len(self.kind)
        every, most = np.zeros(n_points), np.zeros(n_points)
        np.add.at(every, self.point, whole)
        np.maximum.at(most, self.point, whole)
        share = total / np.where(every > 0, every, 1.0)[self.point]
        lines = np.stack([whole, total, best, share, most[self.point] - best], axis=1)
        self.numbers = np.concatenate([self.numbers, lines.astype(np.float32)], axis=1)
        own = self.numbers[:, len(surroundings.FEATURES) :].tolist()
        self.asked = np.array(
            [has_something_for_it(row, told) for row, told in zip(own, lines.tolist(), strict=True)], bool
        )


def fitted(paths: list[Path]) -> dict[str, object]:
    """The content of the data file."""
    collected = [Collected(path) for path in paths]
    whole = _left_out(collected, "whole", WHOLE_TREES)
    for one, probability in zip(collected, whole, strict=True):
        one.add_lines(probability)
    right = _left_out(collected, "right", RIGHT_TREES)
    calibrated = _calibrated(collected, right)
    report(collected, right, whole, calibrated)
    rows = np.concatenate([one.numbers[::20] for one in collected])
    usual = {name: float(f"{value:.4g}") for name, value in zip(FEATURES, np.median(rows, axis=0), strict=True)}
    return {
        "version": VERSION,
        "chosen": {name: [round(part, 3) for part in curve] for name, curve in calibrated.items()},
        "usual": usual,
        "right": as_data(*_grown(collected, "right", RIGHT_TREES)),
        "whole": as_data(*_grown(collected, "whole", WHOLE_TREES)),
    }


def _left_out(collected: list[Collected], label: str, n_trees: int) -> list[np.ndarray]:
    """The probabilities of each repository's rows by trees that were grown without it."""
    found: dict[int, np.ndarray] = {}
    for fold in range(N_FOLDS):
        booster, hopeless = _grown([one for at, one in enumerate(collected) if at % N_FOLDS != fold], label, n_trees)
        for at, one in enumerate(collected):
            if at % N_FOLDS == fold:
                found[at] = _predicted(booster, hopeless, one.numbers[:, : booster.num_feature()])
                if label == "right":
                    found[at][~one.asked] = SUREST
    return [found[at] for at in range(len(collected))]


def _n_first(n_trees: int) -> int:
    return int(FIRST_SHARE * n_trees)


def _predicted(booster: lightgbm.Booster, hopeless: float, numbers: np.ndarray) -> np.ndarray:
    """The probabilities as `forest.Forest.sums` comes to them, which leaves some rows to the first trees."""
    odds = booster.predict(numbers, raw_score=True, num_iteration=_n_first(booster.num_trees()))
    hopeful = odds >= hopeless
    odds[hopeful] = booster.predict(numbers[hopeful], raw_score=True)
    return 1 / (1 + np.exp(-odds))


def _hopeless(booster: lightgbm.Booster, numbers: np.ndarray) -> float:
    """The log odds after the first trees that next to no row has less of which is more than hopeless after all."""
    matters = booster.predict(numbers) >= MATTERING
    first = booster.predict(numbers[matters], raw_score=True, num_iteration=_n_first(booster.num_trees()))
    return round(float(np.quantile(first, HOPE_LOST)), 3)


def _grown(collected: list[Collected], label: str, n_trees: int) -> tuple[lightgbm.Booster, float]:
    """Trees, and the log odds after the first of them below which a row is left to those."""
    rng = np.random.default_rng(1)
    total: dict[str, int] = {}
    for one in collected:
        total[one.repository.language] = total.get(one.repository.language, 0) + len(one.point)
    names = FEATURES if label == "right" else FEATURES[: -len(LINE_FEATURES)]
    numbers, labels, weights = [], [], []
    for one in collected:
        right = getattr(one, label)
        kept = right | (rng.random(len(right)) < KEPT_WRONG)
        kept &= one.ends if label == "whole" else one.asked
        numbers.append(one.numbers[kept, : len(names)])
        labels.append(right[kept])
        weights.append(
            np.where(right[kept], 1.0, 1.0 / KEPT_WRONG) * sum(total.values()) / total[one.repository.language]
        )
    weight = np.concatenate(weights)
    every = np.concatenate(numbers)
    data = lightgbm.Dataset(every, np.concatenate(labels), weight=weight / weight.mean(), feature_name=list(names))
    booster = lightgbm.train(PARAMETERS, data, num_boost_round=n_trees)
    return booster, _hopeless(booster, every)


# --- what is chosen, and what it is worth ------------------------------------------------------------------------------


def chosen(one: Collected, probability: np.ndarray, worth: np.ndarray, least: float) -> np.ndarray:
    """The rows that `propose.choose` would choose, one for each point at most."""
    rows = np.flatnonzero((worth >= least) & ~one.literal)
    gain = probability[rows] ** WARINESS * (one.length[rows] + END_BONUS * one.ends[rows])
    rows = rows[np.lexsort((-gain, one.point[rows]))]
    return rows[np.unique(one.point[rows], return_index=True)[1]]


def _calibrated(collected: list[Collected], right: list[np.ndarray]) -> dict[str, tuple[float, float]]:
    """Platt's curves from the log odds of what is chosen to those of its being right.

    One for every place, which those of each kind of place are drawn to, which those of each language there are drawn to.
    """
    groups: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {"every": []}
    for at, one in enumerate(collected):
        rows = chosen(one, right[at], right[at], LEAST_CHOSEN)
        odds = _log_odds(right[at][rows])
        places = one.place[one.point[rows]]
        groups["every"].append((odds, one.right[rows]))
        for name, code in PLACES.items():
            here = odds[places == code], one.right[rows][places == code]
            groups.setdefault(name, []).append(here)
            groups.setdefault(f"{name} {one.repository.language}", []).append(here)
    curves: dict[str, tuple[float, float]] = {"": (0.0, 1.0)}
    for name in sorted(groups, key=lambda name: (name != "every", name.count(" "))):
        place, _, language = name.partition(" ")
        wider = place if language else "" if name == "every" else "every"
        odds, right_ones = (np.concatenate(parts) for parts in zip(*groups[name], strict=True))
        curves[name] = _logistic(odds, right_ones, curves[wider])
    del curves[""]
    return curves


def _log_odds(probability: np.ndarray) -> np.ndarray:
    within = np.clip(probability, 1e-4, 1 - 1e-4)
    return np.log(within / (1 - within))


def _logistic(
    odds: np.ndarray, right: np.ndarray, wider: tuple[float, float], prior: float = 20.0
) -> tuple[float, float]:
    """Bias and slope by Newton's method; `prior` holds both near the `wider` ones where there is little to learn from."""
    at = np.array(wider)
    columns = np.stack([np.ones_like(odds), odds], axis=1)
    for _ in range(20):
        likely = 1 / (1 + np.exp(-columns @ at))
        gradient = columns.T @ (right - likely) - prior * (at - wider)
        curvature = (columns * (likely * (1 - likely))[:, None]).T @ columns + prior * np.eye(2)
        at = at + np.linalg.solve(curvature, gradient)
    return float(at[0]), float(at[1])


def worth_of(one: Collected, probability: np.ndarray, calibrated: dict[str, tuple[float, float]]) -> np.ndarray:
    """`confidence.once_chosen` of all rows."""
    names = [f"{name} {one.repository.language}" for name, _ in sorted(PLACES.items(), key=lambda item: item[1])]
    curves = np.array([calibrated[name] for name in names])
    curve = curves[one.place[one.point]]
    return 1 / (1 + np.exp(-(curve[:, 0] + curve[:, 1] * _log_odds(probability))))


def report(
    collected: list[Collected],
    right: list[np.ndarray],
    whole: list[np.ndarray],
    calibrated: dict[str, tuple[float, float]],
) -> None:
    """Figures of the repositories, each judged by trees that do not know it; by language, all, and small workspaces."""
    names = [*dict.fromkeys(one.repository.language for one in collected), "all", "small"]
    for name in names:
        group = [at for at, one in enumerate(collected) if name in {one.repository.language, "all", "small"}]
        counted = {at: collected[at].counted & (collected[at].small == (name == "small")) for at in group}
        n = sum(int(counted[at].sum()) for at in group) or 1
        lines = sum(_right_lines(collected[at], whole[at], counted[at]) for at in group)
        best = {0.8: (0.0, 0.0, 0.0), 0.9: (0.0, 0.0, 0.0)}
        default = ""
        for least in np.arange(0.2, 0.98, 0.02):
            shown = hits = length = 0
            for at in group:
                one = collected[at]
                rows = chosen(one, right[at], worth_of(one, right[at], calibrated), least)
                rows = rows[counted[at][one.point[rows]]]
                shown, hits, length = (
                    shown + len(rows),
                    hits + int(one.right[rows].sum()),
                    length + int(one.length[rows].sum()),
                )
            if abs(least - 0.6) < 0.005:
                default = f"at 0.60: {hits / max(1, shown):.3f} of {shown / n:.3f}, length {length / max(1, shown):.1f}"
            for wanted, so_far in best.items():
                if shown and hits / shown >= wanted:
                    best[wanted] = max(so_far, (shown / n, length / shown, float(least)))
        said = ", ".join(
            f"at {wanted}: {cover:.3f} (length {length:.1f}, {least:.2f})"
            for wanted, (cover, length, least) in best.items()
        )
        print(
            f"{name:<12} {n:>6} points, right lines {lines / n:.3f}, coverage {said}; {default}",
            flush=True,
        )


def _right_lines(one: Collected, whole: np.ndarray, counted: np.ndarray) -> int:
    rows = np.flatnonzero(one.ends)
    rows = rows[np.lexsort((-whole[rows], one.point[rows]))]
    rows = rows[np.unique(one.point[rows], return_index=True)[1]]
    return int(one.whole[rows[counted[one.point[rows]]]].sum())


# --- data ------------------------------------------------------------------------------------------------------------


def as_data(booster: lightgbm.Booster, hopeless: float) -> dict[str, object]:
    """The trees as `forest.Forest` takes them; the value that all rows start from is within the first tree's leaves."""
    names = booster.feature_name()
    dumped = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    found: dict[str, set[float]] = {}
    for tree in dumped:
        _thresholds(tree, names, found)
    thresholds = {name: sorted(values) for name, values in sorted(found.items())}
    return {
        "base": 0.0, "n_first": _n_first(len(dumped)), "hopeless": hopeless,
        "thresholds": thresholds, "trees": [_tree(tree, names, thresholds) for tree in dumped],
    }  # fmt: skip


def _rounded(value: float) -> float:
    return 0.0 if abs(value) < 1e-12 else float(f"{value:.9g}")


def _thresholds(node: dict, names: list[str], found: dict[str, set[float]]) -> None:
    if "split_feature" in node:
        found.setdefault(names[node["split_feature"]], set()).add(_rounded(node["threshold"]))
        _thresholds(node["left_child"], names, found)
        _thresholds(node["right_child"], names, found)


def _tree(node: dict, names: list[str], thresholds: dict[str, list[float]]) -> object:
    if "split_feature" not in node:
        return round(node["leaf_value"] * LEAF_UNIT)
    name = names[node["split_feature"]]
    at = thresholds[name].index(_rounded(node["threshold"]))
    return [name, at, _tree(node["left_child"], names, thresholds), _tree(node["right_child"], names, thresholds)]
