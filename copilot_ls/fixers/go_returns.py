"""Go: a function that has to return something gets the `return` or the values that are missing.

An expression that stands alone at the end is returned; else the zero values of the results.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.lines import before, behind
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_FUNCTIONS = ("function_declaration", "method_declaration", "func_literal")
_NUMBERS = re.compile(r"u?int(?:8|16|32|64|ptr)?|float(?:32|64)|complex(?:64|128)|byte|rune")
_NOTHING = ("pointer_type", "slice_type", "map_type", "channel_type", "function_type", "interface_type")


def propose(problem: Problem) -> Iterator[Proposal]:
    """The edits for what is reported."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(diagnostic.span.start) if diagnostic is not None else None
    function = node.within(*_FUNCTIONS) if node is not None else None
    if diagnostic is None or node is None or function is None:
        return
    zeros = [_zero(each) for each in _results(function)]
    if "missing return" in diagnostic.message:
        yield from _with_return(problem, function, zeros)
    elif "not enough return values" in diagnostic.message:
        statement = node.within("return_statement")
        values = statement.named_children[0] if statement is not None and statement.named_children else None
        given = values.named_children if values is not None else []
        missing = zeros[len(given) :]
        if missing and values is not None:
            edit = behind(values, "".join(f", {zero}" for zero in missing))
            yield _proposal(f"Return '{', '.join(missing)}' too", edit, 0.85, "The function has more results.")
        elif missing and statement is not None:
            edit = behind(statement, f" {', '.join(missing)}")
            yield _proposal(f"Return '{', '.join(missing)}'", edit, 0.8, "The function has results.")


def _with_return(problem: Problem, function: CodeNode, zeros: list[str]) -> Iterator[Proposal]:
    body = function.field("body")
    if body is None:
        return
    statements = [each for child in body.named_children for each in _flat(child)]
    last = statements[-1] if statements else None
    if last is not None and last.kind == "expression_statement":
        is_call = last.named_children[0].kind == "call_expression"
        why = "The function has to return something, and this value goes nowhere."
        yield _proposal("Return the value", before(last, "return "), 0.85 if is_call else 0.95, why)
    if zeros:
        line = body.end.line
        closing = problem.document.text.line_text(line)
        indent = closing[: len(closing) - len(closing.lstrip())]
        written = f"{indent}\treturn {', '.join(zeros)}\n"
        at = Point(line, 0)
        if closing.strip().startswith("}"):
            why = "The function has to end with a return; these are the zero values of its results."
            yield _proposal(f"Return '{', '.join(zeros)}'", Replacement(Span(at, at), written), 0.6, why)


def _flat(node: CodeNode) -> list[CodeNode]:
    return node.named_children if node.kind == "statement_list" else [node]


def _results(function: CodeNode) -> list[CodeNode]:
    """The types of a function's results, one for each."""
    result = function.field("result")
    if result is None:
        return []
    if result.kind != "parameter_list":
        return [result]
    found = []
    for each in result.named_children:
        kind = each.field("type")
        if kind is not None:
            found += [kind] * max(len(each.fields("name")), 1)
    return found


def _zero(kind: CodeNode) -> str:
    """The zero value of a type as it is written; that of a type by name is nothing, or the empty structure."""
    text = kind.text
    if kind.kind in _NOTHING or text in ("error", "any"):
        return "nil"
    if text in ("string", "bool"):
        return '""' if text == "string" else "false"
    if _NUMBERS.fullmatch(text):
        return "0"
    return f"{text}{{}}" if kind.kind in ("type_identifier", "qualified_type", "array_type", "generic_type") else "nil"


def _proposal(title: str, edit: Replacement, certainty: float, why: str) -> Proposal:
    return Proposal("go_returns", title, (edit,), certainty, why)


RULE = Rule(
    "go_returns",
    propose,
    languages=frozenset({"go"}),
    codes=codes("MissingReturn", "WrongResultCount"),
    message=words(r"missing return", r"not enough return values"),
)
