"""The name that the report itself suggests: "did you mean 'colour'?" in the words of any compiler.

Offers what stands in quotes behind the question in place of the name that is reported.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.rule import Rule, words
from copilot_ls.fixers.similar import likelihood
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem

_QUESTION = re.compile(
    r"(?:did you mean(?: to write| the \w+(?: \w+)?| instance member)?|perhaps you meant|maybe you meant|maybe|"
    r"a [\w ]*with a similar name exists|similar name exists)[:,]?\s*[\"'`\u2018\u201c]([\w.$#-]+)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[\w$]+")


def propose(problem: Problem) -> Iterator[Proposal]:
    """What is suggested, in place of the word in the reported stretch that it is most like."""
    diagnostic = problem.diagnostic
    if diagnostic is None:
        return
    texts = [diagnostic.message, *(place.message for place in diagnostic.related)]
    for suggested in dict.fromkeys(match[1].rstrip(".") for text in texts for match in _QUESTION.finditer(text)):
        if not suggested:
            continue
        start, end = diagnostic.span
        line = problem.document.text.line_text(start.line)
        first, last = start.column, end.column if end.line == start.line else len(line)
        found = [
            (likelihood(match[0], suggested), match)
            for match in _WORD.finditer(line)
            if match.start() < max(last, first + 1) and match.end() > first
        ]
        best = max(found, key=lambda each: (each[0], -each[1].start()), default=None)
        # What the whole report is about may be replaced by a word that is not like it.
        if best is None or (not best[0] and len(found) > 1):
            continue
        word = best[1]
        yield Proposal(
            "suggested_name",
            f"Replace '{word[0]}' with '{suggested}'",
            (Replacement(Span(Point(start.line, word.start()), Point(start.line, word.end())), suggested),),
            0.95,
            f"{diagnostic.source or 'The report'} itself suggests '{suggested}'.",
        )


RULE = Rule("suggested_name", propose, message=words("did you mean", "you meant", "similar name exists", r"\bmaybe\b"))
