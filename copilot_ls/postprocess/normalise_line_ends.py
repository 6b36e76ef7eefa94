"""Write every line end as LF, whatever the model wrote; the document's own kind is restored where text is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation


def normalise_line_ends(text: str, situation: Situation) -> str | None:  # noqa: ARG001 - every filter has this shape
    """Turn CRLF and CR into LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
