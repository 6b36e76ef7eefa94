"""Calibration on replayed commits: what a user's own history is worth, in characters accepted and interruptions spared.

A simulated user writes the sampled lines of a repository in the order of its commits, key by key. Nothing is known of
them to begin with. They learn nothing; the calibration does, from what became of its suggestions: the earlier half of
the lines teaches, the later half is counted (and goes on to teach). What is shown and right is accepted; of what begins
right, up to the end of a word, the beginning is accepted; all else is rejected, by typing on. The second user takes all
or nothing. The same keys are answered in three ways:

    without      the embedded backend's own threshold, nothing learned
    adapted      the same, its confidence shifted by outcomes: what is there without a gate
    calibrated   that, and the gate: shown when it is as likely as this user's own record demands

Differences are between sums over the lines of a repository; intervals are 95 %, by bootstrap over lines.

    python -m tests.bench.bench_calibration --mirror DIR     repositories that judge; numbers were chosen on others
    python -m tests.bench.bench_calibration --tuners         those others
    python -m tests.bench.bench_calibration --curve          at which cost in characters how many rejections are spared
    python -m tests.bench.bench_calibration --routes         two scripted models of different quality and price

What was weighed at each key is worked out once, in minutes, and kept in `--traces DIR`. Everything is seeded.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.backends.embedded.adaptation import Adaptation
from copilot_ls.backends.embedded.propose import AUTOMATIC_THRESHOLD, Weighed, choose, closed
from copilot_ls.backends.embedded.tasting import choose_by_taste
from copilot_ls.features.calibration import policy
from copilot_ls.features.calibration.learning import learn
from copilot_ls.features.calibration.show_gate import Decision, ShowGate
from copilot_ls.features.calibration.silence import right_beginning
from copilot_ls.features.calibration.state import State
from copilot_ls.features.suggestion import Suggestion
from copilot_ls.text import DocumentSnapshot, Point, Span, TextSnapshot
from tests.bench import calibration_routes
from tests.bench.calibration_traces import Line, traces_of
from tests.bench.replay import CACHE, is_right
from tests.bench.replay_repositories import JUDGES, TUNERS, Repository

if TYPE_CHECKING:
    from collections.abc import Sequence

BACKEND = "embedded"
# Outcomes after which the record is read again: as many as come in some minutes.
_LEARN_EVERY = 20
_RESAMPLED = 1_000
WAYS = ("without", "adapted", "calibrated")


@dataclass
class Counted:
    """What came of some lines."""

    characters: int = 0
    shown: int = 0
    accepted: int = 0
    in_part: int = 0
    rejected: int = 0
    accepted_chars: int = 0
    held_back: int = 0

    def plus(self, other: Counted) -> None:
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Answer(NamedTuple):
    """What is answered at a key: the text, the backend's confidence, and the decision where there is one."""

    text: str
    confidence: float
    decision: Decision | None = None

    @property
    def is_shown(self) -> bool:
        return self.decision is None or self.decision.kind != "silent"


class Without:
    """The embedded backend by its own threshold; with `adapts`, its confidence learns as it does in the server."""

    def __init__(self, *, adapts: bool) -> None:
        self._adaptation = Adaptation() if adapts else None

    def weighed(self, line: Line, column: int) -> list[Weighed]:
        key = line.keys[column - line.start]
        if self._adaptation is None:
            return key.weighed
        adapted = self._adaptation.adapted
        return [replace(one, chosen=adapted(one.chosen, key.place, line.language_id)) for one in key.weighed]

    def answer(self, line: Line, number: int, column: int) -> Answer | None:
        chosen = choose(self.weighed(line, column), 1, AUTOMATIC_THRESHOLD)
        return Answer(chosen[0].text, chosen[0].chosen) if chosen else None

    def judged(self, line: Line, number: int, column: int, answer: Answer, how: str, n_chars: int) -> None:
        if self._adaptation is not None and answer.is_shown:
            place = line.keys[column - line.start].place
            self._adaptation.learn(answer.confidence, place, line.language_id, right=how != "wrong")


