"""The embedded completer's one question: what may stand after this cursor, and how likely is each answer?

    situation (where the cursor is) -> copying, renaming (what followed elsewhere) -> evidence (votes per text)
        -> prefixes and confidence (how far to go) -> blocks (whether lines follow)

Synchronous, deterministic, without a clock or network of its own. Called by the backend and by the bench.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import blocks, confidence, copying, evidence, lexing, prefixes, renaming, series
from copilot_ls.backends.embedded.situation import Situation
from copilot_ls.backends.embedded.workspace import PatientIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.backends.embedded.evidence import Continuation, Found
    from copilot_ls.backends.embedded.workspace import LineIndex
    from copilot_ls.text import DocumentSnapshot, Point

# The least confidence with which a suggestion is shown that nobody asked for, and one that somebody did.
AUTOMATIC_THRESHOLD = 0.6
INVOKED_THRESHOLD = 0.25
_MIN_LENGTH = 2
_MAX_OTHERS = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer. `confidence` is P(the user types exactly `text`), `origin` where it was learnt ("path:line", from one)."""

    text: str
    confidence: float
    origin: str
    engine: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """A beginning with its numbers and its probability: what the bench fits the model on."""

    text: str
    numbers: list[float]
    probability: float
    found: Found


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
) -> list[Candidate]:
    """Return at most `n` answers, the best first; none when nothing is at least `threshold` likely.

    The first is the longest beginning that is likely enough, the others are likely ones that say something else. With
    `multiline` the first may go on for up to `max_lines` lines. `index_path` is the document's path in the index, which
    must not answer with the document's own saved lines. Never raises on account of the text or of the index.
    """
    patient = index if isinstance(index, PatientIndex) else PatientIndex(index)
    situation, weighed, _ = weigh(document, cursor, open_documents, patient, index_path=index_path)
    chosen = _choose(weighed, n, threshold)
    candidates = [
        Candidate(one.text, round(one.probability, 3), _origin(one.found, document.path), one.found.engine)
        for one in chosen
    ]
    if multiline and max_lines > 1 and candidates:
        block = blocks.extend(situation, candidates[0].text, open_documents, patient, max_lines=max_lines)
        if block is not None:
            first = candidates[0]
            likely = round(first.confidence * block.agreement, 3)
            candidates[0] = Candidate(block.text, likely, first.origin, "block")
    return candidates


def weigh(
    document: DocumentSnapshot,
    cursor: Point,
    open_documents: Sequence[DocumentSnapshot],
    index: PatientIndex,
    *,
    index_path: str = "",
) -> tuple[Situation, list[Weighed], list[Continuation]]:
    """Every beginning with its probability, and what was known when it was weighed."""
    situation = Situation.at(document, cursor, index_path)
    others = _others(document, open_documents)
    found = copying.places(situation, others, index)
    found += renaming.places(situation)
    found += series.places(situation)
    continuations = evidence.gather(found, situation)
    nodes = [node for node in prefixes.beginnings(continuations) if len(node.text.strip()) >= _MIN_LENGTH]
    rows = prefixes.describe(nodes, continuations, situation)
    likely = confidence.probabilities(rows, situation.place)
    weighed = [
        Weighed(node.text, numbers, probability, node.best)
        for node, numbers, probability in zip(nodes, rows, likely, strict=True)
        if node.best is not None
    ]
    return situation, weighed, continuations


def _others(document: DocumentSnapshot, open_documents: Sequence[DocumentSnapshot]) -> list[DocumentSnapshot]:
    return [other for other in open_documents if other.uri != document.uri][:_MAX_OTHERS]


def _choose(weighed: list[Weighed], n: int, threshold: float) -> list[Weighed]:
    likely = sorted(
        (one for one in weighed if one.probability >= threshold),
        key=lambda one: (-len(one.text), -one.probability, one.text),
    )
    chosen: list[Weighed] = []
    while likely and len(chosen) < n:
        first = likely[0]
        chosen.append(first)
        likely = sorted(
            (one for one in likely if not first.text.startswith(one.text)),
            key=lambda one: (-one.probability * len(lexing.cut_points(one.text)) ** 0.5, one.text),
        )
    return chosen


def _origin(found: Found, own_path: str) -> str:
    path = found.path or own_path
    return f"{path}:{found.at + 1}" if found.at >= 0 else path
