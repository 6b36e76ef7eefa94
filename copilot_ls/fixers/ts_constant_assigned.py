"""TypeScript and JavaScript: a constant that is assigned to, or that has no value, becomes a variable."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.fixers.ts_globals import ECMA
from copilot_ls.fixers.ts_syntax import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_IS_WORD = re.compile(r"[\w$]+")


def propose(problem: Problem) -> Iterator[Proposal]:
    """`let` in place of `const` in the nearest declaration of the name."""
    diagnostic = problem.diagnostic
    if diagnostic is None:
        return
    at = diagnostic.span.start
    node = problem.tree.node_at(at)
    if node is None:
        return
    name = next(iter(quoted(diagnostic.message)), "") if "constant" in diagnostic.message.lower() else ""
    if not _IS_WORD.fullmatch(name):
        name = node.text
    declaration = _declared(problem, name, node)
    if declaration is not None:
        keyword = next(each for each in declaration.children if each.kind == "const")
        yield Proposal(
            RULE.name,
            f"Declare '{name}' with 'let'",
            (Replacement(keyword.span, "let"),),
            0.9,
            f"'{name}' gets another value, which a constant cannot.",
        )


def _declared(problem: Problem, name: str, node: CodeNode) -> CodeNode | None:
    """The last declaration before the node, in a block around it, that binds the name as a constant."""
    root = problem.tree.root
    found = None
    for each in root.of_kind("lexical_declaration", "for_in_statement") if root is not None else ():
        if each.start > node.start:
            break
        block = each.parent
        keyword = any(child.kind == "const" for child in each.children)
        if keyword and block is not None and block.end >= node.end and name in _bound(each):
            found = each
    return found


def _bound(declaration: CodeNode) -> set[str]:
    targets = [each.field("name") for each in declaration.named_children if each.kind == "variable_declarator"]
    targets.append(declaration.field("left"))
    return {
        leaf.text
        for target in targets
        if target is not None
        for leaf in target.of_kind("identifier", "shorthand_property_identifier_pattern")
    }


RULE = Rule(
    "ts_constant_assigned",
    propose,
    languages=ECMA,
    codes=codes("2588", "1155", "no-const-assign"),
    message=words(r"because it is a constant", r"const.? declarations must be initialized", r"is constant"),
)