class Calibrated(Without):
    """The same with the very gate, and what it learns from, that the server uses."""

    def __init__(self, seed: int) -> None:
        super().__init__(adapts=True)
        self.state = State()
        self.at = 0.0
        self._rows: list[dict[str, object]] = []
        self._n_rows = 0
        self._followed: set[tuple[int, int, str]] = set()
        self.gate = ShowGate(
            lambda: self.state, lambda: True, now=lambda: self.at, hour=lambda: 12, chance=random.Random(seed).random
        )

    def answer(self, line: Line, number: int, column: int) -> Answer | None:
        self.at += 0.25
        self.gate.key_typed()
        document = _document(line, number, column)
        taste = self.gate.taste(document, Point(0, column))
        weighed = self.weighed(line, column)
        usual = choose(weighed, 1, AUTOMATIC_THRESHOLD)
        chosen = choose_by_taste(weighed, usual[0] if usual else None, taste, BACKEND)
        if chosen is None:
            return None
        if not usual or chosen is not usual[0]:
            chosen = closed(chosen, weighed)
        decision = self.gate.decide(
            taste, chosen.text, confidence=round(chosen.chosen, 3), backend=BACKEND, source="backend"
        )
        return Answer(chosen.text, chosen.chosen, decision)

    def judged(self, line: Line, number: int, column: int, answer: Answer, how: str, n_chars: int) -> None:
        super().judged(line, number, column, answer, how, n_chars)
        suggestion = _suggestion(line, number, column, answer)
        self._n_rows += 1
        row: dict[str, object] = {
            "id": self._n_rows, "language": line.language_id, "backend": BACKEND, "accepted_chars": n_chars,
            "p_accept": answer.decision.likely, "features": answer.decision.features,
        }  # fmt: skip
        if answer.is_shown:
            self.gate.judged(suggestion, right=how != "wrong", accepted=True)
            outcome = {"right": "accepted", "part": "partially_accepted", "wrong": "ignored"}[how]
            row |= {"outcome": outcome, "n_chars": len(answer.text), "kept": None, "request_id": str(self._n_rows)}
        else:
            # What goes on with a silence before it counts with that.
            ends = (number, column + len(answer.text), answer.text[-8:])
            if ends in self._followed:
                return
            self._followed.add(ends)
            row["outcome"] = how
        self._rows.append(row)
        if len(self._rows) >= _LEARN_EVERY:
            shown = [row for row in self._rows if "request_id" in row]
            learn(self.state, shown, [row for row in self._rows if "request_id" not in row])
            self._rows.clear()


def _document(line: Line, number: int, column: int) -> DocumentSnapshot:
    return DocumentSnapshot(f"file:///{number}", "", line.language_id, 1, TextSnapshot.of(line.text[:column]))


def _suggestion(line: Line, number: int, column: int, answer: Answer) -> Suggestion:
    at = Point(0, column)
    return Suggestion(
        "", "", f"file:///{number}", 1, line.language_id, answer.text, Span(at, at), "backend", BACKEND, "", "automatic",
        multiline=False, latency_ms=0.0,
    )  # fmt: skip


# --- typing ---------------------------------------------------------------------------------------------------------


def typed(line: Line, number: int, way: Without, *, takes_parts: bool) -> Counted:
    """One line, key by key. A suggestion that is being typed along stays, and is not shown anew."""
    counted = Counted(characters=len(line.text) - line.start)
    column, pending = line.start, ""
    while column < len(line.text):
        if pending and line.text[column] == pending[0]:
            pending, column = pending[1:], column + 1
            continue
        pending = ""
        answer = way.answer(line, number, column)
        if answer is None:
            column += 1
            continue
        how, n_chars = came_of(line.text[column:], answer.text, takes_parts=takes_parts)
        way.judged(line, number, column, answer, how, n_chars)
        if not answer.is_shown:
            counted.held_back += 1
            column += 1
            continue
        counted.shown += 1
        counted.accepted_chars += n_chars
        if how == "wrong":
            counted.rejected += 1
            pending = answer.text[1:] if answer.text[0] == line.text[column] else ""
            column += 1
        else:
            counted.accepted += how == "right"
            counted.in_part += how == "part"
            column += n_chars
    return counted


def came_of(truth: str, text: str, *, takes_parts: bool) -> tuple[str, int]:
    """What the user does with a text, and how many characters of it they take."""
    if is_right(truth, text):
        return "right", len(text)
    if takes_parts:
        agrees = next((at for at, (one, other) in enumerate(zip(truth, text, strict=False)) if one != other), len(text))
        agrees = min(agrees, len(truth))
        part = right_beginning(text, 0, agrees, truth[agrees : agrees + 1])
        if part:
            return "part", part
    return "wrong", 0


