"""Write indentation in the document's unit: tabs or blanks, and as many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.postprocess.brackets import lines_in_strings
from copilot_ls.postprocess.lines import PROSE, indent_width, indentation, opens_block

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation

_USUAL_UNITS = (2, 3, 4, 8)


def match_indent_unit(text: str, situation: Situation) -> str | None:
    """Re-indent lines that start in the text, outside of strings over several lines; only whitespace changes.

    Another unit than the document's is told from the first body in the text, and all depths are scaled by it.
    """
    if situation.language_id in PROSE:
        return text
    width = situation.tab_width
    at_line_start = not situation.current_line_prefix.strip()
    lines = text.split("\n")
    if len(lines) == 1 and not at_line_start:
        return text
    fixed = lines_in_strings(text, situation)
    if not at_line_start:
        fixed.add(0)
    base = indent_width(situation.current_line_prefix + (lines[0] if at_line_start else ""), width)
    unit = _foreign_unit(lines, base, situation)
    result = []
    for number, line in enumerate(lines):
        if number in fixed or not line.strip():
            result.append(line)
            continue
        columns = indent_width(line, width)
        if number and unit is not None and columns > base and (columns - base) % unit == 0:
            columns = base + (columns - base) // unit * width
        result.append(_written(line, columns, situation))
    return "\n".join(result)


def _foreign_unit(lines: list[str], base: int, situation: Situation) -> int | None:
    """The unit that the text indents with, where its first body shows one that is not the document's."""
    width = situation.tab_width
    header, header_columns = situation.current_line_prefix + lines[0], base
    for line in lines[1:]:
        if not line.strip():
            continue
        columns = indent_width(line, width)
        if opens_block(header, situation.language_id):
            step = columns - header_columns
            aligned = header.rstrip()[-1:] in "(["
            # Both depths must be multiples, so that scaling turns this step into the document's, once and for all.
            if step not in _USUAL_UNITS or step == width or aligned or header_columns < base:
                return None
            return step if (header_columns - base) % step == 0 else None
        header, header_columns = line, columns
    return None


def _written(line: str, columns: int, situation: Situation) -> str:
    body = line[len(indentation(line)) :]
    if "\t" in situation.indent_unit:
        return "\t" * (columns // situation.tab_width) + " " * (columns % situation.tab_width) + body
    return " " * columns + body
