"""Rust: values that are nearly of the type that is wanted: borrowed, made a text, wrapped, or without their semicolon.

What the compiler says of both types decides; its own suggestion of a borrow is believed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.lines import before, behind
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_TYPES = re.compile(r"expected (?:\w+ )*`([^`]+)`, found (?:(?:\w+ )*`([^`]+)`|(\w+))")
_SIMILAR = re.compile(r"(?:there is an? [\w ]+`(\w+)` with a similar name|a field with a similar name exists: `(\w+)`)")
_SEMICOLON = "remove this semicolon"
_NUMBER = re.compile(r"[iu](?:8|16|32|64|128|size)|f(?:32|64)")


def propose(problem: Problem) -> Iterator[Proposal]:
    """The edits for what is reported."""
    diagnostic = problem.diagnostic
    if diagnostic is None:
        return
    message = "\n".join([diagnostic.message, *(place.message for place in diagnostic.related)])
    similar = _SIMILAR.search(message)
    node = problem.tree.node_at(*diagnostic.span)
    if node is None:
        return
    if similar is not None:
        meant = similar[1] or similar[2]
        edit = Replacement(diagnostic.span, meant)
        yield _proposal(f"Replace it with '{meant}'", edit, 0.94, "The compiler itself suggests it.")
        return
    if _SEMICOLON in message:
        yield from _without_semicolon(node)
    if "only allowed inside `async`" in message:
        function = node.within("function_item")
        first = function.children[0] if function is not None else None
        if function is not None and first is not None:
            at = next((each for each in function.children if each.kind == "fn"), first)
            yield _proposal("Make the function async", before(at, "async "), 0.93, "It waits with 'await'.")
        return
    types = _TYPES.search(message)
    if types is not None:
        yield from _converted(node, types[1], types[2] or types[3])


def _converted(node: CodeNode, wanted: str, given: str) -> Iterator[Proposal]:
    why = f"'{wanted}' is wanted, and this is '{given}'."
    if (
        wanted == f"&{given}"
        or (wanted, given) in (("&str", "String"), ("&Path", "PathBuf"))
        or (wanted.startswith("&[") and given.startswith("Vec<"))
    ):
        yield _proposal("Borrow it with '&'", before(node, "&"), 0.93, why)
    elif wanted.startswith("&mut ") and not given.startswith("&"):
        yield _proposal("Borrow it with '&mut'", before(node, "&mut "), 0.9, why)
    elif (wanted, given) in (("String", "&str"), ("String", "&'static str"), ("String", "str")):
        yield _proposal("Make a text of its own with '.to_string()'", behind(node, ".to_string()"), 0.92, why)
    elif given == f"&{wanted}":
        yield _proposal("Take the value with '*'", before(node, "*"), 0.75, why)
        yield _proposal("Copy it with '.clone()'", behind(node, ".clone()"), 0.7, why)
    elif wanted.startswith("Option<") and not given.startswith("Option<"):
        edits = (before(node, "Some("), behind(node, ")"))
        yield Proposal(RULE.name, "Wrap it in 'Some(…)'", edits, 0.88, why)
    elif wanted.startswith("Result<") and not given.startswith("Result<"):
        edits = (before(node, "Ok("), behind(node, ")"))
        yield Proposal(RULE.name, "Wrap it in 'Ok(…)'", edits, 0.85, why)
    elif _NUMBER.fullmatch(wanted) and _NUMBER.fullmatch(given):
        simple = node.kind in ("identifier", "call_expression", "field_expression", "integer_literal", "float_literal")
        parts = [behind(node, f" as {wanted}")] if simple else [before(node, "("), behind(node, f") as {wanted}")]
        yield Proposal(RULE.name, f"Convert it with 'as {wanted}'", tuple(parts), 0.75, f"{why} Digits may be lost.")


def _without_semicolon(node: CodeNode) -> Iterator[Proposal]:
    function = node.within("function_item", "closure_expression")
    body = function.field("body") if function is not None else None
    last = body.named_children[-1] if body is not None and body.named_children else None
    if last is None or last.kind != "expression_statement" or not last.text.endswith(";"):
        return
    value = last.named_children[0]
    gap = Replacement(Span(value.end, last.end), "")
    yield _proposal("Return the value: remove its ';'", gap, 0.95, "What ends with a semicolon is not returned.")


def _proposal(title: str, edit: Replacement, certainty: float, why: str) -> Proposal:
    return Proposal("rust_types", title, (edit,), certainty, why)


RULE = Rule(
    "rust_types",
    propose,
    languages=frozenset({"rust"}),
    codes=codes("E0308", "E0599", "E0609", "E0728", "E0560"),
    message=words(r"mismatched types", r"with a similar name", r"only allowed inside `async`"),
)
