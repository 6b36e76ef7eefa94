"""Cross-file context: how much of what somebody is about to write does retrieved text hold?

    python tests/bench/bench_context.py [--set report|tune] [--tasks N] [--cache DIR]

A task is a real line of a real package, cut at a word; the rest of the line is gold. Retrieval sees the file without gold, and
never the file itself elsewhere. idR@B is the share of gold's identifiers that stand nowhere else in the open file, but do in
another file of the package (one of them declared there), which at most B tokens of retrieved text hold; averaged over tasks, with a 95 % bootstrap interval.
Hard tasks leave out lines that stand verbatim in another file. defR@B: the share whose declaration line is among the text.

Packages are pinned wheels from PyPI, downloaded once by `pip download` into the cache; ranking was tuned on the tune set only.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter, defaultdict
from functools import partial
from keyword import kwlist
from pathlib import Path

from copilot_ls.context.gather import gather
from copilot_ls.context.request import ContextRequest
from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.terms import terms_of
from copilot_ls.index.worker import build
from copilot_ls.prompt.tokens import estimate
from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot

PACKAGES = {
    "tune": ["werkzeug==3.0.4", "mkdocs==1.6.1", "httpx==0.27.2", "poetry==1.8.3"],
    "report": [
        "scrapy==2.11.2",
        "rich==13.9.2",
        "starlette==0.41.0",
        "httpcore==1.0.6",
        "pip-audit==2.7.3",
        "networkx==3.3",
    ],
}
BUDGETS = (1_000, 2_000, 4_000)
WORD = re.compile(r"[^\W\d]\w*")
DECLARATION = r"^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+{0}\b|^{0}[ \t]*[:=]|^[ \t]+(?:self\.)?{0}[ \t]*[:=]"
DECLARED = re.compile(
    r"^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)|^(\w+)[ \t]*(?::|=)|^[ \t]+(?:self\.)?(\w+)[ \t]*(?::[^\n]*)?=",
    re.MULTILINE,
)
KEYWORDS = frozenset(kwlist) | {"self", "cls"}


def unpack(package: str, cache: Path) -> Path:
    """The folder with the package's files, downloading it first when it is not there."""
    folder = cache / package
    if not folder.exists():
        with tempfile.TemporaryDirectory() as wheels:
            command = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "-q",
                "--no-deps",
                "--only-binary",
                ":all:",
                "-d",
                wheels,
                package,
            ]
            subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
            (wheel,) = Path(wheels).iterdir()
            zipfile.ZipFile(wheel).extractall(folder)
    return folder


class Corpus:
    """The Python files of one package."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.texts = {
            path.relative_to(root).as_posix(): path.read_text("utf-8", "replace") for path in sorted(root.rglob("*.py"))
        }
        self.where: dict[str, set[str]] = defaultdict(set)
        self.declared: dict[str, set[str]] = defaultdict(set)
        self.lines: dict[str, set[str]] = defaultdict(set)
        for path, text in self.texts.items():
            for word in set(WORD.findall(text)):
                self.where[word].add(path)
            for match in DECLARED.finditer(text):
                self.declared[match[1] or match[2] or match[3]].add(path)
            for line in text.split("\n"):
                self.lines[line.strip()].add(path)

    def tasks(self, n: int, seed: int) -> list[dict]:
        """Up to `n` tasks, the same for the same seed."""
        rng = random.Random(seed)
        places = [(path, at) for path, text in self.texts.items() for at in range(len(text.split("\n")))]
        rng.shuffle(places)
        tasks: list[dict] = []
        per_file: Counter[str] = Counter()
        for path, at in places:
            if len(tasks) >= n or per_file[path] >= max(4, n // 10):
                continue
            lines = self.texts[path].split("\n")
            line = lines[at]
            if not 8 <= len(line.strip()) <= 160 or line.lstrip().startswith(("#", "import ", "from ", '"', "'")):
                continue
            starts = [match.start() for match in WORD.finditer(line)]
            if not starts:
                continue
            column = rng.choice(starts)
            gold = line[column:]
            rest = "\n".join([*lines[:at], line[:column], *lines[at + 1 :]])
            known = set(WORD.findall(rest))
            novel = {
                word
                for word in WORD.findall(re.sub(r"\"[^\"]*\"|'[^']*'|#.*", "", gold))
                if word not in known and word not in KEYWORDS and self.where[word] - {path}
            }
            declared = any(self.declared[word] - {path} for word in novel)
            in_string = line[:column].count('"') % 2 or line[:column].count("'") % 2 or "#" in line[:column]
            if not declared or in_string or self._in_text_block(lines, at):
                continue
            per_file[path] += 1
            hard = not self.lines[line.strip()] - {path}
            prefix = "\n".join([*lines[:at], line[:column]])
            tasks.append(
                {
                    "path": path,
                    "prefix": prefix,
                    "suffix": "\n" + "\n".join(lines[at + 1 :]),
                    "novel": novel,
                    "hard": hard,
                }
            )
        return tasks

    @staticmethod
    def _in_text_block(lines: list[str], at: int) -> bool:
        return "\n".join(lines[:at]).count('"""') % 2 == 1 or "\n".join(lines[:at]).count("'''") % 2 == 1


