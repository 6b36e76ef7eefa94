"""The words of source code, as the index stores and asks for them.

A compound identifier counts as itself and as its parts: `parseHTMLBody` is `parsehtmlbody`, `parse`, `html`, `body`.
Pure; called by `digest`, `lookup` and `copilot_ls.context`.
"""

from __future__ import annotations

import re

IDENTIFIER = re.compile(r"[^\W\d]\w*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\dA-Z_]+|[A-Z]|\d+")
_SHORTEST_TERM = 2
_LONGEST_TERM = 64
_MEMO_LIMIT = 200_000


class _Terms(dict[str, str]):
    """Identifier to its terms, separated by blanks; filled on demand, emptied when it has grown too large."""

    def __missing__(self, identifier: str) -> str:
        if len(self) > _MEMO_LIMIT:
            self.clear()
        value = self[identifier] = " ".join(split_identifier(identifier))
        return value


_TERMS = _Terms()


def split_identifier(identifier: str) -> list[str]:
    """The terms of one identifier, in lower case: itself first, then its parts when there are several."""
    whole = identifier[:_LONGEST_TERM].lower()
    parts = [part.lower() for part in _PART.findall(identifier[:_LONGEST_TERM])]
    terms = [whole] if len(whole) >= _SHORTEST_TERM else []
    if len(parts) > 1 or (parts and parts[0] != whole):
        terms += [part for part in parts if len(part) >= _SHORTEST_TERM and not part.isdigit() and part != whole]
    return terms


def term_text(text: str) -> str:
    """All terms of `text` in order, separated by blanks: what the full-text index is given."""
    terms = _TERMS
    return " ".join([terms[each] for each in IDENTIFIER.findall(text)])


def terms_of(text: str) -> list[str]:
    """All terms of `text` in order, repeated ones included."""
    return term_text(text).split()
