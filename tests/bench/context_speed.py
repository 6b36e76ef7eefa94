"""How long whole gatherings take with indexes of real code of 60,000 and of 600,000 lines.

Both workspaces are made of the same packages, so that the smaller one is a part of the larger one, and the same places are
asked about in both. A first pass over other places warms what a server has warm after some typing. Called by
`bench_context`.
"""

from __future__ import annotations

import contextlib
import gc
import shutil
import time
from typing import TYPE_CHECKING

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

# In order: the first 60,000 lines of them are the small workspace.
_PACKAGES = (
    "pypi:scrapy==2.11.2", "pypi:sphinx==8.1.3", "pypi:textual==0.86.2", "pypi:trio==0.27.0", "pypi:twisted==24.10.0",
    "pypi:networkx==3.3", "pypi:django==5.1.3", "pypi:sympy==1.13.3",
)  # fmt: skip
_SIZES = (60_000, 600_000)
_N_PLACES = 150
_DEADLINE_MS = 100.0
_BUDGET = 2_000


def measure_speed() -> None:
    """Print the table. The collector of cycles looks as seldom as it does in the server."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    print(f"\nspeed of a whole gathering, budget {_BUDGET} tokens, deadline {_DEADLINE_MS:.0f} ms, {_N_PLACES} places")
    middles = []
    for n_lines in _SIZES:
        root, actual = _workspace(n_lines)
        took = _times(root)
        middles.append(quantile(took, 0.5))
        print(
            f"{actual:>9,} lines: p50 {quantile(took, 0.5):5.1f} ms (target 15)   p95 {quantile(took, 0.95):5.1f} ms "
            f"(target 50)   slowest {max(took):5.1f} ms"
        )
    print(f"p50 at 600k over p50 at 60k: {middles[1] / middles[0]:.2f} (target 1.5)")


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


def _times(root: Path) -> list[float]:
    corpus = Corpus("speed", root / f"{workspace(_PACKAGES[0], PYTHON).name}", PYTHON)
    tasks = corpus.tasks(2 * _N_PLACES, 3)
    took = []
    with contextlib.closing(index_of(root, query_ms=50.0)) as index:
        for task in tasks:
            place = corpus.root / task.path
            text = TextSnapshot.of(task.prefix + task.suffix)
            document = DocumentSnapshot(place.as_uri(), str(place), PYTHON.language_id, 1, text)
            lines = task.prefix.split("\n")
            request = ContextRequest(document, Point(len(lines) - 1, len(lines[-1])), root, (document,), index)
            started = time.perf_counter()
            gather(request, deadline_ms=_DEADLINE_MS, budget_tokens=_BUDGET, estimate_tokens=estimate)
            took.append((time.perf_counter() - started) * 1000)
    return took[len(took) // 2 :]
