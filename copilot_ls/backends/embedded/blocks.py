"""Whole blocks: the lines that follow a proposed line, as far as the user is likely to write them, too.

A line that was proposed may be the first of a block that stands elsewhere, word for word or with other names (a sibling
test, another branch). `below` finds those places. Line by line, the one is taken that most of them go on with, and a
model says how likely it is; a block ends where its lines together are less likely than what may be shown. It never goes
past the end of the cursor's scope, and is indented as here. The model is data, `blocks.json`, made by
`tests/bench/train_blocks.py`. Called by `propose`, when more than a line is wanted.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.backends.embedded import lexing
from copilot_ls.backends.embedded.below import below
from copilot_ls.backends.embedded.confidence import probability_of
from copilot_ls.backends.embedded.evidence import repeatable
from copilot_ls.backends.embedded.forest import Forest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.backends.embedded.below import Below
    from copilot_ls.backends.embedded.situation import Situation
    from copilot_ls.backends.embedded.streams import Stretch
    from copilot_ls.backends.embedded.workspace import PatientIndex
    from copilot_ls.text import DocumentSnapshot

# What speaks for a next line; `train_blocks` fits on them, in this order.
FEATURES = (
    "number",  # of the line within the block, the first that is added being 1
    "share",  # of the weight of all places that are left
    "rival",  # the share of the second best line
    "ended",  # the share of places whose scope ends here
    "stayed",  # of the places at the block's beginning, how many went this way until here
    "equal",  # places that say it word for word
    "renamed",  # places that say it with other names
    "agreeing",  # lines above a place that are those above the cursor, the most
    "alike",  # and that have at least their shape
    "agreeing_rival",  # the most of the places that say something else
    "alike_rival",
    "renames",  # names that are other ones at the place with the fewest
    "distance",  # lines from the cursor to the nearest place
    "here",  # whether a place in the cursor's document says it
    "elsewhere",  # places in other documents, and in the workspace
    "length",
    "blank",
    "closes",  # nothing but closing brackets
    "step",  # columns of indentation more than the line before
    "depth",  # columns of indentation more than the first line
    "unseen",  # names that the lines around do not have
    "changed",  # whether it has names that are replaced
    "repeats",  # whether the block has the line already
    "first_length",  # of the line that the block begins with
)  # fmt: skip
VERSION = 1
_FILE = Path(__file__).with_name("blocks.json")
# A place counts the more, the more lines above it are those above the cursor, or at least of their shape; less with
# other names.
_AGREEING_WEIGHT, _ALIKE_WEIGHT, _RENAMED_WEIGHT = 1.7, 1.4, 0.4
_SHORTEST_FIRST = 4
_ONLY_CLOSING = ")]};,"


class Block(NamedTuple):
    """A proposed text of several lines, and P(the user writes the added ones, too | the first line is right).

    `place` is one whose first line below is the first of them.
    """

    text: str
    likely: float
    place: Below


class Step(NamedTuple):
    """The next line of a block, indented relative to the block's first one, and what speaks for it (`FEATURES`).

    `place` is the one that says it with most weight.
    """

    line: str
    numbers: tuple[float, ...]
    place: Below


def extend(
    situation: Situation,
    text: str,
    others: Sequence[DocumentSnapshot],
    where: Sequence[Stretch],
    index: PatientIndex,
    *,
    max_lines: int,
    least: float,
) -> Block | None:
    """Return `text`, a whole rest of a line, with lines that follow it; None where none is likely.

    Together they are at least `least` likely. `max_lines` counts the line of the cursor, too.
    """
    likely = 1.0
    taken: list[Step] = []
    kept: tuple[int, float] = (0, 1.0)
    for step in steps(situation, text, others, where, index, max_lines - 1):
        likely *= likelihood(step)
        if likely < least:
            break
        taken.append(step)
        if step.line:  # a blank one is no end
            kept = len(taken), likely
    n_lines, likely = kept
    if not n_lines:
        return None
    added = [situation.indent_text + step.line if step.line else "" for step in taken[:n_lines]]
    return Block("\n".join([text, *added]), likely, taken[0].place)


def likelihood(step: Step) -> float:
    """P(the user writes this line | they wrote those before it)."""
    return probability_of(model().sums((), [step.numbers])[0])


@cache
def model() -> Forest:
    """The model that is shipped; raise `ValueError` for a data file of another version."""
    content = json.loads(_FILE.read_text(encoding="utf-8"))
    if content.get("version") != VERSION:
        raise ValueError(f"blocks model of version {content.get('version')!r}, expected {VERSION}")
    return Forest(content["base"], content["thresholds"], content["trees"], (), FEATURES)


def steps(
    situation: Situation,
    text: str,
    others: Sequence[DocumentSnapshot],
    where: Sequence[Stretch],
    index: PatientIndex,
    n_lines: int,
) -> Iterator[Step]:
    """The lines that may follow `text`, the rest of the cursor's line, each as if those before it were right."""
    first = (situation.head + text).strip()
    if situation.tail.strip() or situation.region != "code" or len(first) < _SHORTEST_FIRST:
        return
    if first == situation.next_line:
        return
    line_below = repeatable(situation)
    places = list(below(situation, first, others, where, index, n_lines))
    stack = lexing.open_brackets(lexing.scan(text, situation.language_id).code, situation.brackets)
    n_first = len(places)
    said: list[str] = []
    while places and len(said) < n_lines:
        at = len(said)
        going_on = [place for place in places if len(place.lines) > at]
        votes: dict[str, list[Below]] = {}
        for place in going_on:
            votes.setdefault(place.lines[at], []).append(place)
        if not votes:
            return
        weights = {line: sum(map(_weight, its)) for line, its in votes.items()}
        best = max(weights, key=lambda line: (weights[line], line))
        stripped = best.strip()
        code = lexing.scan(best, situation.language_id).code
        if lexing.balanced_end(code, stack, "") < len(code):
            return  # it closes what was opened above
        if stripped and (stripped == line_below or lexing.looks_secret(stripped)):
            return
        numbers = _numbers(situation, first, said, best, places, votes, weights, n_first)
        yield Step(best, numbers, max(votes[best], key=_weight))
        stack = lexing.open_brackets(code, stack)
        said.append(best)
        places = votes[best]


