"""How questions are put to the full-text tables. Pure; called by `lookup` and `line_lookup`."""

from __future__ import annotations

import re

from copilot_ls.index.terms import IDENTIFIER, SHORTEST_TERM, whole_term

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


def line_query(piece: str) -> str | None:
    """The words that a line with `piece` in it has; the last one may go on. None without any."""
    words = [match[0] for match in _WORD.finditer(piece)]
    if not words:
        return None
    last = words.pop() if _WORD.fullmatch(piece[-1]) else None
    asked = [quoted(word) for word in dict.fromkeys(words[-_MOST_WORDS:])]
    if last is not None and (len(last) > _SHORT or not asked):
        asked.append(quoted(last) + "*")
    return " AND ".join(asked)


def piece_query(piece: str) -> str | None:
    """The words of chunks (`terms`) that a line with `piece` in it has; the last one may go on. None without any."""
    names = IDENTIFIER.findall(piece)
    if not names:
        return None
    last = names.pop() if piece.endswith(names[-1]) else None
    whole = [whole_term(name) for name in dict.fromkeys(names[-_MOST_WORDS:]) if len(name) >= SHORTEST_TERM]
    asked = [quoted(word) for word in whole]
    # A short beginning stands for very many words: the comparison with the piece sorts them out.
    if last is not None and (len(last) > _SHORT or not asked):
        asked.append(quoted(whole_term(last)) + "*")
    return " AND ".join(asked) or None
