"""Faults put into the user's own code, and mended by the fix loop that the editor uses.

A fault counts where the parser or a checker reports something of the mutated text that it does not report of the
original. The loop gets the task that an editor would give it, over a copy of the files with their index; its edit is
checked once more. A record says how that ended: `original` (as it was), `clean` (nothing is reported that was not
before), `better`, `same`, `worse`, `gave_up`; or `unreported`, where nobody would have noticed. Checkers run where the
repository is trusted, or as the user's own command.
"""

from __future__ import annotations

import re
import time
import uuid
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_ls.checking.registry import checkers_for, command_checker
from copilot_ls.config.settings import EMBEDDED
from copilot_ls.config.trust import TrustStore
from copilot_ls.edits import applied
from copilot_ls.evaluation import carried_settings
from copilot_ls.evaluation.faults import kinds_of
from copilot_ls.evaluation.git import LARGEST_BYTES, GitRepository, RepositoryError
from copilot_ls.evaluation.pipeline import EvaluatedPipeline, patient
from copilot_ls.evaluation.replay import only_backend
from copilot_ls.evaluation.snapshot_folder import SnapshotFolder, is_kept
from copilot_ls.evaluation.trial import copied
from copilot_ls.evaluation.units import Purse, Record, Unit
from copilot_ls.features.fixing.assembly import fixer_parts
from copilot_ls.features.fixing.fixer import CodeFixer
from copilot_ls.features.fixing.outcome import FixTask
from copilot_ls.index.filetypes import file_type
from copilot_ls.syntax import SyntaxDocument
from copilot_ls.text import DocumentSnapshot, Point, Span, TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copilot_ls.checking.base import Checker
    from copilot_ls.config.settings import Settings
    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.features.fixing.outcome import FixOutcome

CHUNK = 5
"""Faults that share a copy."""

_FEWEST_LINES, _MOST_LINES = 20, 1_500
_MOST_FILES = 200
_QUOTED = re.compile(r"""`[^`]*`|'[^']*'|"[^"]*\"""")


class Fault(NamedTuple):
    """The fault `number` of those that a kind makes of a file; made again from these and the seed."""

    path: str
    kind: str
    number: int

    @property
    def id(self) -> str:
        """Its own within a commit."""
        return f"{self.path}:{self.kind}:{self.number}"


def choose(folder: Path, until: str, n: int, languages: Sequence[str], seed: int) -> tuple[str, list[Fault]]:
    """The commit, and `n` faults, of each kind about as many. Raises `RepositoryError` where none can be made."""
    with GitRepository(folder) as repository:
        commit = repository.resolve(until)
        texts: dict[str, str] = {}
        for path, size in repository.files(commit):
            kind = file_type(path)
            wanted = kind is not None and (not languages or kind.language in languages) and kinds_of(path)
            if wanted and size <= LARGEST_BYTES and is_kept(path):
                text = repository.text(commit, path)
                if text is not None and _FEWEST_LINES <= text.count("\n") <= _MOST_LINES:
                    texts[path] = text
    paths = sorted(texts)
    Random(f"files/{seed}").shuffle(paths)  # noqa: S311 - a sample
    paths = paths[:_MOST_FILES]
    found: list[Fault] = []
    names = dict.fromkeys(name for path in paths for name in kinds_of(path))
    waiting = {name: [path for path in paths if name in kinds_of(path)] for name in names}
    while len(found) < n and waiting:
        for name in list(waiting):
            fault = _next_fault(name, waiting[name], texts, seed)
            if fault is None:
                del waiting[name]
            elif len(found) < n:
                found.append(fault)
    if not found:
        raise RepositoryError(
            f"{folder} has no file of {_FEWEST_LINES} to {_MOST_LINES} lines in Python or TypeScript to put faults "
            "into; choose another repository"
        )
    return commit, found


def _next_fault(kind: str, paths: list[str], texts: dict[str, str], seed: int) -> Fault | None:
    while paths:
        path = paths.pop()
        if mutated(path, kind, texts[path], seed):
            return Fault(path, kind, 0)
    return None


def mutated(path: str, kind: str, text: str, seed: int) -> list[str]:
    """The texts with one fault that a kind makes of a file: the same at every call."""
    chance = Random(f"faults/{seed}/{path}/{kind}")  # noqa: S311 - a sample
    return list(kinds_of(path)[kind](text, chance))


def plan(
    folder: Path,
    name: str,
    commit: str,
    faults: Sequence[Fault],
    backends: Sequence[str],
    settings: Settings,
    check: str | None,
    seed: int,
) -> list[Unit]:
    """Units of a few faults."""
    carried = carried_settings.as_json(patient(settings))
    units = []
    for number, at in enumerate(range(0, len(faults), CHUNK)):
        some = faults[at : at + CHUNK]
        keys = tuple(f"{name}/{fault.id}/{backend}" for fault in some for backend in backends)
        task = {
            "folder": str(folder),
            "commit": commit,
            "faults": [list(fault) for fault in some],
            "backends": list(backends),
            "check": check,
            "seed": seed,
        }
        units.append(Unit(f"{name}/{number:04}", "fix", keys, task, settings=carried))
    return units


