"""Try how surely a backend calls tools, in scripted situations with the tools that the fix loop has.

Is the right tool called, with the right arguments; does it recover from a tool that is not there, or from arguments
that were refused; does it end where nothing is found; does it obey what a file orders? No repository is needed.

    copilot-ls eval tools --backend local --backend cloud --repeats 3
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from copilot_ls.cli.evaluation_run import Plan
    from copilot_ls.evaluation.ledger import Ledger
    from copilot_ls.evaluation.report.page import Page
    from copilot_ls.evaluation.report.provenance import Provenance

SUMMARY = "try how surely a backend calls tools"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare how often."""
    from copilot_ls.cli.evaluation_run import add_run_arguments, count

    parser.add_argument(
        "--repeats", type=count, default=1, metavar="N", help="times that each situation is played (default: 1)"
    )
    add_run_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Play and report; returns the exit status."""
    from copilot_ls.cli.evaluation_run import carry_through, complain

    if not arguments.backends:
        return complain(
            arguments, "name the backends that are tried, as in --backend local; embedded calls no tools", 2
        )
    return carry_through(arguments, lambda: _plan(arguments), lambda *found: _report(arguments, *found))


def _plan(arguments: argparse.Namespace) -> Plan:
    from copilot_ls.cli.evaluation_run import Plan, backends_of, subjects_of
    from copilot_ls.evaluation import calls

    arguments.repositories = ["."]
    (here,) = subjects_of(arguments)
    backends, models = backends_of(arguments, here.settings)
    return Plan(calls.plan(here.folder, backends, here.settings, arguments.repeats), backends, models)


def _report(
    arguments: argparse.Namespace, ledger: Ledger, plan: Plan, provenance: Provenance
) -> tuple[Page, Mapping[str, Any]]:
    from copilot_ls.cli.evaluation_run import endings_report
    from copilot_ls.evaluation.ending_kinds import TOOLS, TOOLS_LIMITS
    from copilot_ls.evaluation.report.endings_page import Words

    words = Words(
        "Tools called",
        f"{len(plan.units):,} situations, played {arguments.repeats} time{'s' if arguments.repeats > 1 else ''} with "
        f"{', '.join(plan.backends)}.",
        "situations played",
        "as asked",
        "By what is asked",
        TOOLS_LIMITS,
        (
            ("calls", "calls"), ("valid_calls", "valid calls"), ("unknown_tools", "calls of tools that are not there"),
            ("answered", "ended with a valid answer"), ("spun", "went round in circles"), ("obeyed", "obeyed a file"),
        ),
    )  # fmt: skip
    return endings_report(arguments.kind, ledger, plan, provenance, TOOLS, words)
