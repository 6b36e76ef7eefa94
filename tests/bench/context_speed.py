"""How long whole gatherings take with indexes of real code of 60,000 and of 600,000 lines.

Both workspaces are made of the same packages, so that the smaller one is a part of the larger one, and the same places are
asked about in both. A first pass over other places warms what a server has warm after some typing. Each place is asked about
once when the cursor comes there, and for the next keys, which add one letter each to the cursor's line. Processor time is
that of all threads; a machine that others use tells more by it than by the clock, but other caches are in it, too. Called by
`bench_context`; alone, `python -m tests.bench.context_speed`.
"""

from __future__ import annotations

import contextlib
import gc
import shutil
import time
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.context.gather import gather
from copilot_ls.context.request import ContextRequest
from copilot_ls.lsp.server import COLLECT_AFTER
from copilot_ls.prompt.tokens import estimate
from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot
from tests.bench.context_projects import PYTHON, WORKSPACES, index_of, workspace
from tests.bench.context_tasks import Corpus
from tests.bench.table import quantile

if TYPE_CHECKING:
    from pathlib import Path

    from copilot_ls.index.lookup import WorkspaceIndex
    from tests.bench.context_tasks import Task

# In order: the first 60,000 lines of them are the small workspace.
_PACKAGES = (
    "pypi:scrapy==2.11.2", "pypi:sphinx==8.1.3", "pypi:textual==0.86.2", "pypi:trio==0.27.0", "pypi:twisted==24.10.0",
    "pypi:networkx==3.3", "pypi:django==5.1.3", "pypi:sympy==1.13.3",
)  # fmt: skip
_SIZES = (60_000, 600_000)
_N_PLACES = 150
# Long enough for a machine that others use: a gathering that is cut short costs less.
_DEADLINE_MS = 2_000.0
_BUDGET = 2_000
# What is typed at each place, a letter at a time.
_TYPED = "ne"


def measure_speed() -> None:
    """Print the table. The collector of cycles looks as seldom as it does in the server."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    print(f"\nspeed of a whole gathering, budget {_BUDGET} tokens, deadline {_DEADLINE_MS:.0f} ms, {_N_PLACES} places")
    middles = []
    for n_lines in _SIZES:
        root, actual = _workspace(n_lines)
        first, following = _times(root)
        middles.append(quantile([each.cpu_ms for each in first], 0.5))
        for what, took in (("a new place", first), ("the next key", following)):
            cpu, wall = [each.cpu_ms for each in took], [each.wall_ms for each in took]
            print(
                f"{actual:>9,} lines, {what:12}: processor p50 {quantile(cpu, 0.5):5.1f} ms (target 15)   "
                f"p95 {quantile(cpu, 0.95):5.1f} ms (target 50)   clock p50 {quantile(wall, 0.5):5.1f} ms   "
                f"p95 {quantile(wall, 0.95):5.1f} ms   slowest {max(wall):5.1f} ms"
            )
    print(f"processor p50 at 600k over p50 at 60k: {middles[1] / middles[0]:.2f} (target 1.5)")


def _workspace(n_lines: int) -> tuple[Path, int]:
    """A folder with the first `n_lines` lines of the packages, by whole files."""
    root = WORKSPACES / f"speed-{n_lines}"
    wanted: list[tuple[Path, str]] = []
    total = 0
    for package in _PACKAGES:
        source = workspace(package, PYTHON)
        for path in sorted(source.rglob("*.py")):
            if total < n_lines:
                wanted.append((path, f"{source.name}/{path.relative_to(source).as_posix()}"))
                total += path.read_bytes().count(b"\n")
    if not root.is_dir():
        making = root.with_name(f".{root.name}")
        shutil.rmtree(making, ignore_errors=True)
        for path, name in wanted:
            (making / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, making / name)
        making.rename(root)
    return root, total


class _Took(NamedTuple):
    cpu_ms: float
    wall_ms: float


def _times(root: Path) -> tuple[list[_Took], list[_Took]]:
    """Of gatherings at new places, and of those for the keys that follow there."""
    corpus = Corpus("speed", root / f"{workspace(_PACKAGES[0], PYTHON).name}", PYTHON)
    tasks = corpus.tasks(2 * _N_PLACES, 3)
    first: list[_Took] = []
    following: list[_Took] = []
    with contextlib.closing(index_of(root, query_ms=_DEADLINE_MS)) as index:
        for number, task in enumerate(tasks):
            for typed in range(len(_TYPED) + 1):
                took = _gathering(root, corpus, task, _TYPED[:typed], index)
                if number >= _N_PLACES:
                    (following if typed else first).append(took)
    return first, following


def _gathering(root: Path, corpus: Corpus, task: Task, typed: str, index: WorkspaceIndex) -> _Took:
    place = corpus.root / task.path
    text = TextSnapshot.of(task.prefix + typed + task.suffix)
    document = DocumentSnapshot(place.as_uri(), str(place), PYTHON.language_id, 1 + len(typed), text)
    lines = (task.prefix + typed).split("\n")
    request = ContextRequest(document, Point(len(lines) - 1, len(lines[-1])), root, (document,), index)
    cpu, wall = time.process_time(), time.perf_counter()
    gather(request, deadline_ms=_DEADLINE_MS, budget_tokens=_BUDGET, estimate_tokens=estimate)
    return _Took((time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000)


if __name__ == "__main__":
    measure_speed()
