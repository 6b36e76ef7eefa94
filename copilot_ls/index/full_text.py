"""How questions are put to the full-text tables. Pure; called by `lookup`."""

from __future__ import annotations

import re

# As the tokenizer of both tables divides: letters, digits, `_`, and all that is not ASCII. No lone surrogates: nothing
# that is stored holds one.
_WORD = re.compile(r"[A-Za-z0-9_\x80-\ud7ff\ue000-\U0010ffff]+")
_MOST_WORDS = 6
# A shorter beginning of a word stands for very many words.
_SHORT = 2


def quoted(word: str) -> str:
    """A word as FTS5 takes it literally."""
    return '"' + word.replace('"', '""') + '"'


def is_word(text: str) -> bool:
    """Whether the tokenizer takes `text` as one word; anything else would be a phrase, which needs positions."""
    return _WORD.fullmatch(text) is not None


def piece_query(piece: str) -> str | None:
    """The words of `piece` for FTS5; the last one may go on."""
    words = [match[0] for match in _WORD.finditer(piece)]
    if not words:
        return None
    whole, last = words, None
    if _WORD.fullmatch(piece[-1]):
        *whole, last = words
    # A short beginning stands for very many words: the comparison with the piece sorts them out.
    asked = [quoted(word) for word in dict.fromkeys(whole[-_MOST_WORDS:])]
    if last is not None and (len(last) > _SHORT or not asked):
        asked.append(quoted(last) + "*")
    return " AND ".join(asked)
