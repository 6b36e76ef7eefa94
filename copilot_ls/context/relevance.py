"""How likely each identifier of the candidates is to be written in the rest of the cursor's line.

Only identifiers that the open file does not have are asked about: the model sees the others. What speaks for one: how
alike to the cursor's surroundings the best lines with it are, in how many files it stands, whether it is called or
stands after a dot as the cursor does, whether it follows the very tokens before the cursor, whether it stands near in
the tree of folders, shares parts of words with the lines around, and is declared by something the cursor refers to. The
weights are those of a logistic regression, fitted on projects that no figure is reported of. Called by `gather`.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from copilot_ls.context.line_words import line_words
from copilot_ls.index.terms import IDENTIFIER, split_identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from copilot_ls.context.candidate import Candidate
    from copilot_ls.context.request import Situation

FEATURES = (
    "similarity", "files", "called", "dotted", "undotted", "free", "after", "after_share", "folder", "upper", "file",
    "parts", "declared", "mentioned",
)  # fmt: skip
_WEIGHTS = (4.75, 0.68, 1.33, 0.62, -0.7, -0.45, 0.79, 0.55, 0.37, 0.86, 0.46, 11.31, 0.78, 0.51)
_INTERCEPT = -11.15
# What the beginning of a word that is typed already adds to the words that go on from it, and takes from the others.
_CONTINUES = 4.0
_TOKEN = re.compile(r"[^\W\d]\w*|[^\w\s]|\d+")
_TYPED = re.compile(r"[^\W\d]\w*$")
_LINES_NEAR = 3
_LEAD_TOKENS = 2


class _Evidence:
    """What speaks for one identifier."""

    __slots__ = ("after", "called", "declared", "dotted", "files", "mentioned", "n_lines", "similarity")

    def __init__(self) -> None:
        self.similarity = 0.0
        self.files: set[str] = set()
        self.n_lines = self.called = self.dotted = self.after = 0
        self.declared = self.mentioned = 0.0


def chances(similar: Sequence[Candidate], declaring: Iterable[Candidate], situation: Situation) -> dict[str, float]:
    """The chance of each identifier; `similar` are chunks, best first, `declaring` lines that declare something."""
    typed = _typed(situation.line_prefix)
    return {
        name: 1 / (1 + math.exp(-_INTERCEPT - sum(map(float.__mul__, _WEIGHTS, values)) - _continuation(name, typed)))
        for name, values in features(similar, declaring, situation).items()
    }


def features(
    similar: Sequence[Candidate], declaring: Iterable[Candidate], situation: Situation
) -> dict[str, tuple[float, ...]]:
    """What the chance of each identifier is made of, in the order of `FEATURES`."""
    top = max((each.score for each in similar), default=0.0) or 1.0
    file_scores: dict[str, float] = {}
    for each in similar:
        file_scores[each.path] = file_scores.get(each.path, 0.0) + each.score / top
    found = _evidence(similar, top, situation.known_words)
    before = situation.line_prefix[: -len(_typed(situation.line_prefix)) or None].rstrip()
    lead = _lead(before)
    for each in similar:
        for name in lead.findall(each.text):
            if name in found:
                found[name].after += 1
    _add_declared(found, declaring, situation.known_words)
    most = max(file_scores.values(), default=0.0) or 1.0
    folder = situation.path.rpartition("/")[0]
    siblings = {path for path in file_scores if path.rpartition("/")[0] == folder}
    after_dot = (
        situation.line_prefix[: -len(_typed(situation.line_prefix)) or None].rstrip().endswith((".", "->", "::"))
    )
    parts = _part_weights(similar, situation)
    values: dict[str, tuple[float, ...]] = {}
    for name, its in found.items():
        n_lines = its.n_lines or 1
        dotted = its.dotted / n_lines
        values[name] = (
            its.similarity,
            math.log1p(len(its.files)),
            its.called / n_lines,
            dotted if after_dot else 0.0,
            1.0 if after_dot and not its.dotted else 0.0,
            1.0 if not after_dot and not its.dotted else 0.0,
            1.0 if its.after else 0.0,
            min(its.after / n_lines, 1.0),
            0.0 if siblings.isdisjoint(its.files) else 1.0,
            1.0 if name.isupper() else 0.0,
            max([file_scores.get(path, 0.0) for path in its.files], default=0.0) / most,
            sum([parts[part] for part in split_identifier(name) if part in parts]) if parts else 0.0,
            its.declared,
            its.mentioned,
        )
    return values


def _evidence(similar: Sequence[Candidate], top: float, known: frozenset[str]) -> dict[str, _Evidence]:
    """What similar code says of identifiers that are not `known`."""
    found: dict[str, _Evidence] = {}
    for each in similar:
        path, similarity = each.path, each.score / top
        for line in each.text.split("\n"):
            its = line_words(line)
            for name in its.words - known:
                evidence = found.get(name)
                if evidence is None:
                    evidence = found[name] = _Evidence()
                    evidence.similarity = similarity
                evidence.n_lines += 1
                evidence.files.add(path)
                if name in its.called:
                    evidence.called += 1
                if name in its.dotted:
                    evidence.dotted += 1
    return found


def _add_declared(found: dict[str, _Evidence], declaring: Iterable[Candidate], known: frozenset[str]) -> None:
    """What declaring lines say: a name that one declares, and others that it mentions, such as types."""
    for each in declaring:
        weight = math.log1p(each.score)
        for at, (_, line) in enumerate(each.numbered_lines()):
            declared = each.names[at] if at < len(each.names) else ""
            for name in line_words(line).words - known:
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
    weights = {part: math.log(1 + len(similar) / (count + 0.5)) for part, count in counts.items()}
    total = sum(weights.values()) or 1.0
    return {part: weight / total for part, weight in weights.items()}


def _typed(line_prefix: str) -> str:
    match = _TYPED.search(line_prefix)
    return match[0] if match else ""


def _continuation(name: str, typed: str) -> float:
    if not typed:
        return 0.0
    return _CONTINUES if name.startswith(typed) else -_CONTINUES / 4
