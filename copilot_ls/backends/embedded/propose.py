"""The embedded completer's one question: what may stand after this cursor, and how likely is each answer.

    situation (where the cursor is) -> engines (what may follow) -> evidence (votes)
        -> beginnings, prefixes, confidence (how far to go) -> blocks (whether lines follow)

Synchronous, deterministic, without a clock or network of its own. Called by the backend and by the bench.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import (
    beginnings,
    blocks,
    confidence,
    engines,
    evidence,
    lexing,
    prefixes,
)
from copilot_ls.backends.embedded.recency import Recency
from copilot_ls.backends.embedded.situation import Situation
from copilot_ls.backends.embedded.streams import Chunks
from copilot_ls.backends.embedded.surroundings import Known
from copilot_ls.backends.embedded.tasting import choose_by_taste
from copilot_ls.backends.embedded.workspace import PatientIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.backends.base import Taste
    from copilot_ls.backends.embedded import ngrams
    from copilot_ls.backends.embedded.adaptation import Adaptation
    from copilot_ls.backends.embedded.beginnings import Beginning
    from copilot_ls.backends.embedded.below import Below
    from copilot_ls.backends.embedded.evidence import Continuation, Found
    from copilot_ls.backends.embedded.workspace import LineIndex
    from copilot_ls.context.recent_edits import RecentEdit
    from copilot_ls.text import DocumentSnapshot, Point

# The least confidence with which a suggestion is shown that nobody asked for, and one that somebody did. At the first,
# four of five texts that are shown are right in replayed code that the model was not fitted on, see
# tests/bench/bench_embedded.py.
AUTOMATIC_THRESHOLD = 0.6
INVOKED_THRESHOLD = 0.25
_MIN_LENGTH = 2
_MAX_OTHERS = 10
# The gain of a beginning: how much a line's end is worth in characters, and how much a wrong answer costs.
END_BONUS, WARINESS = 4, 2
_CLOSING = ")]}:;,"
_CLOSED_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer. `confidence` is P(the user types exactly `text`), `origin` where it was learnt: "path:line"."""

    text: str
    confidence: float
    origin: str
    engine: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """A beginning with its probabilities.

    `probability` is the model's, `line` that of its being the whole rest of the line, `chosen` what the former is worth
    once this one was chosen among all (see `confidence`).
    `ends`: some place's line ends with it. `unfit`: it is not to be shown, see `Described.is_unfit`.
    """

    text: str
    probability: float
    line: float
    chosen: float
    ends: bool
    unfit: bool
    found: Found | None


def propose(
    document: DocumentSnapshot,
    cursor: Point,
    open_documents: Sequence[DocumentSnapshot],
    index: LineIndex | PatientIndex | None,
    *,
    n: int = 1,
    multiline: bool = False,
    max_lines: int = 8,
    threshold: float = AUTOMATIC_THRESHOLD,
    index_path: str = "",
    chunks: Chunks | None = None,
    recent_edits: Sequence[RecentEdit] = (),
    adaptation: Adaptation | None = None,
    taste: Taste | None = None,
    backend: str = "",
) -> list[Candidate]:
    """Return at most `n` answers, the best first; none when nothing is at least `threshold` likely.

    The first is the longest beginning that is likely enough; where it may be shown unasked, it is the same whether one
    or several are wanted, and the others go on from there or say something else. With `multiline` the first may go on
    for up to `max_lines` lines, as far as may be shown unasked. `index_path` is the document's path in the index, which
    must not answer with the document's own saved lines; `chunks` are remembered from answer to answer; `recent_edits`
    come latest first; `adaptation` is what the user's outcomes say of the confidence. With `taste`, which is for one
    answer to `backend`'s own asker, that decides instead of the threshold once it has something to say. Never raises on
    account of the text or of the index.
    """
    patient = index if isinstance(index, PatientIndex) else PatientIndex(index)
    here = described(
        document, cursor, open_documents, patient, index_path=index_path, chunks=chunks, recent_edits=recent_edits
    )
    weighed = weighed_of(here, adaptation)
    chosen = choose(weighed, n, threshold) if n <= 1 else several(weighed, n, threshold)
    if taste is not None and n == 1:
        best = choose_by_taste(weighed, chosen[0] if chosen else None, taste, backend)
        chosen = [] if best is None else [best if chosen and best is chosen[0] else closed(best, weighed)]
    candidates = [
        Candidate(one.text, round(one.chosen, 3), origin_of(one.found, document, open_documents), one.found.engine)
        for one in chosen
        if one.found is not None
    ]
    if multiline and max_lines > 1:
        others = _others(document, open_documents)
        first = chosen[0] if chosen else None
        unasked = threshold if n <= 1 else max(threshold, AUTOMATIC_THRESHOLD)
        block = block_of(here, first, others, patient, max_lines=max_lines, threshold=unasked)
        if block is not None:
            origin = candidates[0].origin if candidates else origin_of(block.place, document, open_documents)
            candidates[:1] = [Candidate(block.text, round(block.likely, 3), origin, "block")]
    return candidates


