"""How much of the rest of the line a suggestion replaces, because it says it again in its middle.

Not a filter: it shortens nothing. Editors put `)` and `"` after the cursor by themselves, and models write past them:
`def f(█)` continued as `self, x):` must not become `def f(self, x):)`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.postprocess.brackets import scan_at

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation

_PUNCTUATION = ";,:"
_WORD_EDGE = re.compile(r"\w\w")
_MIN_CODE = 3


def replaced_suffix(text: str, situation: Situation) -> int:
    """Count the characters right of the cursor, on its line, that `text` is to replace; 0 or all but trailing blanks.

    They are replaced when they are closers and punctuation that `text` closes itself, in this order, or when the first
    line of `text` contains them as code.
    """
    rest = situation.current_line_suffix.rstrip()
    wanted = rest.lstrip()
    if not wanted or not text.strip():
        return 0
    scan = scan_at(text, situation)
    closers = {bracket.offset: bracket.character for bracket in scan.closed}
    if all(character in _PUNCTUATION or character in ")]}\"'`" for character in wanted):
        offered = _offered(text, closers)
        return len(rest) if _is_subsequence(wanted, offered) else 0
    return len(rest) if _contains_code(text.split("\n", 1)[0], wanted) else 0


def _offered(text: str, closers: dict[int, str]) -> str:
    """The closers of what was opened before the cursor, and the punctuation after the first of them.

    Punctuation before it belongs to what `text` itself says: `a: int` in front of `:` is no repetition of the colon.
    """
    if not closers:
        last = text.rstrip()[-1:]
        return last if last in _PUNCTUATION else ""
    first = min(closers)
    return "".join(
        character
        for offset, character in enumerate(text)
        if offset >= first and (offset in closers or character in _PUNCTUATION)
    )


def _is_subsequence(wanted: str, offered: str) -> bool:
    remaining = iter(offered)
    return all(character in remaining for character in wanted if not character.isspace())


def _contains_code(line: str, wanted: str) -> bool:
    at = line.find(wanted) if len(wanted) >= _MIN_CODE else -1
    if at < 0:
        return False
    end = at + len(wanted)
    return not _WORD_EDGE.match(line[max(at - 1, 0) : at] + wanted[0]) and not _WORD_EDGE.match(
        wanted[-1] + line[end : end + 1]
    )
