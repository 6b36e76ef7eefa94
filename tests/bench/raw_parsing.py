"""How fast tree-sitter alone parses a workspace: the baseline of `bench_index`.

    python -m tests.bench.raw_parsing ROOT SHARE OF     parses every OF-th file beginning with SHARE, prints bytes and seconds

Trees are thrown away and nothing is asked of them. Reading is not counted.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from copilot_ls.syntax.languages import language_for
from copilot_ls.syntax.runtime import runtime_for
from tests.bench.index_corpora import texts


def megabytes_per_second(root: Path, n_processes: int) -> float:
    """What `n_processes` parse together, each its share of the files at the same time."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.bench.raw_parsing", str(root), str(share), str(n_processes)],
            stdout=subprocess.PIPE,
            stdin=subprocess.PIPE,
            text=True,
        )
        for share in range(n_processes)
    ]
    for process in processes:
        assert process.stdout
        process.stdout.readline()  # it has read its files
    started = time.perf_counter()
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    n_bytes = sum(int(process.communicate()[0]) for process in processes)
    return n_bytes / 1e6 / (time.perf_counter() - started)


def main() -> None:
    root, share, of = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    sources = []
    for path, text in list(texts(root).items())[share::of]:
        spec = language_for("", path)
        runtime = None if spec is None else runtime_for(spec)
        if runtime is not None:
            runtime.parse(b"")
            sources.append((runtime, text.encode()))
    print("ready", flush=True)
    sys.stdin.readline()
    for runtime, source in sources:
        runtime.parse(source, timeout_ms=10_000)
    print(sum(len(source) for _, source in sources))


if __name__ == "__main__":
    main()