async def carry_out(unit: Unit, emit: Callable[[Record], None]) -> None:
    """Make some faults, and have each backend mend them."""
    task, purse, todo = unit.task, Purse(unit.may_cost), set(unit.wanted)
    settings = carried_settings.of_json(unit.settings)
    original, name = Path(task["folder"]), unit.id.rpartition("/")[0]
    with GitRepository(original) as repository, copied(repository, task["commit"], "workspace") as copy:
        opened = SnapshotFolder(copy.parent, {}, exclude=settings.index.exclude)
        try:
            for fault in (Fault(*raw) for raw in task["faults"]):
                text = repository.text(task["commit"], fault.path) or ""
                case = _Case(opened, fault, text, mutated(fault.path, fault.kind, text, task["seed"])[fault.number])
                for backend in task["backends"]:
                    key = f"{name}/{fault.id}/{backend}"
                    if key in todo and purse.has(0.0):
                        pipeline = EvaluatedPipeline(
                            opened.root, settings, backend=only_backend(backend), index=opened.index
                        )
                        try:
                            record = await case.mended(
                                pipeline, key, _checkers(fault.path, original, settings, task["check"])
                            )
                        finally:
                            await pipeline.aclose()
                        purse.take(record.cost)
                        emit(record)
        finally:
            opened.close()


def _checkers(path: str, original: Path, settings: Settings, check: str | None) -> Sequence[Checker]:
    if check is not None:
        return (command_checker(check, settings),)
    kind = file_type(path)
    trusted = TrustStore().trusts_folder(original)
    return checkers_for(kind.language if kind else "", settings, trusted=trusted, root=original)


class _Case:
    """One fault in one file."""

    def __init__(self, opened: SnapshotFolder, fault: Fault, text: str, broken: str) -> None:
        kind = file_type(fault.path)
        self._language_id = kind.language if kind else "plaintext"
        self._place = opened.root / fault.path
        self._fault = fault
        self._text = text
        self._broken = broken

    async def mended(self, pipeline: EvaluatedPipeline, key: str, checkers: Sequence[Checker]) -> Record:
        """Have the loop mend it; what came of it."""
        pipeline.start()
        await pipeline.ready()
        parts = fixer_parts(pipeline, now=time.monotonic, new_id=lambda: uuid.uuid4().hex)
        fixer = CodeFixer(replace(parts, checkers=lambda _: checkers))
        before, _ = await self._reports(fixer, self._text)
        reports, failed = await self._reports(fixer, self._broken)
        new = _new(reports, Counter(each.identity for each in before))
        n_faults, n_before = self._parse_faults(self._broken), self._parse_faults(self._text)
        data: dict[str, Any] = {
            "kind": self._fault.kind,
            "language": self._language_id,
            "reports": len(new),
            "checkers": sorted({checker.name for checker in checkers}),
            "failed_checkers": sorted(set(failed)),
        }
        if not new and n_faults <= n_before:
            return Record(key, data | {"ending": "unreported"})
        document = self._document(self._broken)
        last = document.text.n_lines - 1
        span = Span(Point(0, 0), Point(last, len(document.text.line_text(last))))
        outcome = await fixer.fix(FixTask("fix", document, span, tuple(new)))
        data |= _told(outcome)
        data["unusable"] = pipeline.why_unusable
        if not outcome.replacements:
            return Record(key, data | {"ending": "gave_up", "why": _unquoted(outcome.verdict.why)}, outcome.cost)
        text = applied(document.text, outcome.replacements).text
        after, _ = await self._reports(fixer, text)
        left = len(_new(after, Counter(each.identity for each in before)))
        n_left = self._parse_faults(text)
        ending = _ending(text == self._text, (left, max(0, n_left - n_before)), (len(new), max(0, n_faults - n_before)))
        return Record(key, data | {"ending": ending}, outcome.cost)

    async def _reports(self, fixer: CodeFixer, text: str) -> tuple[list[Diagnostic], list[str]]:
        answers = await fixer.check(self._document(text))
        found = [each for answer in answers if not answer.problem for each in answer.diagnostics]
        return found, [answer.checker for answer in answers if answer.problem]

    def _parse_faults(self, text: str) -> int:
        return SyntaxDocument(self._language_id, self._fault.path).tree_at(TextSnapshot.of(text)).error_count()

    def _document(self, text: str) -> DocumentSnapshot:
        return DocumentSnapshot(self._place.as_uri(), str(self._place), self._language_id, 1, TextSnapshot.of(text))


def _new(reports: Sequence[Diagnostic], before: Counter[tuple[str, ...]]) -> list[Diagnostic]:
    """What was not reported of the original."""
    left = Counter(before)
    new = []
    for each in reports:
        if left[each.identity] > 0:
            left[each.identity] -= 1
        elif each.severity in ("error", "warning"):
            new.append(each)
    return new


def _unquoted(why: str) -> str:
    """A reason without what it quotes: records hold nothing of anybody's text."""
    return _QUOTED.sub("...", why)


def _told(outcome: FixOutcome) -> dict[str, Any]:
    return {
        "verdict": outcome.verdict.kind,
        "by_model": int(outcome.backend != EMBEDDED and bool(outcome.replacements)),
        "tries": outcome.n_tries,
        "refused": outcome.n_refused,
        "tool_calls": outcome.n_tool_calls,
        "invalid_tool_calls": outcome.n_invalid_tool_calls,
        "input_tokens": outcome.input_tokens or 0,
        "output_tokens": outcome.output_tokens or 0,
        "took_ms": round(outcome.took_ms, 1),
    }


def _ending(is_original: bool, after: tuple[int, int], before: tuple[int, int]) -> str:
    if is_original:
        return "original"
    if after == (0, 0):
        return "clean"
    # A text that parses shows reports that were hidden: it is nearer all the same.
    n_after, n_before = (after[1], after[0]), (before[1], before[0])
    return "better" if n_after < n_before else "worse" if n_after > n_before else "same"
