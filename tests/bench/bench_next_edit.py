"""Next edits on replayed commits: how often one is proposed, and how often the commit goes on to make it.

What a point is, and what is right there, stands in `next_edit_tasks`. *Coverage* is the share of the points with edits left
where something is proposed. *Precision* is the share of all that is proposed that is right; at points where no edit is left
nothing can be, and silence is wanted. Baselines answer the same points: `replace all` puts the new name (or tokens) of the
last edit where the old one stands next, `next line` makes the same change on the line below. Intervals are bootstrapped
over repositories. Times are of the processor, per question.

    python -m tests.bench.bench_next_edit                 repositories that judge; cloned where they can be
    python -m tests.bench.bench_next_edit --mirror DIR    histories from a folder of clones
    python -m tests.bench.bench_next_edit --tuners        the repositories that the model was trained on
    python -m tests.bench.bench_next_edit --only NAME     one of them
    python -m tests.bench.bench_next_edit --json FILE     the figures as well

Everything is seeded.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement, applied
from copilot_ls.features.next_edit.line_ops import done, fits, ops_between
from copilot_ls.syntax import SyntaxDocument
from copilot_ls.text import Point, Span
from tests.bench import replay
from tests.bench.next_edit_tasks import tasks
from tests.bench.replay_repositories import JUDGES, TUNERS, Repository
from tests.next_edit.session import path_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.text import DocumentSnapshot
    from tests.bench.next_edit_tasks import Task, Verdict

SYSTEMS = ("copilot-ls", "replace all", "next line")
BY_COMMIT = "copilot-ls, every commit weighing the same"
WANTED = {"precision": 0.7, "coverage": 0.15}
_N_SAMPLES = 2_000


@dataclass
class Count:
    """What a system proposed at some points."""

    points: float = 0  # with edits left
    ends: float = 0  # without
    shown: float = 0
    shown_at_end: float = 0
    right: float = 0
    whole: float = 0
    next: float = 0

    def add(self, task: Task, verdict: Verdict | None, weight: float = 1) -> None:
        at_end = not task.left
        self.points += weight * (not at_end)
        self.ends += weight * at_end
        if verdict is not None:
            self.shown += weight
            self.shown_at_end += weight * at_end
            self.right += weight * verdict.right
            self.whole += weight * verdict.whole
            self.next += weight * verdict.next

    def plus(self, other: Count) -> None:
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def coverage(self) -> float:
        return (self.shown - self.shown_at_end) / max(self.points, 1)

    @property
    def precision(self) -> float:
        return self.right / max(self.shown, 1)

    @property
    def precision_where_left(self) -> float:
        return self.right / max(self.shown - self.shown_at_end, 1)

    def cells(self) -> list[str]:
        shown = max(self.shown, 1)
        return [
            f"{self.points:.0f} + {self.ends:.0f}", f"{self.coverage:.3f}", f"{self.precision:.3f}",
            f"{self.precision_where_left:.3f}", f"{self.whole / shown:.3f}", f"{self.next / shown:.3f}",
            f"{self.shown_at_end / max(self.ends, 1):.3f}",
        ]  # fmt: skip


HEADS = [
    "points + ends",
    "coverage",
    "precision",
    "where edits are left",
    "whole edits",
    "the very next",
    "speaks at the end",
]


@dataclass
class Figures:
    """All figures of one repository."""

    repository: Repository
    n_commits: int = 0
    counts: dict[tuple[str, str], Count] = field(default_factory=dict)  # by system and order
    kinds: dict[str, Count] = field(default_factory=dict)
    said: list[tuple[float, bool]] = field(default_factory=list)
    worse: int = 0
    took_ms: list[float] = field(default_factory=list)

    def count(self, system: str, order: str = "") -> Count:
        total = Count()
        for (name, each), count in self.counts.items():
            if name == system and order in {"", each}:
                total.plus(count)
        return total


def measure(repository: Repository, *, mirror: Path | None, n_commits: int) -> Figures | None:
    """Ask at every point of one repository."""
    folder = replay.clone_of(repository, mirror)
    if folder is None:
        return None
    figures = Figures(repository)
    seen: set[str] = set()
    for task in tasks(repository, folder, seed="judge", n_commits=n_commits):
        seen.add(task.commit.sha)
        for system, answer in (("replace all", _replace_all(task)), ("next line", _next_line(task))):
            path = task.session.cursor[0]
            verdict = None if answer is None else task.judged(path, answer)
            figures.counts.setdefault((system, task.order), Count()).add(task, verdict)
        begun = time.process_time()
        edit = task.session.next_edit(elsewhere=lambda _, task=task: task.elsewhere())
        figures.took_ms.append(1000 * (time.process_time() - begun))
        verdict = None
        if edit is not None:
            verdict = task.judged(path_of(edit.document.uri), edit.replacement)
            figures.said.append((edit.chance, verdict.right))
            figures.kinds.setdefault(edit.model, Count()).add(task, verdict)
            figures.worse += _parses_worse(edit.document, edit.replacement)
        figures.counts.setdefault(("copilot-ls", task.order), Count()).add(task, verdict)
        figures.counts.setdefault((BY_COMMIT, ""), Count()).add(task, verdict, task.weight)
    figures.n_commits = len(seen)
    return figures


def _parses_worse(document: DocumentSnapshot, replacement: Replacement) -> bool:
    texts = document.text, applied(document.text, [replacement])
    before, after = [SyntaxDocument(document.language_id, document.path).tree_at(text).error_count() for text in texts]
    return after > before


def _replace_all(task: Task) -> Replacement | None:
    """What a search for what was replaced finds next, replaced."""
    made = task.session.trail.latest()
    if not made or not len(made[0].old) == len(made[0].new) == 1:
        return None
    ops = ops_between(made[0].old[0], made[0].new[0])
    op = next((each for each in ops if each.renames), next((each for each in ops if each.old), None))
    if op is None:
        return None
    text = task.session.document(task.session.cursor[0]).buffer.snapshot()
    for line in [*range(made[0].line + 1, text.n_lines), *range(made[0].line)]:
        column = text.line_text(line).find("".join(op.old))
        if column >= 0:
            return Replacement(Span(Point(line, column), Point(line, column + len("".join(op.old)))), "".join(op.new))
    return None


def _next_line(task: Task) -> Replacement | None:
    """The operations of the last edit on the line below it."""
    made = task.session.trail.latest()
    if not made or not len(made[0].old) == len(made[0].new) == 1:
        return None
    text = task.session.document(task.session.cursor[0]).buffer.snapshot()
    number = made[0].end
    line = text.line_text(number)
    changes, reach = [], -1
    for op in ops_between(made[0].old[0], made[0].new[0]):
        for fit in fits(op, line):
            if fit.start > reach:
                changes.append((fit.start, op))
                reach = fit.start + len(op.old)
    new = done(line, changes)
    return Replacement(Span(Point(number, 0), Point(number, len(line))), new) if changes and new != line else None


# --- what is printed -------------------------------------------------------------------------------------------------


def interval(figures: Sequence[Figures], system: str, name: str) -> tuple[float, float]:
    """The 95 % interval of a figure over repositories, bootstrapped."""
    rng = random.Random(1)
    found = []
    for _ in range(_N_SAMPLES):
        total = Count()
        for each in rng.choices(figures, k=len(figures)):
            total.plus(each.count(system))
        found.append(getattr(total, name))
    found.sort()
    return found[int(0.025 * _N_SAMPLES)], found[int(0.975 * _N_SAMPLES)]


def report(figures: Sequence[Figures]) -> str:
    """The tables."""
    rows: list[list[str]] = [["", *HEADS]]
    total = {system: Count() for system in (*SYSTEMS, BY_COMMIT)}
    for each in figures:
        for system in total:
            total[system].plus(each.count(system))
    rows += [[system, *total[system].cells()] for system in (*SYSTEMS, BY_COMMIT)]
    for order in ("document", "other"):
        count = Count()
        for each in figures:
            count.plus(each.count("copilot-ls", order))
        rows.append([f"  {order} order", *count.cells()])
    for language in dict.fromkeys(each.repository.language for each in figures):
        count = Count()
        for each in figures:
            if each.repository.language == language:
                count.plus(each.count("copilot-ls"))
        rows.append([f"  {language}", *count.cells()])
    rows += [[f"    {each.repository.name}", *each.count("copilot-ls").cells()] for each in figures]
    kinds: dict[str, Count] = {}
    for each in figures:
        for kind, count in each.kinds.items():
            kinds.setdefault(kind, Count()).plus(count)
    for kind, count in sorted(kinds.items(), key=lambda one: -one[1].shown):
        rows.append([f"  kind {kind}", f"{count.shown:.0f} shown", "", *count.cells()[2:6], ""])
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    for name, wanted in WANTED.items():
        low, high = interval(figures, "copilot-ls", name)
        value = getattr(total["copilot-ls"], name)
        met = "yes" if value >= wanted else "NO"
        lines.append(f"{name} {value:.3f} (95 % {low:.3f} to {high:.3f}), wanted >= {wanted}: {met}")
    worse = sum(each.worse for each in figures)
    lines.append(f"proposed edits that make a file parse worse: {worse}, wanted 0: {'yes' if not worse else 'NO'}")
    said = [one for each in figures for one in each.said]
    if said:
        mean = sum(chance for chance, _ in said) / len(said)
        lines.append(
            f"chance told {mean:.3f}, right {sum(right for _, right in said) / len(said):.3f}; {_binned(said)}"
        )
    took = sorted(ms for each in figures for ms in each.took_ms)
    if took:
        lines.append(
            f"{len(took)} questions, processor time median {took[len(took) // 2]:.1f} ms, "
            f"95th percentile {took[int(0.95 * len(took))]:.1f} ms, most {took[-1]:.0f} ms"
        )
    lines.append(f"{sum(each.n_commits for each in figures)} commits of {len(figures)} repositories")
    return "\n".join(lines)


def _binned(said: Sequence[tuple[float, bool]]) -> str:
    bins: Counter[int] = Counter()
    right: Counter[int] = Counter()
    for chance, good in said:
        bins[int(10 * chance)] += 1
        right[int(10 * chance)] += good
    return ", ".join(f"{at / 10:.1f}: {right[at] / n:.2f} of {n}" for at, n in sorted(bins.items()))


def main(argv: list[str] | None = None) -> int:
    """Measure and print; the exit status is 0 whatever the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mirror", type=Path)
    parser.add_argument("--tuners", action="store_true")
    parser.add_argument("--only")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--commits", type=int, default=150, help="commits per repository")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args(argv)
    repositories = [
        each for each in (TUNERS if arguments.tuners else JUDGES) if arguments.only in {None, each.name}
    ]  # fmt: skip
    work = partial(measure, mirror=arguments.mirror, n_commits=arguments.commits)
    figures = []
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for repository, found in zip(repositories, pool.map(work, repositories), strict=True):
            if found is None:
                print(f"{repository.name}: cannot be had here", file=sys.stderr)
            else:
                figures.append(found)
    if not figures:
        print("no repository could be had: pass --mirror DIR, a folder of clones", file=sys.stderr)
        return 1
    print(report(figures))
    if arguments.json is not None:
        plain = {
            each.repository.name: {system: vars(each.count(system)) for system in SYSTEMS} | {"worse": each.worse}
            for each in figures
        }
        arguments.json.write_text(json.dumps(plain, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
