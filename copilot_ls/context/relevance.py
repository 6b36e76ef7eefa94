"""How likely each identifier of the candidates is to be written in the rest of the cursor's line.

Only identifiers that the open file does not have are asked about: the model sees the others. What speaks for one: how
alike to the cursor's surroundings the best lines with it are, in how many files it stands and how often, whether it is
called or stands after a dot as the cursor does, whether it follows the very tokens before the cursor, whether it stands
near in the tree of folders, how it is spelled, whether it shares parts of words with the lines around, or with the
names of the file and of the declarations around, whether something declares it that the cursor refers to, and whether
it stands on a line like the cursor's, between lines like those around it. The weights are those of a logistic
regression over projects that no figure is reported of (`python -m tests.bench.fit_context` fits them). Called by
`gather`.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from heapq import nlargest
from itertools import chain, filterfalse
from math import exp, log, log1p
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.context.definitions import FOLDER_FILES
from copilot_ls.context.leads import leads
from copilot_ls.context.line_words import KEYWORDS, chunk_words, line_declares, line_words
from copilot_ls.index.terms import IDENTIFIER, split_identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from copilot_ls.context.candidate import Candidate
    from copilot_ls.context.leads import Leads
    from copilot_ls.context.line_words import ChunkWords
    from copilot_ls.context.request import Situation

FEATURES = (
    "similarity", "files", "called", "undotted", "free", "after", "after_one", "after_three", "folder", "upper",
    "capital", "private", "file", "parts", "topic", "declared", "mentioned", "mass", "times", "alike",
)  # fmt: skip
_WEIGHTS = (
    2.96, 0.48, 1.21, -1.37, -0.80, 0.53, 0.91, 1.47, 0.19, 0.78,
    0.27, -0.31, 0.70, 9.75, 1.88, 0.71, 0.38, 0.84, -0.52, 1.27,
)  # fmt: skip
_INTERCEPT = -9.59
# Choosing wants the likeliest told apart more sharply than likelihood does. By trial on the projects that the weights
# are fitted on: a fifth of a point more of idR than at 1.5; at 1.8 as much less.
_SHARPNESS = 1.25
# What the beginning of a word that is typed already adds to the words that go on from it, and takes from the others.
_CONTINUES = 4.0
_TYPED = re.compile(r"[^\W\d]\w*$")
_LINES_NEAR = 3
# Of how many tokens on there is room for what stands in any chunk alone; with fewer, in so large a share of them.
_TOKENS_FOR_ALL = 4_000
_LEAST_LIKELY = 0.5
# How far above the cursor the declarations around it are looked for.
_LINES_OF_SCOPE = 200


class _Evidence:
    """What speaks for one identifier.

    `files` has a bit for each file it stands in, `file` is the score of the best. `is_told`: single lines speak for it,
    which say `declared`, `mentioned` or `alike`.
    """

    __slots__ = (
        "alike", "called", "declared", "dotted", "file", "files", "is_told", "mass", "mentioned", "n_times",
        "similarity",
    )  # fmt: skip

    def __init__(self, similarity: float, file: _File) -> None:
        self.similarity = self.mass = similarity
        self.files, self.file = file
        self.n_times = self.called = self.dotted = 0
        self.declared = self.mentioned = self.alike = 0.0
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

    `siblings` has the bits of the files in the open file's folder, `most` is the highest score of a file, `parts` are
    what `_part_weights` tells, and `topic` what `_topic` does.
    """

    evidence: dict[str, _Evidence]
    after_dot: bool
    siblings: int
    most: float
    parts: dict[str, float]
    topic: frozenset[str]
    after: Leads

    def parts_in(self, name: str) -> float:
        """What the parts of a name weigh that stand near the cursor, too."""
        weights, parts = self.parts, _parts_of(name)
        return 0.0 if weights.keys().isdisjoint(parts) else sum([weights[part] for part in parts if part in weights])

    def of_topic(self, name: str) -> float:
        """The share of a name's parts that the file or a declaration around the cursor has in its name."""
        parts = _parts_of(name)
        return 0.0 if self.topic.isdisjoint(parts) else len(self.topic.intersection(parts)) / len(parts)


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
        is_upper, is_capital, is_private = map(float, _spelling(name))
        values[name] = (
            its.similarity,
            log1p(its.files.bit_count()),
            its.called / n_times,
            1.0 if found.after_dot and not its.dotted else 0.0,
            1.0 if not found.after_dot and not its.dotted else 0.0,
            1.0 if name in found.after.two else 0.0,
            min(found.after.one[name] / n_times, 1.0),
            log1p(found.after.three[name]),
            1.0 if its.files & found.siblings else 0.0,
            is_upper,
            is_capital,
            is_private,
            its.file / found.most,
            found.parts_in(name),
            found.of_topic(name),
            its.declared,
            its.mentioned,
            log1p(its.mass),
            log1p(its.n_times),
            its.alike,
        )
    return values


