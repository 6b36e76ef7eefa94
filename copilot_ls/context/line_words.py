"""What one line of code says, looked at once: its identifiers, how they are used in it, and which one it declares.

Consecutive requests look at much the same lines, so what is known of a line is kept for a while. All by regular
expressions, for most languages alike. Called by `request`, `relevance` and `gather`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEPT_LINES = 12_000
_KEPT_TOKENS = 40_000
# The words of languages themselves: everyone knows them, so no context is needed for them.
_KEYWORDS = """
abstract and any as assert async await bool boolean break byte case catch chan char class cls const continue declare def
default defer del delete do double elif else enum error except export extends false finally float fn for from func
function global go goto if impl implements import in infer instanceof int interface is keyof lambda let long map match
mod mut native never new nil None nonlocal not null number object of or package pass private protected pub public raise
range readonly return self short static string struct super switch synchronized then this throw throws trait transient
True False true try type typeof undefined unknown unless until use using var void volatile when where while with yield
"""
# The empty text is what `tokens_of` finds besides identifiers.
KEYWORDS = frozenset(["", *_KEYWORDS.split()])
# An identifier with what says that it is a member, and that it is called.
_TOKEN = re.compile(r"\.?[^\W\d]\w*+\(?")
_MODIFIERS = (
    r"(?:(?:export|default|declare|abstract|public|private|protected|static|final|readonly|async|override|get|set|pub)"
    r"\s+)*"
)
_DECLARING = re.compile(
    rf"\s*{_MODIFIERS}(?:"
    r"(?:def|class|function\*?|fun|func|fn|interface|type|enum|struct|trait|record|namespace|const|let|var|val)\s+"
    r"(?:\([^)]*\)\s*)?(?P<led>[^\W\d]\w*)"
    r"|(?:(?:self|this)\.)?(?P<assigned>[^\W\d]\w*)\s*(?::[^=]+)?=(?![=>])"
    r"|(?P<annotated>[^\W\d]\w*)[?!]?\s*:\s*[^,]+;?$"
    r"|(?P<method>[^\W\d]\w*)\??\s*(?:<[^>]*>)?\([^)]*\)\s*(?:\{|:.*[{;])$"
    r")"
)


# What is no part of a token is a blank. In text of ASCII alone, splitting at blanks takes a fifth of a search's time.
_BLANKS = "".join(chr(code) if chr(code).isalnum() or chr(code) in "_.(" else " " for code in range(128))


class _Names(dict[str, str]):
    """A token to its identifier, or to an empty text where it is none; filled on demand."""

    def __missing__(self, token: str) -> str:
        if len(self) > _KEPT_TOKENS:
            self.clear()
        name = token.lstrip(".").removesuffix("(")
        value = self[token] = name if name.isidentifier() else ""
        return value


_NAMES = _Names()


def tokens_of(code: str) -> list[str]:
    """The identifiers of `code` in order, with a dot before a member and an opening bracket behind what is called.

    There may be numbers and signs among them.
    """
    if "->" in code:
        code = code.replace("->", " .")
    if "::" in code:
        code = code.replace("::", " .")
    if not code.isascii():
        return _TOKEN.findall(code)
    return code.replace(".", " .").replace("(", "( ").translate(_BLANKS).split()


def names_of(tokens: Iterable[str]) -> frozenset[str]:
    """The identifiers of some tokens; with an empty text for what is none."""
    return frozenset(map(_NAMES.__getitem__, tokens))


@lru_cache(_KEPT_LINES)
def line_words(line: str) -> frozenset[str]:
    """The identifiers of `line`, and possibly an empty text."""
    return names_of(tokens_of(line))


@lru_cache(_KEPT_LINES)
def line_declares(line: str) -> str:
    """The identifier that `line` declares or assigns, as far as the line alone tells; an empty text for none."""
    match = _DECLARING.match(line)
    name = match[match.lastgroup] if match is not None and match.lastgroup else ""
    return "" if name in KEYWORDS else name
