"""The embedded completer, replayed: how often it speaks, how often it is right, what it saves, how long it takes.

Leave one file out: a file of a package is typed again from its top, the other files of the package are the workspace, three of
them are open. At sampled lines the rest of the line is to be told at the line's start, after its first word, after a `.`
and after a `(`. A shown text is right when the author went on to type exactly it (and it ends at the end of a word). The
baseline is what the engine would be without a sense of how far to go: the longest match's whole line, in the same run.

    python -m tests.bench.bench_embedded            the table, on packages that the confidence model was not fitted on
    python -m tests.bench.bench_embedded --fit      fit the model again, on others; writes confidence.json
    python -m tests.bench.bench_embedded --tree DIR...   on source trees of your own

Packages come from this Python, from the development environment, and from pinned wheels; those that cannot be had are left out and
named. Everything is seeded.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import random
import re
import statistics
import subprocess
import sys
import sysconfig
import time
import zipfile
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from copilot_ls.backends.embedded import confidence, copying, indexed, prefixes
from copilot_ls.backends.embedded.propose import AUTOMATIC_THRESHOLD, choose, propose, weigh
from copilot_ls.backends.embedded.situation import Situation
from copilot_ls.backends.embedded.workspace import PatientIndex
from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "bench" / "packages"
FIT_ON = [
    "std:email", "std:unittest", "std:distutils", "std:multiprocessing", "std:importlib", "std:http", "std:concurrent",
    "std:ctypes", "std:json", "site:hypothesis", "site:attr", "site:build", "site:hatchling", "site:anyio", "site:h11",
    "site:pip/_internal", "site:packaging", "site:xdist", "site:pluggy", "wheel:textual==0.89.1:textual",
    "wheel:poetry-core==1.9.1:poetry/core/packages", "wheel:click==8.1.8",
]  # fmt: skip
REPORT_ON = [
    "std:asyncio", "std:logging", "std:xml", "site:_pytest", "site:pygls", "wheel:flask==3.1.0", "wheel:requests==2.32.3",
    "wheel:httpx==0.28.1", "wheel:datasette==0.65.1", "wheel:rich==13.9.4",
]  # fmt: skip
LANGUAGES = {
    ".py": "python", ".js": "javascript", ".ts": "typescript", ".tsx": "typescriptreact", ".go": "go", ".rs": "rust",
    ".java": "java", ".c": "c", ".h": "c", ".cpp": "cpp", ".cs": "csharp", ".rb": "ruby", ".php": "php", ".sh": "bash",
}  # fmt: skip
PLACES = ("line start", "first word", "after .", "after (")
# Asked and shown as well, but not counted in the totals: in the midst of words above all.
ANYWHERE = "anywhere"


class LineHit(NamedTuple):
    text: str
    count: int
    path: str
    line: int


class FollowHit(NamedTuple):
    lines: list[str]
    path: str
    line: int
    matched_previous: bool


class MemoryIndex:
    """What the workspace index answers, from memory: every file but one."""

    def __init__(self, files: dict[str, list[str]], without: str) -> None:
        self.files = {path: lines for path, lines in files.items() if path != without}
        self.places: dict[str, list[tuple[str, int]]] = {}
        for path, lines in self.files.items():
            for at, line in enumerate(lines):
                if len(line) < 400 and (text := line.strip()):
                    self.places.setdefault(text, []).append((path, at))
        self.sorted = sorted(self.places)
        self.blob = "\n" + "\n".join(self.sorted) + "\n"

    def _hits(self, texts, limit):
        hits = [LineHit(text, len(self.places[text]), *self.places[text][0]) for text in texts]
        return sorted(hits, key=lambda hit: -hit.count)[:limit]

    def lines_starting_with(self, prefix, *, limit):
        prefix = prefix.lstrip()
        first = bisect_left(self.sorted, prefix)
        last = bisect_left(self.sorted, prefix + "\U0010ffff")
        return self._hits(self.sorted[first:last], limit)

    def lines_containing(self, piece, *, limit):
        found, at = {}, 0
        while len(found) < 400:
            at = self.blob.find(piece, at)
            if at < 0:
                break
            start, end = self.blob.rfind("\n", 0, at) + 1, self.blob.find("\n", at)
            found[self.blob[start:end]] = None
            at = end
        return self._hits([text for text in found if text in self.places], limit)

    def lines_following(self, line, *, limit, previous=None):
        hits = []
        for path, at in self.places.get(line, ()):
            lines = self.files[path]
            indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
            below = []
            for raw in lines[at + 1 : at + 13]:
                if raw.strip() and not raw.startswith(indent):
                    break
                below.append(raw[len(indent) :].rstrip())
            matched = previous is not None and at > 0 and lines[at - 1].strip() == previous
            hits.append(FollowHit(below, path, at, matched))
        return sorted(hits, key=lambda hit: not hit.matched_previous)[:limit]


@dataclass
class Package:
    name: str
    files: dict[str, str]
    lines: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lines = {path: text.split("\n") for path, text in self.files.items()}


class Case(NamedTuple):
    """A cursor, what stands around it, and what the author typed next on that line."""

    package: str
    place: str
    document: DocumentSnapshot
    cursor: Point
    others: list[DocumentSnapshot]
    index: PatientIndex
    truth: str


def read_tree(root: Path, suffix: str | None = None) -> dict[str, str]:
    files = {}
    for path in sorted(root.rglob("*")):
        wanted = path.suffix == f".{suffix}" if suffix else path.suffix in LANGUAGES
        if not wanted or not path.is_file() or path.stat().st_size > 120_000 or "/test/" in str(path):
            continue
        with contextlib.suppress(OSError, UnicodeDecodeError):
            text = path.read_text(encoding="utf-8")
            if max(map(len, text.split("\n"))) < 1000:
                files[str(path.relative_to(root))] = text
    return files


def load(spec: str) -> Package | None:
    kind, _, rest = spec.partition(":")
    if kind == "std":
        root, suffix = Path(sysconfig.get_paths()["stdlib"]) / rest, "py"
    elif kind == "site":
        root, suffix = Path(sysconfig.get_paths()["purelib"]) / rest, "py"
    elif kind == "tree":
        root, suffix = Path(rest), None
    else:
        requirement, _, where = rest.partition(":")
        folder, _, suffix = where.partition(":")
        unpacked = _wheel(requirement)
        if unpacked is None:
            return None
        root, suffix = unpacked / folder, suffix or "py"
    files = read_tree(root, suffix) if root.is_dir() else {}
    return Package(rest, files) if len(files) > 1 else None


def _wheel(requirement: str) -> Path | None:
    folder = CACHE / requirement
    if not folder.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
        got = subprocess.run([*command, "-d", str(CACHE), requirement], capture_output=True, check=False)
        stem = requirement.replace("==", "-").replace("-core-", "_core-")
        wheels = sorted(CACHE.glob(f"{stem}-*.whl"))
        if got.returncode or not wheels:
            return None
        with zipfile.ZipFile(wheels[0]) as archive:
            archive.extractall(folder)
    return folder


def points(line: str, rng: random.Random) -> list[tuple[int, str]]:
    """Columns of a line to ask at, and what they are."""
    indent = len(line) - len(line.lstrip())
    found = [(indent, "line start")]
    first = re.match(r"\s*(\w+|[^\w\s]+)\s*", line)
    if first and first.end() < len(line):
        found.append((first.end(), "first word"))
    dots = [match.end() for match in re.finditer(r"(?<=[\w)\]}\"'])\.(?=[A-Za-z_])", line)]
    opens = [match.end() for match in re.finditer(r"(?<=\w)\((?=.)", line)]
    found += [(column, "after .") for column in rng.sample(dots, min(2, len(dots)))]
    found += [(column, "after (") for column in rng.sample(opens, min(1, len(opens)))]
    if len(line) - indent > 2:
        found.append((rng.randrange(indent + 1, len(line)), ANYWHERE))
    return found


def cases(package: Package, rng: random.Random, *, n_files: int, n_lines: int, edited: bool) -> list[Case]:
    """Cursors in files as far as they were typed; `edited`: what comes some lines later is there already."""
    eligible = [path for path, lines in package.lines.items() if len(lines) > 40]
    made: list[Case] = []
    for path in rng.sample(sorted(eligible), min(n_files, len(eligible))):
        lines = package.lines[path]
        index = PatientIndex(MemoryIndex(package.lines, path))
        elsewhere = sorted(other for other in package.files if other != path)
        others = [document(other, package.files[other]) for other in rng.sample(elsewhere, min(3, len(elsewhere)))]
        numbers = [at for at in range(3, len(lines)) if lines[at].strip()]
        for at in rng.sample(numbers, min(n_lines, len(numbers))):
            line = lines[at].rstrip()
            below = lines[at + 1 + rng.randrange(6) :] if edited else []
            for column, place in points(line, rng):
                text = "\n".join([*lines[:at], line[:column], *below])
                made.append(
                    Case(package.name, place, document(path, text), Point(at, column), others, index, line[column:])
                )
    return made


def document(path: str, text: str) -> DocumentSnapshot:
    language = LANGUAGES.get(Path(path).suffix, "")
    return DocumentSnapshot(f"file:///{path}", path, language, 1, TextSnapshot.of(text))


def is_right(truth: str, shown: str) -> bool:
    rest = truth[len(shown) :]
    return truth.startswith(shown) and not (rest[:1].isalnum() and shown[-1:].isalnum())


def baseline(case: Case) -> tuple[str, int]:
    """The longest match's whole line, the nearest of equal ones; and how long the match is."""
    situation = Situation.at(case.document, case.cursor, case.document.path)
    found = copying.places(situation, case.others) + indexed.places(situation, case.index)
    best = max(found, key=lambda one: (one.level, -one.distance), default=None)
    return (best.text.rstrip(), best.level) if best else ("", 0)


