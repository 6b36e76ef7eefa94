"""Keep the rest of the line where only that is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation


def limit_to_line(text: str, situation: Situation) -> str | None:
    """Cut at the first line end, unless several lines are wanted."""
    return text if situation.multiline else text.split("\n", 1)[0]
