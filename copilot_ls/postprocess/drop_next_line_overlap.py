"""End the text where it reaches the lines that are already below the cursor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.postprocess.edit_distance import within
from copilot_ls.postprocess.lines import is_significant, split

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation

_WORDS = re.compile(r"\w+")
# Share of the longer line that may differ, in punctuation and blanks only: `x = 1` and `x = 2` are different lines.
_MAX_DIFFERENCE = 0.05


def drop_next_line_overlap(text: str, situation: Situation) -> str | None:
    """Cut before the first line of `text` that is the next line below, exactly or nearly.

    Lines that stand everywhere (`}`, `else:`) say nothing; `limit_to_scope` and `drop_duplicate_closers` judge those.
    """
    below = next((line.strip() for line in split(situation.suffix)[1:] if line.strip()), None)
    if below is None or not is_significant(below):
        return text
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if number == 0 and situation.current_line_prefix.strip():
            continue
        if same_line(line.strip(), below):
            return "\n".join(lines[:number])
    return text


def same_line(left: str, right: str) -> bool:
    """Whether two stripped lines are the same but for a twentieth of punctuation and blanks."""
    if left == right:
        return True
    bound = int(max(len(left), len(right)) * _MAX_DIFFERENCE)
    return bound > 0 and _WORDS.findall(left) == _WORDS.findall(right) and within(left, right, bound)