# --- the table ------------------------------------------------------------------------------------------------------


@dataclass
class Score:
    n: int = 0
    shown: int = 0
    right: int = 0
    whole: int = 0
    length: int = 0

    def add(self, truth: str, shown: str) -> None:
        self.n += 1
        if shown:
            self.shown += 1
            self.right += is_right(truth, shown)
            self.whole += shown == truth
            self.length += len(shown)

    def row(self, name: str) -> str:
        shown = self.shown or 1
        return (
            f"{name:<26} {self.n:>6} {self.shown / (self.n or 1):>9.3f} {self.right / shown:>10.3f} "
            f"{self.whole / (self.n or 1):>11.3f} {self.length / shown:>9.1f}"
        )


def evaluate(packages: list[Package], *, n_files: int, n_lines: int, edited: bool, seed: int) -> None:
    rng = random.Random(seed)
    total, by_place, by_package = Score(), {place: Score() for place in (*PLACES, ANYWHERE)}, {}
    confident: list[tuple[float, bool]] = []
    plain: list[tuple[int, bool, bool]] = []
    best_whole = 0
    took: list[float] = []
    for package in packages:
        for case in cases(package, rng, n_files=n_files, n_lines=n_lines, edited=edited):
            start = time.perf_counter()
            answers = propose(case.document, case.cursor, case.others, case.index, index_path=case.document.path)
            took.append(1000 * (time.perf_counter() - start))
            shown = answers[0].text if answers else ""
            by_place[case.place].add(case.truth, shown)
            if case.place == ANYWHERE:
                continue
            for score in (total, by_package.setdefault(package.name, Score())):
                score.add(case.truth, shown)
            if answers:
                confident.append((answers[0].confidence, is_right(case.truth, shown)))
            _, _, continuations = weigh(
                case.document, case.cursor, case.others, case.index, index_path=case.document.path
            )
            best_whole += bool(continuations) and continuations[0].text == case.truth
            text, level = baseline(case)
            plain.append((level, bool(text) and is_right(case.truth, text), text == case.truth))
    print(f"\n{'the rest of the file stands below' if edited else 'the file as typed so far'}")
    print(f"{'':<26} {'points':>6} {'coverage':>9} {'precision':>10} {'whole line':>11} {'length':>9}")
    print(total.row(f"embedded, at {AUTOMATIC_THRESHOLD}"))
    plain.sort(key=lambda one: -one[0])
    same = plain[: total.shown]
    print(
        f"{'baseline, same coverage':<26} {len(plain):>6} {len(same) / len(plain):>9.3f} "
        f"{sum(one[1] for one in same) / (len(same) or 1):>10.3f} {sum(one[2] for one in same) / len(plain):>11.3f}"
    )
    print(
        f"right rest of line, of all points: voted {best_whole / len(plain):.3f}, baseline {sum(one[2] for one in plain) / len(plain):.3f}"
    )
    for name, score in [*by_place.items(), *by_package.items()]:
        print(score.row("  " + name[-24:]))
    for low, high in ((0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.01)):
        within = [right for value, right in confident if low <= value < high]
        if within:
            print(f"  said {low:.2f} to {min(high, 1):.1f}: right {statistics.mean(within):.3f} of {len(within)}")
    took.sort()
    print(f"latency ms: p50 {took[len(took) // 2]:.2f}  p99 {took[int(len(took) * 0.99)]:.2f}  max {took[-1]:.1f}")


