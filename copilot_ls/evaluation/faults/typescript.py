"""Faults in TypeScript code, by its syntax tree: what people mistype, forget, and take along from elsewhere."""

# ruff: noqa: ARG001, PLR2004 - each kind is given a source and chance, and few need both; names have lengths

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from copilot_ls.evaluation.faults.kind import Kind, misspelt
from copilot_ls.syntax import SyntaxDocument
from copilot_ls.text import TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from copilot_ls.syntax.node import CodeNode

_MOST = 6
_KEYWORDS = (
    "const", "return", "function", "export", "import", "class", "interface", "extends", "await", "async", "readonly",
    "private", "typeof", "while", "switch", "case", "throw", "new", "else", "let", "instanceof", "implements",
    "default",
)  # fmt: skip


class Source:
    """One text, taken apart; offsets are in code points, which are bytes here: only ASCII texts are taken."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.snapshot = TextSnapshot.of(text)
        root = SyntaxDocument("typescript", "a.ts").tree_at(self.snapshot).root
        if root is None or root.has_error:
            raise ValueError
        self.nodes = list(root.walk())
        self.names = set(re.findall(r"[A-Za-z_$][\w$]*", text))

    def of(self, node: CodeNode) -> tuple[int, int]:
        """Where a node begins and ends."""
        return self.snapshot.offset_at(node.start), self.snapshot.offset_at(node.end)

    def with_(self, start: int, end: int, text: str) -> str:
        """The text with something else between two offsets."""
        return self.text[:start] + text + self.text[end:]

    def of_kind(self, *kinds: str) -> list[CodeNode]:
        """The nodes of some kinds, in the order of the text."""
        return [node for node in self.nodes if node.kind in kinds]

    def signs(self, *signs: str) -> list[CodeNode]:
        """The signs and keywords that are spelt so."""
        return [node for node in self.nodes if not node.is_named and node.kind in signs]


@lru_cache(maxsize=64)
def source_of(text: str) -> Source | None:
    """The text taken apart; None where it cannot be parsed, or columns are no offsets."""
    try:
        return Source(text) if text.isascii() and "\r" not in text else None
    except ValueError:
        return None


KINDS: list[Kind] = []


def kind(name: str) -> Callable[[Callable[[Source, Random], Iterator[str]]], Callable[[Source, Random], Iterator[str]]]:
    """Register a kind: the function yields mutated texts in an order of its own, of which chance takes some."""

    def register(made: Callable[[Source, Random], Iterator[str]]) -> Callable[[Source, Random], Iterator[str]]:
        def some(text: str, chance: Random) -> Iterator[str]:
            source = source_of(text)
            if source is not None:
                found = [each for each in made(source, chance) if each != text]
                yield from chance.sample(found, min(_MOST, len(found)))

        KINDS.append(Kind(name, some))
        return made

    return register


def _misspelt(source: Source, node: CodeNode, chance: Random) -> str:
    return source.with_(*source.of(node), misspelt(node.text, chance, source.names))


# --- names -----------------------------------------------------------------------------------------------------------


@kind("name misspelt where used")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.of_kind("identifier"):
        parent = node.parent
        if parent is not None and len(node.text) > 2 and parent.kind in (
            "arguments", "binary_expression", "return_statement", "member_expression", "call_expression",
            "new_expression", "ternary_expression", "parenthesized_expression", "unary_expression",
            "subscript_expression",
        ):  # fmt: skip
            yield _misspelt(source, node, chance)


@kind("name misspelt where bound")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.of_kind("variable_declarator"):
        name, statement = node.field("name"), node.parent
        inner = statement is not None and statement.parent is not None and statement.parent.kind == "statement_block"
        if inner and name is not None and name.kind == "identifier" and len(name.text) > 3:
            yield _misspelt(source, name, chance)


@kind("property misspelt")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.of_kind("member_expression"):
        name = node.field("property")
        if name is not None and name.kind == "property_identifier" and len(name.text) > 2:
            yield _misspelt(source, name, chance)


@kind("type misspelt")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.of_kind("type_identifier"):
        if (
            len(node.text) > 3
            and node.parent is not None
            and node.parent.kind in ("type_annotation", "generic_type", "union_type")
        ):
            yield _misspelt(source, node, chance)


@kind("imported name misspelt")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.of_kind("import_specifier"):
        name = node.field("name")
        if name is not None and len(name.text) > 3:
            yield _misspelt(source, name, chance)


@kind("this. forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.of_kind("member_expression"):
        target, name = node.field("object"), node.field("property")
        if target is not None and name is not None and target.kind == "this" and name.kind == "property_identifier":
            yield source.with_(*source.of(node), name.text)


@kind("type of another language")
def _(source: Source, chance: Random) -> Iterator[str]:
    others = {
        "boolean": ("bool",),
        "string": ("str", "String"),
        "number": ("int", "float"),
        "null": ("None", "nil"),
        "true": ("True",),
    }
    for node in source.of_kind("predefined_type", "null", "true"):
        if node.text in others:
            yield source.with_(*source.of(node), chance.choice(others[node.text]))


# --- imports and variables -------------------------------------------------------------------------------------------


@kind("import forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.of_kind("import_statement"):
        names = list(node.of_kind("import_specifier"))
        start, end = source.of(node)
        if len(names) > 1:
            at = chance.randrange(len(names))
            one = source.of(names[at])
            if at + 1 < len(names):
                yield source.with_(one[0], source.of(names[at + 1])[0], "")
            else:
                yield source.with_(source.of(names[at - 1])[1], one[1], "")
        elif any(each.kind == "import_clause" for each in node.children):
            yield source.with_(start, end + source.text[end:].startswith("\n"), "")


@kind("import that nothing uses")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.of_kind("import_statement"):
        path = node.field("source")
        name = chance.choice(("helpers", "Other", "utils", "internal", "everything"))
        if path is not None and name not in source.names:
            start = source.of(node)[0]
            yield source.with_(start, start, f"import * as {name} from {path.text};\n")


@kind("variable that nothing reads")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.of_kind("expression_statement"):
        name = chance.choice(("result", "outcome", "value", "response", "done"))
        inner = node.parent is not None and node.parent.kind == "statement_block"
        if inner and node.named_children[0].kind == "call_expression" and name not in source.names:
            start = source.of(node)[0]
            yield source.with_(start, start, f"const {name} = ")


# --- signs and keywords ----------------------------------------------------------------------------------------------


@kind("closing bracket forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.signs(")", "]", "}"):
        yield source.with_(*source.of(node), "")


@kind("closing bracket doubled")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.signs(")", "]", "}"):
        start, end = source.of(node)
        yield source.with_(end, end, source.text[start:end])


@kind("comma forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.signs(","):
        following = node.next
        if following is not None and following.is_named:
            yield source.with_(*source.of(node), "")


@kind("quote forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.of_kind("string"):
        start, end = source.of(node)
        if end - start > 3:
            yield source.with_(end - 1, end, "")


@kind("keyword misspelt")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.signs(*_KEYWORDS):
        yield source.with_(*source.of(node), misspelt(node.text, chance, source.names))


@kind("= for ===")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.signs("===", "=="):
        yield source.with_(*source.of(node), "=")


@kind("colon forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.of_kind("type_annotation", "pair"):
        for sign in node.children:
            if sign.kind == ":":
                yield source.with_(*source.of(sign), "")


# --- what the compiler's types say -----------------------------------------------------------------------------------


@kind("await forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.of_kind("await_expression"):
        yield source.with_(source.of(node)[0], source.of(node.named_children[0])[0], "")


@kind("async forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.signs("async"):
        start, end = source.of(node)
        yield source.with_(start, end + source.text[end:].startswith(" "), "")


@kind("return forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.of_kind("return_statement"):
        if node.named_children:
            yield source.with_(source.of(node)[0], source.of(node.named_children[0])[0], "")


@kind("new forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.of_kind("new_expression"):
        constructor = node.field("constructor")
        if constructor is not None and node.field("arguments") is not None:
            yield source.with_(source.of(node)[0], source.of(constructor)[0], "")


@kind("const for let")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.signs("let"):
        yield source.with_(*source.of(node), "const")


@kind("check for undefined forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.of_kind("optional_chain"):
        parent = node.parent
        if parent is not None:
            yield source.with_(*source.of(node), "." if parent.kind == "member_expression" else "")
    for node in source.of_kind("non_null_expression"):
        end = source.of(node)[1]
        yield source.with_(end - 1, end, "")


@kind("one argument too many")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.of_kind("arguments"):
        given = node.named_children
        if given and given[-1].kind in ("identifier", "string", "number", "member_expression", "true", "false"):
            end = source.of(given[-1])[1]
            yield source.with_(end, end, f", {given[-1].text}")


@kind("type of a parameter forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.of_kind("required_parameter"):
        annotation = node.field("type")
        if annotation is not None and node.field("value") is None:
            yield source.with_(*source.of(annotation), "")
