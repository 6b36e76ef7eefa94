"""Something that may be None is used as if it were not: leave before that, as the file does elsewhere.

Of guards in the same file (`if x is None: return`) the nearest of the same function, then of the file, shows how; else
an assertion says it. Only names and their members can be guarded: what a call gives would be called twice.
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

_GUARDED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_NO_STATEMENTS = frozenset({"elif_clause", "else_clause", "except_clause", "case_clause", "finally_clause"})


def propose(problem: Problem) -> Iterator[Proposal]:
    """A guard before the statement."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(*diagnostic.span) if diagnostic is not None else None
    value = _value(node) if node is not None else None
    if value is None or node is None or not _GUARDED.fullmatch(value.text):
        return
    statement = _statement(node)
    if statement is None:
        return
    text, place = value.text, Point(statement.line, 0)
    white = problem.document.text.line_text(statement.line)[: statement.start.column]
    if white.strip():
        return
    unit = problem.tree.spec.indent_unit if problem.tree.spec is not None else "    "
    for certainty, guard, why in _guards(problem, statement, text, unit):
        written = "".join(f"{white}{line}\n" for line in guard)
        yield Proposal(
            RULE.name,
            f"Leave where '{text}' is None" if len(guard) > 1 else f"Assert that '{text}' is not None",
            (Replacement(Span(place, place), written),),
            certainty,
            why,
        )


def _value(node: CodeNode) -> CodeNode | None:
    """What may be None: what the reported member is read from, or what is reported itself."""
    parent = node.parent
    if parent is not None and parent.kind == "attribute" and parent.field("attribute") == node:
        return parent.field("object")
    if node.kind == "attribute" and node.field("object") is not None and parent is not None and parent.kind == "call":
        return node
    return node if node.kind in ("identifier", "attribute") else None


def _statement(node: CodeNode) -> CodeNode | None:
    """The statement that a line can be put before."""
    for each in (node, *node.ancestors()):
        parent = each.parent
        if parent is not None and parent.kind in ("block", "module") and each.kind not in _NO_STATEMENTS:
            return each
        if each.kind in ("lambda", "list_comprehension", "generator_expression", "dictionary_comprehension"):
            return None
        if each.kind in _NO_STATEMENTS or (each.kind == "while_statement" and node != each):
            return None
    return None


def _guards(problem: Problem, statement: CodeNode, text: str, unit: str) -> Iterator[tuple[float, list[str], str]]:
    function = statement.within("function_definition")
    result = function.field("return_type") if function is not None else None
    shown = _shown_guard(problem, function)
    if function is not None and shown is not None and _fits(shown.partition("\n")[0], result):
        yield 0.78, [f"if {text} is None:", f"{unit}{shown}"], "The file leaves in this way elsewhere."
    yield 0.75, [f"assert {text} is not None"], f"'{text}' may be None here; an assertion says that it is not."
    if function is not None and (result is None or re.search(r"\bNone\b|Optional", result.text)):
        leaving = "return" if result is None or result.text == "None" else "return None"
        yield (
            0.6,
            [f"if {text} is None:", f"{unit}{leaving}"],
            f"'{text}' may be None here, and then nothing is to be done.",
        )


def _shown_guard(problem: Problem, function: CodeNode | None) -> str | None:
    """The statement by which the file leaves where something is None."""
    for around in (function, problem.tree.root):
        for node in around.of_kind("if_statement") if around is not None else ():
            condition, body = node.field("condition"), node.field("consequence")
            if condition is None or body is None or not condition.text.endswith(" is None"):
                continue
            statements = body.named_children
            if len(statements) == 1 and statements[0].kind in ("return_statement", "raise_statement"):
                written = statements[0].text
                # What names things of its own place would mean nothing here.
                if re.fullmatch(r"return(?: None| False| True| \[\]| \{\}| \"\"| '')?", written):
                    return written
    return None


def _fits(leaving: str, result: CodeNode | None) -> bool:
    """Whether what is returned goes with the declared result."""
    value = leaving.removeprefix("return").strip() or "None"
    if result is None:
        return True
    kind = {"None": "None", "False": "bool", "True": "bool", "[]": "list", "{}": "dict"}.get(value, "str")
    return kind in result.text or (kind == "None" and "Optional" in result.text)


RULE = Rule(
    "optional_access",
    propose,
    languages=PYTHON,
    codes=codes(
        "reportOptionalMemberAccess", "reportOptionalSubscript", "reportOptionalIterable", "reportOptionalCall",
        "reportOptionalOperand", "reportOptionalContextManager", "union-attr",
    ),
    message=words(
        r"is not a known attribute of \W?None", r"of type \W?None\W? is not (?:subscriptable|iterable|callable)",
        r"\W?None\W? is not assignable to", r"item \W?None\W? of",
    ),
)  # fmt: skip
