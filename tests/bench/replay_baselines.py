"""What the embedded completer is measured against, asked at the same points of the same run.

Each answers with one text and a score: what is shown at a threshold is what scores at least that much. Called by
`bench_embedded`.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import copying, indexed
from copilot_ls.text import Point

if TYPE_CHECKING:
    from copilot_ls.backends.embedded.propose import Described
    from copilot_ls.backends.embedded.workspace import PatientIndex
    from tests.bench.replay import Case

_WORD = re.compile(r"[^\W\d]\w*")
_LAST_WORD = re.compile(r"[^\W\d]\w*\Z")
_ORDER = 4
_MOST_TOKENS = 24
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


def suffix_copy(case: Case, here: Described, index: PatientIndex) -> tuple[str, float]:
    """The whole line after the longest match, the nearest of equal ones; the score is the length of the match."""
    found = copying.places(here.situation, case.others) + indexed.places(here.situation, index)
    best = max(found, key=lambda one: (one.level, -one.distance), default=None)
    return (best.text.rstrip(), min(1.0, best.level / 20.0)) if best else ("", 0.0)


class Ngrams:
    """A cache n-gram over the open documents, greedy: stupid backoff (Brants and others, 2007) from four tokens to one.

    The score is the product of the shares of the tokens that it takes, which end with the line.
    """

    def __init__(self, case: Case) -> None:
        text = case.document.text.text
        line = case.document.text.offset_at(Point(case.cursor.line, 0))
        offset = line + case.cursor.column
        pieces = [text[:line], text[offset:], *(other.text.text for other in case.others)]
        self._known = [_followers(piece) for piece in pieces]
        self._before = _tokens(text[max(0, offset - 400) : offset])

    def _after(self, context: tuple[str, ...]) -> Counter[str]:
        found: Counter[str] = Counter()
        for followers in self._known:
            found.update(followers.get(context, {}))
        return found

    def answer(self) -> tuple[str, float]:
        context = list(self._before)
        taken: list[str] = []
        score = 1.0
        while len(taken) < _MOST_TOKENS:
            followers = None
            for size in range(_ORDER, 0, -1):
                followers = self._after(tuple(context[-size:])) if len(context) >= size else None
                if followers:
                    break
            if not followers:
                break
            token, count = max(followers.items(), key=lambda one: (one[1], one[0]))
            score *= count / sum(followers.values())
            if token == "\n":
                break
            taken.append(token)
            context.append(token)
        return "".join(taken).rstrip(), score


@lru_cache(32)
def _followers(text: str) -> dict[tuple[str, ...], Counter[str]]:
    tokens = _tokens(text)
    followers: dict[tuple[str, ...], Counter[str]] = {}
    for at in range(len(tokens)):
        for size in range(1, min(_ORDER, at) + 1):
            followers.setdefault(tuple(tokens[at - size : at]), Counter())[tokens[at]] += 1
    return followers


def _tokens(text: str) -> list[str]:
    """Tokens, each line's end as one, without indentation."""
    return [token for line in text.split("\n") for token in [*_TOKEN.findall(line.strip()), "\n"]][:-1]


def word_completion(before: str, words: Counter[str], least: int = 2) -> str:
    """What a plain completion of words would add: the rest of the most frequent known word, after `least` characters."""
    match = _LAST_WORD.search(before)
    if match is None or len(match[0]) < least:
        return ""
    begun = match[0]
    longer = [(count, word) for word, count in words.items() if word.startswith(begun) and word != begun]
    return max(longer)[1][len(begun) :] if longer else ""


def words_of(texts: list[str]) -> Counter[str]:
    return Counter(word for text in texts for word in _WORD.findall(text))