class Bm25:
    """Okapi BM25 (k1 1.2, b 0.75) over runs of lines."""

    def __init__(self, corpus: Corpus, n_lines: int) -> None:
        self.chunks = []
        for path, text in corpus.texts.items():
            lines = text.split("\n")
            for at in range(0, len(lines), n_lines):
                body = "\n".join(lines[at : at + n_lines])
                self.chunks.append((path, body, Counter(terms_of(body))))
        self.postings: dict[str, list[int]] = defaultdict(list)
        for number, (_, _, counts) in enumerate(self.chunks):
            for term in counts:
                self.postings[term].append(number)
        self.lengths = [sum(counts.values()) for *_, counts in self.chunks]
        self.mean = sum(self.lengths) / max(len(self.lengths), 1)

    def search(self, query: str, exclude: str) -> list[str]:
        scores: Counter[int] = Counter()
        for term in set(terms_of(query)):
            found = self.postings.get(term, [])
            idf = math.log(1 + (len(self.chunks) - len(found) + 0.5) / (len(found) + 0.5))
            for number in found:
                tf = self.chunks[number][2][term]
                scores[number] += idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * self.lengths[number] / self.mean))
        return [self.chunks[number][1] for number, _ in scores.most_common(120) if self.chunks[number][0] != exclude]


class Jaccard:
    """Sixty-line windows of all files by the Jaccard coefficient of their sets of words."""

    def __init__(self, corpus: Corpus) -> None:
        self.windows = []
        for path, text in corpus.texts.items():
            lines = text.split("\n")
            for at in range(0, max(1, len(lines) - 30), 30):
                body = "\n".join(lines[at : at + 60])
                self.windows.append((path, body, frozenset(WORD.findall(body))))

    def search(self, query: str, exclude: str) -> list[str]:
        words = set(WORD.findall(query))
        scored = [
            (len(words & have) / (len(words | have) or 1), body) for path, body, have in self.windows if path != exclude
        ]
        return [body for _, body in sorted(scored, reverse=True, key=lambda pair: pair[0])[:40]]


def cut(pieces: list[str], budget: int) -> str:
    """Pieces, whole lines, until the budget is spent."""
    kept: list[str] = []
    for piece in pieces:
        tokens = estimate(piece)
        if tokens <= budget:
            kept.append(piece)
            budget -= tokens
            continue
        for line in piece.split("\n"):
            budget -= estimate(line + "\n")
            if budget < 0:
                return "\n".join(kept)
            kept.append(line)
    return "\n".join(kept)


def searched(engine: Bm25 | Jaccard, query: str, path: str, budget: int) -> str:
    return cut(engine.search(query, path), budget)


def gathered(request: ContextRequest, budget: int) -> str:
    found = gather(request, deadline_ms=2000, budget_tokens=budget, estimate_tokens=estimate)
    return cut([snippet.text for snippet in found.snippets], budget)


