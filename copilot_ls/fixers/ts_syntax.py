"""What the rules for TypeScript and JavaScript share: imports and statements as edits, and words of the file's style.

Kinds and fields are those of the tree-sitter grammars of both. Called by the modules of this folder named `ts_…`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.edits import Replacement
from copilot_ls.fixers.lines import next_line, without_item, without_lines
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode
    from copilot_ls.syntax.tree import SyntaxTree

FUNCTIONS = (
    "function_declaration", "function_expression", "arrow_function", "method_definition", "generator_function",
    "generator_function_declaration", "function_signature",
)  # fmt: skip
_QUOTED = re.compile(r"['\"`\u2018]([^'\"`\u2018\u2019]+)['\"`\u2019]")


class Imported(NamedTuple):
    """One name that an import statement binds. `name` is empty for a module as a whole, `default` for its default."""

    local: str
    name: str
    source: str
    item: CodeNode
    statement: CodeNode


@lru_cache(maxsize=4)
def imports_of(tree: SyntaxTree) -> tuple[Imported, ...]:
    """All names that the imports at the top of a file bind, in order."""
    return tuple(
        each
        for statement in (tree.root.named_children if tree.root is not None else ())
        if statement.kind == "import_statement"
        for each in _names(statement)
    )


def _names(statement: CodeNode) -> list[Imported]:
    source = statement.field("source")
    clause = next((each for each in statement.named_children if each.kind == "import_clause"), None)
    if source is None or clause is None:
        return []
    module = source.text[1:-1]
    found = []
    for part in clause.named_children:
        if part.kind == "identifier":
            found.append(Imported(part.text, "default", module, part, statement))
        elif part.kind == "namespace_import":
            found.append(Imported(part.named_children[-1].text, "", module, part, statement))
        elif part.kind == "named_imports":
            for each in part.named_children:
                name, alias = each.field("name"), each.field("alias")
                if name is not None:
                    found.append(Imported((alias or name).text, name.text, module, each, statement))
    return found


def without_import(problem: Problem, imported: Imported) -> Replacement:
    """The edit that takes one name out of its statement, or the statement away with its last."""
    same = [each for each in imports_of(problem.tree) if each.statement == imported.statement]
    if len(same) == 1:
        return without_lines(problem.document.text, imported.statement)
    around = imported.item.parent
    siblings = [each for each in same if each.item.parent == around]
    if len(siblings) == 1 and around is not None and around.kind == "named_imports":
        return without_item(problem.document.text, around)
    return without_item(problem.document.text, imported.item)


def with_import(problem: Problem, source: str, name: str, *, alias: str = "", type_only: bool = False) -> Replacement:
    """The edit that imports a name: into the statement of the same module, or as a statement behind the last.

    `name` is as in `Imported`: empty for the module as a whole, `default` for its default export.
    """
    tree = problem.tree
    binding = f" as {alias}" if alias and alias != name else ""
    if name not in ("", "default"):
        for each in imports_of(tree):
            is_type = any(child.kind == "type" for child in each.statement.children)
            if each.source == source and each.item.kind == "import_specifier" and (type_only or not is_type):
                names = each.item.parent
                last = names.named_children[-1] if names is not None else each.item
                if last.line > each.statement.line:
                    indent = problem.document.text.line_text(last.line)[: last.start.column]
                    return Replacement(Span(last.end, last.end), f",\n{indent}{name}{binding}")
                return Replacement(Span(last.end, last.end), f", {name}{binding}")
    local = alias or name
    clause = {"": f"* as {local}", "default": local}.get(name, f"{{ {name}{binding} }}")
    if name == "default" and not alias:
        clause = "{ default }"
    quote, semicolon = style_of(tree)
    written = f"import {'type ' if type_only else ''}{clause} from {quote}{source}{quote}{semicolon}\n"
    at = _place_of_import(tree)
    return Replacement(Span(at, at), written)


def _place_of_import(tree: SyntaxTree) -> Point:
    statements = tree.root.named_children if tree.root is not None else []
    last = next((each for each in reversed(statements) if each.kind == "import_statement"), None)
    if last is not None:
        return next_line(tree.snapshot, last.end)
    # Behind directives and a shebang, before the first statement and the remark on it.
    line = 0
    while line < tree.snapshot.n_lines - 1 and re.match(
        r"\s*(?:#!|['\"]use \w+['\"]|/\*.*(?:@license|copyright).*\*/)", tree.snapshot.line_text(line), re.IGNORECASE
    ):
        line += 1
    return Point(line, 0)


@lru_cache(maxsize=4)
def style_of(tree: SyntaxTree) -> tuple[str, str]:
    """The quote that most strings of a file have, and `;` where its statements end with one."""
    text = tree.snapshot.text
    quote = '"' if text.count('"') > text.count("'") else "'"
    ends = [line.rstrip()[-1:] for line in text.splitlines() if line.rstrip()]
    return quote, ";" if not ends or ends.count(";") * 12 >= len(ends) else ""


def quoted(message: str) -> list[str]:
    """What stands in quotes in a message, in order."""
    return _QUOTED.findall(message)


def reported_node(problem: Problem) -> CodeNode | None:
    """The node that is reported: the innermost that begins where the report does, widened to the report's end."""
    diagnostic = problem.diagnostic
    if diagnostic is None:
        return None
    start, end = diagnostic.span
    return problem.tree.node_at(start, end if end > start else None)


def function_around(node: CodeNode) -> CodeNode | None:
    """The innermost function around a node."""
    return node.within(*FUNCTIONS)
