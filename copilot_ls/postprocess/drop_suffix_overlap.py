"""Drop the end of a text that the text after the cursor begins with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.postprocess.brackets import scan_at

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation

_WORD_EDGE = re.compile(r"\w\w")
# More of the suffix than this is never looked for: no model repeats so much and stops there.
_MAX_OVERLAP = 2000


def drop_suffix_overlap(text: str, situation: Situation) -> str | None:
    """Drop the longest end of `text` that is also a beginning of the suffix, as long as there is one.

    It must start and end between words, and must not close what the rest of `text` opened: `f(x)` before `)` keeps
    its bracket. Blanks between the cursor and what follows on its line are not asked for.
    """
    while True:
        shorter = _without_overlap(text, situation)
        if shorter == text:
            return text
        text = shorter


def _without_overlap(text: str, situation: Situation) -> str:
    suffixes = {situation.suffix[:_MAX_OVERLAP].replace("\r\n", "\n").replace("\r", "\n")}
    rest, line_end, below = next(iter(suffixes)).partition("\n")
    suffixes |= {rest.lstrip() + line_end + below, rest.strip() + line_end + below}
    body = text.rstrip(" \t")
    longest = max((_overlap(body, suffix, situation) for suffix in suffixes), default=0)
    return body[: len(body) - longest] if longest else text


def _overlap(text: str, suffix: str, situation: Situation) -> int:
    if not text or not suffix:
        return 0
    opener_of = None
    for length in range(min(len(text), len(suffix)), 0, -1):
        if suffix[length - 1] != text[-1] or not text.endswith(suffix[:length]) or not suffix[:length].strip():
            continue
        cut = len(text) - length
        if _WORD_EDGE.match(text[max(cut - 1, 0) : cut + 1]) or _WORD_EDGE.match(suffix[length - 1 : length + 1]):
            continue
        if opener_of is None:
            opener_of = scan_at(text, situation).opener_of
        if any(opener < cut <= closer for closer, opener in opener_of.items()):
            continue
        return length
    return 0