def _weight(place: Below) -> float:
    weight = _AGREEING_WEIGHT**place.agreeing * _ALIKE_WEIGHT ** (place.alike - place.agreeing)
    return float(weight * (_RENAMED_WEIGHT if place.renaming else 1.0))


def _numbers(
    situation: Situation,
    first: str,
    said: list[str],
    best: str,
    places: list[Below],
    votes: dict[str, list[Below]],
    weights: dict[str, float],
    n_first: int,
) -> tuple[float, ...]:
    its = votes[best]
    ended = sum(_weight(place) for place in places if len(place.lines) <= len(said))
    total = sum(weights.values()) + ended
    rest = [weight for line, weight in weights.items() if line != best]
    words = [word for word in lexing.WORD.findall(best) if not word[0].isdigit()]
    indent = len(best) - len(best.lstrip())
    before = next((line for line in reversed(said) if line), "")
    others = [place for line, those in votes.items() if line != best for place in those]
    return (
        len(said) + 1,
        weights[best] / total,
        max(rest, default=0.0) / total,
        ended / total,
        len(its) / n_first,
        sum(not place.renaming for place in its),
        sum(bool(place.renaming) for place in its),
        max(place.agreeing for place in its),
        max(place.alike for place in its),
        max((place.agreeing for place in others), default=-1),
        max((place.alike for place in others), default=-1),
        min(sum(one != other for one, other in place.renaming.items()) for place in its),
        min(place.distance for place in its),
        any(place.source in {"above", "below"} for place in its),
        sum(place.source in {"open", "workspace"} for place in its),
        len(best),
        not best,
        bool(best) and not best.strip(_ONLY_CLOSING + " \t"),
        indent - (len(before) - len(before.lstrip())),
        indent,
        sum(word not in situation.last_use for word in words),
        any(word in place.renaming.values() for place in its if place.renaming for word in words),
        best in said or best.strip() == first,
        len(first),
    )
