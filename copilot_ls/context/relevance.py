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
from itertools import filterfalse
from math import exp, log, log1p
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.context.line_words import KEYWORDS, chunk_words, line_words
from copilot_ls.index.terms import IDENTIFIER, split_identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from copilot_ls.context.candidate import Candidate
    from copilot_ls.context.line_words import ChunkWords
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
_LINE_STARTS = re.compile(r"^[ \t]*([^\W\d]\w*)", re.MULTILINE)
_LINES_NEAR = 3
_LEAD_TOKENS = 2


class _Evidence:
    """What speaks for one identifier.

    `files` has a bit for each file it stands in, `file` is the score of the best. `is_told`: single lines speak for it,
    which say `declared`, `mentioned`, `beside` or `below`.
    """

    __slots__ = (
        "after", "below", "beside", "called", "declared", "dotted", "file", "files", "is_told", "mass", "mentioned",
        "n_times", "similarity",
    )  # fmt: skip

    def __init__(self, similarity: float, file: _File) -> None:
        self.similarity = self.mass = similarity
        self.files, self.file = file
        self.n_times = self.called = self.dotted = self.after = 0
        self.declared = self.mentioned = self.beside = self.below = 0.0
        self.is_told = False

    def add_file(self, file: _File) -> None:
        """Note that it stands in a file."""
        self.files |= file.bit
        self.file = max(self.file, file.score)


class _File(NamedTuple):
    """A file's bit among all that were met, and the similarity of all its chunks together."""

    bit: int
    score: float


class _Found(NamedTuple):
    """All identifiers that may be needed, and what is the same for all of them.

    `siblings` has the bits of the files in the open file's folder, `most` is the highest score of a file, and `parts`
    are what `_part_weights` tells.
    """

    evidence: dict[str, _Evidence]
    after_dot: bool
    siblings: int
    most: float
    parts: dict[str, float]

    def parts_in(self, name: str) -> float:
        """What the parts of a name weigh that stand near the cursor, too."""
        weights, parts = self.parts, _parts_of(name)
        return 0.0 if weights.keys().isdisjoint(parts) else sum([weights[part] for part in parts if part in weights])


def chances(
    similar: Sequence[Candidate], declaring: Iterable[Candidate], situation: Situation, *, limit: int
) -> dict[str, float]:
    """The chances of the likeliest `limit` identifiers.

    `similar` are chunks, best first, `declaring` lines that declare something.
    """
    typed = _typed(situation.line_prefix)
    sums = [
        (_SHARPNESS * weighed + (_continuation(name, typed) if typed else 0.0), name)
        for name, weighed in _weighed(_found(similar, declaring, situation))
    ]
    if len(sums) > limit:
        sums = nlargest(limit, sums)
    return {name: 1 / (1 + exp(-_INTERCEPT - total)) for total, name in sums}


def features(
    similar: Sequence[Candidate], declaring: Iterable[Candidate], situation: Situation
) -> dict[str, tuple[float, ...]]:
    """What the chance of each identifier is made of, in the order of `FEATURES`."""
    found = _found(similar, declaring, situation)
    values: dict[str, tuple[float, ...]] = {}
    for name, its in found.evidence.items():
        n_times = its.n_times or 1
        values[name] = (
            its.similarity,
            log1p(its.files.bit_count()),
            its.called / n_times,
            its.dotted / n_times if found.after_dot else 0.0,
            1.0 if found.after_dot and not its.dotted else 0.0,
            1.0 if not found.after_dot and not its.dotted else 0.0,
            1.0 if its.after else 0.0,
            min(its.after / n_times, 1.0),
            1.0 if its.files & found.siblings else 0.0,
            1.0 if name.isupper() else 0.0,
            its.file / found.most,
            found.parts_in(name),
            its.declared,
            its.mentioned,
            log1p(its.mass),
            its.beside,
            its.below,
        )
    return values


