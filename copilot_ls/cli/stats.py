"""Show what became of the suggestions, from the statistics recorded on this machine.

How many were shown, accepted, typed out or ignored, how long they took, what was cut and why. Each figure's definition
and traps: `copilot-ls stats --explain`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING

from copilot_ls.cli.databases import add_from, of_several

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from copilot_ls_telemetry.report import GroupBy, Report, Row

SUMMARY = "show acceptance rates, latencies and what was cut, from this machine's own statistics"

_GROUPINGS = ("language", "backend", "model", "day", "hour", "task", "workspace", "lines")
_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_NOTHING_YET = """\
No suggestion has been recorded yet ({path}).

Statistics appear once an editor that runs `copilot-ls` has shown ghost text. If one has, see `copilot-ls telemetry
status`.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--by", choices=_GROUPINGS, help="show each language, backend, … for itself, too")
    parser.add_argument(
        "--since", type=since, metavar="TIME", help="count from then on: 30m, 12h, 7d, 4w, or a date (2026-01-31)"
    )
    parser.add_argument(
        "--compare", nargs=2, metavar=("A", "B"), help="two groups side by side, of --by (default: backend)"
    )
    parser.add_argument("--csv", metavar="METRIC", help="print the rows of one metric as CSV: outcomes, …")
    add_from(parser)
    parser.add_argument(
        "--recent", nargs="?", type=int, const=20, metavar="N", help="list the last N decisions to show or hold back"
    )
    parser.add_argument("--why", metavar="ID", help="explain one of these: what it rests on, and what became of it")
    parser.add_argument("--explain", action="store_true", help="print each metric's definition and traps")


def run(arguments: argparse.Namespace) -> int:
    """Print the statistics."""
    return of_several("stats", _run, arguments) if arguments.sources else _run(arguments)


def _run(arguments: argparse.Namespace) -> int:
    from copilot_ls_telemetry.report import METRICS, make_report
    from copilot_ls_telemetry.store import NothingRecordedError, StoreError

    from copilot_ls.cli.folders import fault_of
    from copilot_ls.cli.telemetry import database_path

    if arguments.explain:
        print(definitions())
        return 0
    if arguments.csv is not None and arguments.csv not in METRICS:
        print(f"copilot-ls stats: no metric {arguments.csv!r}; there are {', '.join(METRICS)}", file=sys.stderr)
        return 2
    by: GroupBy | None = arguments.by or ("backend" if arguments.compare else None)
    path = arguments.database or database_path()
    report = None
    try:
        if (status := _print_part(path, arguments, by)) is not None:
            return status
        report = make_report(path, since=arguments.since, by=by)
    except (NothingRecordedError, OSError):
        fault = fault_of(path.parent)
        if fault is not None:
            print(
                f"copilot-ls stats: nothing is recorded, as the state folder {fault}; set COPILOT_LS_STATE_DIR to "
                "another folder",
                file=sys.stderr,
            )
            return 1
    except StoreError as error:
        print(f"copilot-ls stats: {error}", file=sys.stderr)
        return 1
    return _print(report, path, arguments)


def _print_part(path: Path, arguments: argparse.Namespace, by: GroupBy | None) -> int | None:
    """Print single decisions or one metric, where they are asked for; the exit status, or None."""
    if arguments.why is not None or arguments.recent is not None:
        from copilot_ls.cli.stats_why import print_decisions

        return print_decisions(path, arguments)
    if arguments.csv is not None:
        from copilot_ls_telemetry.report import metric_rows

        print(as_csv(metric_rows(path, arguments.csv, since=arguments.since, by=by)), end="")
        return 0
    return None


def _print(report: Report | None, path: Path, arguments: argparse.Namespace) -> int:
    """Print the report in the form that was asked for; returns the exit status."""
    if report is not None and arguments.compare:
        from copilot_ls.cli.stats_compare import print_compared

        return print_compared(report, tuple(arguments.compare), as_json=arguments.json)
    if arguments.json:
        from copilot_ls_telemetry.report import EMPTY

        print(json.dumps({**(report or EMPTY).as_dict(), "database": str(path)}, indent=2))
    elif report is None or not (report.total.offered or report.requests["requested"] or report.fixes):
        print(_NOTHING_YET.format(path=path), end="")
    else:
        from copilot_ls.features.statistics_tables import render

        print(render(report))
    return 0


def as_csv(rows: Sequence[Row]) -> str:
    """Rows as CSV, with a line of names first; nothing for no rows."""
    import csv
    import io

    if not rows:
        return ""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def since(word: str) -> float:
    """Unix time of `7d` (that long ago) or of a date or time as ISO 8601 writes it, in local time."""
    match = re.fullmatch(r"(\d{1,6})([mhdw])", word.strip())
    if match:
        return time.time() - int(match[1]) * _SECONDS[match[2]]
    try:
        return datetime.fromisoformat(word.strip()).timestamp()
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError(
            f"{word!r} is no time; write how long ago (30m, 12h, 7d, 4w) or a date (2026-01-31)"
        ) from None


def definitions() -> str:
    """What each metric means: the headers of the SQL files that compute them."""
    from importlib.resources import files

    from copilot_ls_telemetry.report import METRICS

    headers = []
    for name in METRICS:
        script = files("copilot_ls_telemetry").joinpath("metrics", f"{name}.sql").read_text("utf-8")
        lines = [line[2:].removeprefix(" ") for line in script.splitlines() if line.startswith("--")]
        headers.append("\n".join(line for line in lines if not line.startswith("Parameters")))
    return "\n\n".join(headers)
