"""What lines of code say, looked at once: their identifiers, how these are used, and which one a line declares.

Consecutive requests look at much the same lines, so what is known of a line, and of a chunk of lines, is kept for a
while: it depends on the text alone. All by regular expressions, for most languages alike. Called by `request`,
`relevance` and `gather`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate, chain
from sys import intern
from typing import NamedTuple

_KEPT_LINES = 15_000
_KEPT_TOKENS = 60_000
# Some two kilobytes each. Places of one project see half of the chunks that others of it saw lately.
_KEPT_CHUNKS = 8_000
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
# What cannot match otherwise is not tried again with less: a line takes a quarter of the time.
_DECLARING = re.compile(
    rf"\s*+{_MODIFIERS}(?:"
    r"(?:def|class|function\*?|fun|func|fn|interface|type|enum|struct|trait|record|namespace|const|let|var|val)\s++"
    r"(?:\([^)]*\)\s*+)?(?P<led>[^\W\d]\w*+)"
    r"|(?:(?:self|this)\.)?(?P<assigned>[^\W\d]\w*+)\s*+(?::[^=]+)?=(?![=>])"
    r"|(?P<annotated>[^\W\d]\w*+)[?!]?\s*+:\s*[^,]+;?$"
    r"|(?P<method>[^\W\d]\w*+)\??\s*+(?:<[^>]*>)?\([^)]*\)\s*(?:\{|:.*[{;])$"
    r")"
)


# What is no part of a token is a blank, but for line ends. In text of ASCII alone, splitting at blanks takes a fifth of
# a search's time; bytes are translated several times as quickly as text.
_BLANKS = bytes(
    code if code < 128 and (chr(code).isalnum() or chr(code) in "_.(\n") else 32  # noqa: PLR2004 -- ASCII ends there
    for code in range(256)
)


class _Names(dict[str, tuple[str, str]]):
    """A token to itself and its identifier, or an empty text where it is none; filled on demand.

    Each token and each identifier is one object, however many lines have it.
    """

    def __missing__(self, token: str) -> tuple[str, str]:
        if len(self) > _KEPT_TOKENS:
            self.clear()
        name = intern(token.lstrip(".").removesuffix("("))
        value = self[token] = (token, name if name.isidentifier() else "")
        return value


_NAMES = _Names()


class ChunkWords(NamedTuple):
    """What a chunk of lines says.

    `tokens` are all that `tokens_of` finds, `names` its identifiers, each once, and `lines` those of each line. There
    may be an empty text among names.
    """

    tokens: tuple[str, ...]
    names: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


def tokens_of(code: str) -> list[str]:
    """The identifiers of `code` in order, with a dot before a member and an opening bracket behind what is called.

    There may be numbers and signs among them.
    """
    if not code.isascii():
        return _TOKEN.findall(_dotted(code))
    return _parted(code).split()


@lru_cache(_KEPT_LINES)
def line_words(line: str) -> tuple[str, ...]:
    """The identifiers of `line`, and possibly an empty text."""
    return tuple([name for _, name in map(_NAMES.__getitem__, tokens_of(line))])


@lru_cache(_KEPT_CHUNKS)
def chunk_words(text: str) -> ChunkWords:
    """What the lines of `text` say."""
    if text.isascii():
        by_line = [line.split() for line in _parted(text).split("\n")]
    else:
        by_line = [tokens_of(line) for line in text.split("\n")]
    pairs = list(map(_NAMES.__getitem__, chain.from_iterable(by_line)))
    tokens, names = zip(*pairs, strict=True) if pairs else ((), ())
    ends = list(accumulate(map(len, by_line)))
    lines = tuple([names[start:end] for start, end in zip([0, *ends], ends, strict=False)])
    return ChunkWords(tokens, tuple(dict.fromkeys(names)), lines)


def _dotted(code: str) -> str:
    """`code` with one spelling of what stands before a member."""
    if "->" in code:
        code = code.replace("->", " .")
    if "::" in code:
        code = code.replace("::", " .")
    return code


def _parted(code: str) -> str:
    """`code`, which must be of ASCII alone, with blanks between its tokens."""
    return _dotted(code).replace(".", " .").replace("(", "( ").encode("ascii").translate(_BLANKS).decode("ascii")


@lru_cache(_KEPT_LINES)
def line_declares(line: str) -> str:
    """The identifier that `line` declares or assigns, as far as the line alone tells; an empty text for none."""
    match = _DECLARING.match(line)
    name = match[match.lastgroup] if match is not None and match.lastgroup else ""
    return "" if name in KEYWORDS else name


def line_opens(line: str) -> bool:
    """Whether `line` begins a declaration by its form alone: a function, a method, a type, but no assignment."""
    match = _DECLARING.match(line)
    return match is not None and match.lastgroup in {"led", "method"}
