"""Statistics of several databases together, `--from DB…`: one is made of them for as long as a command runs.

Called by `stats` and `dashboard`, which are then run on that one as on any other.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def add_from(parser: argparse.ArgumentParser) -> None:
    """Declare `--from`; `database` is what `of_several` fills in."""
    parser.add_argument(
        "--from",
        dest="sources",
        nargs="+",
        type=Path,
        metavar="DB",
        help="of these databases together, instead of this machine's: a team's, or several machines' (`copilot-ls "
        "telemetry path` says where one is). They are only read; a session that several have counts once",
    )
    parser.set_defaults(database=None)


def of_several(command: str, run: Callable[[argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    """Run the command on all of `arguments.sources`; those that cannot be read are named and left out."""
    from copilot_ls_telemetry.merging import merge
    from copilot_ls_telemetry.store import StoreError

    with tempfile.TemporaryDirectory(prefix="copilot-ls-") as folder:
        merged = Path(folder) / "telemetry.db"
        try:
            left_out = merge(arguments.sources, merged)
        except (StoreError, OSError) as error:
            print(f"copilot-ls {command}: {error}", file=sys.stderr)
            return 1
        for each in left_out:
            print(f"copilot-ls {command}: left out: {each.reason}", file=sys.stderr)
        arguments.database, arguments.sources = merged, None
        return run(arguments)
