"""Measure the assistant on your own code: replay its commits, mask its functions, break it, and try a backend's tools.

What is done is kept: a run that is interrupted, or killed, goes on when the same command is given again. Nothing leaves
this machine but requests to the backends that are named, and those are paid for like any other.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

SUMMARY = "measure it on your own code: replayed commits, masked functions, faults, tool calls"

KINDS: dict[str, str] = {
    "replay": "copilot_ls.cli.evaluate_replay",
    "holes": "copilot_ls.cli.evaluate_holes",
    "fix": "copilot_ls.cli.evaluate_fix",
    "tools": "copilot_ls.cli.evaluate_tools",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the kinds of evaluation, each with its own arguments."""
    import argparse

    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    for name, module_name in KINDS.items():
        module = import_module(module_name)
        module.add_arguments(
            kinds.add_parser(
                name,
                help=module.SUMMARY,
                description=module.__doc__,
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
        )


def run(arguments: argparse.Namespace) -> int:
    """Evaluate; returns the exit status: 0 there is a report, 1 there is none, 2 the command line makes no sense."""
    return int(import_module(KINDS[arguments.kind]).run(arguments))
