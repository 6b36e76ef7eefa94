"""Drop a generation that only says again what stands directly above the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.postprocess.lines import is_significant, split

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation

_MAX_LINES = 10


def drop_copy_of_lines_above(text: str, situation: Situation) -> str | None:
    """Give nothing when the first lines of `text` are the last lines before the cursor, which starts a line."""
    if situation.current_line_prefix.strip():
        return text
    above = [line.strip() for line in split(situation.prefix)[:-1] if line.strip()][-_MAX_LINES:]
    ours = [line.strip() for line in text.split("\n") if line.strip()][:_MAX_LINES]
    for count in range(1, min(len(above), len(ours)) + 1):
        if ours[:count] == above[-count:] and any(map(is_significant, ours[:count])):
            return None
    return text
