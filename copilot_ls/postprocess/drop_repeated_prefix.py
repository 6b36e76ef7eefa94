"""Drop what the model repeats of the line that the cursor is on: its code, its last `object.`, or its indentation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.postprocess.brackets import scan, scan_at, surroundings_of
from copilot_ls.postprocess.lines import indent_width, indentation, opens_block, split

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation

# Shorter beginnings come twice for good reasons: `((`, `**`.
_MIN_REPEATED = 3
_WORD = re.compile(r"\w")
_MEMBER_ACCESS = re.compile(r"(?<![\w.])[\w.]*\w(?:\.|::|->)$")
_CONTINUATIONS = tuple(".?:&|+-*/,)]}")


def drop_repeated_prefix(text: str, situation: Situation) -> str | None:
    """Drop the beginning of `text` that repeats the current line before the cursor, as often as it does."""
    line = situation.current_line_prefix
    while True:
        shorter = _without_repetition(text, line, situation) if line.strip() else _without_indent(text, line, situation)
        if shorter == text:
            return text
        text = shorter


def _without_repetition(text: str, line: str, situation: Situation) -> str:
    body = line.lstrip()
    lead = len(indentation(text))
    if text.startswith(body, lead) and len(body) >= _MIN_REPEATED and _WORD.search(body):
        shorter = text[lead + len(body) :]
        return text if _unbalances(text, shorter, situation) else shorter
    access = _MEMBER_ACCESS.search(line)
    if access and text.startswith(access.group()):
        return text[len(access.group()) :]
    return text


def _unbalances(text: str, shorter: str, situation: Situation) -> bool:
    """Whether dropping would close more than is open: `fact(fact(n))` does repeat itself."""

    def closed(part: str) -> int:
        # The first line decides: what follows it may not have come yet.
        return len(scan_at(part.split("\n", 1)[0], situation).closed)

    return closed(shorter) > len(surroundings_of(situation).opened) >= closed(text)


def _without_indent(text: str, line: str, situation: Situation) -> str:
    """Drop indentation that equals the one before the cursor, where the lines above do not ask for more."""
    if not situation.multiline:
        # On one line there is no room for the blank lines that models like to begin with.
        stripped = text.lstrip("\n")
        if stripped != text:
            return stripped
    lead = indentation(text)
    if not line or lead != line or text.startswith(_CONTINUATIONS, len(lead)):
        return text
    above = next((each for each in reversed(split(situation.prefix)[:-1]) if each.strip()), "")
    expected = indent_width(above, situation.tab_width)
    if opens_block(above, situation.language_id):
        expected += situation.tab_width
    opened = scan(above, situation.language_id).opened
    if (opened and opened[-1].character in "([") or indent_width(line, situation.tab_width) < expected:
        return text
    return text[len(lead) :]
