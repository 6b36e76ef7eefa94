"""`await` and its like in a function that is not asynchronous: the function becomes so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.rule import PYTHON, Rule, codes, words
from copilot_ls.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem


def propose(problem: Problem) -> Iterator[Proposal]:
    """`async` before the function around the report."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(*diagnostic.span) if diagnostic is not None else None
    function = node.within("function_definition", "lambda") if node is not None else None
    if function is None or function.kind == "lambda" or function.children[0].kind == "async":
        return
    name = function.field("name")
    yield Proposal(
        RULE.name,
        f"Make '{name.text if name is not None else 'the function'}' asynchronous",
        (Replacement(Span(function.start, function.start), "async "),),
        0.88,
        "Only an asynchronous function can wait for a coroutine; whoever calls this one has to await it from now on.",
    )


RULE = Rule(
    "missing_async",
    propose,
    languages=PYTHON,
    codes=codes("F704", "PLE1142", "E1142"),
    message=words(
        r"\"?await\"? (?:expression )?(?:allowed only|can only be used)", r"\"?async\"? not allowed outside",
        r"`?(?:await|async (?:for|with|comprehension))`? outside", r"outside of? async",
    ),
)  # fmt: skip
