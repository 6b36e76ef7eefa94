"""An edit of one line as operations on its tokens, and the places of other lines where such an operation fits. Pure.

White space is a token like others, so that an operation can be made exactly as it was; neighbours are compared without
it. Called by the kinds.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from copilot_ls.backends.embedded import lexing, shapes

# Neighbours that are compared on each side.
REACH = 6
LINE_START, LINE_END = "\n^", "\n$"
_REMEMBERED_LINES = 4_096


class Op(NamedTuple):
    """Tokens `old` at `start` of the old line became `new`.

    `left` and `right` are the neighbours that are no white space, the nearest first; they end in `LINE_START` and
    `LINE_END`. `is_put_in` says that nothing was there before.
    """

    start: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    left: tuple[str, ...]
    right: tuple[str, ...]

    @property
    def is_put_in(self) -> bool:
        """Whether nothing stood there before."""
        return not self.old

    @property
    def renames(self) -> bool:
        """Whether one name became another."""
        return len(self.old) == len(self.new) == 1 and is_name(self.old[0]) and is_name(self.new[0])


class Fit(NamedTuple):
    """A place where an operation fits: the token that it starts at, and how many neighbours agree on each side."""

    start: int
    n_left: int
    n_right: int


def is_name(token: str) -> bool:
    """Whether a token may be a name."""
    return (token[:1].isalpha() or token[:1] == "_") and token not in shapes.KEYWORDS


@lru_cache(_REMEMBERED_LINES)
def tokens_of(line: str) -> tuple[str, ...]:
    """The tokens of a line, white space included; joined they are the line."""
    return tuple(lexing.tokens(line))


@lru_cache(256)
def ops_between(old: str, new: str) -> tuple[Op, ...]:
    """What was done to a line. Operations with nothing but white space between them are one."""
    before, after = tokens_of(old), tokens_of(new)
    matcher = SequenceMatcher(str.isspace, before, after, autojunk=False)
    joined: list[tuple[int, int, int, int]] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        if joined and all(token.isspace() for token in before[joined[-1][1] : a]):
            joined[-1] = (joined[-1][0], b, joined[-1][2], d)
        else:
            joined.append((a, b, c, d))
    return tuple(
        Op(a, before[a:b], after[c:d], neighbours_left(before, a), neighbours_right(before, b)) for a, b, c, d in joined
    )


def neighbours_left(tokens: tuple[str, ...], at: int) -> tuple[str, ...]:
    """The tokens before a place that are no white space, the nearest first."""
    found = [token for token in tokens[max(0, at - 2 * REACH) : at] if not token.isspace()][::-1]
    return (*found[:REACH], LINE_START)[:REACH]


def neighbours_right(tokens: tuple[str, ...], at: int) -> tuple[str, ...]:
    """The same behind it."""
    found = [token for token in tokens[at : at + 2 * REACH] if not token.isspace()]
    return (*found[:REACH], LINE_END)[:REACH]


def fits(op: Op, line: str) -> list[Fit]:
    """Where in a line the operation fits, from left to right, none within another.

    A name may be replaced anywhere. Anything else needs an equal neighbour, and what is put in one on each side.
    """
    tokens = tokens_of(line)
    n = len(op.old)
    found: list[Fit] = []
    at = 0
    while at + n <= len(tokens):
        if tokens[at : at + n] != op.old:
            at += 1
            continue
        n_left = agreeing(neighbours_left(tokens, at), op.left)
        n_right = agreeing(neighbours_right(tokens, at + n), op.right)
        enough = op.renames or (min(n_left, n_right) > 0 if op.is_put_in else n_left + n_right > 0)
        if enough and (n or not _is_between_spaces(tokens, at, op)):
            found.append(Fit(at, n_left, n_right))
            at += max(n, 1)
        else:
            at += 1
    return found


def _is_between_spaces(tokens: tuple[str, ...], at: int, op: Op) -> bool:
    """Whether what is put in would stand on the other side of the white space than it did."""
    before, behind = tokens[at - 1 : at], tokens[at : at + 1]
    if op.new[0].isspace():
        return bool(before) and before[0].isspace()
    if op.new[-1].isspace():
        return bool(behind) and behind[0].isspace()
    return False


def agreeing(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many of the first are the same."""
    n = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        n += 1
    return n


def done(line: str, changes: list[tuple[int, Op]]) -> str:
    """The line after operations at some of its tokens, which must not overlap."""
    tokens = list(tokens_of(line))
    for at, op in sorted(changes, key=lambda each: each[0], reverse=True):
        tokens[at : at + len(op.old)] = op.new
    return "".join(tokens)
