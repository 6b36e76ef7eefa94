"""String literals whose prefix does not go with what is in them: an `f` without placeholders, or the reverse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.names import visible_names
from copilot_ls.fixers.rule import PYTHON, Rule, codes, words
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem

_PLACEHOLDER = re.compile(r"\{([^\W\d]\w*)(?:[.\[(][^{}]*)?(?:![rsa])?(?::[^{}]*)?\}")


def propose(problem: Problem) -> Iterator[Proposal]:
    """Add or take away one letter."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(*diagnostic.span) if diagnostic is not None else None
    found = node.within("string") if node is not None else None
    strings = [found] if found is not None else list(node.of_kind("string")) if node is not None else []
    for string in strings:
        prefix = re.match(r"[A-Za-z]*", string.text)
        letters = prefix[0] if prefix is not None else ""
        start = string.start
        if "f" in letters.lower():
            if not any(each.kind == "interpolation" for each in string.children):
                at = letters.lower().index("f")
                span = Span(Point(start.line, start.column + at), Point(start.line, start.column + at + 1))
                yield Proposal(
                    RULE.name, "Remove the 'f'", (Replacement(span, ""),), 0.95, "Nothing in the string is filled in."
                )
            continue
        names = _PLACEHOLDER.findall(string.text)
        if names and all(name in visible_names(problem, start) for name in names) and "b" not in letters.lower():
            yield Proposal(
                RULE.name,
                "Add the 'f'",
                (Replacement(Span(start, start), "f"),),
                0.9,
                f"The string means to fill in '{names[0]}'.",
            )


RULE = Rule(
    "string_prefix",
    propose,
    languages=PYTHON,
    codes=codes("F541", "RUF027", "W1309"),
    message=words(
        r"f-string (?:without any|is missing) placeholders",
        r"f-string that does not have any interpolated",
        r"possible f-string without",
    ),
)
