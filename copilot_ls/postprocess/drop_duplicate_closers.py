"""Drop brackets from the end of a text that close what is closed after the cursor already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.postprocess.brackets import scan_at, surroundings
from copilot_ls.postprocess.lines import CLOSERS
from copilot_ls.postprocess.replaced_suffix import replaced_suffix

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation

_FILLING = CLOSERS + ";, \t\n"


def drop_duplicate_closers(text: str, situation: Situation) -> str | None:
    """Cut before the first of the trailing closers whose opener, before the cursor, has another closer below.

    What the suggestion replaces on its line does not count as being below.
    """
    tail = len(text.rstrip(_FILLING))
    closed = scan_at(text, situation).closed
    trailing = [(index, bracket) for index, bracket in enumerate(closed) if bracket.offset >= tail]
    if not trailing:
        return text
    suffix = situation.suffix[replaced_suffix(text, situation) :]
    around = surroundings(situation.prefix, suffix, situation.language_id, situation.tab_width)
    for index, bracket in trailing:
        if around.is_closed_below(index):
            return text[: bracket.offset]
    return text
