"""Which identifiers follow the tokens that stand before the cursor, in other code.

After three tokens hardly anything else follows, after one much does: each says something of its own. At the start of a
line, what begins lines follows. By regular expressions, for all languages alike. Pure; called by `relevance`.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TOKEN = re.compile(r"[^\W\d]\w*|[^\w\s]|\d+")
_LINE_STARTS = re.compile(r"^[ \t]*([^\W\d]\w*)", re.MULTILINE)
_MOST_TOKENS = 3
# A dot alone is followed by all members there are.
_DOT = "."


class Leads(NamedTuple):
    """How often each identifier follows the last token, the last two, and the last three.

    Without tokens, `one` and `two` are those that lines begin with; with one token alone, `two` are those after it
    where it begins a line.
    """

    one: Counter[str]
    two: Counter[str]
    three: Counter[str]


def leads(before: str, texts: Sequence[str]) -> Leads:
    """What follows in `texts` after the tokens that the text `before` the cursor, a part of one line, ends with."""
    tokens = _TOKEN.findall(before)[-_MOST_TOKENS:]
    if not tokens:
        begun = Counter(_LINE_STARTS.findall("\n".join(texts)))
        return Leads(begun, begun, Counter())
    texts = [text for text in texts if tokens[-1] in text]
    one = Counter(_after(tokens[-1:], texts)) if tokens[-1] != _DOT else Counter()
    if len(tokens) == 1:
        return Leads(one, Counter(_after(tokens, texts, begins_line=True)), Counter())
    texts = [text for text in texts if tokens[-2] in text]
    two = Counter(_after(tokens[-2:], texts))
    three = Counter(_after(tokens, texts)) if two and len(tokens) == _MOST_TOKENS else Counter()
    return Leads(one, two, three)


def _after(tokens: Sequence[str], texts: Sequence[str], *, begins_line: bool = False) -> Iterator[str]:
    """What follows the tokens, wherever they stand or where they begin a line."""
    text = "\n".join(texts)
    is_word = tokens[0].isidentifier()
    # Led by the token itself, an expression is found several times as quickly as by what may stand before it.
    for match in re.finditer(r"[ \t]*".join(map(re.escape, tokens)) + r"[ \t]*([^\W\d]\w*)", text):
        at = match.start()
        if begins_line:
            if not text[text.rfind("\n", 0, at) + 1 : at].strip(" \t"):
                yield match[1]
        elif not (is_word and at and (text[at - 1].isalnum() or text[at - 1] == "_")):
            yield match[1]
