"""A workspace of 50,000 files and 5 million lines: is it indexed within bounds, and does typing ever wait for it?

    make bench-growth                          in full: some minutes, 1 GB of disk in the temporary folder
    python -m tests.bench.bench_growth --files 5000

One server from its first start on, with no index: keys are typed at a typist's pace, each with a request for ghost text,
until the index is complete; then the same again with the index at rest, which is the baseline of the same run. Then the
look-ups and the whole gathering of context are asked of the large index directly.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from copilot_ls.config.settings import IndexSettings
from copilot_ls.context.gather import gather
from copilot_ls.context.request import ContextRequest
from copilot_ls.index.location import database_for
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.text import DocumentSnapshot, TextSnapshot
from tests.bench.synthetic import Made, make_workspace
from tests.bench.table import Row, median, quantile, render
from tests.bench.wire import INLINE_COMPLETION, OURS, Wire, configure

N_FILES = 50_000
# A fast typist's pause between two keys.
PAUSE_S = 0.04
KEYS_AT_REST = 1_000
QUERIES = 300
CONTEXT_DEADLINE_MS = 100
TYPED = """
    def settle_invoice(self, invoice, payments):
        if not invoice.is_valid(3):
            logger.warning("cannot settle %s", invoice.name)
            return None
        for item in payments:
            self.settle_payment(item, limit=12)
        return invoice
"""


class TypingWire(Wire):
    """A client that hears of progress."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.progress: list[dict[str, Any]] = []
        super().__init__(*arguments, **options)

    def _take(self, message: Any) -> None:
        if message.get("method") == "$/progress":
            self.progress.append(message["params"]["value"])
        super()._take(message)

    @property
    def is_indexed(self) -> bool:
        return any(value["kind"] == "end" for value in self.progress)


