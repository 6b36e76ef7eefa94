"""Drop what contradicts the entry that is selected in the editor's popup."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation


def agree_with_selected_completion(text: str, situation: Situation) -> str | None:
    """Give nothing unless `text` begins with what the selected entry would still insert at the cursor."""
    selected = situation.selected_completion
    if not selected:
        return text
    line = situation.current_line_prefix
    typed = next(
        (length for length in range(min(len(line), len(selected)), 0, -1) if line.endswith(selected[:length])), 0
    )
    return text if text.startswith(selected[typed:]) else None
