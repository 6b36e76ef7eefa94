"""What the embedded completer costs in a large workspace: the same questions with a small index and with a large one.

    python -m tests.bench.embedded_scale [--lines 1000000]

The workspace is one real package, and the same again with as many made-up lines around it. Asked is what an editor asks
while lines of that package are typed, three of its files being open. Times are CPU times of this process, so that others
on the machine matter less. Memory is what a process of its own has grown by since before it opened the index.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from copilot_ls.backends.embedded import confidence, streams
from copilot_ls.backends.embedded.propose import propose
from copilot_ls.backends.embedded.workspace import PatientIndex
from copilot_ls.index.indexing import index_workspace
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.parsing import finish_files
from copilot_ls.index.store import IndexStore
from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot
from tests.bench.packages import unpacked
from tests.bench.synthetic import make_workspace
from tests.bench.table import Row, quantile, render

PACKAGE = "pypi:httpx==0.27.2"
N_LINES = 1_000_000
N_QUESTIONS = 400
# The first questions of each document find nothing remembered.
N_COLD = 40
LINES_PER_FILE = 100


def questions(root: Path, rng: random.Random) -> list[tuple[DocumentSnapshot, Point, list[DocumentSnapshot], str]]:
    """Places in the package's files: the line as far as it is typed, everything else as it stands."""
    texts = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in sorted(root.rglob("*.py"))}
    files = [path for path, text in texts.items() if text.count("\n") > LINES_PER_FILE]
    open_files = [_document(path, texts[path]) for path in rng.sample(files, 3)]
    asked = []
    for path in rng.sample(files, min(8, len(files))):
        lines = texts[path].split("\n")
        for at in rng.sample([at for at, line in enumerate(lines) if line.strip()], N_QUESTIONS // 8):
            line = lines[at]
            column = rng.randrange(len(line) - len(line.lstrip()), len(line) + 1)
            text = "\n".join([*lines[:at], line[:column], *lines[at + 1 :]])
            asked.append((_document(path, text), Point(at, column), open_files, path))
    return asked


def _document(path: str, text: str) -> DocumentSnapshot:
    return DocumentSnapshot(f"file:///{path}", path, "python", 1, TextSnapshot.of(text))


def measured(package: Path, database: Path) -> tuple[list[float], list[float], float]:
    """Milliseconds of CPU for each question, cold and warm, and the megabytes that this process has grown by.

    The questions are asked twice, as what is imported and read on first use is no part of what a request costs.
    """
    asked = questions(package, random.Random(1))
    confidence.model()
    before = resident_mb()
    index = WorkspaceIndex(database, query_ms=1_000)
    patient = PatientIndex(index)
    try:
        for _ in range(2):
            chunks, cold, warm = streams.Chunks(), [], []
            for number, (document, cursor, others, path) in enumerate(asked):
                start = time.process_time()
                propose(document, cursor, others, patient, index_path=f"own/{path}", chunks=chunks)
                (cold if number < N_COLD else warm).append(1000 * (time.process_time() - start))
        return cold, warm, resident_mb() - before
    finally:
        index.close()


def in_new_process(package: Path, database: Path) -> tuple[list[float], list[float], float]:
    """The same, in a process that has freed nothing yet."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(measured, package, database).result()


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def indexed(root: Path, database: Path) -> int:
    """Index a folder; returns how many lines that are."""
    store = IndexStore(database)
    index_workspace(root, store)
    finish_files(store)
    store.close()
    index = WorkspaceIndex(database)
    try:
        return sum(file.n_lines for file in index.files())
    finally:
        index.close()


def main() -> int:
    """Measure; returns 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.embedded_scale", description=__doc__)
    parser.add_argument(
        "--lines", type=int, default=N_LINES, metavar="N", help=f"about how many (default: {N_LINES:,})"
    )
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="copilot-ls-scale-"))
    try:
        package = unpacked(PACKAGE)
        small, large = folder / "small", folder / "large"
        shutil.copytree(package, small / "own")
        make_workspace(large, max(1, arguments.lines // LINES_PER_FILE))
        shutil.copytree(package, large / "own")
        n_small, n_large = indexed(small, folder / "small.db"), indexed(large, folder / "large.db")
        print(f"{n_small:,} lines and {n_large:,} lines", flush=True)
        small_cold, small_warm, small_mb = in_new_process(package, folder / "small.db")
        large_cold, large_warm, large_mb = in_new_process(package, folder / "large.db")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rows = [
        Row(
            "p50 of a request",
            quantile(large_warm, 0.5),
            baseline=quantile(small_warm, 0.5),
            ratio_at_most=1.5,
            at_most=6,
        ),
        Row("p99 of a request", quantile(large_warm, 0.99), baseline=quantile(small_warm, 0.99), at_most=20),
        Row("p50 of the first requests", quantile(large_cold, 0.5), baseline=quantile(small_cold, 0.5)),
        Row("memory", large_mb, unit="MB", baseline=small_mb, at_most=60),
    ]
    print(render(rows))
    return 0 if all(row.met is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
