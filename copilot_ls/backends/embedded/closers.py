"""The closer engine: at the start of a line, what closes the bracket that is open, and what is usual behind it.

`)` alone, `})`, `},` and `});` are all usual; which of them it is, the lines near by tell that close such a bracket.
Called by `propose`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.backends.embedded.evidence import Found

if TYPE_CHECKING:
    from copilot_ls.backends.embedded.situation import Situation

_CLOSING = {"(": ")", "[": "]", "{": "}"}
# Levels: the line stands less deep than the one above; as deep as the line that opened the bracket.
_CLOSES, _SHALLOWER, _AS_OPENER = 1, 2, 4
# More by how often it stands near by: once, twice, four times, eight times.
_OFTEN = (0, 0, 1, 2, 3)
_LONGEST = 12


def places(situation: Situation) -> list[Found]:
    """The closing bracket, and the lines near by that begin with it and say little more."""
    if situation.region != "code" or situation.head or not situation.brackets or not situation.previous:
        return []
    closing = _CLOSING[situation.brackets[-1]]
    level = _CLOSES
    if situation.indent < situation.previous_indents[0]:
        level += _SHALLOWER
    if situation.indent == _opener_indent(situation):
        level += _AS_OPENER
    times: dict[str, int] = {closing: 1}
    indentation = situation.indent_text
    for raw in [*situation.near_above, *situation.near_below]:
        line = raw.strip()
        if line.startswith(closing) and len(line) <= _LONGEST:
            times[line] = times.get(line, 0) + (2 if raw.startswith(indentation + closing) else 1)
    return [
        Found(
            text, level + _OFTEN[min(n, 8).bit_length()], "above", situation.path, situation.line - 1, engine="closer"
        )
        for text, n in times.items()
    ]


def _opener_indent(situation: Situation) -> int:
    """Columns of the nearest line above that stands less deep than the line above the cursor, or as the cursor."""
    for indent in situation.previous_indents:
        if indent <= situation.indent:
            return indent
    return situation.indent
