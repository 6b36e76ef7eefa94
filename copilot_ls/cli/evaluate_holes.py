"""Mask functions of a repository one at a time, have each backend write them anew, and run the repository's tests.

The tests are run for each function and backend, in a copy of the last commit, without a network and without your keys
where the system allows, for a bounded time: on your word alone, --run-tests, or your answer when asked. They cannot
write into the repository; elsewhere they can write where you can. Functions whose mask makes no test fail are reported
as not covered.

    copilot-ls eval holes . --run-tests --holes 20 --backend local --backend embedded
    copilot-ls eval holes . --run-tests --test '.venv/bin/python -m pytest -x -q tests/unit'
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from pathlib import Path

    from copilot_ls.cli.evaluation_run import Plan, Subject
    from copilot_ls.evaluation.ledger import Ledger
    from copilot_ls.evaluation.report.page import Page
    from copilot_ls.evaluation.report.provenance import Provenance

SUMMARY = "mask functions, have them written, and run the repository's tests"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare repositories, functions and their tests."""
    from copilot_ls.cli.evaluation_run import add_repositories, add_run_arguments, count

    add_repositories(parser)
    parser.add_argument(
        "--holes", type=count, default=20, metavar="N", help="functions of each repository (default: 20)"
    )
    parser.add_argument(
        "--test", metavar="CMD", help="the command that tests it, run in the copy (default: as its files suggest)"
    )
    parser.add_argument(
        "--timeout",
        type=count,
        default=300,
        metavar="S",
        help="seconds that a run of the tests may take (default: 300)",
    )
    parser.add_argument("--run-tests", action="store_true", help="yes, run the repository's code on this machine")
    parser.add_argument("--until", default="HEAD", metavar="COMMIT", help="the commit (default: HEAD)")
    parser.add_argument(
        "--language", action="append", default=[], metavar="ID", help="only functions in this language, such as python"
    )
    add_run_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Mask, write, test and report; returns the exit status."""
    from copilot_ls.cli.evaluation_run import carry_through, complain

    if not arguments.run_tests and not _confirmed(arguments):
        return complain(
            arguments, "it runs the repository's tests, which is its code; say so with --run-tests if you trust it", 2
        )
    return carry_through(arguments, lambda: _plan(arguments), lambda *found: _report(arguments, *found))


def _confirmed(arguments: argparse.Namespace) -> bool:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(
        f"The tests of {', '.join(arguments.repositories)} will be run on this machine, some {2 * arguments.holes} "
        "times or more, in a copy. Go on? [y/N] ",
        end="", file=sys.stderr, flush=True,
    )  # fmt: skip
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _plan(arguments: argparse.Namespace) -> Plan:
    from copilot_ls.checking.sandbox import network
    from copilot_ls.cli.evaluation_run import planned

    made = planned(arguments, lambda made, subject: _plan_one(arguments, made, subject))
    made.facts["network of the tests"] = network()
    return made


def _plan_one(arguments: argparse.Namespace, made: Plan, subject: Subject) -> None:
    import asyncio

    from copilot_ls.errors import SettingsError
    from copilot_ls.evaluation import holes
    from copilot_ls.evaluation.trial import test_command

    command = test_command(subject.folder, arguments.test)
    commit, found = holes.find_holes(
        subject.folder, arguments.until, arguments.holes, arguments.language, arguments.seed
    )
    trial = asyncio.run(holes.passes_as_it_is(subject.folder, commit, command, arguments.timeout))
    if not trial.passed:
        raise SettingsError(
            f"the tests of {subject.folder} fail as it is ({trial.said}), so that they judge nobody; they were run by "
            f"{' '.join(command)!r} in a copy of {commit[:12]}, --test says another command"
        )
    made.units += holes.plan(
        subject.folder, subject.name, commit, found, made.backends, subject.settings, command, arguments.timeout
    )
    made.subjects[subject.name] = commit
    made.facts[f"tests of {subject.name}"] = f"{_plain(command, subject.folder)}, {trial.took_s:.1f} s as it is"


def _plain(command: list[str], folder: Path) -> str:
    return " ".join(command).replace(str(folder), ".")


def _report(
    arguments: argparse.Namespace, ledger: Ledger, plan: Plan, provenance: Provenance
) -> tuple[Page, Mapping[str, Any]]:
    from copilot_ls.cli.evaluation_run import endings_report
    from copilot_ls.evaluation.ending_kinds import HOLES, HOLES_LIMITS
    from copilot_ls.evaluation.report.endings_page import Words

    n = len(plan.keys) // max(1, len(plan.backends))
    words = Words(
        "Functions written anew",
        f"{n:,} functions of {plan.said_of}, masked, and "
        f"written by {', '.join(plan.backends)} with nothing but what was suggested; judged by the repository's tests.",
        "functions that a test covers",
        "completed without help",
        "By language",
        HOLES_LIMITS,
        (("same", "word for word as it was"), ("asked", "requests")),
    )
    return endings_report(arguments.kind, ledger, plan, provenance, HOLES, words)
