"""The tokens of a text by the quotes and comments of its language alone: what is left to go by where nothing parses.

Words, numbers, strings, brackets and signs; regular expressions and templates of some languages are taken apart
wrongly, so that whoever goes by this lets the tree judge. Pure. Called by `faults`, and by `copilot_ls.fixers`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls_grammars import LanguageSpec

TokenKind = Literal["word", "number", "string", "open_string", "comment", "opener", "closer", "sign"]

CLOSER_OF = {"(": ")", "[": "]", "{": "}"}


class Token(NamedTuple):
    """One token; `start` and `end` are character offsets into the text. An `open_string` has no closing quote."""

    kind: TokenKind
    text: str
    start: int
    end: int


class Unbalanced(NamedTuple):
    """Brackets without a partner, by their places in a list of tokens."""

    openers: tuple[int, ...]
    closers: tuple[int, ...]


def tokens_of(spec: LanguageSpec, text: str) -> list[Token]:
    """All tokens of a text, in order."""
    found: list[Token] = []
    for match in _pattern(spec.name, tuple(spec.quotes), tuple(spec.multiline_quotes), _comments(spec)).finditer(text):
        kind = match.lastgroup or "sign"
        found.append(Token(kind, match[0], match.start(), match.end()))  # type: ignore[arg-type]  # the groups' names
    return found


def unbalanced(tokens: Sequence[Token]) -> Unbalanced:
    """Brackets without a partner; of two that do not fit each other, the inner one lacks its partner."""
    stack: list[int] = []
    closers: list[int] = []
    openers: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind == "opener":
            stack.append(at)
        elif token.kind == "closer":
            fits = next((each for each in reversed(stack) if CLOSER_OF[tokens[each].text] == token.text), None)
            if fits is None:
                closers.append(at)
            else:
                while stack[-1] != fits:
                    openers.append(stack.pop())
                stack.pop()
    return Unbalanced(tuple(sorted(openers + stack)), tuple(closers))


def _comments(spec: LanguageSpec) -> tuple[tuple[str, str], ...]:
    return (*((sign, "") for sign in spec.line_comments), *spec.block_comments)


def landmarks(spec: LanguageSpec) -> re.Pattern[str]:
    """Finds what decides where statements end: comments, strings, brackets and line ends, by group."""
    return _landmarks(spec.name, tuple(spec.quotes), tuple(spec.multiline_quotes), _comments(spec))


@lru_cache(maxsize=8)
def _landmarks(
    _name: str, quotes: tuple[str, ...], multiline: tuple[str, ...], comments: tuple[tuple[str, str], ...]
) -> re.Pattern[str]:
    comment, closed, _ = _literals(quotes, multiline, comments)
    return re.compile(
        rf"(?P<newline>\n)|(?P<comment>{comment})|(?P<string>{closed})|(?P<opener>[(\[{{])|(?P<closer>[)\]}}])"
    )


@lru_cache(maxsize=32)
def _pattern(
    _name: str, quotes: tuple[str, ...], multiline: tuple[str, ...], comments: tuple[tuple[str, str], ...]
) -> re.Pattern[str]:
    comment, closed, left_open = _literals(quotes, multiline, comments)
    prefix = r"(?:\b(?:[rRbBfFuUtT]{1,2}|[LuU]8?))?"
    return re.compile(
        rf"(?P<comment>{comment})"
        rf"|(?P<string>{prefix}(?:{closed}))"
        rf"|(?P<open_string>{prefix}(?:{left_open}))"
        r"|(?P<number>(?<![\w.])(?:0[xXbBoO][\da-fA-F_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)[jJlLnuUf]?)"
        r"|(?P<word>[^\W\d][\w$]*|\$[\w$]+)"
        r"|(?P<opener>[(\[{])|(?P<closer>[)\]}])"
        r"|(?P<sign>->|=>|::|\?\?=?|\?\.|\.\.\.|&&=?|\|\|=?|<<=?|>>=?|\*\*=?|//=?|:=|[-+*/%&|^<>=!@]=|=|[^\s\w])"
    )


def _literals(
    quotes: tuple[str, ...], multiline: tuple[str, ...], comments: tuple[tuple[str, str], ...]
) -> tuple[str, str, str]:
    """Patterns of comments, of string literals, and of the quotes that begin one."""
    remarks = [
        rf"{re.escape(start)}[^\n]*" if not end else rf"{re.escape(start)}[\s\S]*?(?:{re.escape(end)}|\Z)"
        for start, end in comments
    ]
    closed, left_open = [], []
    for quote in sorted(quotes, key=len, reverse=True):
        sign = re.escape(quote)
        inside = r"(?:\\[\s\S]|(?!{0})[\s\S])*?" if quote in multiline else r"(?:\\(?:\r\n|[\s\S])|(?!{0})[^\n\\])*?"
        closed.append(sign + inside.replace("{0}", sign) + sign)
        left_open.append(sign)
    nothing = "(?!)"
    return "|".join(remarks) or nothing, "|".join(closed) or nothing, "|".join(left_open) or nothing