def _weighed(found: _Found) -> Iterator[tuple[str, float]]:
    """The `features` of each identifier by their weights: most are 0 for most of a thousand identifiers."""
    (
        similarity, files, called, undotted, free, after, after_one, after_three, folder, upper,
        capital, private, file, parts, topic, declared, mentioned, mass, times, alike,
    ) = _WEIGHTS  # fmt: skip
    file /= found.most
    parts_in, of_topic = found.parts_in, found.of_topic
    no_part, off_topic = found.parts.keys().isdisjoint, found.topic.isdisjoint
    one, two, three = found.after
    not_dotted = undotted if found.after_dot else free
    for name, its in found.evidence.items():
        n_times = its.n_times or 1
        total = (
            similarity * its.similarity
            + files * log1p(its.files.bit_count())
            + called * its.called / n_times
            + file * its.file
            + mass * log1p(its.mass)
            + times * log1p(its.n_times)
        )
        parts_of = _parts_of(name)
        if not no_part(parts_of):
            total += parts * parts_in(name)
        if not off_topic(parts_of):
            total += topic * of_topic(name)
        if not its.dotted:
            total += not_dotted
        if name in one:
            total += after_one * min(one[name] / n_times, 1.0)
        if name in two:
            total += after
        if name in three:
            total += after_three * log1p(three[name])
        if its.files & found.siblings:
            total += folder
        is_upper, is_capital, is_private = _spelling(name)
        total += upper * is_upper + capital * is_capital + private * is_private
        if its.is_told:
            total += declared * its.declared + mentioned * its.mentioned + alike * its.alike
        yield name, total


def _found(similar: Sequence[Candidate], declaring: Iterable[Candidate], situation: Situation) -> _Found:
    top = max((each.score for each in similar), default=0.0) or 1.0
    files = _files(similar, top)
    texts = [each.text for each in similar]
    before = _before(situation.line_prefix)
    after = leads(before, texts)
    evidence = _evidence(similar, texts, top, files, situation, after)
    _add_declared(evidence, declaring, files, situation)
    folder = situation.path.rpartition("/")[0]
    return _Found(
        evidence,
        before.endswith((".", "->", "::")),
        sum({each.bit for path, each in files.items() if each.score and path.rpartition("/")[0] == folder}),
        max([each.score for each in files.values()], default=0.0) or 1.0,
        _part_weights(texts, situation),
        _topic(situation),
        after,
    )


def _files(similar: Sequence[Candidate], top: float) -> dict[str, _File]:
    scores: dict[str, float] = {}
    for each in similar:
        scores[each.path] = scores.get(each.path, 0.0) + each.score / top
    return {path: _File(1 << number, score) for number, (path, score) in enumerate(scores.items())}


def _evidence(
    similar: Sequence[Candidate],
    texts: Sequence[str],
    top: float,
    files: Mapping[str, _File],
    situation: Situation,
    after: Leads,
) -> dict[str, _Evidence]:
    """What similar code says of identifiers that the open file does not have.

    What stands in one of the less similar chunks alone is unlikely whatever else is said of it, and is half of all: it
    is left out, unless it follows the tokens before the cursor, or there is room for the unlikely.
    """
    found: dict[str, _Evidence] = {}
    once: dict[str, tuple[float, _File]] = {}
    is_known = situation.known_words.__contains__
    n_likely = int(len(similar) * max(situation.budget_tokens / _TOKENS_FOR_ALL, _LEAST_LIKELY))
    middle = similar[n_likely].score if n_likely < len(similar) else 0.0
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
            elif likely or name in after.two:
                found[name] = _Evidence(similarity, file)
            elif name not in once:
                once[name] = (similarity, file)
            elif once[name][1] is not file:
                evidence = found[name] = _Evidence(*once[name])
                evidence.add_file(file)
    _add_uses(found, said)
    _add_neighbours(found, said, situation)
    return found


