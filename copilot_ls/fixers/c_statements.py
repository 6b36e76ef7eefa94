"""C and C++: statements that a compiler warns of: no return, an unused variable, `=` for `==`, `.` for `->`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.lines import before, without_item, without_lines
from copilot_ls.fixers.names import reported_name
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_LANGUAGES = frozenset({"c", "cpp"})
_NO_RETURN = re.compile(r"end of non-void function|no return statement|does not return a value")
_ASSIGNED = re.compile(r"assignment used as truth value|result of an assignment as a condition")
_DOING = frozenset({"call_expression", "assignment_expression", "update_expression"})


def propose(problem: Problem) -> Iterator[Proposal]:
    """The edits for what is reported."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(diagnostic.span.start) if diagnostic is not None else None
    if diagnostic is None or node is None:
        return
    message = diagnostic.message
    if "statement with no effect" in message or "result unused" in message:
        yield from _idle(node)
    elif _NO_RETURN.search(message):
        yield from _returned(problem, node)
    elif "unused variable" in message or diagnostic.code == "-Wunused-variable":
        yield from _unused(problem, node)
    elif _ASSIGNED.search(message):
        yield from _compared(node)
    elif "->" in message:
        yield from _accessed(problem, node, message)


def _compared(node: CodeNode) -> Iterator[Proposal]:
    around = node.within("parenthesized_expression", "if_statement", "while_statement", "for_statement")
    target = next(iter(around.of_kind("assignment_expression")), None) if around is not None else None
    equals = next((each for each in target.children if each.kind == "="), None) if target is not None else None
    if equals is not None:
        yield _proposal("Compare with '=='", Replacement(equals.span, "=="), 0.9, "A condition compares.")


def _idle(node: CodeNode) -> Iterator[Proposal]:
    """Return what stands at the end of a function and goes nowhere."""
    statement = node.within("expression_statement")
    body = statement.parent if statement is not None else None
    function = node.within("function_definition")
    kind = function.field("type") if function is not None else None
    is_last = body is not None and bool(body.named_children) and body.named_children[-1] == statement
    if statement is not None and is_last and kind is not None and kind.text != "void":
        why = "The value goes nowhere, and the function returns something."
        yield _proposal("Return the value", before(statement, "return "), 0.85, why)


def _returned(problem: Problem, node: CodeNode) -> Iterator[Proposal]:
    function = node.within("function_definition")
    body = function.field("body") if function is not None else None
    kind = function.field("type") if function is not None else None
    if body is None or kind is None:
        return
    statements = body.named_children
    last = statements[-1] if statements else None
    if last is not None and last.kind == "expression_statement" and last.named_children:
        does = last.named_children[0].kind in _DOING
        why = "The function has to return something, and this value goes nowhere."
        yield _proposal("Return the value", before(last, "return "), 0.6 if does else 0.93, why)
    declarator = function.field("declarator") if function is not None else None
    is_pointer = declarator is not None and declarator.kind == "pointer_declarator"
    if kind.kind in ("primitive_type", "sized_type_specifier") or is_pointer:
        zero = "NULL" if is_pointer else "false" if kind.text == "bool" else "0"
        line = body.end.line
        closing = problem.document.text.line_text(line)
        if closing.strip().startswith("}"):
            step = (
                problem.document.text.line_text(statements[0].line)[: statements[0].start.column]
                if statements
                else "    "
            )
            edit = Replacement(Span(Point(line, 0), Point(line, 0)), f"{step}return {zero};\n")
            yield _proposal(f"Return {zero}", edit, 0.75, "The function has to return something.")


def _unused(problem: Problem, node: CodeNode) -> Iterator[Proposal]:
    reported = reported_name(problem)
    declaration = node.within("declaration")
    if declaration is None or reported is None:
        return
    declarators = declaration.fields("declarator")
    title, why = f"Remove the unused variable '{reported[0]}'", f"Nothing reads '{reported[0]}'."
    if len(declarators) > 1:
        item = next((each for each in declarators if each.start <= node.start and node.end <= each.end), None)
        if item is not None and not any(each.kind in _DOING for each in item.walk()):
            yield _proposal(title, without_item(problem.document.text, item), 0.85, why)
        return
    value = declarators[0].field("value") if declarators else None
    calls = value is not None and any(each.kind in _DOING for each in value.walk())
    if calls and value is not None:
        edit = Replacement(Span(declaration.start, value.start), "")
        yield _proposal(f"Keep what is called, without '{reported[0]}'", edit, 0.85, why)
    else:
        yield _proposal(title, without_lines(problem.document.text, declaration), 0.88, why)


def _accessed(problem: Problem, node: CodeNode, message: str) -> Iterator[Proposal]:
    access = node.within("field_expression")
    line = node.line
    root = problem.tree.root
    if access is None and root is not None:
        access = next((each for each in root.of_kind("field_expression") if each.line == line), None)
    sign = next((each for each in access.children if each.kind in (".", "->")), None) if access is not None else None
    if sign is None:
        return
    if sign.kind == "." and ("is a pointer" in message or "did you mean to use" in message):
        yield _proposal("Write '->' for '.'", Replacement(sign.span, "->"), 0.95, "It is a pointer.")
    elif sign.kind == "->":
        yield _proposal("Write '.' for '->'", Replacement(sign.span, "."), 0.93, "It is no pointer.")


def _proposal(title: str, edit: Replacement, certainty: float, why: str) -> Proposal:
    return Proposal("c_statements", title, (edit,), certainty, why)


RULE = Rule(
    "c_statements",
    propose,
    languages=_LANGUAGES,
    codes=codes("-Wreturn-type", "-Wunused-variable", "-Wparentheses", "-Wunused-value"),
    message=words(
        r"end of non-void function", r"no return statement", r"does not return a value", r"unused variable",
        r"assignment used as truth value", r"result of an assignment as a condition", r"->",
        r"no effect", r"result unused",
    ),
)  # fmt: skip
