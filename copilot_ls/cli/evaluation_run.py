"""What the kinds of `copilot-ls eval` have in common: their options, repositories, backends, running, and the report.

A kind makes a plan and a page; between them everything is here.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot_ls.errors import CopilotLsError, SettingsError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from copilot_ls.config.settings import Settings
    from copilot_ls.evaluation.campaign import CampaignEnd, Progress
    from copilot_ls.evaluation.ending_figures import Endings
    from copilot_ls.evaluation.ledger import Ledger
    from copilot_ls.evaluation.report.endings_page import Words
    from copilot_ls.evaluation.report.page import Page
    from copilot_ls.evaluation.report.provenance import Provenance
    from copilot_ls.evaluation.units import Unit

_DONE, _NOTHING, _NO_SENSE = 0, 1, 2
_BAR = 24
_PLAIN_STEPS = 10
_GENERIC_NAMES = frozenset({".git", "repo", "repo.git"})


@dataclass(slots=True)
class Plan:
    """What a kind wants done. `subjects` are commits by repository, `left_out` counts files by reason.

    `facts` are further lines of how it was made, `notes` are said on the way.
    """

    units: list[Unit]
    backends: list[str]
    models: dict[str, str]
    subjects: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def said_of(self) -> str:
        """How many repositories, in words."""
        return f"{len(self.subjects)} {'repository' if len(self.subjects) == 1 else 'repositories'}"

    @property
    def keys(self) -> list[str]:
        """The keys of all records, in the plan's order."""
        return [key for unit in self.units for key in unit.keys]


@dataclass(frozen=True, slots=True)
class Subject:
    """A repository that was named: its folder, a short name of its own, and the settings there."""

    folder: Path
    name: str
    settings: Settings