def replayed(lines: Sequence[Line], way: Without, *, takes_parts: bool) -> list[Counted]:
    """All lines; what came of each of those that count."""
    counted = [typed(line, number, way, takes_parts=takes_parts) for number, line in enumerate(lines)]
    return counted[len(lines) // 2 :]


# --- figures --------------------------------------------------------------------------------------------------------


@dataclass
class Figures:
    """One repository: what came of each line, by user and way."""

    repository: Repository
    by_way: dict[tuple[bool, str], list[Counted]] = field(default_factory=dict)
    least: dict[bool, float | None] = field(default_factory=dict)
    took_us: float = 0.0


def measure(repository: Repository, mirror: Path | None, traces: Path, n_lines: int, seed: int) -> Figures | None:
    lines = traces_of(repository, mirror, traces, n_lines)
    if lines is None:
        return None
    figures = Figures(repository)
    for takes_parts in (True, False):
        calibrated = Calibrated(seed)
        ways = {"without": Without(adapts=False), "adapted": Without(adapts=True), "calibrated": calibrated}
        for name, way in ways.items():
            figures.by_way[takes_parts, name] = replayed(lines, way, takes_parts=takes_parts)
        figures.least[takes_parts] = calibrated.state.least(BACKEND)
    figures.took_us = _decision_us(lines, calibrated)
    return figures


def _decision_us(lines: Sequence[Line], calibrated: Calibrated) -> float:
    """Processor time of one decision, beyond the choice itself, in microseconds."""
    line = max(lines, key=lambda line: len(line.text))
    documents = [_document(line, 0, column) for column in range(line.start, len(line.text))]
    began = time.process_time()
    for document in documents:
        taste = calibrated.gate.taste(document, Point(0, document.text.n_bytes))
        calibrated.gate.decide(taste, "return value", confidence=0.7, backend=BACKEND, source="backend")
    return 1e6 * (time.process_time() - began) / len(documents)


def total(counted: Sequence[Counted]) -> Counted:
    summed = Counted()
    for one in counted:
        summed.plus(one)
    return summed


def change(
    before: Sequence[Counted], after: Sequence[Counted], name: str, rng: random.Random
) -> tuple[float, float, float]:
    """By how much a sum over lines differs, as a share, and the 95 % interval of that."""
    pairs = [(getattr(one, name), getattr(other, name)) for one, other in zip(before, after, strict=True)]

    def differs(chosen: Sequence[tuple[int, int]]) -> float:
        return sum(other for _, other in chosen) / (sum(one for one, _ in chosen) or 1) - 1.0

    resampled = sorted(differs(rng.choices(pairs, k=len(pairs))) for _ in range(_RESAMPLED))
    return differs(pairs), resampled[int(0.025 * _RESAMPLED)], resampled[int(0.975 * _RESAMPLED)]


def report(found: Sequence[Figures], against: str = "without") -> None:
    for takes_parts, user in ((True, "takes what begins right"), (False, "takes all or nothing")):
        print(f"\na user who {user}; against {against!r}:")
        print(
            f"  {'':<26} {'shown':>6} {'accepted':>8} {'in part':>7} {'rejected':>8} {'characters':>10}"
            f"   {'rejected':^26}   {'accepted characters':^26}"
        )
        for name, chosen in [*((one.repository.name, [one]) for one in found), ("all", found)]:
            before = [line for one in chosen for line in one.by_way[takes_parts, against]]
            for way in WAYS if name == "all" else ("calibrated",):
                after = [line for one in chosen for line in one.by_way[takes_parts, way]]
                print(row(f"{name} {way}" if name == "all" else name, before, after))


def row(name: str, before: Sequence[Counted], after: Sequence[Counted]) -> str:
    summed, rng = total(after), random.Random(7)
    differences = [
        f"{100 * at:+6.1f} % ({100 * low:+6.1f} to {100 * high:+6.1f})"
        for at, low, high in (change(before, after, name, rng) for name in ("rejected", "accepted_chars"))
    ]
    return (
        f"  {name:<26} {summed.shown:>6} {summed.accepted:>8} {summed.in_part:>7} {summed.rejected:>8} "
        f"{summed.accepted_chars:>10}   {differences[0]}   {differences[1]}"
    )


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mirror", type=Path, help="folder of clones, as bench_embedded's")
    parser.add_argument("--traces", type=Path, default=CACHE.with_name("calibration"), help="where traces are kept")
    parser.add_argument("--tuners", action="store_true", help="measure on the repositories that numbers were chosen on")
    parser.add_argument("--only", nargs="+", default=[], help="names of repositories")
    parser.add_argument("--lines", type=int, default=400, help="lines sampled per repository")
    parser.add_argument("--curve", action="store_true", help="for several margins, what they cost and spare")
    parser.add_argument("--routes", action="store_true", help="two scripted models: who is asked first, and its worth")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=3)
    arguments = parser.parse_args(argv)
    if arguments.routes:
        calibration_routes.report(4_000, arguments.seed)
        return 0
    wanted = [
        one for one in (TUNERS if arguments.tuners else JUDGES) if not arguments.only or one.name in arguments.only
    ]
    margins = (-0.08, -0.04, -0.02, policy.MARGIN, 0.02) if arguments.curve else (policy.MARGIN,)
    for margin in margins:
        policy.MARGIN = margin
        with ProcessPoolExecutor(arguments.jobs) as pool:
            waiting = [
                pool.submit(measure, one, arguments.mirror, arguments.traces, arguments.lines, arguments.seed)
                for one in wanted
            ]
            found = [figures for each in waiting if (figures := each.result()) is not None]
        if not found:
            print("none of the repositories can be had here")
            return 1
        if arguments.curve:
            print(f"\nmargin {margin:+.2f}")
        report(found)
        for one in found:
            print(f"{one.repository.name}: least {one.least}, a decision takes {one.took_us:.0f} us of the processor")
    return 0


if __name__ == "__main__":
    sys.exit(main())