def _add_uses(found: dict[str, _Evidence], said: Sequence[ChunkWords]) -> None:
    """How often each identifier stands there, is called, and stands after a dot."""
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


def _add_neighbours(found: dict[str, _Evidence], said: Sequence[ChunkWords], situation: Situation) -> None:
    """How alike lines of similar code are to the cursor's, those above them to the one above it, and those below.

    By the words that they share, the rarer in the candidates the heavier; the three are added up.
    """
    here, above, below = (frozenset(line_words(line)) - KEYWORDS for line in _lines_near(situation))
    telling = here | above | below
    n_chunks = Counter(chain.from_iterable([telling.intersection(words.names) for words in said]))
    weights = {word: log(1 + len(said) / (n_chunks[word] + 0.5)) for word in telling}
    shares = [_shares(words, weights) for words in (here, above, below)]
    for words in said:
        if telling.isdisjoint(words.names):
            continue
        lines = words.lines
        told = [None if telling.isdisjoint(line) else [_sum(share, line) for share in shares] for line in lines]
        for at, line in enumerate(lines):
            own, last, following = told[at], told[at - 1] if at else None, told[at + 1] if at + 1 < len(told) else None
            alike = (own[0] if own else 0.0) + (last[1] if last else 0.0) + (following[2] if following else 0.0)
            if alike:
                for name in line:
                    evidence = found.get(name)
                    if evidence is not None and evidence.alike < alike:
                        evidence.is_told = True
                        evidence.alike = alike


def _lines_near(situation: Situation) -> tuple[str, str, str]:
    """The cursor's line up to the cursor, and the nearest lines above and below that are not blank."""
    above = next((line for line in reversed(situation.above(_LINES_NEAR)[:-1]) if line.strip()), "")
    below = next((line for line in situation.below(_LINES_NEAR)[1:] if line.strip()), "")
    return situation.line_prefix, above, below


def _shares(words: frozenset[str], weights: Mapping[str, float]) -> dict[str, float]:
    """The words, each with its share of what all of them weigh."""
    total = sum([weights[word] for word in words]) or 1.0
    return {word: weights[word] / total for word in words}


def _sum(shares: Mapping[str, float], line: tuple[str, ...]) -> float:
    return sum([shares[word] for word in shares.keys() & line]) if shares else 0.0


def _topic(situation: Situation) -> frozenset[str]:
    """The parts of the names of the file and of what is declared around the cursor."""
    folder, _, file = situation.path.rpartition("/")
    stem = file.partition(".")[0]
    names = [folder.rpartition("/")[2] if stem in FOLDER_FILES else stem]
    *above, line = situation.above(_LINES_OF_SCOPE)
    indent = len(line) - len(line.lstrip()) if line.strip() else len(line)
    for each in reversed(above):
        width = len(each) - len(each.lstrip())
        if width < indent and each.strip():
            names.append(line_declares(each))
            indent = width
            if not indent:
                break
    return frozenset(part for name in names for part in split_identifier(name))


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


@lru_cache(20_000)
def _spelling(name: str) -> tuple[bool, bool, bool]:
    """Whether a name is in capitals, begins with one, or begins with an underscore."""
    is_upper = name.isupper()
    return is_upper, name[0].isupper() and not is_upper, name[0] == "_"


def _before(line_prefix: str) -> str:
    """The cursor's line up to the word that is being typed."""
    return line_prefix[: -len(_typed(line_prefix)) or None].rstrip()


def _typed(line_prefix: str) -> str:
    match = _TYPED.search(line_prefix)
    return match[0] if match else ""


def _continuation(name: str, typed: str) -> float:
    return _CONTINUES if name.startswith(typed) else -_CONTINUES / 4
