"""Unwrap code that a chat model put between Markdown fences, and drop what it says after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.postprocess.lines import PROSE

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation

_FENCES = ("```", "~~~")


def drop_fences(text: str, situation: Situation) -> str | None:
    """Drop a fence that the text starts with, and everything from the next line that starts with one.

    Fences are content in Markdown, in comments (documentation tests) and in the middle of a line.
    """
    if situation.in_comment or situation.language_id in PROSE or not any(fence in text for fence in _FENCES):
        return text
    while True:
        lead = len(text) - len(text.lstrip())
        if not text.startswith(_FENCES, lead):
            break
        end = text.find("\n", lead)
        if end < 0:
            return None
        text = text[end + 1 :]
    offset = 0
    for line in text.split("\n"):
        if offset and line.startswith(_FENCES):
            return text[: offset - 1]
        offset += len(line) + 1
    return text
