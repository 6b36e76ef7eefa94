"""What stored texts teach: which completions were right, which were wrong, and what should have stood there. Pure.

*Right* is what was taken, or typed out, and is still there: three quarters of its lexemes in their order, after two
minutes. *Wrong* is what was dismissed or typed over after it was seen, and what was taken and rewritten. What lies
between teaches nothing and is left out. Texts shorter than a word or two are left out as well: they are accepted by
the way.

A pair of DPO is one place with a right and a wrong completion: what the user wrote there instead of what was shown,
or two suggestions at the same place of which one was kept. Called by `data_set`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LEXEME = re.compile(r"\w+|[^\w\s]")
# Kept to so much is right, kept to less than the other wrong.
_RIGHT_FROM, _WRONG_BELOW = 0.75, 0.4
_LEAST_CHARS = 4
# What a place is known by, when a suggestion comes again.
_PLACE_BEFORE, _PLACE_BEHIND = 400, 100


@dataclass(frozen=True, slots=True)
class Example:
    """One suggestion at one place. `kept` is what the user wrote there, as many lines as were shown, if known."""

    record: dict[str, Any]
    shown: str
    kept: str | None
    is_right: bool | None

    @property
    def place(self) -> tuple[str, str]:
        """What tells the place from others."""
        return self.record["prefix"][-_PLACE_BEFORE:], self.record["suffix"][:_PLACE_BEHIND]


class Pair(NamedTuple):
    """At the place of `example`, `chosen` is better than `rejected`; `basis` says how that is known."""

    example: Example
    chosen: str
    rejected: str
    basis: str


def examples_of(records: Iterable[dict[str, Any]]) -> Iterator[Example]:
    """The records as examples, in their order; those of which nothing can be learnt have no judgement."""
    for record in records:
        shown = record["shown"]
        if len(shown.strip()) < _LEAST_CHARS:
            continue
        written = record["written"]
        kept = None if written is None else _as_many_lines(written, shown)
        yield Example(record, shown, kept, _judged(record, shown, kept))


def pairs_of(examples: Iterable[Example]) -> list[Pair]:
    """The pairs, in the order of their places."""
    pairs: list[Pair] = []
    places: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in examples:
        places[example.place].append(example)
        kept = (example.kept or "").strip()
        if example.is_right is False and len(kept) >= _LEAST_CHARS and share_kept(example.shown, kept) < 1:
            pairs.append(Pair(example, example.kept or "", example.shown, "written_instead"))
    for at_place in places.values():
        right = [each for each in at_place if each.is_right]
        wrong = [each for each in at_place if each.is_right is False]
        for one in right[:1]:
            pairs += [Pair(one, one.shown, each.shown, "same_place") for each in wrong if each.shown != one.shown]
    return pairs


def share_kept(shown: str, written: str) -> float:
    """The share of the lexemes of `shown` that stand in `written` in their order."""
    wanted, there = _LEXEME.findall(shown), _LEXEME.findall(written)
    if not wanted:
        return 0.0
    blocks = SequenceMatcher(None, wanted, there, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(wanted)


def _judged(record: dict[str, Any], shown: str, kept: str | None) -> bool | None:
    outcome, was_shown = record["outcome"], bool(record.get("was_shown"))
    if outcome in {"accepted", "typed"}:
        if kept is None:
            return None
        share = share_kept(shown, kept)
        return True if share >= _RIGHT_FROM else False if share < _WRONG_BELOW else None
    if outcome == "rejected" or (outcome == "ignored" and was_shown and record.get("reason") == "typing_disagreed"):
        # Who types the same in other steps has not disagreed.
        return False if kept is None or share_kept(shown, kept) < _RIGHT_FROM else None
    return None


def _as_many_lines(written: str, shown: str) -> str:
    """What was written there, without what came after as many lines as were shown."""
    n_lines = shown.rstrip("\n").count("\n") + 1
    return "\n".join(written.replace("\r\n", "\n").split("\n")[:n_lines]).rstrip()