def simulate(packages: list[Package], *, n_lines: int, seed: int) -> None:
    """Type lines key by key; accept with one key whatever is shown and right."""
    rng = random.Random(seed)
    characters = keys = shown = accepted = 0
    for package in packages:
        eligible = sorted(path for path, lines in package.lines.items() if len(lines) > 40)
        for path in rng.sample(eligible, min(4, len(eligible))):
            lines = package.lines[path]
            index = PatientIndex(MemoryIndex(package.lines, path))
            elsewhere = sorted(other for other in package.files if other != path)
            others = [document(other, package.files[other]) for other in rng.sample(elsewhere, min(3, len(elsewhere)))]
            numbers = [at for at in range(3, len(lines)) if lines[at].strip()]
            for at in rng.sample(numbers, min(n_lines, len(numbers))):
                line = lines[at].rstrip()[:120]
                column = len(line) - len(line.lstrip())
                above = document(path, "\n".join([*lines[:at], ""])).text
                pending = ""
                characters += len(line) - column
                while column < len(line):
                    snapshot, _ = above.edited(_empty(at), line[:column])
                    here = DocumentSnapshot(f"file:///{path}", path, LANGUAGES.get(Path(path).suffix, ""), 1, snapshot)
                    answers = propose(here, Point(at, column), others, index, index_path=path)
                    text = answers[0].text if answers else ""
                    shown += bool(text) and text != pending
                    pending = ""
                    keys += 1
                    if text and is_right(line[column:], text):
                        accepted += 1
                        column += len(text)
                    else:
                        pending = text[1:] if text[:1] == line[column] else ""
                        column += 1
    print(
        f"\nsimulated typing: {characters} characters in {keys} keys: {1 - keys / characters:.3f} saved, "
        f"{accepted / (shown or 1):.3f} of {shown} shown accepted"
    )


