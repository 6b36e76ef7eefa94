"""`make bench`: every measurement, one table.

    python -m tests.bench                    all parts
    python -m tests.bench startup burst      some
    python -m tests.bench tokens             a part that is measured only when it is named: it downloads what it needs
    python -m tests.bench faults             another: it takes a minute
    python -m tests.bench vscode             another: two real editors, some minutes
    python -m tests.bench --json FILE        the figures as JSON too

A part is a module of this folder with `rows() -> list[Row]`. Baselines are measured in the same run, by turns. Figures are
medians unless the row says otherwise; compare ratios, as the machine's load moves all figures alike. Exit status 1 when a
target is missed.
"""

from __future__ import annotations

import argparse
import compileall
import json
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from tests.bench.table import Row, render

PARTS = ("startup", "sockets", "keystroke", "overhead", "burst", "secrets", "duplicates", "routing")
WHEN_NAMED = (
    "editors", "tokens", "prompt", "faults", "actions", "vscode", "telemetry", "telemetry_storm", "kept_text",
)  # fmt: skip
ROOT = Path(__file__).parents[2]


def main() -> int:
    """Measure what is asked for; returns 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure copilot-ls.")
    parser.add_argument(
        "parts",
        nargs="*",
        choices=[[], *PARTS, *WHEN_NAMED],
        metavar="PART",
        help=f"of {', '.join(PARTS + WHEN_NAMED)}; the first {len(PARTS)} if none",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    arguments = parser.parse_args()
    for package in ("copilot_ls", "grammars", "telemetry", "tests/bench"):
        compileall.compile_dir(ROOT / package, quiet=2)  # or a source changed a moment ago is compiled at every start
    rows: list[Row] = []
    for part in arguments.parts or PARTS:
        print(f"measuring {part} ...", file=sys.stderr, flush=True)
        rows += import_module(f"tests.bench.{part}").rows()
    print(render(rows))
    if arguments.json:
        figures = [asdict(row) | {"ratio": row.ratio, "met": row.met} for row in rows]
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    missed = [row.measure for row in rows if row.met is False]
    print(f"\n{sum(row.met is True for row in rows)} targets met, {len(missed)} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
