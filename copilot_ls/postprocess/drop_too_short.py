"""Drop what is quicker typed than read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation


def drop_too_short(text: str, situation: Situation) -> str | None:  # noqa: ARG001 - every filter has this shape
    """Give nothing for a single sign, such as a bracket; a single letter may be the end of a name."""
    bare = text.strip()
    return None if len(bare) == 1 and not bare.isalnum() and bare != "_" else text
