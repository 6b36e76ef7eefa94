"""The part of `copilot-ls stats` about single decisions: the latest of them, and why one was as it was.

The words are those of `features.calibration.reasons`. Raises what reading the statistics raises; called by `stats`.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

# As much of an id as is needed to tell it from others.
_ID_LENGTH = 8


def print_decisions(path: Path, arguments: argparse.Namespace) -> int:
    """Print what `--why` or `--recent` asks for; returns the exit status."""
    return _print_why(path, arguments) if arguments.why is not None else _print_recent(path, arguments)


def _print_why(path: Path, arguments: argparse.Namespace) -> int:
    from copilot_ls_telemetry.decisions import decision

    from copilot_ls.features.calibration.reasons import explained

    rows = decision(path, arguments.why) if arguments.why.strip() else []
    if not rows:
        print(
            f"copilot-ls stats: no suggestion or request has an id that begins with {arguments.why!r}; "
            "`copilot-ls stats --recent` lists the latest",
            file=sys.stderr,
        )
        return 1
    if arguments.json:
        content = [{name: value for name, value in row.items() if value is not None} for row in rows]
        for row in content:
            if "features" in row:
                row["features"] = json.loads(row["features"])
        print(json.dumps(content, indent=2))
    else:
        print("\n".join(explained(rows)))
    return 0


def _print_recent(path: Path, arguments: argparse.Namespace) -> int:
    from copilot_ls_telemetry.decisions import latest_decisions

    from copilot_ls.features.statistics_tables import table

    rows = latest_decisions(path, max(1, arguments.recent))
    if arguments.json:
        print(json.dumps(rows, indent=2))
        return 0
    heads = ["id", "at", "language", "backend", "length", "confidence", "likely", "decision", "what became of it"]
    lines = [
        [
            row["name"][:_ID_LENGTH],
            datetime.fromtimestamp(row["at"]).astimezone().strftime("%d %b %H:%M:%S"),
            row["language"],
            row["backend"],
            "" if row["n_chars"] is None else row["n_chars"],
            _percent(row["confidence"]),
            _percent(row["p_accept"]),
            row["decision"],
            (row["outcome"] or "").replace("_", " "),
        ]
        for row in rows
    ]
    print(table(heads, lines, n_left=4) if lines else "No suggestion has been recorded yet.")
    return 0


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
