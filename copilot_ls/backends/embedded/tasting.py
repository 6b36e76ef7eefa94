"""Chooses among the beginnings by what is known of this user, rather than by one threshold for everybody.

Where a policy holds, the beginning is chosen that is expected to bring most among those that are likely enough to be
taken; where none is, the likeliest, which whoever asked may hold back. Its parts are the beginnings of it that end a
word: a user who takes suggestions word by word gets something of a text that goes wrong later. Pure. Called by
`propose`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.backends.base import Taste
    from copilot_ls.backends.embedded.propose import Weighed

# A beginning shorter than this is nothing that anybody would take by itself.
_LEAST_PART = 3


def choose_by_taste(weighed: Sequence[Weighed], usual: Weighed | None, taste: Taste, backend: str) -> Weighed | None:
    """The beginning to answer with; `usual` is what would be chosen for everybody, None where that is nothing."""
    least = taste.least(backend)
    chosen = usual if least is None else _best(weighed, least, taste, backend)
    if chosen is not None:
        others = None if usual is None else (usual.text, usual.chosen, parts_of(usual, weighed))
        taste.settle(backend, chosen.text, parts_of(chosen, weighed), others)
    return chosen


def _best(weighed: Sequence[Weighed], least: float, taste: Taste, backend: str) -> Weighed | None:
    best: tuple[bool, float, str] | None = None
    chosen: Weighed | None = None
    for one in weighed:
        if one.unfit or one.chosen < taste.least_chance:
            continue
        likely, gain = taste.weigh(backend, one.text, one.chosen, parts_of(one, weighed))
        rank = (likely >= least, likely * gain if likely >= least else likely, one.text)
        if best is None or rank > best:
            best, chosen = rank, one
    return chosen


def parts_of(one: Weighed, weighed: Sequence[Weighed]) -> list[tuple[int, float]]:
    """The lengths and chances of the beginnings of a text that could be taken alone."""
    return [
        (len(part.text), part.chosen)
        for part in weighed
        if len(part.text) < len(one.text)
        and one.text.startswith(part.text)
        and len(part.text.strip()) >= _LEAST_PART
        and not (_is_word(part.text[-1]) and _is_word(one.text[len(part.text)]))
    ]


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
