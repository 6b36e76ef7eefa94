"""Fits the weights of `copilot_ls.context.relevance` on projects that no figure is reported of, and prints them.

    python -m tests.bench.fit_context [--tasks N] [--keep SHARE]

Each identifier that a gathering weighs is one case: its features, and whether the rest of the line has it. A logistic
regression with a small ridge is fitted to them; of those that are not wanted, which are nearly all, a share is kept, and
the intercept is corrected for it. What is printed goes into `_WEIGHTS` and `_INTERCEPT`, for both languages together; then
`make bench-context` tells what has come of it.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import random

from copilot_ls.context import gather as gathering
from copilot_ls.context.relevance import FEATURES, chances, features
from tests.bench.bench_context import gathered, request_for
from tests.bench.bench_embedded import fit
from tests.bench.context_projects import FITTING, LANGUAGES, index_of, workspace
from tests.bench.context_tasks import Corpus

_BUDGET = 1_000
_SEED = 23


def cases(n_tasks: int, keep: float) -> list[tuple[list[float], bool]]:
    """The features of the identifiers weighed, led by a 1 for the intercept, and whether each is wanted."""
    chance = random.Random(_SEED)
    rows: list[tuple[list[float], bool]] = []
    wanted: frozenset[str] = frozenset()

    def noting(similar, declaring, situation, *, limit):
        for name, values in features(similar, declaring, situation).items():
            if name in wanted or chance.random() < keep:
                rows.append(([1.0, *values], name in wanted))
        return chances(similar, declaring, situation, limit=limit)

    whole, gathering.chances = gathering.chances, noting
    try:
        for language in LANGUAGES:
            for project in FITTING[language]:
                corpus = Corpus(project, workspace(project, language), language)
                with contextlib.closing(index_of(corpus.root, query_ms=1_000)) as index:
                    tasks = [task for task in corpus.tasks(n_tasks * 2, _SEED) if task.hard][:n_tasks]
                    for task in tasks:
                        wanted = task.wanted
                        gathered(request_for(task, corpus, index), _BUDGET)
                print(f"{project}: {len(tasks)} tasks")
    finally:
        gathering.chances = whole
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=60, help="hard tasks per project")
    parser.add_argument("--keep", type=float, default=0.1, help="share of identifiers that are not wanted")
    options = parser.parse_args()
    rows = cases(options.tasks, options.keep)
    n_wanted = sum(is_wanted for _, is_wanted in rows)
    print(f"{len(rows)} identifiers, {n_wanted} of them wanted")
    intercept, *weights = fit(rows, ridge=1.0, iterations=20)
    for name, weight in zip(FEATURES, weights, strict=True):
        print(f"{name:12} {weight:7.2f}")
    print(f"_WEIGHTS = ({', '.join(f'{weight:.2f}' for weight in weights)})")
    print(f"_INTERCEPT = {intercept + math.log(options.keep):.2f}")


if __name__ == "__main__":
    main()
