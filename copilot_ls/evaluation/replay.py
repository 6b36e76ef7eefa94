"""Commits of repositories, planned in stretches and typed again with each backend.

A stretch is a few commits in a row: its folder and index are made once and moved on, so that a record never depends on
where another run was interrupted. Each commit is typed once per backend, over the files as they were before it, and
leaves a record. Leaves typing to `session`, and what the numbers mean to `figures`.
"""

from __future__ import annotations

import re
import time
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from copilot_ls.evaluation import carried_settings
from copilot_ls.evaluation.changes import Change, lines_gone, written
from copilot_ls.evaluation.git import LARGEST_BYTES, GitRepository, RepositoryError
from copilot_ls.evaluation.pipeline import EvaluatedPipeline, TypingClock, patient
from copilot_ls.evaluation.session import LimitReachedError, Session, portion
from copilot_ls.evaluation.snapshot_folder import files_of, is_kept, moved_on, snapshot_folder
from copilot_ls.evaluation.typist import LEAST_CHARS, Typist
from copilot_ls.evaluation.units import Purse, Record, Unit
from copilot_ls.index.filetypes import file_type
from copilot_ls.index.ignore import IgnoreRules

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.config.settings import Settings
    from copilot_ls.evaluation.typist import Habit

STRETCH = 4
"""Commits that share a folder."""

# Commits that are looked at for each one that is wanted: many change no code.
_LOOK_FOR = 20
_LEAST_LINES = 1


@dataclass(frozen=True, slots=True)
class ReplayChoice:
    """What of a repository is replayed: the last `n_commits` before `until` that somebody wrote code in."""

    n_commits: int = 20
    n_lines: int = 40
    until: str = "HEAD"
    languages: tuple[str, ...] = ()
    habit: Habit = "words"
    least_chars: int = LEAST_CHARS
    seed: int = 1


@dataclass(slots=True)
class Planned:
    """The units of one repository, and what was left out of its history, for the report."""

    name: str
    units: list[Unit]
    n_commits: int
    left_out: dict[str, int]
    head: str


def plan(folder: Path, name: str, backends: Sequence[str], settings: Settings, choice: ReplayChoice) -> Planned:
    """Choose the commits and cut them into units. Raises `RepositoryError` where there is nothing to replay."""
    left_out: dict[str, int] = {}
    with GitRepository(folder) as repository:
        head = repository.resolve(choice.until)
        chain = repository.first_parents(head, choice.n_commits * _LOOK_FOR + 1)
        wanted = _Wanted(choice.languages, settings.index.exclude)
        found: list[tuple[str, str]] = []
        for commit, parent in pairwise(chain):
            if len(found) == choice.n_commits:
                break
            if has_work(changes_of(repository, parent, commit, wanted, left_out)):
                found.append((commit, parent))
        if not found:
            raise RepositoryError(_why_nothing(repository, chain, choice))
    found.reverse()
    carried = carried_settings.as_json(patient(settings))
    units = []
    for number, at in enumerate(range(0, len(found), STRETCH)):
        commits = found[at : at + STRETCH]
        task = {
            "folder": str(folder),
            "commits": commits,
            "backends": list(backends),
            "languages": list(choice.languages),
            "n_lines": choice.n_lines,
            "habit": choice.habit,
            "least_chars": choice.least_chars,
            "seed": choice.seed,
        }
        keys = tuple(f"{name}/{commit}/{backend}" for commit, _ in commits for backend in backends)
        units.append(Unit(f"{name}/{number:04}", "replay", keys, task, settings=carried))
    return Planned(name, units, len(found), left_out, head)


def _why_nothing(repository: GitRepository, chain: Sequence[str], choice: ReplayChoice) -> str:
    folder = repository.folder
    if len(chain) < 2 and repository.is_shallow:  # noqa: PLR2004 - a commit and its parent
        return f"{folder} is a shallow clone that holds {len(chain)} commit; `git fetch --unshallow` brings its history"
    if len(chain) < 2:  # noqa: PLR2004 - as above
        return f"{folder} has {len(chain)} commit; a replay needs at least two"
    which = f" in {', '.join(choice.languages)}" if choice.languages else ""
    return (
        f"none of the last {len(chain) - 1} commits of {folder} adds a line of code{which} that somebody typed; "
        "choose another repository, --until COMMIT or --language"
    )


class _Wanted:
    """Which files of a repository are replayed."""

    def __init__(self, languages: Sequence[str], exclude: Sequence[str]) -> None:
        self._languages = frozenset(languages)
        # No folder is read: a rule of the repository's own is met by the pipeline, in the folder.
        self._rules = IgnoreRules(Path("/nonexistent"), exclude)

    def reason(self, path: str) -> str | None:
        """Why a file is left out, None when it is not."""
        kind = file_type(path)
        if kind is None or not kind.is_code:
            return "no code"
        if self._languages and kind.language not in self._languages:
            return "another language"
        if not is_kept(path) or self._rules.reason(path) is not None or re.search(r"\.min\.\w+$", path):
            return "excluded"
        return None