def block_of(
    here: Described,
    first: Weighed | None,
    others: Sequence[DocumentSnapshot],
    index: PatientIndex,
    *,
    max_lines: int,
    threshold: float,
) -> blocks.Block | None:
    """The lines that begin with `first`, if they are likely enough and there is more to gain by them than by it alone.

    Without a `first`, those that follow what stands before the cursor, if the line is likely to end there. `likely` is
    P(the user types all of them).
    """
    if first is None:
        line, text, least_gain = here.model.ends(), "", 0.0
    else:
        line, text = first.line if first.ends else 0.0, first.text
        least_gain = first.probability**WARINESS * (len(text) + END_BONUS)
    if not line or line < threshold:
        return None
    situation, where = here.situation, here.model.where
    block = blocks.extend(situation, text, others, where, index, max_lines=max_lines, least=threshold / line)
    if block is None:
        return None
    likely = line * block.likely
    if likely**WARINESS * len(block.text) <= least_gain:
        return None
    return block._replace(likely=likely)


def weigh(
    document: DocumentSnapshot,
    cursor: Point,
    open_documents: Sequence[DocumentSnapshot],
    index: PatientIndex,
    *,
    index_path: str = "",
    chunks: Chunks | None = None,
    recent_edits: Sequence[RecentEdit] = (),
) -> tuple[Situation, list[Weighed], list[Continuation]]:
    """Every beginning with its probability, and what was known when it was weighed."""
    here = described(
        document, cursor, open_documents, index, index_path=index_path, chunks=chunks, recent_edits=recent_edits
    )
    return here.situation, weighed_of(here), here.continuations