def interval(values: list[float]) -> tuple[float, float]:
    rng = random.Random(0)
    means = sorted(sum(rng.choices(values, k=len(values))) / len(values) for _ in range(400))
    return means[10], means[389]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=PACKAGES, default="report")
    parser.add_argument("--tasks", type=int, default=60, help="tasks per package")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "copilot-ls-bench")
    parser.add_argument("--ours", action="store_true", help="leave the baselines out")
    parser.add_argument("--misses", type=int, default=0, help="print this many tasks that found nothing at 1k")
    options = parser.parse_args()
    scores: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    defined: dict[str, list[float]] = defaultdict(list)
    took: dict[str, list[float]] = defaultdict(list)
    hard: list[bool] = []
    for package in PACKAGES[options.set]:
        corpus = Corpus(unpack(package, options.cache))
        database = options.cache / f"{package}.db"
        build(corpus.root, database, tell=lambda _: None)
        index = WorkspaceIndex(database, query_ms=1000)
        bm20, bm10, jaccard = Bm25(corpus, 20), Bm25(corpus, 10), Jaccard(corpus)
        tasks = corpus.tasks(options.tasks, seed=7)
        for task in tasks:
            hard.append(task["hard"])
            prefix, suffix = task["prefix"].split("\n"), task["suffix"].split("\n")
            text = TextSnapshot.of(task["prefix"] + task["suffix"])
            document = DocumentSnapshot("file:///x", str(corpus.root / task["path"]), "python", 1, text)
            request = ContextRequest(document, Point(len(prefix) - 1, len(prefix[-1])), corpus.root, index=index)

            near20, near60 = "\n".join(prefix[-20:]), "\n".join(prefix[-60:])
            near10 = "\n".join(prefix[-10:] + suffix[:6])
            methods = {
                "Jaccard, 60-line windows": partial(searched, jaccard, near60, task["path"]),
                "BM25, 20-line chunks": partial(searched, bm20, near20, task["path"]),
                "BM25, 10-line + 5 suffix": partial(searched, bm10, near10, task["path"]),
                "copilot-ls": partial(gathered, request),
            }
            for name, method in methods.items():
                if options.ours and name != "copilot-ls":
                    continue
                for budget in BUDGETS:
                    started = time.perf_counter()
                    retrieved = method(budget)
                    took[name].append((time.perf_counter() - started) * 1000)
                    words = set(WORD.findall(retrieved))
                    scores[name][budget].append(len(task["novel"] & words) / len(task["novel"]))
                    if budget == BUDGETS[0]:
                        declared = [
                            word
                            for word in task["novel"]
                            if re.search(DECLARATION.format(word), retrieved, re.MULTILINE)
                        ]
                        defined[name].append(len(declared) / len(task["novel"]))
                        if name == "copilot-ls" and options.misses and not task["novel"] & words:
                            options.misses -= 1
                            print(
                                f"--- {package} {task['path']}:{len(prefix)}  {prefix[-1]!r}  wants {sorted(task['novel'])}"
                            )
        index.close()
    n, n_hard = len(hard), sum(hard)
    print(f"{options.set} set: {n} tasks, {n_hard} hard")
    print(f"{'':28}  idR@1k         @2k    @4k  |  hard: @1k    @2k    @4k  | defR@1k |  ms p50")
    for name, by_budget in scores.items():
        low, high = interval(by_budget[BUDGETS[0]])
        cells = [f"{100 * sum(by_budget[budget]) / n:5.1f}" for budget in BUDGETS]
        tough = [
            f"{100 * sum(v for v, h in zip(by_budget[budget], hard, strict=True) if h) / max(n_hard, 1):5.1f}"
            for budget in BUDGETS
        ]
        middle = sorted(took[name])[len(took[name]) // 2]
        print(
            f"{name:28}  {cells[0]} ({100 * low:.0f}-{100 * high:.0f})  {cells[1]}  {cells[2]}  |        "
            f"{'  '.join(tough)}  |  {100 * sum(defined[name]) / n:5.1f}  | {middle:6.1f}"
        )


if __name__ == "__main__":
    main()