def add_repositories(parser: argparse.ArgumentParser) -> None:
    """Declare which repositories."""
    parser.add_argument("repositories", nargs="+", metavar="REPO", help="folder of a git repository; several at once")


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare backends, workers, limits and where the report goes."""
    parser.add_argument(
        "--backend", action="append", metavar="NAME", dest="backends",
        help="a configured backend, `embedded`, or `route` for the configured route; several are compared side by side "
        "(default: embedded)",
    )  # fmt: skip
    parser.add_argument("--jobs", type=_jobs, metavar="N", help="processes at a time (default: one per processor)")
    parser.add_argument(
        "--scheduler", metavar="ADDRESS",
        help="address of a Dask scheduler whose workers do it instead, such as tcp://127.0.0.1:8786; wants "
        "copilot-ls[cluster] and the repositories at the same paths there",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="of every choice of chance (default: 1)")
    parser.add_argument(
        "--max-cost", type=_max_cost, metavar="COST",
        help="most that all runs of this evaluation may cost, in the unit of your prices; settings' limits hold too",
    )  # fmt: skip
    parser.add_argument("--out", metavar="DIR", help="write report.md, report.html and figures.json into this folder")
    parser.add_argument("--fresh", action="store_true", help="begin anew, and forget what an earlier run measured")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON instead of the report")


def count(word: str) -> int:
    """A number of things on the command line. Raises `ArgumentTypeError`."""
    from argparse import ArgumentTypeError

    if not word.isdigit() or not 1 <= int(word) <= 1_000_000:  # noqa: PLR2004 - more is a slip of the finger
        raise ArgumentTypeError(f"{word!r} is not a number from 1 to 1000000")
    return int(word)


def _jobs(word: str) -> int:
    from argparse import ArgumentTypeError

    if not word.isdigit() or not 1 <= int(word) <= 1024:  # noqa: PLR2004 - more is a slip of the finger
        raise ArgumentTypeError(f"{word!r} is not a number of processes; expected 1 to 1024")
    return int(word)


def _max_cost(word: str) -> float:
    from argparse import ArgumentTypeError
    from math import isfinite

    try:
        cost = float(word)
    except ValueError:
        cost = -1.0
    if not isfinite(cost) or cost < 0:
        raise ArgumentTypeError(f"{word!r} is no cost; expected a number such as 0.50")
    return cost


def carry_through(
    arguments: argparse.Namespace,
    plan: Callable[[], Plan],
    report: Callable[[Ledger, Plan, Provenance], tuple[Page, Mapping[str, Any]]],
) -> int:
    """Plan, run, report; returns the exit status. Whatever can be mended by the user is one sentence."""
    try:
        return asyncio.run(_carried_through(arguments, plan, report))
    except (CopilotLsError, SettingsError) as error:
        return complain(arguments, str(error), _NO_SENSE)
    except KeyboardInterrupt:
        complain(arguments, "interrupted; the same command goes on from here", 130)
        raise


def complain(arguments: argparse.Namespace, words: str, status: int) -> int:
    """Say what is wrong; returns the status."""
    shown = "".join(sign if sign.isprintable() else " " for sign in words)
    print(f"copilot-ls eval {arguments.kind}: {shown}", file=sys.stderr)
    return status


def subjects_of(arguments: argparse.Namespace) -> list[Subject]:
    """The repositories that were named, each once, with names that tell them apart. Raises `SettingsError`."""
    from copilot_ls.config.load import load
    from copilot_ls.config.paths import config_dir

    folders = list(dict.fromkeys(Path(word).expanduser().resolve() for word in arguments.repositories))
    for folder in folders:
        if not folder.is_dir():
            raise SettingsError(f"{folder} is not a folder; expected that of a git repository, such as .")
    names = _names(folders)
    subjects = []
    for folder in folders:
        loaded = load(user_file=config_dir() / "config.toml", workspace_roots=[folder], editor=None)
        for problem in loaded.problems:
            print(f"copilot-ls: {problem}", file=sys.stderr)
        subjects.append(Subject(folder, names[folder], loaded.settings))
    return subjects


def planned(arguments: argparse.Namespace, plan_one: Callable[[Plan, Subject], None]) -> Plan:
    """A plan of all repositories. One of many that cannot be planned is noted; the only one is the end of it."""
    made = Plan([], [], {})
    failed: CopilotLsError | None = None
    for subject in subjects_of(arguments):
        made.backends, made.models = backends_of(arguments, subject.settings)
        try:
            plan_one(made, subject)
        except CopilotLsError as error:
            failed = error
            made.notes.append(str(error))
    if failed is not None and not made.units:
        raise failed
    return made


def _names(folders: Sequence[Path]) -> dict[Path, str]:
    plain = {folder: folder.parent.name if folder.name in _GENERIC_NAMES else folder.name for folder in folders}
    taken: dict[str, int] = {}
    names = {}
    for folder, name in plain.items():
        taken[name] = taken.get(name, 0) + 1
        names[folder] = name if taken[name] == 1 else f"{name}~{taken[name]}"
    return names


def backends_of(arguments: argparse.Namespace, settings: Settings) -> tuple[list[str], dict[str, str]]:
    """The backends that were named, and their models. Raises `SettingsError` for one that is not configured."""
    from copilot_ls.config.settings import EMBEDDED
    from copilot_ls.evaluation.replay import ROUTE

    names = list(dict.fromkeys(arguments.backends or [EMBEDDED]))
    models = {}
    for name in names:
        configured = settings.backend.get(name)
        if configured is None and name not in (EMBEDDED, ROUTE):
            known = ", ".join([*settings.backend, EMBEDDED, ROUTE])
            raise SettingsError(f"backend {name!r} is not configured; there are {known}; [backend.{name}] adds it")
        models[name] = (configured.model or configured.kind) if configured is not None else name
        if name == ROUTE:
            models[name] = ", ".join(step.backend for step in settings.route.completion)
    return names, models


async def _carried_through(
    arguments: argparse.Namespace,
    make_plan: Callable[[], Plan],
    report: Callable[[Ledger, Plan, Provenance], tuple[Page, Mapping[str, Any]]],
) -> int:
    from copilot_ls.config.paths import state_dir
    from copilot_ls.evaluation import campaign
    from copilot_ls.evaluation.ledger import Ledger, name_of
    from copilot_ls.evaluation.units import in_turn

    made = await asyncio.to_thread(make_plan)
    for note in made.notes:
        complain(arguments, note, _DONE)
    jobs = min(arguments.jobs or os.cpu_count() or 1, max(1, len(made.units)))
    with Ledger(state_dir() / "evaluations" / name_of(made.units), fresh=arguments.fresh) as ledger:
        bar = _ProgressBar(arguments.kind)
        end = await campaign.run(
            in_turn(made.units),
            ledger,
            _crew(arguments, jobs),
            jobs=jobs,
            max_cost=arguments.max_cost,
            progress=bar.show,
        )
        bar.close()
        for unit, problem in list(end.problems.items())[:5]:
            complain(arguments, f"{unit}: {problem}", _NOTHING)
        if not any(key in ledger.records for key in made.keys):
            return complain(arguments, "nothing was measured" + _why(end), _NOTHING)
        page, figures = report(ledger, made, _provenance(arguments, ledger, made, end))
    _deliver(arguments, page, figures)
    return _DONE


def _why(end: CampaignEnd) -> str:
    return "; the limit of --max-cost is reached" if end.stopped_by_cost else ""


def _crew(arguments: argparse.Namespace, jobs: int) -> Any:  # noqa: ANN401 - one of two crews
    if arguments.scheduler:
        from copilot_ls.evaluation.cluster import DaskCrew

        return DaskCrew(arguments.scheduler)
    from copilot_ls.evaluation.crew import LocalCrew

    return LocalCrew(jobs)


def _provenance(arguments: argparse.Namespace, ledger: Ledger, plan: Plan, end: CampaignEnd) -> Provenance:
    import platform
    import shlex

    from copilot_ls import __version__
    from copilot_ls.evaluation.report.provenance import Provenance

    return Provenance(
        command=shlex.join(["copilot-ls", *_told_again(sys.argv[1:])]),
        seed=arguments.seed,
        versions=plan.facts
        | {"copilot-ls": __version__, "Python": platform.python_version(), "system": platform.system()},
        subjects=plan.subjects,
        models=plan.models,
        cost=ledger.cost,
        n_done=sum(key in ledger.records and ledger.records[key].final for key in plan.keys),
        n_wanted=len(plan.keys),
        cpu_s=end.cpu_s,
        stopped_by_cost=end.stopped_by_cost,
        max_cost=arguments.max_cost,
        problems=end.problems,
        left_out=plan.left_out,
    )


def endings_report(
    kind: str, ledger: Ledger, plan: Plan, provenance: Provenance, endings: Endings, words: Words
) -> tuple[Page, dict[str, Any]]:
    """The page and the figures of an evaluation whose records each have one ending."""
    from copilot_ls.evaluation.ending_figures import ending_figures
    from copilot_ls.evaluation.report.endings_page import endings_page

    standings = ending_figures(ledger.records, plan.keys, plan.backends, endings)
    figures = {
        "kind": kind,
        "subjects": plan.subjects,
        "models": plan.models,
        "cost": provenance.cost,
        "missing": provenance.n_wanted - provenance.n_done,
        "problems": dict(provenance.problems),
        "backends": [each.as_json() for each in standings],
    }
    return endings_page(standings, endings, words, provenance), figures


def _told_again(words: Sequence[str]) -> Iterator[str]:
    """The command line, without what says where the report goes or that a run be forgotten."""
    skip = False
    for word in words:
        if skip or word in ("--fresh", "--json", "--out"):
            skip = word == "--out" and not skip
        elif not word.startswith("--out="):
            yield word


def _deliver(arguments: argparse.Namespace, page: Page, figures: Mapping[str, Any]) -> None:
    from copilot_ls.evaluation.report.html import html
    from copilot_ls.evaluation.report.markdown import markdown

    if arguments.out:
        folder = Path(arguments.out)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.md").write_text(markdown(page), encoding="utf-8")
        (folder / "report.html").write_text(html(page), encoding="utf-8")
        (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        print(f"{folder / 'report.html'} and report.md, figures.json beside it", file=sys.stderr)
    if arguments.json:
        print(json.dumps(figures, indent=1))
    elif not arguments.out:
        print(markdown(page), end="")


class _ProgressBar:
    """How far it is: one line that is written over on a terminal, a line at each tenth elsewhere."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._began = time.monotonic()
        self._is_terminal = sys.stderr.isatty()
        self._told = -1
        self._shown = False

    def show(self, progress: Progress) -> None:
        """Say how far it is, if that is news."""
        step = _PLAIN_STEPS * progress.n_done // max(1, progress.n_all)
        if not self._is_terminal and step == self._told:
            return
        self._told = step
        share = progress.n_done / max(1, progress.n_all)
        n_new, took_s = progress.n_done - progress.n_before, time.monotonic() - self._began
        words = f"{progress.n_done:,} of {progress.n_all:,}"
        if progress.n_before and not n_new:
            words += f", {progress.n_before:,} of them by an earlier run"
        if n_new and progress.n_done < progress.n_all:
            words += f", {_clock(took_s / n_new * (progress.n_all - progress.n_done))} left"
        if progress.cost:
            words += f", cost {progress.cost:.4g}"
        if self._is_terminal:
            filled = round(share * _BAR)
            print(
                f"\r\x1b[K{self._kind} {'█' * filled}{'░' * (_BAR - filled)} {words}",
                end="",
                file=sys.stderr,
                flush=True,
            )
        else:
            print(f"{self._kind}: {words}", file=sys.stderr, flush=True)
        self._shown = True

    def close(self) -> None:
        """Leave the line."""
        if self._shown and self._is_terminal:
            print(file=sys.stderr)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
