"""Why something was proposed, for people: who found it, where it was learnt, what made it likely or unlikely.

Asks the engines again and looks at what agrees with the answer. Called by the backend for `copilot-ls complete
--explain`, and by nothing that is in a hurry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import blocks, confidence, engines, evidence, propose
from copilot_ls.backends.embedded.streams import Chunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.backends.embedded.evidence import Found
    from copilot_ls.backends.embedded.workspace import PatientIndex
    from copilot_ls.context.recent_edits import RecentEdit
    from copilot_ls.text import DocumentSnapshot, Point

_MOST_PLACES = 5
_MOST_FEATURES = 5


def explained(
    text: str,
    document: DocumentSnapshot,
    cursor: Point,
    open_documents: Sequence[DocumentSnapshot],
    index: PatientIndex,
    *,
    index_path: str = "",
    recent_edits: Sequence[RecentEdit] = (),
) -> list[str]:
    """Lines that say who found the first line of `text`, where, and what weighed most; and so of each line below it.

    Empty when nobody did.
    """
    line, *below = text.rstrip().split("\n")
    here = propose.described(document, cursor, open_documents, index, index_path=index_path, recent_edits=recent_edits)
    return [
        *(_first_line(line, here, document, open_documents, index, recent_edits) if line else ()),
        *_lines_below(line, below, here, document, open_documents, index),
    ]


def _lines_below(
    line: str,
    below: Sequence[str],
    here: propose.Described,
    document: DocumentSnapshot,
    open_documents: Sequence[DocumentSnapshot],
    index: PatientIndex,
) -> list[str]:
    """For each line of a block: how many places go on with it, one of them, and how likely it is."""
    others = [other for other in open_documents if other.uri != document.uri]
    steps = blocks.steps(here.situation, line, others, here.model.where, index, len(below))
    said = []
    for number, (step, its) in enumerate(zip(steps, below, strict=False), 2):
        if step.line.strip() != its.strip():
            break
        known = dict(zip(blocks.FEATURES, step.numbers, strict=True))
        n_places = int(known["equal"] + known["renamed"])
        names = ", with other names" if step.place.renaming else ""
        said.append(
            f"line {number}: {n_places} place{'s' if n_places != 1 else ''}, below "
            f"{propose.origin_of(step.place, document, others)}{names}; likely {blocks.likelihood(step):.2f}"
        )
    return said


def _first_line(
    line: str,
    here: propose.Described,
    document: DocumentSnapshot,
    open_documents: Sequence[DocumentSnapshot],
    index: PatientIndex,
    recent_edits: Sequence[RecentEdit],
) -> list[str]:
    matching = [at for at, node in enumerate(here.nodes) if line.startswith(node.text)]
    if not matching:
        return []
    at = max(matching, key=lambda at: len(here.nodes[at].text))
    shown = here.nodes[at].text
    others = [other for other in open_documents if other.uri != document.uri]
    found, _ = engines.ask(here.situation, document, others, index, Chunks(), recent_edits)
    cleaner = evidence.Cleaner(here.situation)
    agreeing = [one for one in found if cleaner.cleaned(one.text).startswith(shown)]
    agreeing.sort(key=lambda one: (-one.level, one.distance))
    lines: list[str] = []
    for engine in dict.fromkeys(one.engine for one in agreeing):
        places = dict.fromkeys(propose.origin_of(one, document, others) for one in agreeing if one.engine == engine)
        n_more = len(places) - _MOST_PLACES
        more = f" and {n_more} more" if n_more > 0 else ""
        level = max(one.level for one in agreeing if one.engine == engine)
        lines.append(f"{engine}, level {level}: {', '.join(list(places)[:_MOST_PLACES])}{more}")
    against = _rivals(found, cleaner, shown)
    if against:
        lines.append("said otherwise: " + ", ".join(against))
    likely = confidence.likelihoods(here.common, here.rows, here.parents)
    numbers = [*here.common, *here.rows[at], *confidence.lines_through(likely.whole, here.parents)[at]]
    weighed = confidence.weighed_most(numbers, _MOST_FEATURES)
    lines.append(
        f"likely {likely.right[at]:.2f}, as "
        + ", ".join(f"{name} is {_short(number)} ({added:+.1f})" for name, number, added in weighed)
    )
    return lines


def _rivals(found: Sequence[Found], cleaner: evidence.Cleaner, shown: str) -> list[str]:
    """How many places each engine has that go on otherwise."""
    counts: dict[str, int] = {}
    for one in found:
        text = cleaner.cleaned(one.text)
        if text and not text.startswith(shown) and not shown.startswith(text):
            counts[one.engine] = counts.get(one.engine, 0) + one.times
    return [f"{engine} at {n} place{'s' if n != 1 else ''}" for engine, n in counts.items()]


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
