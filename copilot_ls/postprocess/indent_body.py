"""Move a body under its header, where a model indented it as if the header stood at the left margin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.postprocess.brackets import lines_in_strings
from copilot_ls.postprocess.lines import CLOSERS, PROSE, indent_width, indentation, opens_block

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation


def indent_body(text: str, situation: Situation) -> str | None:
    """Indent all lines after the first by the cursor line's depth, if the first body shows that they lack it.

    It shows when the cursor's line is a header and the next line is indented, yet not deeper than the header.
    """
    if "\n" not in text or situation.language_id in PROSE:
        return text
    width = situation.tab_width
    first, *rest = text.split("\n")
    header = situation.current_line_prefix + first
    base = indent_width(header, width)
    body = next((line for line in rest if line.strip()), None)
    if body is None or not opens_block(header, situation.language_id) or body.lstrip()[0] in CLOSERS:
        return text
    if not 0 < indent_width(body, width) <= base:
        return text
    fixed = lines_in_strings(text, situation)
    lead = indentation(header)
    moved = [line if number in fixed or not line.strip() else lead + line for number, line in enumerate(rest, 1)]
    return "\n".join([first, *moved])
