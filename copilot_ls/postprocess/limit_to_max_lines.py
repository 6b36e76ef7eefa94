"""Keep as many lines as the settings allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.postprocess.lines import opens_block

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation


def limit_to_max_lines(text: str, situation: Situation) -> str | None:
    """Keep the first `max_lines` lines; a block header in the last place goes too, as its body is not there."""
    limit = max(1, situation.max_lines)
    lines = text.split("\n")
    if len(lines) <= limit:
        return text
    lines = lines[:limit]
    while len(lines) > 1 and (not lines[-1].strip() or opens_block(lines[-1], situation.language_id)):
        lines.pop()
    return "\n".join(lines)
