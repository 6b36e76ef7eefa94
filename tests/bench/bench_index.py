"""`make bench-index`: the workspace index, in one table.

    python -m tests.bench.bench_index [--quick] [--rounds N] [--kills N]

Rates of a cold index beside those of tree-sitter parsing alone, by turns in the same run (medians of the rounds); warm start;
look-ups on 57,000 and on 620,000 lines, by turns; a changed open file; memory of a server with the large index; and an indexer
that is killed at random moments, compared with one that is not. The workspaces are pinned packages, got once; see
`index_corpora`. Processor time tells more than the wall clock on a machine that others use.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from copilot_ls.index.location import database_for
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.open_file import OpenFile
from copilot_ls.index.store import discard
from copilot_ls.index.terms import terms_of
from tests.bench.index_corpora import LARGE, N_SMALL_FILES, SMALL, many_files, texts, workspace
from tests.bench.raw_parsing import megabytes_per_second
from tests.bench.table import Row, quantile, render
from tests.bench.wire import Wire, configure
from tests.index.contents import contents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_WORKER = [sys.executable, "-P", "-m", "copilot_ls.index.worker", "--"]
# A backend that is asked with all that is gathered, and answers at once.
_SCRIPTED = """
[backend.scripted]
kind = "scripted"
[backend.scripted.options]
answers = [{ text = "value" }]
[route]
completion = ["scripted"]
"""
_WORD = re.compile(r"[^\W\d]\w{2,}")


def index(root: Path, database: Path) -> tuple[dict[str, Any], float, float]:
    """Run the worker; returns its last event, and the wall clock's and the processors' seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    run = subprocess.run([*_WORKER, str(root), str(database)], capture_output=True, text=True, check=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(run.stdout.splitlines()[-1]), wall, spent


def cold(root: Path, database: Path, rounds: int) -> Iterator[Row]:
    raw_one, raw_two, searchable, whole, spent, sizes = [], [], [], [], [], []
    for _ in range(rounds):
        raw_one.append(megabytes_per_second(root, 1))
        discard(database)
        event, wall, cpu = index(root, database)
        size = event["bytes"] / 1e6
        raw_two.append(megabytes_per_second(root, 2))
        searchable.append(size / event["searchable_seconds"])
        whole.append(size / wall)
        spent.append(size / cpu)
        sizes.append(database.stat().st_size / event["bytes"])
    unit = "MB/s"
    yield Row("cold: tree-sitter alone, one process", median(raw_one), unit)
    yield Row("cold: searchable", median(searchable), unit, median(raw_two), note="beside parsing alone, two processes")
    yield Row("cold: all, with lines and symbols", median(whole), unit, median(raw_two), note="the same; target >= 10")
    yield Row("cold: all, per processor second", median(spent), unit, median(raw_one), note="beside one process")
    yield Row("cold: database to source", median(sizes), "x")


def warm(rounds: int) -> Iterator[Row]:
    root = many_files()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "index.db"
        index(root, database)
        figures = [index(root, database)[1] * 1000 for _ in range(rounds)]
    yield Row(f"warm start of {N_SMALL_FILES:,} unchanged files", median(figures), "ms", at_most=1_000)


class Questions:
    """What is asked of one workspace's index: the words around random places, and names in its files."""

    def __init__(self, root: Path, database: Path, seed: int) -> None:
        self.index = WorkspaceIndex(database, query_ms=1_000)
        self._files = list(texts(root).values())
        self._chance = random.Random(seed)

    def ask(self) -> dict[str, float]:
        """Milliseconds of one look-up of each kind."""
        lines = self._chance.choice(self._files).split("\n")
        at = self._chance.randrange(len(lines))
        near = "\n".join(lines[max(at - 20, 0) : at + 5])
        names = list(dict.fromkeys(_WORD.findall(near)))[-30:]
        asked: dict[str, Callable[[], object]] = {
            "search": lambda: self.index.search(terms_of(near), limit=20),
            "definitions": lambda: self.index.definitions(names),
            "references": lambda: self.index.references(names[-5:]),
            "callers": lambda: self.index.callers(names[-1] if names else "x"),
            "search_symbols": lambda: self.index.search_symbols((names[-1] if names else "x")[:4], limit=50),
            "lines_starting_with": lambda: self.index.lines_starting_with(lines[at].strip()[:9], limit=24),
            "lines_containing": lambda: self.index.lines_containing(" ".join(names[-1:]), limit=24),
            "lines_following": lambda: self.index.lines_following(lines[at], previous=lines[at - 1], limit=24),
        }
        return {name: _ms(question) for name, question in asked.items()}


def _ms(question: Callable[[], object]) -> float:
    started = time.perf_counter()
    question()
    return (time.perf_counter() - started) * 1000


def look_ups(small: Questions, large: Questions, n: int) -> Iterator[Row]:
    figures: dict[str, list[list[float]]] = {}
    for _ in range(n):
        for size, questions in enumerate((small, large)):
            for name, spent in questions.ask().items():
                figures.setdefault(name, [[], []])[size].append(spent)
    for name, (few, many) in figures.items():
        kept = {"few": few[n // 10 :], "many": many[n // 10 :]}  # the first ones fill caches
        yield Row(
            f"{name}, p50 at 620,000 lines",
            median(kept["many"]),
            "ms",
            median(kept["few"]),
            at_most=15,
            ratio_at_most=1.5,
            note="beside 57,000 lines",
        )
        yield Row(f"{name}, p95", quantile(kept["many"], 0.95), "ms", quantile(kept["few"], 0.95), at_most=50)


def changed(root: Path, large: Questions, n: int) -> Iterator[Row]:
    """From a change of an open file to an answer that knows it."""
    by_length: dict[str, list[float]] = {}
    for path, text in random.Random(5).sample(sorted(texts(root).items()), n):
        n_lines = text.count("\n")
        name = "a thousand lines at most" if n_lines <= 1_000 else "up to 5,000 lines" if n_lines <= 5_000 else "more"
        new = f"{text}\ndef found_at_once(): ...\n"
        started = time.perf_counter()
        large.index.overlay([OpenFile(path, 1, lambda new=new: new)])
        found = large.index.definitions(["found_at_once"])
        by_length.setdefault(name, []).append((time.perf_counter() - started) * 1000)
        assert (len(found) == 1) == path.endswith(".py") or not path.endswith(".py")
        large.index.overlay([])
    for name, figures in by_length.items():
        yield Row(f"change to found, {name}, p95", quantile(figures, 0.95), "ms", at_most=50, note=f"n={len(figures)}")


def memory(root: Path, n_requests: int) -> Iterator[Row]:
    """What a server holds that has answered from the large index, and has gathered context for a backend."""
    python = [path for path in sorted(texts(root)) if path.endswith(".py")]
    with tempfile.TemporaryDirectory() as folder:
        environment = configure(Path(folder), _SCRIPTED)
        index(root, database_for(root, Path(environment["COPILOT_LS_CACHE_DIR"])))
        with Wire(environment=environment) as wire:
            wire.initialize(root)
            chance = random.Random(2)
            for path in chance.sample(python, n_requests):
                text = (root / path).read_text("utf-8")
                uri = (root / path).as_uri()
                wire.open(uri, text)
                line = chance.randrange(text.count("\n") + 1)
                wire.complete(uri, line, 0)
                wire.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
            used = wire.rss_mb()
    yield Row(
        "memory of a server, 620,000 lines",
        used,
        "MB",
        at_most=120,
        note=f"{n_requests} files completed in, with context",
    )


def killed(n: int) -> Iterator[Row]:
    """Kill the indexer at random moments, of first passes and of later ones; compare with an index made at one go."""
    chance = random.Random(11)
    n_right = 0
    with tempfile.TemporaryDirectory() as folder:
        root, database, fresh = Path(folder) / "w", Path(folder) / "index.db", Path(folder) / "fresh.db"
        shutil.copytree(workspace("small", SMALL), root)
        files = [root / path for path in sorted(texts(root))]
        event, wall, _ = index(root, fresh)
        for number in range(n):
            if number % 2 == 0:
                discard(database)
            for path in chance.sample(files, 40):
                path.write_bytes(path.read_bytes() + b"\n# changed\n")
            worker = subprocess.Popen([*_WORKER, str(root), str(database)], stdout=subprocess.DEVNULL)
            time.sleep(chance.random() * wall)  # the moment of the kill, not a wait for something
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            index(root, database)
            discard(fresh)
            event, wall, _ = index(root, fresh)
            n_right += contents(database, "self") == contents(fresh, "self") and event["files"] == len(files)
    yield Row("killed at random, right afterwards", n_right, f"of {n}", n, note="compared with a fresh index")


def main() -> int:
    """Measure; returns 1 when a target is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.bench_index", description="Measure the workspace index."
    )
    parser.add_argument("--quick", action="store_true", help="one round of each, few look-ups, five kills")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help="cold warm look_ups changed memory killed; all if none"
    )
    options = parser.parse_args()
    rounds, kills, n = (1, 5, 40) if options.quick else (options.rounds, options.kills, 300)
    small, large = workspace("small", SMALL), workspace("large", LARGE)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        databases = {root: Path(folder) / f"{root.name}.db" for root in (small, large)}
        for root, database in databases.items():
            index(root, database)
        asked = [Questions(root, database, seed=7) for root, database in databases.items()]
        parts: dict[str, Callable[[], Iterator[Row]]] = {
            "cold": lambda: cold(large, Path(folder) / "cold.db", rounds),
            "warm": lambda: warm(rounds),
            "look_ups": lambda: look_ups(asked[0], asked[1], n),
            "changed": lambda: changed(large, asked[1], n),
            "memory": lambda: memory(large, 30),
            "killed": lambda: killed(kills),
        }
        for part in options.parts or parts:
            print(f"measuring {part} ...", file=sys.stderr, flush=True)
            rows += parts[part]()
    print(render(rows))
    missed = [row.measure for row in rows if row.met is False]
    print(f"\n{sum(row.met is True for row in rows)} targets met, {len(missed)} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
