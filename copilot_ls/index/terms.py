"""The words of source code, as the index stores and asks for them.

A compound identifier counts as itself and as its parts: `parseHTMLBody` is `parsehtmlbody`, `parse`, `html`, `body`.
Pure; called by `digest`, `lookup` and `copilot_ls.context`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

IDENTIFIER = re.compile(r"[^\W\d]\w*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\dA-Z_]+|[A-Z]|\d+")
SHORTEST_TERM = 2
_LONGEST_TERM = 64
_MEMO_LIMIT = 200_000


# What parts words: all of ASCII but letters, digits and `_`.
_PARTING = bytes(code if chr(code).isalnum() or chr(code) == "_" else ord(" ") for code in range(128)).ljust(256)


class _Terms(dict[str, str]):
    """Words to their terms, separated by blanks; filled on demand, emptied when it has grown too large."""

    def __missing__(self, word: str) -> str:
        if len(self) > _MEMO_LIMIT:
            self.clear()
        # Most words are of one case: these need no patterns.
        if word.isascii() and word.islower() and word.replace("_", "").isalpha():
            whole = word[:_LONGEST_TERM]
            terms = [whole, *whole.split("_")] if "_" in whole else [whole]
            value = " ".join([each for each in terms if len(each) >= SHORTEST_TERM])
        else:
            value = " ".join([each for found in IDENTIFIER.findall(word) for each in split_identifier(found)])
        self[word] = value
        return value


_TERMS = _Terms()


def whole_term(identifier: str) -> str:
    """The term that stands for an identifier as a whole."""
    return identifier[:_LONGEST_TERM].lower()


def split_identifier(identifier: str) -> list[str]:
    """The terms of one identifier, in lower case: itself first, then its parts when there are several."""
    whole = whole_term(identifier)
    parts = [part.lower() for part in _PART.findall(identifier[:_LONGEST_TERM])]
    terms = [whole] if len(whole) >= SHORTEST_TERM else []
    if len(parts) > 1 or (parts and parts[0] != whole):
        terms += [part for part in parts if len(part) >= SHORTEST_TERM and not part.isdigit() and part != whole]
    return terms


def term_text(text: str) -> str:
    """All terms of `text` in order, separated by blanks: what the full-text index is given."""
    terms = _TERMS
    return " ".join([terms[each] for each in IDENTIFIER.findall(text)])


def terms_of(text: str) -> list[str]:
    """All terms of `text` in order, repeated ones included."""
    return term_text(text).split()


def chunk_terms(text: str, starts: Sequence[int]) -> list[str]:
    """The terms of each piece of a text, each once, separated by blanks; `starts` are the places where pieces begin."""
    extents = list(zip(starts, [*starts[1:], len(text)], strict=False))
    if text.isascii():
        parted = text.encode().translate(_PARTING).decode()
        return [_joined(parted[start:end].split()) for start, end in extents]
    return [_joined(IDENTIFIER.findall(text, start, end)) for start, end in extents]


def _joined(words: list[str]) -> str:
    return " ".join(map(_TERMS.__getitem__, dict.fromkeys(words)))
