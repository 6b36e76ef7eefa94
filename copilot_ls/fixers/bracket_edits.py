"""Edits for brackets that have no partner: where the missing one may go, and taking away the one too many.

A missing closer goes behind the last token of a line, before a colon that ends it, on a line of its own that is left
blank, or between tokens. An index is closed early, arguments late. Called by `syntax_edits`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.fixers.idea import Idea, added, removed, replaced, span_of
from copilot_ls.syntax.tokens import CLOSER_OF, unbalanced
from copilot_ls.text import Point

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.syntax.tokens import Token
    from copilot_ls.text import TextSnapshot

_OPENER_OF = {closer: opener for opener, closer in CLOSER_OF.items()}
# How far from a bracket its partner is looked for, in lines and in tokens.
_MOST_LINES = 40
_TOKENS_BACK, _LINES_BACK = 30, 3
_SAME_SIGN_BACK = 12
_TOKENS_ON, _LINES_ON = 40, 10
_MOST_OPENERS = 3
_VALUES = frozenset({"None", "True", "False", "self", "not"})


def bracket_edits(
    text: TextSnapshot, tokens: Sequence[Token], line_of: Sequence[int], lines: frozenset[int], words: frozenset[str]
) -> Iterator[Idea]:
    """All ideas for the brackets without a partner; `lines` are those around the faults, `words` are known."""
    alone = unbalanced(tokens)
    for at in alone.closers:
        yield from _for_closer(text, tokens, line_of, at, words)
    few = len(alone.openers) <= _MOST_OPENERS
    openers = [at for at in alone.openers if few or line_of[at] in lines][-_MOST_OPENERS:]
    for at in openers:
        yield from _for_opener(text, tokens, line_of, at)
    # Which opener lacks its partner may be mistaken: an inner one took over the outer one's.
    missing = {tokens[at].text for at in alone.openers}
    for at, token in enumerate(tokens):
        if line_of[at] in lines and token.text in missing and at not in openers:
            for cost, place in _places(text, tokens, line_of, at):
                if place.line in lines:
                    yield added(cost + 0.25, place, CLOSER_OF[token.text])


def _for_closer(
    text: TextSnapshot, tokens: Sequence[Token], line_of: Sequence[int], at: int, words: frozenset[str]
) -> Iterator[Idea]:
    closer = tokens[at].text
    yield removed(1.0, span_of(text, tokens[at]), closer)
    # The same sign before it may be the one too many.
    for other in range(max(0, at - _SAME_SIGN_BACK), at):
        if tokens[other].text == closer and line_of[other] == line_of[at]:
            yield removed(1.2 + 0.01 * (at - other), span_of(text, tokens[other]), closer)
    for other in range(max(0, at - _TOKENS_BACK), at):
        if line_of[other] >= line_of[at] - _LINES_BACK:
            yield from _within_word(text, tokens[other], _OPENER_OF[closer], words, 0.005 * (at - other))
            before = tokens[other - 1] if other else None
            is_call = before is not None and before.kind == "word" and before.end == tokens[other].start
            cost = 1.25 - 0.1 * is_call + 0.005 * (at - other)
            yield added(cost, text.point_at(tokens[other].start), _OPENER_OF[closer])


def _within_word(text: TextSnapshot, token: Token, opener: str, words: frozenset[str], far: float) -> Iterator[Idea]:
    """Without its bracket, `call(name` is one word: where it is two that are known, the bracket goes between."""
    if token.kind != "word" or opener == "{":
        return
    for at in range(1, len(token.text)):
        head, tail = token.text[:at], token.text[at:]
        if head in words and (tail in words or tail.isdigit() or tail in _VALUES):
            # The longest names are the likeliest.
            cost = 0.95 + far + 0.1 / min(len(head), len(tail) + 2)
            yield added(cost, text.point_at(token.start + at), opener)


def _for_opener(text: TextSnapshot, tokens: Sequence[Token], line_of: Sequence[int], at: int) -> Iterator[Idea]:
    yield removed(1.6, span_of(text, tokens[at]), tokens[at].text)
    closer = CLOSER_OF[tokens[at].text]
    for cost, place in _places(text, tokens, line_of, at):
        yield added(cost, place, closer)
    for other in tokens[at + 1 : at + _TOKENS_ON]:
        if other.kind == "closer" and other.text != closer:
            span = span_of(text, other)
            if span.start.line <= line_of[at] + _LINES_ON:
                yield replaced(1.5, span, other.text, closer)


def _places(
    text: TextSnapshot, tokens: Sequence[Token], line_of: Sequence[int], opener: int
) -> Iterator[tuple[float, Point]]:
    """Where the partner of an opener may go, with costs."""
    first = line_of[opener]
    own_indent = _indent(text.line_text(first))
    depth = 0
    if opener + 1 < len(tokens) and tokens[opener + 1].text in (".", ":", ",", "="):
        yield 0.95, text.point_at(tokens[opener].end)
    for at in range(opener + 1, len(tokens)):
        token, line = tokens[at], line_of[at]
        starts_line = line > line_of[at - 1]
        is_left = starts_line and _indent(text.line_text(line)) <= own_indent and token.kind != "closer"
        if is_left or line > first + _MOST_LINES:
            return
        if token.kind == "comment":
            continue
        depth += (token.kind == "opener") - (token.kind == "closer")
        far = 0.02 * min(line - first, 10)
        if at + 1 == len(tokens) or line_of[at + 1] > line or tokens[at + 1].kind == "comment":
            before = tokens[at - 1] if at > opener + 1 else token
            yield from _at_line_end(text, token, before, far)
            yield from _blank_below(text, line, own_indent, far)
        elif depth <= 0 and token.text not in (",", ".") and tokens[at + 1].text not in (".", "(", "["):
            is_index = tokens[opener].text == "["
            late = 0.004 * (at - opener)
            before_sign = 0.06 * (tokens[at + 1].text in ("=", ":", "|"))
            yield (1.05 + late if is_index else 1.25 - min(late, 0.16)) + far - before_sign, text.point_at(token.end)
        if depth < 0:
            return


def _at_line_end(text: TextSnapshot, last: Token, before: Token, far: float) -> Iterator[tuple[float, Point]]:
    """Behind the last token of a line, or before it where it belongs to what is around the brackets."""
    end = text.point_at(last.end)
    if last.text not in (":", ",", ";", "{", "=>"):
        yield 1.0 + far, end
        return
    yield 0.95 + far + 0.15 * (last.text == ","), text.point_at(before.end)
    if last.text == ",":
        yield 1.15 + far, end


def _blank_below(text: TextSnapshot, line: int, own_indent: int, far: float) -> Iterator[tuple[float, Point]]:
    """A line of nothing but white space below: what stood there may have been the closer."""
    if line + 1 == text.n_lines:
        return
    below = text.line_text(line + 1)
    width = len(below.expandtabs(8))
    if not below.strip() and width >= own_indent:
        yield 0.9 + far - 0.1 * (width == own_indent), Point(line + 1, len(below))


def _indent(line: str) -> int:
    return len(line[: len(line) - len(line.lstrip())].expandtabs(8))