def changes_of(
    repository: GitRepository, parent: str, commit: str, wanted: _Wanted, left_out: dict[str, int]
) -> list[Change]:
    """What a commit does to the files that are replayed; `left_out` counts the others."""
    changes: list[Change] = []
    for changed in repository.changed(parent, commit):
        if changed.new is None:
            path, reason = changed.old or "", None if wanted.reason(changed.old or "") is None else "no code"
        else:
            path, reason = changed.new, wanted.reason(changed.new)
        if reason is not None:
            left_out[reason] = left_out.get(reason, 0) + 1
            continue
        old = repository.text(parent, changed.old) if changed.old is not None else None
        new = repository.text(commit, path) if changed.new is not None else None
        if (changed.new is not None and new is None) or (changed.old is not None and old is None):
            reason = f"binary, not utf-8, or above {LARGEST_BYTES // 1000} kB"
            left_out[reason] = left_out.get(reason, 0) + 1
            continue
        changes.append(Change(changed.old, changed.new, old, new))
    return changes


def has_work(changes: Sequence[Change]) -> bool:
    """Whether somebody typed a line in them."""
    gone = {line.strip() for change in changes for line in lines_gone(change) if line.strip()}
    n_typed = 0
    for change in changes:
        if change.new is None:
            continue
        new = change.new.split("\n")
        for hunk in change.hunks:
            lines = new[hunk.first : hunk.end]
            n_typed += sum(
                bool(line.strip()) and typed for line, typed in zip(lines, written(lines, gone), strict=True)
            )
    return n_typed >= _LEAST_LINES


async def carry_out(unit: Unit, emit: Callable[[Record], None]) -> None:
    """Type a stretch of commits. Raises `RepositoryError` where the repository is not there any more."""
    task = unit.task
    settings = carried_settings.of_json(unit.settings)
    wanted = _Wanted(task["languages"], settings.index.exclude)
    todo = frozenset(unit.wanted)
    purse = Purse(unit.may_cost)
    name = unit.id.rpartition("/")[0]
    with GitRepository(Path(task["folder"])) as repository, ExitStack() as stack:
        at = task["commits"][0][1]
        opened = stack.enter_context(snapshot_folder(files_of(repository, at), exclude=settings.index.exclude))
        for commit, parent in task["commits"]:
            keys = {backend: f"{name}/{commit}/{backend}" for backend in task["backends"]}
            if parent != at:
                opened.replace(moved_on(repository, at, parent))
                at = parent
            if not todo.intersection(keys.values()):
                continue
            changes = changes_of(repository, parent, commit, wanted, {})
            # One choice for all backends.
            chosen = portion(changes, task["n_lines"], Random(f"{task['seed']}/{commit}"))  # noqa: S311 - a sample
            for backend, key in keys.items():
                if key in todo and purse.has(0.0):
                    clock, typist = TypingClock(), Typist(task["habit"], task["least_chars"])
                    pipeline = EvaluatedPipeline(
                        opened.root, settings, backend=only_backend(backend), index=opened.index, now=clock
                    )
                    record = await _typed(pipeline, clock, typist, changes, chosen, purse, key)
                    purse.take(record.cost)
                    emit(record)


def only_backend(backend: str) -> str | None:
    """The backend that every route is to be; None for the routes as they are configured."""
    return None if backend == ROUTE else backend


ROUTE = "route"
"""Stands for the configured route in place of a backend."""


async def _typed(
    pipeline: EvaluatedPipeline,
    clock: TypingClock,
    typist: Typist,
    changes: Sequence[Change],
    chosen: Any,  # noqa: ANN401 - a portion
    purse: Purse,
    key: str,
) -> Record:
    began, cpu = time.perf_counter(), time.process_time()
    session = Session(pipeline, clock, typist, chosen, lambda: purse.has(pipeline.cost))
    final = True
    try:
        pipeline.start()
        await pipeline.ready()
        await session.type_commit(changes)
    except LimitReachedError:
        final = False
    finally:
        await pipeline.aclose()
    tallies = [tally for tally in session.tallies if tally.requests]
    costs = [tally.cost for tally in tallies if tally.cost is not None]
    data = {
        "files": [tally.as_json() for tally in tallies],
        "cpu_s": round(time.process_time() - cpu, 3),
        "wall_s": round(time.perf_counter() - began, 3),
    }
    if pipeline.why_unusable:
        data["unusable"] = pipeline.why_unusable
    return Record(key, data, sum(costs) if costs else None, final)
