"""How likely each identifier of the candidates is to be written in the rest of the cursor's line.

Only identifiers that the open file does not have are asked about: the model sees the others. What speaks for one: how
alike to the cursor's surroundings the best lines with it are, in how many files it stands, whether it is called or
stands after a dot as the cursor does, whether it follows the very tokens before the cursor, whether it stands near in
the tree of folders, shares parts of words with the lines around, is declared by something the cursor refers to, and
stands on a line like the cursor's or below one like that above it. The weights are those of a logistic regression over
projects that no figure is reported of (`python -m tests.bench.fit_context` fits them). Called by `gather`.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from heapq import nlargest
from math import exp, log, log1p
from operator import mul
from typing import TYPE_CHECKING

from copilot_ls.context.line_words import KEYWORDS, line_words, names_of, tokens_of
from copilot_ls.index.terms import IDENTIFIER, split_identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from copilot_ls.context.candidate import Candidate
    from copilot_ls.context.request import Situation

FEATURES = (
    "similarity", "files", "called", "dotted", "undotted", "free", "after", "after_share", "folder", "upper", "file",
    "parts", "declared", "mentioned", "mass", "beside", "below",
)  # fmt: skip
_WEIGHTS = (
    3.23, 0.21, 1.28, 0.0, -1.14, -0.66, 0.85, 0.24, 0.32, 0.70, 0.53, 8.26, 0.95, 0.48, 0.49, 1.09, 1.08,
)  # fmt: skip
_INTERCEPT = -9.82
# Choosing wants the likeliest told apart more sharply than likelihood does. By trial on the projects that the weights
# are fitted on: half a point to one point more of idR@1k, and as much of defR@1k; at 1.3 and at 1.6 alike.
_SHARPNESS = 1.5
# What the beginning of a word that is typed already adds to the words that go on from it, and takes from the others.
_CONTINUES = 4.0
_TOKEN = re.compile(r"[^\W\d]\w*|[^\w\s]|\d+")
_TYPED = re.compile(r"[^\W\d]\w*$")
_LINES_NEAR = 3
_LEAD_TOKENS = 2


class _Evidence:
    """What speaks for one identifier."""

    __slots__ = (
        "after", "below", "beside", "called", "declared", "dotted", "files", "mass", "mentioned", "n_times",
        "similarity",
    )  # fmt: skip

    def __init__(self, similarity: float = 0.0, *files: str) -> None:
        self.similarity = self.mass = similarity
        self.files = set(files)
        self.n_times = self.called = self.dotted = self.after = 0
        self.declared = self.mentioned = self.beside = self.below = 0.0


def chances(
    similar: Sequence[Candidate], declaring: Iterable[Candidate], situation: Situation, *, limit: int
) -> dict[str, float]:
    """The chances of the likeliest `limit` identifiers.

    `similar` are chunks, best first, `declaring` lines that declare something.
    """
    typed = _typed(situation.line_prefix)
    sums: list[tuple[float, str]] = []
    for name, values in features(similar, declaring, situation).items():
        weighed = _SHARPNESS * sum(map(mul, _WEIGHTS, values))
        sums.append((weighed + (_continuation(name, typed) if typed else 0.0), name))
    if len(sums) > limit:
        sums = nlargest(limit, sums)
    return {name: 1 / (1 + exp(-_INTERCEPT - total)) for total, name in sums}


def features(
    similar: Sequence[Candidate], declaring: Iterable[Candidate], situation: Situation
) -> dict[str, tuple[float, ...]]:
    """What the chance of each identifier is made of, in the order of `FEATURES`."""
    top = max((each.score for each in similar), default=0.0) or 1.0
    file_scores: dict[str, float] = {}
    for each in similar:
        file_scores[each.path] = file_scores.get(each.path, 0.0) + each.score / top
    found = _evidence(similar, top, situation)
    _add_declared(found, declaring, situation)
    most = max(file_scores.values(), default=0.0) or 1.0
    folder = situation.path.rpartition("/")[0]
    siblings = {path for path in file_scores if path.rpartition("/")[0] == folder}
    after_dot = _before(situation.line_prefix).endswith((".", "->", "::"))
    parts = _part_weights(similar, situation)
    values: dict[str, tuple[float, ...]] = {}
    for name, its in found.items():
        n_times = its.n_times or 1
        dotted = its.dotted / n_times
        values[name] = (
            its.similarity,
            log1p(len(its.files)),
            its.called / n_times,
            dotted if after_dot else 0.0,
            1.0 if after_dot and not its.dotted else 0.0,
            1.0 if not after_dot and not its.dotted else 0.0,
            1.0 if its.after else 0.0,
            min(its.after / n_times, 1.0),
            0.0 if siblings.isdisjoint(its.files) else 1.0,
            1.0 if name.isupper() else 0.0,
            max([file_scores.get(path, 0.0) for path in its.files]) / most,
            sum([parts[part] for part in _parts_of(name) if part in parts]),
            its.declared,
            its.mentioned,
            log1p(its.mass),
            its.beside,
            its.below,
        )
    return values


def _evidence(similar: Sequence[Candidate], top: float, situation: Situation) -> dict[str, _Evidence]:
    """What similar code says of identifiers that the open file does not have.

    What stands in one of the less similar chunks alone is unlikely whatever else is said of it, and is half of all: it
    is left out, unless it follows the tokens before the cursor.
    """
    found: dict[str, _Evidence] = {}
    once: dict[str, tuple[float, str]] = {}
    known = situation.known_words
    middle = similar[len(similar) // 2].score if similar else 0.0
    texts = [each.text for each in similar]
    after = Counter(_lead(_before(situation.line_prefix)).findall("\n".join(texts)))
    counts: Counter[str] = Counter()
    words: list[frozenset[str]] = []
    for each, text in zip(similar, texts, strict=True):
        tokens = tokens_of(text)
        counts.update(tokens)
        path, similarity = each.path, each.score / top
        likely = each.score >= middle
        words.append(names_of(tokens))
        for name in words[-1] - known:
            if name in found:
                evidence = found[name]
                evidence.files.add(path)
                evidence.mass += similarity
            elif likely or name in after:
                found[name] = _Evidence(similarity, path)
            elif name not in once:
                once[name] = (similarity, path)
            elif once[name][1] != path:
                found[name] = _Evidence(*once[name], path)
    count = counts.get
    for name, its in found.items():
        member, called, member_called = count(f".{name}", 0), count(f"{name}(", 0), count(f".{name}(", 0)
        its.dotted = member + member_called
        its.called = called + member_called
        its.n_times = count(name, 0) + its.dotted + called
        if name in after:
            its.after = after[name]
    _add_neighbours(found, similar, words, situation)
    return found


def _add_neighbours(
    found: dict[str, _Evidence], similar: Sequence[Candidate], words: Sequence[frozenset[str]], situation: Situation
) -> None:
    """What lines of similar code say that are like the cursor's line, or stand below one like that above the cursor.

    `words` are the identifiers of each chunk.
    """
    known = situation.known_words
    here = line_words(situation.line_prefix) - KEYWORDS
    last = next((line for line in reversed(situation.above(_LINES_NEAR)[:-1]) if line.strip()), "")
    above = line_words(last) - KEYWORDS
    n_here, n_above = len(here) or 1, len(above) or 1
    telling = here | above
    for each, its in zip(similar, words, strict=True):
        if telling.isdisjoint(its):
            continue
        below = 0.0
        for line in each.lines:
            in_line = line_words(line)
            beside = len(in_line & here) / n_here
            if beside or below:
                for name in in_line - known:
                    evidence = found.get(name)
                    if evidence is not None:
                        evidence.beside = max(evidence.beside, beside)
                        evidence.below = max(evidence.below, below)
            below = len(in_line & above) / n_above


def _add_declared(found: dict[str, _Evidence], declaring: Iterable[Candidate], situation: Situation) -> None:
    """What declaring lines say: a name that one declares, and others that it mentions, such as types."""
    for each in declaring:
        weight = log1p(each.score)
        for at, line in enumerate(each.lines):
            declared = each.names[at] if at < len(each.names) else ""
            for name in situation.new_words(line):
                evidence = found.setdefault(name, _Evidence())
                evidence.files.add(each.path)
                if name == declared:
                    evidence.declared = max(evidence.declared, weight)
                else:
                    evidence.mentioned = max(evidence.mentioned, weight)


def _lead(before: str) -> re.Pattern[str]:
    """Finds identifiers after the two tokens that stand before the cursor; at a line's start, those that begin one."""
    tokens = _TOKEN.findall(before)[-_LEAD_TOKENS:]
    spelled = (
        r"[ \t]*".join(map(re.escape, tokens)) if len(tokens) > 1 else r"^[ \t]*" + "".join(map(re.escape, tokens))
    )
    edge = r"\b" if tokens and tokens[0][0].isalnum() and len(tokens) > 1 else ""
    return re.compile(rf"{edge}{spelled}[ \t]*([^\W\d]\w*)", re.MULTILINE)


def _part_weights(similar: Sequence[Candidate], situation: Situation) -> dict[str, float]:
    """The parts of words near the cursor, the rarer in the candidates the heavier; all together weigh 1."""
    near = [*situation.above(_LINES_NEAR + 1)[:-1], *situation.below(2)[1:]]
    counts = {part: 0 for name in IDENTIFIER.findall("\n".join(near)) for part in split_identifier(name)}
    for each in similar:
        text = each.text.lower()
        for part in counts:
            if part in text:
                counts[part] += 1
    weights = {part: log(1 + len(similar) / (count + 0.5)) for part, count in counts.items()}
    total = sum(weights.values()) or 1.0
    return {part: weight / total for part, weight in weights.items()}


@lru_cache(20_000)
def _parts_of(name: str) -> tuple[str, ...]:
    return tuple(split_identifier(name))


def _before(line_prefix: str) -> str:
    """The cursor's line up to the word that is being typed."""
    return line_prefix[: -len(_typed(line_prefix)) or None].rstrip()


def _typed(line_prefix: str) -> str:
    match = _TYPED.search(line_prefix)
    return match[0] if match else ""


def _continuation(name: str, typed: str) -> float:
    return _CONTINUES if name.startswith(typed) else -_CONTINUES / 4
