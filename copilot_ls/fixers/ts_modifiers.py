"""TypeScript: words that a declaration lacks or has too many: `override`, `!` of a field, `type` of an import.

Also remarks that suppress a report that is no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.lines import before, behind, without_lines
from copilot_ls.fixers.rule import Rule, codes
from copilot_ls.fixers.ts_syntax import imports_of
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode


def propose(problem: Problem) -> Iterator[Proposal]:
    """The edit for what is reported."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(diagnostic.span.start) if diagnostic is not None else None
    if diagnostic is None or node is None:
        return
    code = diagnostic.code
    if code in ("4114", "4116"):
        yield from _with_override(node)
    elif code in ("4112", "4113", "4117"):
        member = node.within("method_definition", "public_field_definition")
        word = next((each for each in member.children if each.kind == "override_modifier"), None) if member else None
        if word is not None and word.next is not None:
            gap = Replacement(Span(word.start, word.next.start), "")
            yield _proposal("Remove 'override'", gap, 0.9, "No class above has this member.")
    elif code == "2564":
        why = "It takes the field to be set before it is read, without a check."
        yield _proposal(f"Say that '{node.text}' is set elsewhere with '!'", behind(node, "!"), 0.6, why)
    elif code in ("1484", "1371"):
        item = next(
            (each.item for each in imports_of(problem.tree) if each.item.start <= node.start < each.item.end), None
        )
        if item is not None and item.kind == "import_specifier":
            yield _proposal(
                f"Import '{node.text}' as a type", before(item, "type "), 0.93, "It is used as a type alone."
            )
    elif code == "2578":
        line = diagnostic.span.start.line
        comment = problem.tree.node_at(diagnostic.span.start)
        if comment is not None and comment.kind == "comment":
            edit = without_lines(problem.document.text, comment)
        else:
            edit = Replacement(Span(Point(line, 0), Point(line + 1, 0)), "")
        yield _proposal("Remove the remark that suppresses nothing", edit, 0.92, "There is no error below it.")


def _with_override(node: CodeNode) -> Iterator[Proposal]:
    member = node.within("method_definition", "public_field_definition")
    name = member.field("name") if member is not None else None
    if member is None or name is None:
        return
    # Behind the modifiers that have to stand before it.
    words = [each for each in member.children if each.kind in ("readonly", "async", "get", "set", "*")]
    at = words[0] if words and words[0].start < name.start else name
    yield _proposal("Add 'override'", before(at, "override "), 0.95, "A class above has this member.")


def _proposal(title: str, edit: Replacement, certainty: float, why: str) -> Proposal:
    return Proposal("ts_modifiers", title, (edit,), certainty, why)


RULE = Rule(
    "ts_modifiers",
    propose,
    languages=frozenset({"typescript", "tsx"}),
    codes=codes("4114", "4116", "4112", "4113", "4117", "2564", "1484", "1371", "2578"),
)
