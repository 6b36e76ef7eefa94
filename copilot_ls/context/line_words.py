"""The identifiers of one line of code, and the words that are no identifiers in most languages.

Consecutive requests look at much the same lines, so what is known of a line is kept for a while. Called by `request`.
"""

from __future__ import annotations

from functools import lru_cache

from copilot_ls.index.terms import IDENTIFIER

_KEPT_LINES = 20_000
# The words of languages themselves: everyone knows them, so no context is needed for them.
_KEYWORDS = """
abstract and any as assert async await bool boolean break byte case catch chan char class cls const continue declare def
default defer del delete do double elif else enum error except export extends false finally float fn for from func
function global go goto if impl implements import in infer instanceof int interface is keyof lambda let long map match
mod mut native never new nil None nonlocal not null number object of or package pass private protected pub public raise
range readonly return self short static string struct super switch synchronized then this throw throws trait transient
True False true try type typeof undefined unknown unless until use using var void volatile when where while with yield
"""
KEYWORDS = frozenset(_KEYWORDS.split())


@lru_cache(_KEPT_LINES)
def line_words(line: str) -> frozenset[str]:
    """The identifiers of `line`."""
    return frozenset(IDENTIFIER.findall(line))
