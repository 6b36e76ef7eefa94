"""Put faults into a repository's code, and have the fix loop mend them with each backend.

What people mistype, forget and take along from elsewhere, one at a time, in a copy of the last commit. A fault counts
where the parser or a checker reports it: checkers run where you trust the repository (`copilot-ls trust`), or as the
command after --check. Reported are faults that are clean again, as they were, worse, or given up, with cost and time.

    copilot-ls eval fix . --faults 50 --backend embedded --backend cloud
    copilot-ls eval fix . --check 'ruff check {file}'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from copilot_ls.cli.evaluation_run import Plan, Subject
    from copilot_ls.evaluation.ledger import Ledger
    from copilot_ls.evaluation.report.page import Page
    from copilot_ls.evaluation.report.provenance import Provenance

SUMMARY = "put faults into your code and have them mended"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare repositories, faults and the check."""
    from copilot_ls.cli.evaluation_run import add_repositories, add_run_arguments, count

    add_repositories(parser)
    parser.add_argument("--faults", type=count, default=40, metavar="N", help="faults in each repository (default: 40)")
    parser.add_argument(
        "--check",
        metavar="CMD",
        help="the command that reports faults, instead of checkers; {file} stands for the file",
    )
    parser.add_argument("--until", default="HEAD", metavar="COMMIT", help="the commit (default: HEAD)")
    parser.add_argument("--language", action="append", default=[], metavar="ID", help="python or typescript alone")
    add_run_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Break, mend and report; returns the exit status."""
    from copilot_ls.cli.evaluation_run import carry_through

    return carry_through(arguments, lambda: _plan(arguments), lambda *found: _report(arguments, *found))


def _plan(arguments: argparse.Namespace) -> Plan:
    from copilot_ls.cli.evaluation_run import planned
    from copilot_ls.evaluation import fixes

    def plan_one(made: Plan, subject: Subject) -> None:
        _tell_checkers(arguments, made, subject)
        commit, faults = fixes.choose(
            subject.folder, arguments.until, arguments.faults, arguments.language, arguments.seed
        )
        made.units += fixes.plan(
            subject.folder,
            subject.name,
            commit,
            faults,
            made.backends,
            subject.settings,
            arguments.check,
            arguments.seed,
        )
        made.subjects[subject.name] = commit

    return planned(arguments, plan_one)


def _tell_checkers(arguments: argparse.Namespace, made: Plan, subject: Subject) -> None:
    """Say who reports faults. Raises `SettingsError` for a check that is no command."""
    from copilot_ls.checking.registry import command_checker, found_in
    from copilot_ls.config.trust import TrustStore

    if arguments.check is not None:
        command_checker(arguments.check, subject.settings)
        made.facts["check"] = arguments.check
        return
    trusted = TrustStore().trusts_folder(subject.folder)
    found = found_in(subject.folder, subject.settings, trusted=trusted)
    names = [each.tool.name for each in found if each.executable] if trusted else []
    made.facts[f"checkers of {subject.name}"] = ", ".join(names) or "the parser alone"
    if not trusted:
        made.notes.append(
            f"{subject.folder} is not trusted: faults count where the code does not parse; `copilot-ls trust "
            f"{subject.folder}` lets its checkers run, --check gives one"
        )


def _report(
    arguments: argparse.Namespace, ledger: Ledger, plan: Plan, provenance: Provenance
) -> tuple[Page, Mapping[str, Any]]:
    from copilot_ls.cli.evaluation_run import endings_report
    from copilot_ls.evaluation.ending_kinds import FIX, FIX_LIMITS
    from copilot_ls.evaluation.report.endings_page import Words

    n = len(plan.keys) // max(1, len(plan.backends))
    words = Words(
        "Faults mended",
        f"{n:,} faults put into {plan.said_of}, one at a "
        f"time, and mended by the fix loop with {', '.join(plan.backends)}.",
        "faults that are reported",
        "clean again",
        "By kind of fault",
        FIX_LIMITS,
        (
            ("by_model", "edits by a model"),
            ("tries", "proposals of models"),
            ("tool_calls", "tool calls"),
            ("invalid_tool_calls", "tool calls that were wrong"),
        ),
    )
    return endings_report(arguments.kind, ledger, plan, provenance, FIX, words)