def _empty(line: int):
    from copilot_ls.text import Span

    return Span(Point(line, 0), Point(line, 0))


# --- fitting --------------------------------------------------------------------------------------------------------


def samples(packages: list[Package], *, n_files: int, n_lines: int, seed: int):
    """Every sampled cursor, its kind of place, and the beginnings that were weighed there."""
    rng = random.Random(seed)
    for package in packages:
        for case in cases(package, rng, n_files=n_files, n_lines=n_lines, edited=rng.random() < 0.3):
            path = case.document.path
            situation, weighed, _ = weigh(case.document, case.cursor, case.others, case.index, index_path=path)
            yield case, situation.place, weighed


def fit(rows: list[tuple[list[float], bool]], *, ridge: float = 3.0, iterations: int = 9) -> list[float]:
    """Logistic regression by Newton's method with a ridge penalty, in plain Python."""
    size = len(rows[0][0])
    weights = [0.0] * size
    for _ in range(iterations):
        gradient = [-ridge * weight for weight in weights]
        hessian = [[ridge * (a == b) for b in range(size)] for a in range(size)]
        for numbers, right in rows:
            logit = sum(map(float.__mul__, weights, numbers))
            p = 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
            error, curvature = right - p, p * (1 - p) + 1e-9
            used = [(at, number) for at, number in enumerate(numbers) if number]
            for a, x in used:
                gradient[a] += error * x
                row, scaled = hessian[a], curvature * x
                for b, y in used:
                    if b > a:
                        break
                    row[b] += scaled * y
        for a in range(size):
            for b in range(a):
                hessian[b][a] = hessian[a][b]
        step = _solve(hessian, gradient)
        weights = [weight + change for weight, change in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 1e-4:
            break
    return weights


def _solve(matrix: list[list[float]], vector: list[float]) -> list[float]:
    size = len(vector)
    rows = [[*row, value] for row, value in zip(matrix, vector, strict=True)]
    for at in range(size):
        pivot = max(range(at, size), key=lambda row: abs(rows[row][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        for below in range(at + 1, size):
            factor = rows[below][at] / rows[at][at]
            if factor:
                rows[below] = [x - factor * y for x, y in zip(rows[below], rows[at], strict=True)]
    solved = [0.0] * size
    for at in reversed(range(size)):
        known = sum(rows[at][other] * solved[other] for other in range(at + 1, size))
        solved[at] = (rows[at][size] - known) / rows[at][at]
    return solved


def refit(packages: list[Package], *, most: int = 100_000) -> None:
    """One model per kind of place, then the correction for having chosen; on the packages of `FIT_ON`."""
    sampled = list(samples(packages, n_files=10, n_lines=10, seed=7))
    share = min(1.0, most / sum(len(weighed) for _, _, weighed in sampled))
    rng = random.Random(1)
    models = {}
    for kind in ("line_start", "in_word", "elsewhere"):
        rows = [
            (list(map(float, one.numbers)), is_right(case.truth, one.text))
            for case, place, weighed in sampled
            if confidence.kind_of(place) == kind
            for one in weighed
            if rng.random() < share
        ]
        models[kind] = fit(rows)
        print(
            f"{kind}: fitted on {len(rows)} beginnings, {sum(right for _, right in rows) / len(rows):.3f} of them right"
        )
    chosen = []
    for case, place, weighed in sampled:
        if case.place == ANYWHERE:
            continue
        weights = models[confidence.kind_of(place)]
        again = []
        for one in weighed:
            logit = max(-30.0, min(30.0, sum(map(float.__mul__, weights, map(float, one.numbers)))))
            again.append(replace(one, probability=1 / (1 + math.exp(-logit))))
        for best in choose(again, 1, 0.2):
            odds = math.log(best.probability / (1 - best.probability))
            chosen.append(([1.0, odds], is_right(case.truth, best.text)))
    bias, slope = fit(chosen, ridge=0.0)
    fitted = {
        kind: {name: round(weight, 4) for name, weight in zip(prefixes.FEATURES, weights, strict=True)}
        for kind, weights in models.items()
    }
    fitted["chosen"] = {"bias": round(bias, 4), "slope": round(slope, 4)}
    target = Path(confidence.__file__).with_name("confidence.json")
    target.write_text(json.dumps(fitted, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {target.name}; correction {bias:.3f} + {slope:.3f} x log odds")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--tree", nargs="+", default=[])
    parser.add_argument("--lines", type=int, default=16, help="lines sampled per file")
    arguments = parser.parse_args(argv)
    specs = [f"tree:{tree}" for tree in arguments.tree] or (FIT_ON if arguments.fit else REPORT_ON)
    packages = [package for spec in specs if (package := load(spec)) is not None]
    missing = set(specs) - {spec for spec in specs if load(spec) is not None}
    if missing:
        print("left out, as they cannot be had here:", ", ".join(sorted(missing)))
    if arguments.fit:
        refit(packages)
        return 0
    evaluate(packages, n_files=10, n_lines=arguments.lines, edited=False, seed=3)
    evaluate(packages, n_files=5, n_lines=arguments.lines, edited=True, seed=4)
    simulate(packages, n_lines=3, seed=5)
    return 0


if __name__ == "__main__":
    sys.exit(main())
