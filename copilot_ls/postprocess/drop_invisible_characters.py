"""Give nothing when a text holds characters that are not seen, or that change the order in which others are."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation

# Letters and emoji are joined by these where scripts and sequences ask for it: between letters that are no ASCII, and
# after them, they are ordinary.
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"
# What Unicode calls format characters, separators of lines that no editor shows as such, and what fonts leave blank.
_BLANK = "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2028\u2029\u3164\uffa0\ufffc"


def drop_invisible_characters(text: str, _situation: Situation) -> str | None:
    """Give nothing if `text` has a bidirectional, invisible or control character.

    Such characters make code look other than what it does: nobody can see what they would accept.
    """
    return None if holds_invisible_characters(text) else text


def holds_invisible_characters(text: str) -> bool:
    """Whether a text has a bidirectional, invisible or control character where no script asks for it."""
    if text.isascii() and text.isprintable():
        return False
    return any(match[0] not in _JOINERS or not _joins(text, match.start()) for match in _suspects().finditer(text))


def _joins(text: str, at: int) -> bool:
    """Whether a joiner or selector follows a letter or symbol that may be joined."""
    before = text[at - 1] if at else ""
    return bool(before) and not before.isascii() and unicodedata.category(before)[0] in "LMS"


@cache
def _suspects() -> re.Pattern[str]:
    ranges = [
        "\x00-\x08\x0b\x0e-\x1f\x7f-\x9f",  # controls but tab, line ends and form feed
        "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f",  # bidirectional marks, embeddings, isolates; zero widths
        "\ufe00-\ufe0f\ufeff\ufff9-\ufffb",  # variation selectors, byte order mark, annotations
        "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a",  # shorthand and musical controls
        "\U000e0000-\U000e0fff",  # tags and more selectors: whole texts can hide in them
        re.escape(_BLANK),
    ]
    return re.compile(f"[{''.join(ranges)}]")
