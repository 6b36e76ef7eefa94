"""A small edit that may mend code that does not parse. Made by the modules of edits, tried by `smallest_edit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.edits import Replacement
from copilot_ls.text import Span

if TYPE_CHECKING:
    from copilot_ls.syntax.tokens import Token
    from copilot_ls.text import Point, TextSnapshot


class Idea(NamedTuple):
    """One edit. `cost` is how unlikely it is what was meant: about 1 for one sign more or less at a likely place.

    `sign` is what is inserted, as reports name it.
    """

    cost: float
    replacements: tuple[Replacement, ...]
    title: str
    sign: str = ""


def added(cost: float, place: Point, sign: str) -> Idea:
    """A sign more."""
    return Idea(cost, (Replacement(Span(place, place), sign),), f"Add the missing '{sign.strip()}'", sign.strip())


def removed(cost: float, span: Span, written: str) -> Idea:
    """A token less."""
    return Idea(cost, (Replacement(span, ""),), f"Remove '{written}'")


def replaced(cost: float, span: Span, written: str, meant: str) -> Idea:
    """A token in place of another."""
    return Idea(
        cost, (Replacement(span, meant),), f"Replace '{written}' with '{meant.strip()}'", meant.strip()
    )  # fmt: skip


def span_of(text: TextSnapshot, token: Token) -> Span:
    """Where a token stands."""
    return Span(text.point_at(token.start), text.point_at(token.end))
