"""Functions of a repository, masked one at a time, written by a backend, and judged by the repository's tests.

First the mask itself is tried: where no test fails of it, none covers the function, and nobody is asked. Then each
backend writes the body (`filling`), in a copy of its own (`trial`). A record says how that ended: `completed`, `failed`
(tests do), `broken` (it parses worse), `nothing` (was suggested), `timed_out`, `not_covered`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Literal

from copilot_ls.evaluation import carried_settings
from copilot_ls.evaluation.bodies import Hole, body_of, filled, holes_of, masked
from copilot_ls.evaluation.edit_order import is_test
from copilot_ls.evaluation.filling import write_body
from copilot_ls.evaluation.git import LARGEST_BYTES, GitRepository, RepositoryError
from copilot_ls.evaluation.pipeline import EvaluatedPipeline, TypingClock, patient
from copilot_ls.evaluation.replay import only_backend
from copilot_ls.evaluation.snapshot_folder import files_of, is_kept, snapshot_folder
from copilot_ls.evaluation.trial import Trial, copied, tried
from copilot_ls.evaluation.typist import similarity
from copilot_ls.evaluation.units import Purse, Record, Unit
from copilot_ls.index.filetypes import file_type
from copilot_ls.syntax import SyntaxDocument
from copilot_ls.text import TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.config.settings import Settings

Judge = Callable[[str], Awaitable[Trial]]
"""Runs the tests with this text in the place of the function's file."""

Ending = Literal["completed", "failed", "broken", "nothing", "timed_out", "not_covered", "stopped"]

_LEAST_MAX_LINES = 40


def find_holes(folder: Path, until: str, n: int, languages: Sequence[str], seed: int) -> tuple[str, list[Hole]]:
    """The commit, and `n` functions of it by chance, of which none is a test. Raises `RepositoryError`."""
    with GitRepository(folder) as repository:
        commit = repository.resolve(until)
        found: list[Hole] = []
        for path, size in repository.files(commit):
            kind = file_type(path)
            wanted = kind is not None and kind.is_code and (not languages or kind.language in languages)
            if wanted and size <= LARGEST_BYTES and is_kept(path) and not is_test(path):
                found += holes_of(path, repository.text(commit, path) or "")
    if not found:
        raise RepositoryError(
            f"{folder} has no function of 2 to 30 lines in a language that can be masked; choose another repository or "
            "--language"
        )
    Random(f"holes/{seed}").shuffle(found)  # noqa: S311 - a sample
    return commit, found[:n]


def plan(
    folder: Path,
    name: str,
    commit: str,
    holes: Sequence[Hole],
    backends: Sequence[str],
    settings: Settings,
    command: Sequence[str],
    timeout_s: float,
) -> list[Unit]:
    """A unit for each function."""
    completion = replace(
        settings.completion, n_candidates=1, max_lines=max(settings.completion.max_lines, _LEAST_MAX_LINES)
    )
    carried = carried_settings.as_json(patient(replace(settings, completion=completion)))
    units = []
    for hole in holes:
        keys = tuple(f"{name}/{hole.id}/{backend}" for backend in backends)
        task = {
            "folder": str(folder),
            "commit": commit,
            "hole": list(hole),
            "backends": list(backends),
            "command": list(command),
            "timeout_s": timeout_s,
        }
        units.append(Unit(f"{name}/{hole.id.replace('/', ':')}", "holes", keys, task, settings=carried))
    return units


async def passes_as_it_is(folder: Path, commit: str, command: Sequence[str], timeout_s: float) -> Trial:
    """Run the tests of the commit as it is: what fails already judges nobody."""
    with GitRepository(folder) as repository, copied(repository, commit) as copy:
        return await tried(command, copy, folder, timeout_s=timeout_s)


async def carry_out(unit: Unit, emit: Callable[[Record], None]) -> None:
    """Mask one function, and have each backend write it. Raises `RepositoryError`."""
    task = unit.task
    hole = Hole(*task["hole"])
    settings = carried_settings.of_json(unit.settings)
    purse = Purse(unit.may_cost)
    folder, todo = Path(task["folder"]), set(unit.wanted)
    keys = dict(zip(task["backends"], unit.keys, strict=True))
    with GitRepository(folder) as repository:
        text = repository.text(task["commit"], hole.path)
        if text is None:
            raise RepositoryError(f"{folder} has no {hole.path} in commit {task['commit'][:12]}")

        async def judged(lines: str) -> Trial:
            with copied(repository, task["commit"]) as copy:
                (copy / hole.path).write_text(lines, "utf-8", newline="")
                return await tried(task["command"], copy, folder, timeout_s=task["timeout_s"])

        mask = await judged(masked(text, hole))
        if mask.passed:
            for key in keys.values():
                if key in todo:
                    emit(Record(key, {"ending": "not_covered"}))
            return
        # The function is in no index: what is to be written is not to be found.
        files = files_of(repository, task["commit"]) | {hole.path: masked(text, hole)}
        with snapshot_folder(files, exclude=settings.index.exclude) as opened:
            for backend, key in keys.items():
                if key not in todo or not purse.has(0.0):
                    continue
                pipeline = EvaluatedPipeline(
                    opened.root, settings, backend=only_backend(backend), index=opened.index, now=TypingClock()
                )
                record = await _written(pipeline, text, hole, purse, judged, key)
                purse.take(record.cost)
                emit(record)


async def _written(pipeline: EvaluatedPipeline, text: str, hole: Hole, purse: Purse, judged: Judge, key: str) -> Record:
    kind = file_type(hole.path)
    language_id = kind.language if kind else "plaintext"
    try:
        pipeline.start()
        await pipeline.ready()
        lines = await write_body(pipeline, text, hole, language_id, lambda: purse.has(pipeline.cost))
    finally:
        await pipeline.aclose()
    spent = pipeline.spent
    original = "\n".join(line.strip() for line in body_of(text, hole))
    data = {
        "language": language_id,
        "lines": hole.end - hole.first,
        "written": len(lines),
        "similarity": round(similarity(original, "\n".join(line.strip() for line in lines)), 4),
        "same": [line.rstrip() for line in body_of(text, hole)] == lines,
        "asked": spent.asked,
        "input_tokens": spent.input_tokens,
        "output_tokens": spent.output_tokens,
        "faults": dict(spent.faults),
        "passed_over": dict(spent.passed_over),
        "unusable": pipeline.why_unusable,
    }
    ending: Ending
    if not purse.has(pipeline.cost):
        return Record(key, data | {"ending": "stopped"}, spent.cost, final=False)
    if not lines:
        ending = "nothing"
    elif _parses_worse(text, hole, lines, language_id):
        ending = "broken"
    else:
        trial = await judged(filled(text, hole, lines))
        ending = "completed" if trial.passed else "timed_out" if trial.timed_out else "failed"
    return Record(key, data | {"ending": ending}, spent.cost)


def _parses_worse(text: str, hole: Hole, lines: list[str], language_id: str) -> bool:
    counts = [
        SyntaxDocument(language_id, hole.path).tree_at(TextSnapshot.of(each)).error_count()
        for each in (text, filled(text, hole, lines))
    ]
    return counts[1] > counts[0]
