"""TypeScript and JavaScript: an import, a variable or a parameter that nothing reads is taken away.

What a value's making may do is kept. Before that, a misspelt binding is looked for: a name much like it that is used
but not bound is the likelier cause. A parameter keeps its place and gets an underscore.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.lines import before, without_item, without_lines
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.fixers.similar import likelihood
from copilot_ls.fixers.ts_globals import ECMA
from copilot_ls.fixers.ts_syntax import imports_of, quoted, without_import
from copilot_ls.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode
    from copilot_ls.text import TextSnapshot

_DECLARATIONS = ("lexical_declaration", "variable_declaration")
_DEFINITIONS = (
    "function_declaration", "class_declaration", "interface_declaration", "type_alias_declaration", "enum_declaration",
    "generator_function_declaration", "abstract_class_declaration",
)  # fmt: skip
_DOING = frozenset({
    "call_expression", "new_expression", "await_expression", "yield_expression", "assignment_expression",
    "augmented_assignment_expression", "update_expression",
})  # fmt: skip
_PARAMETERS = (
    "required_parameter", "optional_parameter", "formal_parameters", "arrow_function", "rest_pattern",
)  # fmt: skip
_MEMBERS = ("public_field_definition", "method_definition", "field_definition")
_FUNCTIONS = frozenset({"arrow_function", "function_expression", "class"})
_WHOLE = ("6192",)


def propose(problem: Problem) -> Iterator[Proposal]:
    """The edits for what is reported."""
    diagnostic = problem.diagnostic
    if diagnostic is None:
        return
    start = diagnostic.span.start
    if diagnostic.code in _WHOLE:
        statement = next(
            (each.statement for each in imports_of(problem.tree) if _covers(each.statement, diagnostic)), None
        )
        if statement is not None:
            edit = without_lines(problem.document.text, statement)
            yield _removal("Remove the unused import", edit, 0.95, "Nothing in this file uses what it imports.")
        return
    name = next(iter(quoted(diagnostic.message)), "")
    if not name:
        node = problem.tree.node_at(start)
        name = node.text if node is not None else ""
    for each in imports_of(problem.tree):
        if each.local == name and _covers(each.statement, diagnostic):
            title = f"Remove the unused import of '{name}'"
            yield _removal(title, without_import(problem, each), 0.94, f"Nothing in this file uses '{name}'.")
            return
    bound = _bound(problem, name)
    if bound is None:
        return
    for other in problem.others:
        unbound = "find name" in other.message or "not defined" in other.message
        meant = next(iter(quoted(other.message)), "") if unbound else ""
        if meant and likelihood(name, meant):
            yield Proposal(
                RULE.name,
                f"Rename '{name}' to '{meant}'",
                (Replacement(bound.span, meant),),
                0.985,
                f"'{meant}' is used but not bound, and '{name}' is bound but not used.",
            )
    yield from _removals(problem, name, bound)


def _removals(problem: Problem, name: str, bound: CodeNode) -> Iterator[Proposal]:
    text, parent = problem.document.text, bound.parent
    if parent is None:
        return
    if parent.kind == "variable_declarator" and parent.parent is not None and parent.parent.kind in _DECLARATIONS:
        yield from _variable(text, name, parent, parent.parent)
    elif parent.kind in _PARAMETERS and not name.startswith("_"):
        yield _removal(f"Rename the unused parameter to '_{name}'", before(bound, "_"), 0.7, f"Nothing reads '{name}'.")
    elif parent.kind == "object_pattern":
        yield _removal(f"Remove '{name}' from the pattern", without_item(text, bound), 0.75, f"Nothing reads '{name}'.")
    elif parent.kind in _DEFINITIONS:
        around = parent.parent if parent.parent is not None and parent.parent.kind == "export_statement" else parent
        yield _removal(f"Remove the unused '{name}'", without_lines(text, around), 0.6, f"Nothing uses '{name}'.")
    elif parent.kind in _MEMBERS:
        yield _removal(
            f"Remove the unused member '{name}'", without_lines(text, parent), 0.5, f"Nothing uses '{name}'."
        )
    elif parent.kind == "catch_clause":
        signs = {each.kind: each for each in parent.children}
        if "catch" in signs and ")" in signs:
            gap = Replacement(Span(signs["catch"].end, signs[")"].end), "")
            yield _removal(f"Remove the unused '{name}'", gap, 0.7, f"Nothing reads '{name}'.")


def _variable(text: TextSnapshot, name: str, declarator: CodeNode, statement: CodeNode) -> Iterator[Proposal]:
    why = f"Nothing reads '{name}'."
    value, title = declarator.field("value"), f"Remove the unused variable '{name}'"
    does = value is not None and _does(value)
    if sum(each.kind == "variable_declarator" for each in statement.named_children) > 1:
        if not does:
            yield _removal(title, without_item(text, declarator), 0.85, why)
    elif does and value is not None:
        kept = Replacement(Span(statement.start, value.start), "")
        yield _removal(f"Keep what is called, without the unused variable '{name}'", kept, 0.88, why)
        yield _removal(title, without_lines(text, statement), 0.6, why)
    elif statement.parent is not None and statement.parent.kind not in ("for_statement", "for_in_statement"):
        yield _removal(title, without_lines(text, statement), 0.88, why)


def _removal(title: str, edit: Replacement, certainty: float, why: str) -> Proposal:
    return Proposal(RULE.name, title, (edit,), certainty, why)


def _covers(node: CodeNode, diagnostic: Diagnostic) -> bool:
    return node.start <= diagnostic.span.start <= node.end


def _bound(problem: Problem, name: str) -> CodeNode | None:
    """The name where it is bound: at the report, or first after it in what is reported as a whole."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(diagnostic.span.start) if diagnostic is not None else None
    if node is None:
        return None
    if node.text == name and not node.named_children:
        return node
    around: CodeNode | None = node
    while around is not None and not around.is_named:
        around = around.parent
    inner = around.walk() if around is not None else ()
    return next((each for each in inner if not each.named_children and each.text == name), None)


def _does(value: CodeNode) -> bool:
    """Whether making the value may do more than make it."""
    if value.kind in _FUNCTIONS:
        return False
    return value.kind in _DOING or any(_does(each) for each in value.named_children)


RULE = Rule(
    "ts_unused",
    propose,
    languages=ECMA,
    codes=codes(
        "6133", "6192", "6196", "6198", "6199", "no-unused-vars", "@typescript-eslint/no-unused-vars",
        "unused-imports/no-unused-imports", "unused-imports/no-unused-vars",
    ),
    message=words(
        r"is declared but (?:its value is )?never (?:read|used)", r"is (?:defined|assigned a value) but never used"
    ),
)  # fmt: skip