def weighed_of(here: Described, adaptation: Adaptation | None = None) -> list[Weighed]:
    """The beginnings of `here`, each with its probability."""
    likely = confidence.likelihoods(here.common, here.rows, here.parents)
    place, language_id = here.situation.place, here.situation.language_id
    chosen = [confidence.once_chosen(probability, place, language_id) for probability in likely.right]
    if adaptation is not None:
        chosen = [adaptation.adapted(worth, place, language_id) for worth in chosen]
    return [
        Weighed(node.text, right, line, worth, node.whole, here.is_unfit(node), node.best)
        for node, right, line, worth in zip(here.nodes, likely.right, likely.whole, chosen, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Described:
    """All beginnings in numbers: `common` are those of the cursor, `rows` those of each of the `nodes`.

    `parents` are the places, among the nodes, of the longest shorter beginning of each that is described, or -1;
    `model` are the n-grams that were asked.
    """

    situation: Situation
    model: ngrams.Model
    continuations: list[Continuation]
    nodes: list[Beginning]
    common: list[float]
    rows: list[list[float]]
    parents: list[int]

    def is_unfit(self, node: Beginning) -> bool:
        """Whether a beginning is not to be shown: one in code that stops in the midst of a string, a single character.

        That a line ends with a single bracket tells against what is longer, but is typed in one key.
        """
        return len(node.text.strip()) < _MIN_LENGTH or _opens_literal(node.text, self.situation)


def described(
    document: DocumentSnapshot,
    cursor: Point,
    open_documents: Sequence[DocumentSnapshot],
    index: PatientIndex,
    *,
    index_path: str = "",
    chunks: Chunks | None = None,
    recent_edits: Sequence[RecentEdit] = (),
) -> Described:
    """What all engines found, in numbers: what the confidence model is asked about, and trained on."""
    situation = Situation.at(document, cursor, index_path)
    others = _others(document, open_documents)
    found, model = engines.ask(situation, document, others, index, chunks or Chunks(), recent_edits)
    continuations = evidence.gather(found, situation, Recency(recent_edits, (document, *others)))
    for continuation in beginnings.looked_at(continuations):
        continuation.chances = model.chances(continuation.text)
    nodes = beginnings.beginnings(continuations)
    known = Known(
        document.text.n_chars,
        sum(other.text.n_chars for other in others),
        index.n_files,
        *model.expected(),
    )
    nodes = [node for node in nodes if node.best is not None and (node.whole or len(node.text.strip()) >= _MIN_LENGTH)]
    common, rows = prefixes.describe(nodes, continuations, situation, known)
    return Described(situation, model, continuations, nodes, common, rows, beginnings.parents(nodes))


def _others(document: DocumentSnapshot, open_documents: Sequence[DocumentSnapshot]) -> list[DocumentSnapshot]:
    return [other for other in open_documents if other.uri != document.uri][:_MAX_OTHERS]


def choose(weighed: list[Weighed], n: int, threshold: float) -> list[Weighed]:
    """Return the beginning with most to gain among those that are likely enough, then others that say something else.

    The gain of a beginning is its length, a little more if a line ends with it, times its probability squared: squared,
    for a wrong one costs the attention of reading it.
    """
    likely = [one for one in weighed if not one.unfit and one.chosen >= threshold]
    chosen: list[Weighed] = []
    while likely and len(chosen) < n:
        best = max(
            likely, key=lambda one: (one.probability**WARINESS * (len(one.text) + END_BONUS * one.ends), one.text)
        )
        chosen.append(closed(best, weighed))
        likely = [one for one in likely if not best.text.startswith(one.text) and not one.text.startswith(best.text)]
    return chosen


def several(weighed: list[Weighed], n: int, threshold: float) -> list[Weighed]:
    """First what would be shown unasked, where anything would; then what goes on from there, or says something else."""
    first = choose(weighed, 1, max(threshold, AUTOMATIC_THRESHOLD))
    others = [one for one in weighed if not any(shown.text.startswith(one.text) for shown in first)]
    return first + choose(others, n - len(first), threshold)


def _opens_literal(text: str, situation: Situation) -> bool:
    return situation.region == "code" and lexing.scan(text, situation.language_id).region == "string"


def closed(chosen: Weighed, weighed: list[Weighed]) -> Weighed:
    """The whole line that only adds closing punctuation to what was chosen, if that is not much less likely.

    Nobody wants to be shown `with open(path) as stream` without its colon.
    """
    for one in weighed:
        rest = one.text[len(chosen.text) :]
        if (
            one.ends
            and rest
            and one.text.startswith(chosen.text)
            and not rest.strip(_CLOSING)
            and one.probability >= _CLOSED_SHARE * chosen.probability
        ):
            return one
    return chosen


def origin_of(found: Found | Below, document: DocumentSnapshot, others: Sequence[DocumentSnapshot]) -> str:
    """Where something was found: "path:line", lines counted from 1."""
    at = found.at
    if at < 0:
        documents = [document] if found.source in {"above", "below"} else others
        text = next((one.text.text for one in documents if one.path == found.path), "")
        at = text.count("\n", 0, -1 - at)
    return f"{found.path}:{at + 1}" if found.path else f"{at + 1}"
