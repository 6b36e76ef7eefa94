"""The closer engine: at the start of a line, what closes the bracket that is open, and what is usual behind it.

`)` alone, `})`, `},` and `});` are all usual; which of them it is, the lines near by tell that close such a bracket.
Called by `propose`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import lexing
from copilot_ls.backends.embedded.evidence import Found
from copilot_ls.backends.embedded.situation import indent_width

if TYPE_CHECKING:
    from copilot_ls.backends.embedded.situation import Situation

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_CLOSED = frozenset(_CLOSING.values())
# Levels: where the line that opened the bracket is indented as much; where the line above stands deeper.
_AS_OPENER, _BELOW_DEEPER = 5, 2
# More by how often it stands near by: once, twice, four times, eight times.
_OFTEN = (0, 0, 1, 2, 3)
_LONGEST = 12
_LOOK_BACK_LINES = 40


def places(situation: Situation) -> list[Found]:
    """The closing bracket, and the lines near by that begin with it and say little more.

    Nothing where the cursor stands deeper than the line that opened the bracket, or less deep.
    """
    if situation.region != "code" or situation.head or not situation.brackets or not situation.previous:
        return []
    if situation.indent != _opener_indent(situation):
        return []
    closing = _CLOSING[situation.brackets[-1]]
    level = _AS_OPENER + (_BELOW_DEEPER if situation.indent < situation.previous_indents[0] else 0)
    times: dict[str, int] = {closing: 1}
    for raw in [*situation.near_above, *situation.near_below]:
        line = raw.strip()
        if line.startswith(closing) and len(line) <= _LONGEST:
            times[line] = times.get(line, 0) + (2 if raw.startswith(situation.indent_text + closing) else 1)
    return [
        Found(
            text, level + _OFTEN[min(n, 8).bit_length()], "above", situation.path, situation.line - 1, engine="closer"
        )
        for text, n in times.items()
    ]


def _opener_indent(situation: Situation) -> int:
    """Columns of the line above that opened the innermost bracket; -1 where none near by did."""
    depth = 0
    for raw in reversed(situation.near_above[-_LOOK_BACK_LINES:]):
        for character in reversed(lexing.scan(raw, situation.language_id).code):
            if character in _CLOSED:
                depth += 1
            elif character in lexing.OPENING:
                if not depth:
                    return indent_width(raw[: len(raw) - len(raw.lstrip())])
                depth -= 1
    return -1
