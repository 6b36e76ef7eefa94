"""Drop blanks and line ends at the end, unless what follows the cursor needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation


def trim_trailing_whitespace(text: str, situation: Situation) -> str | None:
    """Strip the end of `text`, if the cursor's line ends there or goes on with a blank."""
    following = situation.current_line_suffix[:1]
    return text.rstrip() if not following or following.isspace() else text
