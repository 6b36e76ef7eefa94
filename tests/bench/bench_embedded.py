"""The embedded completer on replayed commits: how often it speaks, how often it is right, what it saves, how long it takes.

At each point of `replay` a text is shown or not; it is right when the author went on to type exactly it (and it ends no word
in its midst). Coverage is the share of the points where something is shown, taken at the threshold that is as precise as the
column says; the length is that of what is shown there. Right lines are points where the likeliest whole rest of the line
is what the author typed. The calibration error compares the confidence of what is shown at the default threshold with how
often it was right, in ten bins. A block is a text of several lines, asked for at the start of each line and at its end; it is right
when all of its lines are those of the commit. Baselines answer the same points in the same run; so does plain word completion where typing
is simulated: whatever is shown and right is taken with one key, all else is typed.

    python -m tests.bench.bench_embedded                 repositories that judge; cloned, or else their releases
    python -m tests.bench.bench_embedded --mirror DIR    histories from a folder of clones
    python -m tests.bench.bench_embedded --tuners        the repositories that the model was trained on
    python -m tests.bench.bench_embedded --only NAME     one of them

Everything is seeded. Which source was used stands above the table.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from copilot_ls.backends.embedded import confidence
from copilot_ls.backends.embedded.propose import AUTOMATIC_THRESHOLD, Weighed, choose, described, propose, weighed_of
from copilot_ls.backends.embedded.streams import Chunks
from copilot_ls.backends.embedded.workspace import PatientIndex
from copilot_ls.lsp.server import COLLECT_AFTER
from copilot_ls.syntax import SyntaxDocument, parses_no_worse
from copilot_ls.text import Point
from tests.bench import replay, replay_baselines, replay_releases
from tests.bench.replay import ANYWHERE, PLACES, is_right
from tests.bench.replay_repositories import JUDGES, TUNERS, Repository

THRESHOLDS = [at / 50 for at in range(10, 50)]
SYSTEMS = ("embedded", "suffix copy alone", "n-gram alone", "whole lines only")
_LONGEST_TYPED = 120


@dataclass
class Sweep:
    """What a system would have shown at each threshold: how often, right how often, how many characters."""

    n: int = 0
    right_lines: int = 0
    shown: list[int] = field(default_factory=lambda: [0] * len(THRESHOLDS))
    right: list[int] = field(default_factory=lambda: [0] * len(THRESHOLDS))
    length: list[int] = field(default_factory=lambda: [0] * len(THRESHOLDS))

    def add(self, truth: str, shown: list[str], line: str) -> None:
        self.n += 1
        self.right_lines += line == truth
        for at, text in enumerate(shown):
            if text:
                self.shown[at] += 1
                self.right[at] += is_right(truth, text)
                self.length[at] += len(text)

    def plus(self, other: Sweep) -> None:
        self.n += other.n
        self.right_lines += other.right_lines
        for mine, theirs in ((self.shown, other.shown), (self.right, other.right), (self.length, other.length)):
            mine[:] = [one + two for one, two in zip(mine, theirs, strict=True)]

    def coverage_at(self, precision: float) -> tuple[float, float]:
        """The largest coverage at that precision, and the mean length there."""
        best = (0.0, 0.0)
        for shown, right, length in zip(self.shown, self.right, self.length, strict=True):
            if shown and right / shown >= precision:
                best = max(best, (shown / self.n, length / shown))
        return best


@dataclass
class Default:
    """What is shown at the default threshold."""

    n: int = 0
    shown: int = 0
    right: int = 0
    length: int = 0
    bins: list[list[float]] = field(default_factory=lambda: [[0, 0, 0.0] for _ in range(10)])

    def add(self, truth: str, text: str, said: float) -> None:
        self.n += 1
        if text:
            right = is_right(truth, text)
            self.shown += 1
            self.right += right
            self.length += len(text)
            within = self.bins[min(9, int(10 * said))]
            within[0] += 1
            within[1] += right
            within[2] += said

    def plus(self, other: Default) -> None:
        for name in ("n", "shown", "right", "length"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for mine, theirs in zip(self.bins, other.bins, strict=True):
            mine[:] = [one + two for one, two in zip(mine, theirs, strict=True)]

    @property
    def calibration_error(self) -> float:
        """Expected calibration error (Naeini and others, 2015): mean |said - right|, weighted by how many."""
        return sum(abs(said - right) for _, right, said in self.bins) / (self.shown or 1)


@dataclass
class Typed:
    """Simulated typing: characters, keys, texts shown and taken."""

    characters: int = 0
    keys: int = 0
    shown: int = 0
    taken: int = 0

    def plus(self, other: Typed) -> None:
        for name in ("characters", "keys", "shown", "taken"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def __str__(self) -> str:
        saved = 1 - self.keys / (self.characters or 1)
        return f"saves {saved:.3f} of {self.characters} keys; {self.taken / (self.shown or 1):.3f} of {self.shown} shown taken"


@dataclass
class Blocks:
    """Texts of several lines at one kind of place: of how many asked, how many shown, right, what was said, lines added."""

    n: int = 0
    shown: int = 0
    right: int = 0
    said: float = 0.0
    lines: int = 0

    def plus(self, other: Blocks) -> None:
        for name in ("n", "shown", "right", "said", "lines"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def __str__(self) -> str:
        shown = self.shown or 1
        return (
            f"{self.shown} shown at {self.n}; {self.right / shown:.3f} right, said {self.said / shown:.3f}; "
            f"{self.lines / shown:.2f} lines added"
        )


@dataclass
class Figures:
    """All figures of one repository."""

    repository: Repository
    source: str = ""
    sweeps: dict[tuple[str, str], Sweep] = field(default_factory=dict)  # by system and place
    defaults: dict[str, Default] = field(default_factory=dict)  # by place
    typed: Typed = field(default_factory=Typed)
    typed_words: Typed = field(default_factory=Typed)
    blocks: dict[str, Blocks] = field(default_factory=dict)  # by place
    took: list[float] = field(default_factory=list)
    parsed: int = 0
    worse: int = 0


def whole_lines(weighed: list[Weighed]) -> tuple[str, float]:
    """The likeliest whole rest of the line."""
    best = max((one for one in weighed if one.ends), key=lambda one: (one.line, one.text), default=None)
    return (best.text, best.line) if best is not None else ("", 0.0)


def shown_from(text: str, score: float) -> list[str]:
    return [text if score >= threshold else "" for threshold in THRESHOLDS]


def measure(repository: Repository, mirror: Path | None, n_lines: int, n_typed: int, seed: int) -> Figures | None:
    rng = random.Random(f"{repository.name}/{seed}")
    folder = replay.clone_of(repository, mirror)
    if folder is not None:
        replayed = replay.history(repository, folder, n_lines=n_lines, rng=rng)
    else:
        replayed = replay_releases.releases_of(repository, n_lines=n_lines, rng=rng)
    if replayed is None:
        return None
    figures = Figures(repository, replayed.source)
    chunks = Chunks()
    # As in the server: the collector of cycles looks seldom, and the model is there.
    confidence.model()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    for case in replay.cases(replayed, random.Random(seed)):
        _measure(figures, case, chunks)
    _type(figures, replayed, n_typed, random.Random(seed), chunks)
    return figures


def _measure(figures: Figures, case: replay.Case, chunks: Chunks) -> None:
    index = PatientIndex(case.index)
    start = time.thread_time()
    here = described(
        case.document, case.cursor, case.others, index,
        index_path=case.document.path, chunks=chunks, recent_edits=case.edits,
    )  # fmt: skip
    weighed = weighed_of(here)
    best = choose(weighed, 1, AUTOMATIC_THRESHOLD)
    figures.took.append(1000 * (time.thread_time() - start))
    default = figures.defaults.setdefault(case.place, Default())
    default.add(case.truth, best[0].text if best else "", best[0].chosen if best else 0.0)
    if best:
        tree = SyntaxDocument(case.document.language_id, "").tree_at(case.document.text)
        figures.parsed += 1
        figures.worse += not parses_no_worse(tree, case.cursor, best[0].text)
    line, likely = whole_lines(weighed)
    shown = [answers[0].text if (answers := choose(weighed, 1, at)) else "" for at in THRESHOLDS]
    _add(figures, "embedded", case, shown, line)
    _add(figures, "whole lines only", case, shown_from(line, likely), line)
    text, score = replay_baselines.suffix_copy(case, here, index)
    _add(figures, "suffix copy alone", case, shown_from(text, score), text)
    text, score = replay_baselines.Ngrams(case).answer()
    _add(figures, "n-gram alone", case, shown_from(text, score), text)


def _add(figures: Figures, system: str, case: replay.Case, shown: list[str], line: str) -> None:
    figures.sweeps.setdefault((system, case.place), Sweep()).add(case.truth, shown, line)


# --- simulated typing -----------------------------------------------------------------------------------------------


def _type(figures: Figures, replayed: replay.History, n_typed: int, rng: random.Random, chunks: Chunks) -> None:
    """Type sampled lines key by key, once with suggestions, once with word completion; ask for blocks at all of them."""
    kept = set(rng.sample(range(replayed.n_lines), min(n_typed, replayed.n_lines)))
    for number, typed in enumerate(replay.typed_lines(replayed)):
        _ask_for_blocks(figures, typed, chunks)
        if number in kept:
            line = typed.line[:_LONGEST_TYPED]
            indent = len(line) - len(line.lstrip())
            figures.typed.plus(_keys(line, indent, partial(_suggested, typed, PatientIndex(typed.index), chunks)))
            texts = ["\n".join(typed.above), "\n".join(typed.below), *(other.text.text for other in typed.others)]
            figures.typed_words.plus(_keys(line, indent, partial(_word, line, replay_baselines.words_of(texts))))


def _ask_for_blocks(figures: Figures, typed: replay.TypedLine, chunks: Chunks) -> None:
    for place, column in (("line start", len(typed.line) - len(typed.line.lstrip())), ("line end", len(typed.line))):
        answers = propose(
            typed.until(column), Point(typed.at, column), typed.others, PatientIndex(typed.index),
            index_path=typed.path, chunks=chunks, recent_edits=typed.edits, multiline=True,
        )  # fmt: skip
        its = figures.blocks.setdefault(place, Blocks())
        its.n += 1
        first, *added = answers[0].text.split("\n") if answers else ("",)
        if added:
            after = [line.rstrip() for line in typed.after[: len(added)]]
            its.shown += 1
            its.right += first == typed.line[column:] and added == after
            its.said += answers[0].confidence
            its.lines += len(added)


def _suggested(typed: replay.TypedLine, index: PatientIndex, chunks: Chunks, column: int) -> str:
    answers = propose(
        typed.until(column), Point(typed.at, column), typed.others, index,
        index_path=typed.path, chunks=chunks, recent_edits=typed.edits,
    )  # fmt: skip
    return answers[0].text if answers else ""


def _word(line: str, words: Counter[str], column: int) -> str:
    return replay_baselines.word_completion(line[:column], words)


def _keys(line: str, column: int, suggested) -> Typed:
    """One line. A suggestion that is being typed along stays, and is not shown anew."""
    typed = Typed(characters=len(line) - column)
    pending = ""
    while column < len(line):
        text = suggested(column)
        typed.shown += bool(text) and text != pending
        typed.keys += 1
        pending = ""
        if text and is_right(line[column:], text):
            typed.taken += 1
            column += len(text)
        else:
            pending = text[1:] if text[:1] == line[column] else ""
            column += 1
    return typed


# --- the table ------------------------------------------------------------------------------------------------------


def merged(found: list[Figures], system: str, places: tuple[str, ...]) -> tuple[Sweep, Default]:
    sweep, default = Sweep(), Default()
    for figures in found:
        for place in places:
            sweep.plus(figures.sweeps.get((system, place), Sweep()))
            if system == "embedded":
                default.plus(figures.defaults.get(place, Default()))
    return sweep, default


def row(name: str, sweep: Sweep, default: Default) -> str:
    at80, at90 = sweep.coverage_at(0.8), sweep.coverage_at(0.9)
    said = ""
    if default.shown:
        said = (
            f"{default.shown / default.n:>9.3f} {default.right / default.shown:>9.3f} "
            f"{default.length / default.shown:>7.1f} {default.calibration_error:>7.3f}"
        )
    return (
        f"{name:<32} {sweep.n:>6} {sweep.right_lines / (sweep.n or 1):>7.3f} {at80[0]:>9.3f} {at80[1]:>7.1f} "
        f"{at90[0]:>9.3f} {at90[1]:>7.1f} {said}"
    ).rstrip()


def report(found: list[Figures]) -> None:
    print("replayed: " + ", ".join(f"{one.repository.name} ({one.source})" for one in found))
    print(
        f"\n{'':<32} {'':>6} {'right':>7} {'at precision 0.80':>17} {'at precision 0.90':>17}  at the threshold of {AUTOMATIC_THRESHOLD}\n"
        f"{'':<32} {'points':>6} {'line':>7} {'coverage':>9} {'length':>7} {'coverage':>9} {'length':>7} "
        f"{'coverage':>9} {'precision':>9} {'length':>7} {'error':>7}"
    )
    for system in SYSTEMS:
        print(row(system, *merged(found, system, PLACES)))
    print("embedded, by language, kind of place and repository:")
    languages = list(dict.fromkeys(one.repository.language for one in found))
    for language in languages:
        of_language = [one for one in found if one.repository.language == language]
        print(row("  " + language, *merged(of_language, "embedded", PLACES)))
        for place in PLACES:
            print(row("    " + place, *merged(of_language, "embedded", (place,))))
        for system in SYSTEMS[1:]:
            print(row(f"    {system}", *merged(of_language, system, PLACES)))
    for place in (*PLACES, ANYWHERE):
        print(row(f"  {place}", *merged(found, "embedded", (place,))))
        for system in SYSTEMS[1:]:
            print(row(f"    {system}", *merged(found, system, (place,))))
    for one in found:
        print(row("  " + one.repository.name, *merged([one], "embedded", PLACES)))
    _, default = merged(found, "embedded", PLACES)
    print("said and right, of what is shown by default:", end="")
    for n, right, said in default.bins:
        if n:
            print(f"  {said / n:.2f}: {right / n:.2f} ({int(n)})", end="")
    worse, parsed = sum(one.worse for one in found), sum(one.parsed for one in found)
    print(f"\nshown texts that make the parse worse, before post-processing cuts them: {worse} of {parsed}")
    print("simulated typing:")
    for language in [*languages, ""]:
        chosen = [one for one in found if language in {one.repository.language, ""}]
        ours, words = Typed(), Typed()
        for one in chosen:
            ours.plus(one.typed)
            words.plus(one.typed_words)
        print(f"  {language or 'all':<12} {ours}   | word completion {words}")
    for place in ("line start", "line end"):
        blocks = Blocks()
        for one in found:
            blocks.plus(one.blocks.get(place, Blocks()))
        print(f"blocks at the {place.removeprefix('line ')} of a line: {blocks}")
    took = sorted(ms for one in found for ms in one.took)
    p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    print(f"processor time of a request, ms: p50 {p50:.2f}  p99 {p99:.2f}  max {took[-1]:.1f}")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--mirror", type=Path, help="folder of clones, as OWNER+NAME/repo, OWNER+NAME.git or OWNER/NAME"
    )
    parser.add_argument(
        "--tuners", action="store_true", help="measure on the repositories that the model was trained on"
    )
    parser.add_argument("--only", nargs="+", default=[], help="names of repositories")
    parser.add_argument("--lines", type=int, default=120, help="lines sampled per repository")
    parser.add_argument("--typed", type=int, default=20, help="lines typed per repository")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=3)
    arguments = parser.parse_args(argv)
    wanted = [
        one for one in (TUNERS if arguments.tuners else JUDGES) if not arguments.only or one.name in arguments.only
    ]
    with ProcessPoolExecutor(arguments.jobs) as pool:
        waiting = [
            pool.submit(measure, one, arguments.mirror, arguments.lines, arguments.typed, arguments.seed)
            for one in wanted
        ]
        measured = [each.result() for each in waiting]
    found = [one for one in measured if one is not None]
    missing = [one.name for one, figures in zip(wanted, measured, strict=True) if figures is None]
    if missing:
        print("left out, as they cannot be had here:", ", ".join(missing))
    if found:
        report(found)
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