def _weighed(found: _Found) -> Iterator[tuple[str, float]]:
    """The `features` of each identifier by their weights: most are 0 for most of a thousand identifiers."""
    (
        similarity, files, called, dotted, undotted, free, after, after_share, folder, upper, file,
        parts, declared, mentioned, mass, beside, below,
    ) = _WEIGHTS  # fmt: skip
    file /= found.most
    parts_in = found.parts_in
    for name, its in found.evidence.items():
        n_times = its.n_times or 1
        total = (
            similarity * its.similarity
            + files * log1p(its.files.bit_count())
            + called * its.called / n_times
            + file * its.file
            + parts * parts_in(name)
            + mass * log1p(its.mass)
        )
        if not its.dotted:
            total += undotted if found.after_dot else free
        elif found.after_dot:
            total += dotted * its.dotted / n_times
        if its.after:
            total += after + after_share * min(its.after / n_times, 1.0)
        if its.files & found.siblings:
            total += folder
        if name.isupper():
            total += upper
        if its.is_told:
            total += declared * its.declared + mentioned * its.mentioned + beside * its.beside + below * its.below
        yield name, total


def _found(similar: Sequence[Candidate], declaring: Iterable[Candidate], situation: Situation) -> _Found:
    top = max((each.score for each in similar), default=0.0) or 1.0
    files = _files(similar, top)
    texts = [each.text for each in similar]
    evidence = _evidence(similar, texts, top, files, situation)
    _add_declared(evidence, declaring, files, situation)
    folder = situation.path.rpartition("/")[0]
    return _Found(
        evidence,
        _before(situation.line_prefix).endswith((".", "->", "::")),
        sum({each.bit for path, each in files.items() if each.score and path.rpartition("/")[0] == folder}),
        max([each.score for each in files.values()], default=0.0) or 1.0,
        _part_weights(texts, situation),
    )


def _files(similar: Sequence[Candidate], top: float) -> dict[str, _File]:
    scores: dict[str, float] = {}
    for each in similar:
        scores[each.path] = scores.get(each.path, 0.0) + each.score / top
    return {path: _File(1 << number, score) for number, (path, score) in enumerate(scores.items())}