def main() -> int:
    """Measure; returns 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_growth", description=__doc__)
    parser.add_argument("--files", type=int, default=N_FILES, metavar="N", help=f"files to make (default: {N_FILES:,})")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="copilot-ls-growth-"))
    try:
        say("making the workspace")
        made = make_workspace(folder / "workspace", arguments.files)
        print(f"{made.n_files:,} files, {made.n_lines:,} lines, {made.n_bytes / 1e6:,.0f} MB", flush=True)
        rows = typing_rows(made, folder)
        print(render(rows), flush=True)
        asked = query_rows(made, folder)
        print(render(asked))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rows += asked
    return 1 if any(row.met is False for row in rows) else 0


def say(what: str) -> None:
    print(f"{what} ...", file=sys.stderr, flush=True)


def typing_rows(made: Made, folder: Path) -> list[Row]:
    """Keys while indexing and at rest, and what the index has become."""
    text = made.sample.read_text()
    with TypingWire(OURS, configure(folder, "")) as wire:
        wire.initialize(made.root)
        wire.open(made.sample.as_uri(), text)
        wire.complete(made.sample.as_uri(), 0, 0)
        say("typing while it is indexed")
        started = time.perf_counter()
        busy: list[float] = []
        workers: dict[int, Used] = {}
        typist = Typist(wire, made.sample.as_uri(), text)
        while not wire.is_indexed:
            busy.append(typist.key())
            if len(busy) % 25 == 0:
                workers |= {process: used_by(process) for process in below(wire.process.pid)}
        seconds = time.perf_counter() - started
        say(f"typing at rest, after {seconds:.0f} s")
        rest = [typist.key() for _ in range(KEYS_AT_REST)]
        memory = wire.rss_mb()
        said = wire.progress[-1].get("message", "")
    database = database_for(made.root, folder / "cache")
    index = WorkspaceIndex(database, query_ms=5_000)
    n_indexed = len(index.files())
    index.close()
    cpu = sum(used.cpu_s for used in workers.values())
    size = sum(place.stat().st_size for place in database.parent.glob(f"{database.name}*")) / 1e6
    return [
        Row("growth: files that are not indexed", made.n_files - n_indexed, "", at_most=max(0, made.n_files - IndexSettings().max_files), note=said),
        Row("growth: indexing while typing", seconds, "s"),
        Row("growth: the same, processor time of its processes", cpu, "s"),
        Row("growth: sources per second of processor time", made.n_bytes / 1e6 / max(cpu, 0.01), "MB/s"),
        Row("growth: index on disk, beside the sources", size, "MB", made.n_bytes / 1e6),
        Row("growth: worker's memory, all its processes", sum(used.rss_mb for used in workers.values()), "MB"),
        Row("growth: server's memory then", memory, "MB"),
        Row(f"growth: key while indexing, p50, n={len(busy)}", median(busy), baseline=median(rest)),
        Row("growth: key while indexing, p99", quantile(busy, 0.99), baseline=quantile(rest, 0.99), ratio_at_most=3),
        Row("growth: key while indexing, slowest", max(busy), baseline=max(rest)),
    ]  # fmt: skip


class Typist:
    """Types the same lines over and over at the end of a class, at a steady pace."""

    def __init__(self, wire: Wire, uri: str, text: str) -> None:
        self._wire = wire
        self._uri = uri
        self._line, self._column = text.count("\n"), 0
        self._at = 0

    def key(self) -> float:
        """One key and its ghost text: milliseconds until the answer; then the pause."""
        sign = TYPED[self._at % len(TYPED)]
        self._at += 1
        place = (self._line, self._column)
        started = time.perf_counter()
        self._wire.change(self._uri, (place, place, sign))
        self._line, self._column = (self._line + 1, 0) if sign == "\n" else (self._line, self._column + 1)
        params = self._wire.completion_params(self._uri, self._line, self._column)
        self._wire.answer(self._wire.ask(INLINE_COMPLETION, params))
        took = time.perf_counter() - started
        time.sleep(max(0.0, PAUSE_S - took))
        return took * 1000


def below(process: int) -> list[int]:
    """The processes that a process has started, and theirs; none where that cannot be seen."""
    found = []
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []
    for child in map(int, children):
        found += [child, *below(child)]
    return found


class Used(NamedTuple):
    """What a process has used so far: the most memory, in 10^6 bytes, and processor time in seconds."""

    rss_mb: float
    cpu_s: float


def used_by(process: int) -> Used:
    try:
        status = Path(f"/proc/{process}/status").read_text()
        stat = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return Used(0.0, 0.0)
    peak = next((int(line.split()[1]) * 1024 / 1e6 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)
    return Used(peak, (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK"))


def query_rows(made: Made, folder: Path) -> list[Row]:
    """Look-ups, and the gathering of context, in the large index."""
    say("asking the index")
    index = WorkspaceIndex(database_for(made.root, folder / "cache"))
    chance = random.Random(3)
    files = [file.path for file in index.files() if file.language == "python" and file.n_lines > 40]
    names = [hit.name for path in chance.sample(files, min(60, len(files))) for hit in index.file_definitions(path)]
    took: dict[str, list[float]] = {"definitions": [], "references": [], "search": [], "lines": [], "context": []}
    for turn in range(QUERIES):
        path = chance.choice(files)
        lines = index.file_lines(path, 0, 400)
        at = chance.randrange(20, len(lines))
        words = [
            word.lower()
            for line in lines[at - 8 : at]
            for word in line.replace("(", " ").split()
            if word.isidentifier()
        ]
        some = chance.sample(names, min(8, len(names)))
        questions = {
            "definitions": partial(index.definitions, some),
            "references": partial(index.references, some[:2]),
            "search": partial(index.search, words, limit=20),
            "lines": partial(index.lines_starting_with, lines[at].strip()[:10] or "def", limit=20),
        }
        for what, ask in questions.items():
            started = time.perf_counter()
            ask()
            took[what].append((time.perf_counter() - started) * 1000)
        if turn % 3 == 0:
            took["context"].append(gathered_in(index, made.root, path, lines, at))
    index.close()
    rows = []
    for what, figures in took.items():
        rows.append(
            Row(f"growth: {what}, p50, n={len(figures)}", median(figures), at_most=15 if what != "context" else None)
        )
        rows.append(
            Row(
                f"growth: {what}, p95",
                quantile(figures, 0.95),
                at_most=50 if what != "context" else CONTEXT_DEADLINE_MS,
            )
        )
    return [*rows, Row("growth: context, slowest", max(took["context"]), note=f"deadline {CONTEXT_DEADLINE_MS} ms")]


def gathered_in(index: WorkspaceIndex, root: Path, path: str, lines: list[str], at: int) -> float:
    place = root / path
    text = TextSnapshot.of("\n".join(lines))
    document = DocumentSnapshot(place.as_uri(), str(place), "python", 1, text)
    request = ContextRequest(
        document=document, cursor=text.point_at(len("\n".join(lines[:at])) + 9), root=root, index=index
    )
    started = time.perf_counter()
    gather(request, deadline_ms=CONTEXT_DEADLINE_MS, budget_tokens=2_048)
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    sys.exit(main())
