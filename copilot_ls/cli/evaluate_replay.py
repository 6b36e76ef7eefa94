"""Replay the last commits of repositories key by key, with each backend, through the pipeline that the server runs.

Of each commit some lines are typed: after every key a ghost text is asked for, as an editor does, and taken where it is
how the code goes on. Reported are keystrokes saved, acceptance, precision (and at which coverage), whole lines, edit
similarity, cost per accepted suggestion and latency, side by side with intervals.

    copilot-ls eval replay . --commits 50 --backend local --backend embedded
    copilot-ls eval replay ~/src/* --jobs 8 --out report
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from copilot_ls.cli.evaluation_run import Plan, Subject
    from copilot_ls.evaluation.intervals import Estimate
    from copilot_ls.evaluation.ledger import Ledger
    from copilot_ls.evaluation.replay_figures import ReplayFigures, Standing
    from copilot_ls.evaluation.report.page import Page
    from copilot_ls.evaluation.report.provenance import Provenance

SUMMARY = "type the last commits again, key by key, and see what would have been saved"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare repositories, commits and the typist."""
    from copilot_ls.cli.evaluation_run import add_repositories, add_run_arguments, count
    from copilot_ls.evaluation.typist import LEAST_CHARS

    add_repositories(parser)
    parser.add_argument(
        "--commits",
        type=count,
        default=20,
        metavar="N",
        help="commits of each repository that somebody wrote code in (default: 20)",
    )
    parser.add_argument(
        "--lines",
        type=count,
        default=40,
        metavar="N",
        help="lines typed of each commit; the others appear at once (default: 40)",
    )
    parser.add_argument("--until", default="HEAD", metavar="COMMIT", help="the newest commit (default: HEAD)")
    parser.add_argument(
        "--language", action="append", default=[], metavar="ID", help="only files of this language, such as python"
    )
    parser.add_argument(
        "--habit",
        choices=("words", "whole"),
        default="words",
        help="whether words of a text are taken where all of it is wrong (default: words)",
    )
    parser.add_argument(
        "--least-chars",
        type=count,
        default=LEAST_CHARS,
        metavar="N",
        help=f"shorter texts are typed (default: {LEAST_CHARS})",
    )
    add_run_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Replay and report; returns the exit status."""
    from copilot_ls.cli.evaluation_run import carry_through

    return carry_through(arguments, lambda: _plan(arguments), lambda *found: _report(arguments, *found))


def _plan(arguments: argparse.Namespace) -> Plan:
    from copilot_ls.cli.evaluation_run import planned
    from copilot_ls.evaluation import replay

    choice = replay.ReplayChoice(
        n_commits=arguments.commits,
        n_lines=arguments.lines,
        until=arguments.until,
        languages=tuple(arguments.language),
        habit=arguments.habit,
        least_chars=arguments.least_chars,
        seed=arguments.seed,
    )

    def plan_one(made: Plan, subject: Subject) -> None:
        found = replay.plan(subject.folder, subject.name, made.backends, subject.settings, choice)
        made.units += found.units
        made.subjects[found.name] = found.head
        for reason, n in found.left_out.items():
            made.left_out[reason] = made.left_out.get(reason, 0) + n

    return planned(arguments, plan_one)


def _report(
    arguments: argparse.Namespace, ledger: Ledger, plan: Plan, provenance: Provenance
) -> tuple[Page, Mapping[str, Any]]:
    from copilot_ls.evaluation.replay_figures import replay_figures
    from copilot_ls.evaluation.report.replay_page import replay_page

    figures = replay_figures(ledger.records, plan.keys, plan.backends, arguments.seed)
    return replay_page(figures, provenance), _as_json(figures, plan, provenance)


def _as_json(figures: ReplayFigures, plan: Plan, provenance: Provenance) -> dict[str, Any]:
    return {
        "kind": "replay",
        "subjects": plan.subjects,
        "models": plan.models,
        "cost": provenance.cost,
        "missing": provenance.n_wanted - provenance.n_done,
        "problems": dict(provenance.problems),
        "backends": [_standing(each) for each in figures.standings],
        "by_repository": {name: [_standing(each) for each in some] for name, some in figures.by_repository.items()},
        "by_language": {name: [_standing(each) for each in some] for name, some in figures.by_language.items()},
        "differences": [
            {"first": each.first, "second": each.second, "estimates": _listed(each.estimates)}
            for each in figures.differences
        ],
    }  # fmt: skip


def _standing(standing: Standing) -> dict[str, Any]:
    counts = standing.total.as_json()
    counts.pop("latency_ms", None)
    counts.pop("language", None)
    return {
        "backend": standing.backend,
        "commits": standing.n_commits,
        "files": standing.n_files,
        "estimates": _listed(standing.estimates | standing.curve),
        "counts": counts,
        "p50_ms": standing.p50_ms,
        "p95_ms": standing.p95_ms,
        "cpu_s": round(standing.cpu_s, 2),
        "unusable": standing.unusable or None,
    }


def _listed(estimates: Mapping[str, Estimate]) -> dict[str, list[float | None]]:
    return {name: list(one) for name, one in estimates.items()}