def _evidence(
    similar: Sequence[Candidate], texts: Sequence[str], top: float, files: Mapping[str, _File], situation: Situation
) -> dict[str, _Evidence]:
    """What similar code says of identifiers that the open file does not have.

    What stands in one of the less similar chunks alone is unlikely whatever else is said of it, and is half of all: it
    is left out, unless it follows the tokens before the cursor.
    """
    found: dict[str, _Evidence] = {}
    once: dict[str, tuple[float, _File]] = {}
    is_known = situation.known_words.__contains__
    middle = similar[len(similar) // 2].score if similar else 0.0
    after = _following(_before(situation.line_prefix), texts)
    said = [chunk_words(text) for text in texts]
    for each, words in zip(similar, said, strict=True):
        file, similarity = files[each.path], each.score / top
        likely = each.score >= middle
        for name in filterfalse(is_known, words.names):
            evidence = found.get(name)
            if evidence is not None:
                evidence.mass += similarity
                if not evidence.files & file.bit:
                    evidence.add_file(file)
            elif likely or name in after:
                found[name] = _Evidence(similarity, file)
            elif name not in once:
                once[name] = (similarity, file)
            elif once[name][1] is not file:
                evidence = found[name] = _Evidence(*once[name])
                evidence.add_file(file)
    _add_uses(found, said, after)
    _add_neighbours(found, said, situation)
    return found


def _add_uses(found: dict[str, _Evidence], said: Sequence[ChunkWords], after: Mapping[str, int]) -> None:
    """How often each identifier is called, stands after a dot, and after the tokens before the cursor."""
    counts: Counter[str] = Counter()
    for words in said:
        counts.update(words.tokens)
    count = counts.get
    for name, its in found.items():
        as_member, as_called = "." + name, name + "("
        member, called, member_called = count(as_member, 0), count(as_called, 0), count(as_member + "(", 0)
        its.dotted = member + member_called
        its.called = called + member_called
        its.n_times = count(name, 0) + its.dotted + called
        if name in after:
            its.after = after[name]


def _add_neighbours(found: dict[str, _Evidence], said: Sequence[ChunkWords], situation: Situation) -> None:
    """What lines of similar code say that are like the cursor's line, or stand below one like that above the cursor."""
    here = frozenset(line_words(situation.line_prefix)) - KEYWORDS
    last = next((line for line in reversed(situation.above(_LINES_NEAR)[:-1]) if line.strip()), "")
    above = frozenset(line_words(last)) - KEYWORDS
    n_here, n_above = len(here) or 1, len(above) or 1
    telling = here | above
    for words in said:
        if telling.isdisjoint(words.names):
            continue
        below = 0.0
        for in_line in words.lines:
            if telling.isdisjoint(in_line):
                beside = then_below = 0.0
            else:
                beside = len(here.intersection(in_line)) / n_here
                then_below = len(above.intersection(in_line)) / n_above
            if beside or below:
                for name in in_line:
                    evidence = found.get(name)
                    if evidence is not None:
                        evidence.is_told = True
                        evidence.beside = max(evidence.beside, beside)
                        evidence.below = max(evidence.below, below)
            below = then_below


def _add_declared(
    found: dict[str, _Evidence], declaring: Iterable[Candidate], files: dict[str, _File], situation: Situation
) -> None:
    """What declaring lines say: a name that one declares, and others that it mentions, such as types."""
    is_known = situation.known_words.__contains__
    for each in declaring:
        weight = log1p(each.score)
        file = files.get(each.path)
        if file is None:
            file = files[each.path] = _File(1 << len(files), 0.0)
        for at, line in enumerate(each.lines):
            declared = each.names[at] if at < len(each.names) else ""
            for name in filterfalse(is_known, line_words(line)):
                evidence = found.get(name)
                if evidence is None:
                    evidence = found[name] = _Evidence(0.0, file)
                evidence.add_file(file)
                evidence.is_told = True
                if name == declared:
                    evidence.declared = max(evidence.declared, weight)
                else:
                    evidence.mentioned = max(evidence.mentioned, weight)


def _following(before: str, texts: Iterable[str]) -> Counter[str]:
    """How often each identifier stands in `texts` after the tokens that `before` ends with.

    After none or one, only where they begin a line.
    """
    tokens = _TOKEN.findall(before)[-_LEAD_TOKENS:]
    for token in tokens:
        texts = [text for text in texts if token in text]
    text = "\n".join(texts)
    if not tokens:
        return Counter(_LINE_STARTS.findall(text))
    # Led by the token itself, an expression is found several times as quickly as by what may stand before it.
    lead = re.compile(r"[ \t]*".join(map(re.escape, tokens)) + r"[ \t]*([^\W\d]\w*)")
    found = lead.finditer(text)
    if len(tokens) > 1:
        is_word = tokens[0][0].isalnum()
        return Counter([match[1] for match in found if not (is_word and _is_in_word(text, match.start()))])
    return Counter([match[1] for match in found if _begins_line(text, match.start())])


def _is_in_word(text: str, at: int) -> bool:
    return at > 0 and (text[at - 1].isalnum() or text[at - 1] == "_")


def _begins_line(text: str, at: int) -> bool:
    return not text[text.rfind("\n", 0, at) + 1 : at].strip(" \t")


def _part_weights(texts: Sequence[str], situation: Situation) -> dict[str, float]:
    """The parts of words near the cursor, the rarer in similar code the heavier; all together weigh 1."""
    near = [*situation.above(_LINES_NEAR + 1)[:-1], *situation.below(2)[1:]]
    parts = dict.fromkeys(part for name in IDENTIFIER.findall("\n".join(near)) for part in split_identifier(name))
    lowered = [text.lower() for text in texts]
    weights = {part: log(1 + len(texts) / (sum([part in text for text in lowered]) + 0.5)) for part in parts}
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
