"""Small edits that may mend code that does not parse, each with its cost.

Costs order what is tried and what is proposed; whether an edit helps is for the tree to say. Called by `smallest_edit`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers import python_stdlib
from copilot_ls.fixers.bracket_edits import bracket_edits
from copilot_ls.fixers.idea import Idea, added, removed, replaced, span_of
from copilot_ls.fixers.layout_edits import layout_edits
from copilot_ls.fixers.quote_edits import quote_edits, triple_quote_edits
from copilot_ls.fixers.similar import likelihood
from copilot_ls.syntax.tokens import Token, tokens_of
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.faults import Fault
    from copilot_ls.text import TextSnapshot

_MOST_FOCUS_LINES = 12
_OPERANDS = ("word", "number", "string", "open_string")
_HEADERS = frozenset(("if", "elif", "else", "for", "while", "with", "try", "except", "finally", "def", "class", "match",
                      "case", "async", "lambda"))  # fmt: skip
_CONDITIONS = frozenset(("if", "elif", "while", "assert", "return", "not", "and", "or"))
# What may be meant by a sign, and what that costs.
_MEANT = {
    "==": (("=", 1.6),),
    ";": ((",", 1.3),),
    ".": ((",", 1.3),),
    ":": ((",", 1.5), ("=", 1.5)),
    ",": ((":", 1.5), (".", 1.6)),
}
# What other languages write for what Python does.
_FOREIGN_SIGNS = {"&&": " and ", "||": " or ", "!": "not ", ";": ":"}
_FOREIGN_WORDS = {"elseif": "elif", "function": "def", "func": "def", "catch": "except", "switch": "match"}
_KEYWORD_LIKENESS = 0.55
_LONGEST_SHOWN = 20
# So short a word before a bracket is more likely a name than a keyword that lacks a letter.
_SHORT = 3


def edits(problem: Problem, faults: Sequence[Fault]) -> Iterator[Idea]:
    """All ideas for a text with some faults, in no order."""
    spec, text = problem.tree.spec, problem.document.text
    if spec is None:
        return
    yield from layout_edits(problem, faults)
    tokens = tokens_of(spec, text.text)
    line_of = _lines_of(text, tokens)
    lines = _focus_lines(problem, faults)
    if spec.name == "python":
        yield from triple_quote_edits(text)
    words = {token.text for token in tokens if token.kind == "word"}
    if spec.name == "python":
        words |= set(python_stdlib.builtins())
    yield from bracket_edits(text, tokens, line_of, lines, frozenset(words))
    at_lines = [at for at, token in enumerate(tokens) if line_of[at] in lines and token.kind != "comment"]
    is_python, keywords = spec.name == "python", problem.tree.keywords()
    for at in at_lines:
        token = tokens[at]
        span = span_of(text, token)
        is_first = at == 0 or line_of[at - 1] < line_of[at]
        if token.kind == "word":
            is_call = at + 1 < len(tokens) and tokens[at + 1].text == "(" and tokens[at + 1].start == token.end
            costlier = 0.1 * (not is_first) + 0.25 * (is_call and len(token.text) <= _SHORT)
            yield from _words(token.text, span, keywords, costlier, is_python=is_python)
        if is_python and is_first and token.kind == "word" and token.text not in keywords:
            yield from _headers(text, tokens, at, line_of)
        yield from _signs(tokens, at, span, line_of, is_python=is_python)
        following = next((at + n for n in (1, 2) if at + n < len(tokens) and tokens[at + n].kind != "comment"), None)
        if following is not None:
            is_same_line = line_of[at] == line_of[following]
            yield from _between(token, tokens[following], span.end, is_same_line=is_same_line, is_python=is_python)
        if token.kind == "open_string":
            yield from quote_edits(text, token.text, span)
    if is_python:
        yield from _colons(text, tokens, at_lines, line_of)


def _focus_lines(problem: Problem, faults: Sequence[Fault]) -> frozenset[int]:
    """The lines of the report and of the faults, and the code above each."""
    found: dict[int, None] = {}
    places = [] if problem.diagnostic is None else [problem.diagnostic.span]
    text = problem.document.text
    for span in (*places, *(fault.span for fault in faults)):
        for line in (span.start.line, span.end.line):
            found[line] = None
            above = line - 1
            while above > 0 and not text.line_text(above).strip():
                above -= 1
            found[above] = None
    return frozenset(list(found)[:_MOST_FOCUS_LINES])


def _lines_of(text: TextSnapshot, tokens: Sequence[Token]) -> list[int]:
    """The line of each token, in one walk."""
    found: list[int] = []
    line, line_end = 0, len(text.line(0))
    for token in tokens:
        while token.start >= line_end and line + 1 < text.n_lines:
            line += 1
            line_end += len(text.line(line))
        found.append(line)
    return found


def _words(word: str, span: Span, keywords: frozenset[str], cost: float, *, is_python: bool) -> Iterator[Idea]:
    """Keywords in place of a word that is none."""
    if word in keywords:
        return
    for keyword in sorted(keywords):
        alike = likelihood(word, keyword)
        if alike >= _KEYWORD_LIKENESS:
            yield replaced(1.4 - alike + cost, span, word, keyword)
        elif len(keyword) > 1 and word.startswith(keyword):
            rest = word[len(keyword) :]
            separated = (Replacement(span, f"{keyword} {rest}"),)
            yield Idea(1.6 + cost, separated, f"Separate '{keyword}' from '{rest}'")
    if is_python and word in _FOREIGN_WORDS:
        yield replaced(1.0, span, word, _FOREIGN_WORDS[word])


def _signs(tokens: Sequence[Token], at: int, span: Span, line_of: Sequence[int], *, is_python: bool) -> Iterator[Idea]:
    """Other signs in place of one, or nothing in place of a token."""
    token = tokens[at]
    if token.text == "=":
        first = next((each for each in range(at, -1, -1) if each == 0 or line_of[each - 1] < line_of[at]), at)
        is_condition = any(each.text in _CONDITIONS for each in tokens[first:at])
        yield replaced(0.9 if is_condition else 1.5, span, "=", "==")
        yield replaced(1.45, span, "=", ":")
    for meant, cost in _MEANT.get(token.text, ()):
        yield replaced(cost, span, token.text, meant)
    if is_python and token.text in _FOREIGN_SIGNS:
        meant = _FOREIGN_SIGNS[token.text]
        is_apart = 0 < at < len(tokens) - 1 and tokens[at - 1].end < token.start and token.end < tokens[at + 1].start
        yield replaced(1.1, span, token.text, meant.strip() if is_apart else meant)
    if is_python and token.text == "else" and at + 1 < len(tokens) and tokens[at + 1].text == "if":
        whole = Span(span.start, Point(span.end.line, span.end.column + tokens[at + 1].end - token.end))
        yield replaced(0.85, whole, "else if", "elif")
    if token.kind == "sign":
        yield removed(1.7, span, token.text)
    elif token.kind != "open_string":
        is_doubled = at > 0 and tokens[at - 1].text == token.text
        yield removed(2.6 - 0.9 * is_doubled, span, token.text[:_LONGEST_SHOWN])


def _between(left: Token, right: Token, place: Point, *, is_same_line: bool, is_python: bool) -> Iterator[Idea]:
    """Signs that may be missing between two tokens."""
    ends_operand = left.kind in _OPERANDS or left.kind == "closer"
    starts_operand = (
        right.kind in _OPERANDS or right.kind == "opener" or right.text in ("*", "**", "-", "~", "@", "not")
    )
    if ends_operand and starts_operand:
        looks_like_call = left.kind == "word" and right.text in ("(", "[")
        yield added(1.0 + 0.25 * looks_like_call + 0.1 * (right.text in ("-", "*")), place, ",")
        if is_same_line:
            yield added(1.1 + 0.3 * (left.kind == "word"), place, ":")
            yield added(1.3, place, " =" if is_python and right.start > left.end else "=")
            yield added(1.5, place, " +")
        if is_same_line and right.kind == "word":
            gap = Span(place, Point(place.line, place.column + right.start - left.end))
            yield Idea(1.35, (Replacement(gap, "."),), "Add the missing '.'", ".")
            for cost, keyword in (
                (1.5, " in"),
                (1.6, " import"),
                (1.6, " as"),
                (1.65, " if"),
                (1.65, " else"),
                (1.65, " for"),
            ):
                yield added(cost, place, keyword)
    elif is_same_line and left.kind == "sign" and right.kind in ("sign", "closer") and left.text not in (",", "."):
        nothing = (Replacement(Span(place, place), " None" if is_python else " null"),)
        yield Idea(2.2, nothing, "Fill in the missing value")


def _headers(text: TextSnapshot, tokens: Sequence[Token], at: int, line_of: Sequence[int]) -> Iterator[Idea]:
    """The keyword that a line which opens a block, or imports, may lack in front."""
    last = next(
        (each for each in range(at, len(tokens)) if each + 1 == len(tokens) or line_of[each + 1] > line_of[at]), at
    )
    place = text.point_at(tokens[at].start)
    following = tokens[at + 1].text if at < last else ""
    if tokens[last].text == ":":
        likeliest = ("class" if tokens[at].text[0].isupper() else "def") if following == "(" else "class"
        for rank, keyword in enumerate(dict.fromkeys((likeliest, "def", "if", "for", "while", "with", "class"))):
            yield added(0.98 + 0.08 * rank, place, f"{keyword} ")
    elif any(each.text == "import" for each in tokens[at:last]):
        yield added(1.2, place, "from ")
    elif at == last or following in (".", ","):
        yield added(1.5, place, "import ")


def _colons(
    text: TextSnapshot, tokens: Sequence[Token], at_lines: Sequence[int], line_of: Sequence[int]
) -> Iterator[Idea]:
    """The colon at the end of a line that opens a block."""
    for at in at_lines:
        is_last = at + 1 == len(tokens) or line_of[at + 1] > line_of[at] or tokens[at + 1].kind == "comment"
        if not is_last or tokens[at].text == ":":
            continue
        first = next((each for each in range(at, -1, -1) if each == 0 or line_of[each - 1] < line_of[at]), at)
        is_header = tokens[first].text in _HEADERS or tokens[at].kind == "closer"
        yield added(0.8 if is_header else 1.3, text.point_at(tokens[at].end), ":")
