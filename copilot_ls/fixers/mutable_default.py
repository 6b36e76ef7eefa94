"""A default that all calls would share: None by default, and a new one for each call that passes nothing.

Where the body already asks whether the parameter is None, takes something else in its place, or has to do with None by
its annotation, the default alone changes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.rule import PYTHON, Rule, codes, words
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode


def propose(problem: Problem) -> Iterator[Proposal]:
    """The default in the signature, and the first statement of the body."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(*diagnostic.span) if diagnostic is not None else None
    parameter = node.within("default_parameter", "typed_default_parameter") if node is not None else None
    function = parameter.within("function_definition") if parameter is not None else None
    if parameter is None or function is None:
        return
    name, value, annotation = (parameter.field(each) for each in ("name", "value", "type"))
    body = function.field("body")
    if name is None or value is None or body is None or not body.named_children:
        return
    default = Replacement(value.span, "None")
    may_be_none = annotation is not None and re.search(r"\bNone\b|\bOptional\b", annotation.text) is not None
    edits = [default]
    if annotation is not None and not may_be_none:
        edits.append(Replacement(Span(annotation.end, annotation.end), " | None"))
    if not may_be_none and not re.search(
        rf"\b{re.escape(name.text)} (?:is (?:not )?None|or )|not {re.escape(name.text)}\b", body.text
    ):
        edits.append(_filled(problem, body, name.text, value.text))
    yield Proposal(
        RULE.name,
        f"Default '{name.text}' to None",
        tuple(edits),
        0.9,
        f"'{value.text}' is made once, and every call without this argument would share it.",
    )
    if len(edits) > 1 and annotation is None:
        title = f"Default '{name.text}' to None and leave the body as it is"
        yield Proposal(RULE.name, title, (default,), 0.6, "The body may take None as well.")


def _filled(problem: Problem, body: CodeNode, name: str, value: str) -> Replacement:
    statements = body.named_children
    first = statements[0]
    is_docstring = first.kind == "expression_statement" and first.named_children[0].kind == "string"
    text = problem.document.text
    white = text.line_text(first.line)[: first.start.column]
    unit = problem.tree.spec.indent_unit if problem.tree.spec is not None else "    "
    written = f"{white}if {name} is None:\n{white}{unit}{name} = {value}\n"
    if is_docstring and first.end.line + 1 < text.n_lines:
        place = Point(first.end.line + 1, 0)
    elif white.strip():
        return Replacement(Span(first.start, first.start), f"{name} = {value} if {name} is None else {name}; ")
    else:
        place = Point(first.line, 0)
    return Replacement(Span(place, place), written)


RULE = Rule(
    "mutable_default",
    propose,
    languages=PYTHON,
    codes=codes("B006", "B008", "W0102", "dangerous-default-value"),
    message=words(
        r"expression of type .* cannot be assigned to parameter of type .*\bNone\b",
        r"mutable (?:data structures? for argument )?default",
        r"dangerous default value",
    ),
)
