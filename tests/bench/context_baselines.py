"""What others retrieve with, in their usual forms: BM25 over runs of lines, and Jaccard's coefficient over windows.

Written from the published descriptions, in plain Python, over the same files and words as the tasks. Called by
`bench_context`.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from copilot_ls.index.terms import terms_of
from copilot_ls.prompt.tokens import estimate
from tests.bench.context_tasks import WORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.context_tasks import Corpus, Task

# Answers ranked, which fill the largest budget several times.
_MOST = 150


class Bm25:
    """Okapi BM25 (k1 1.2, b 0.75) over runs of `n_lines` lines."""

    def __init__(self, corpus: Corpus, n_lines: int) -> None:
        self._chunks: list[tuple[str, str, Counter[str]]] = []
        for path, text in corpus.texts.items():
            lines = text.split("\n")
            for at in range(0, len(lines), n_lines):
                body = "\n".join(lines[at : at + n_lines])
                self._chunks.append((path, body, Counter(terms_of(body))))
        self._postings: dict[str, list[int]] = defaultdict(list)
        for number, (_, _, counts) in enumerate(self._chunks):
            for term in counts:
                self._postings[term].append(number)
        self._lengths = [sum(counts.values()) for *_, counts in self._chunks]
        self._mean = sum(self._lengths) / max(len(self._lengths), 1)

    def search(self, query: str, exclude: str) -> list[str]:
        """Bodies of chunks, best first."""
        scores: Counter[int] = Counter()
        for term in set(terms_of(query)):
            found = self._postings.get(term, [])
            idf = math.log(1 + (len(self._chunks) - len(found) + 0.5) / (len(found) + 0.5))
            for number in found:
                frequency = self._chunks[number][2][term]
                norm = 1.2 * (0.25 + 0.75 * self._lengths[number] / self._mean)
                scores[number] += idf * frequency * 2.2 / (frequency + norm)
        ranked = [number for number, _ in scores.most_common() if self._chunks[number][0] != exclude]
        return [self._chunks[number][1] for number in ranked[:_MOST]]


class Jaccard:
    """Sixty-line windows, thirty apart, of all files, by Jaccard's coefficient of their sets of words."""

    def __init__(self, corpus: Corpus) -> None:
        self._windows: list[tuple[str, str, frozenset[str]]] = []
        for path, text in corpus.texts.items():
            lines = text.split("\n")
            for at in range(0, max(1, len(lines) - 30), 30):
                body = "\n".join(lines[at : at + 60])
                self._windows.append((path, body, frozenset(WORD.findall(body))))

    def search(self, query: str, exclude: str) -> list[str]:
        """Bodies of windows, best first."""
        words = set(WORD.findall(query))
        scored = [
            (len(words & have) / (len(words | have) or 1), body)
            for path, body, have in self._windows
            if path != exclude
        ]
        return [body for _, body in sorted(scored, reverse=True, key=lambda pair: pair[0])[:_MOST]]


def cut(pieces: list[str], budget: int) -> str:
    """Pieces in their order, by whole lines, until the budget is spent."""
    kept: list[str] = []
    for piece in pieces:
        tokens = estimate(piece + "\n")
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


def baselines(corpus: Corpus) -> dict[str, Callable[[Task, int], str]]:
    """The methods by name: each takes a task and a budget, and answers with text."""
    bm20, bm10, jaccard = Bm25(corpus, 20), Bm25(corpus, 10), Jaccard(corpus)

    def above(task: Task, n_lines: int) -> str:
        return "\n".join(task.prefix.split("\n")[-n_lines:])

    def with_suffix(task: Task) -> str:
        return above(task, 10) + "\n".join(task.suffix.split("\n")[:6])

    return {
        "Jaccard-60": lambda task, budget: cut(jaccard.search(above(task, 60), task.path), budget),
        "BM25-20": lambda task, budget: cut(bm20.search(above(task, 20), task.path), budget),
        "BM25-10 + suffix": lambda task, budget: cut(bm10.search(with_suffix(task), task.path), budget),
    }
