"""Faults in Python code, by its syntax tree and tokens: what people mistype, forget, and take along from elsewhere."""

# ruff: noqa: ARG001, PLR2004 - each kind is given a source and chance, and few need both; names have lengths

from __future__ import annotations

import ast
import builtins
import io
import keyword
import re
import tokenize
from functools import lru_cache
from typing import TYPE_CHECKING

from copilot_ls.evaluation.faults.kind import Kind, misspelt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

_MOST = 6


class Source:
    """One text, taken apart."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self.lines = text.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))
        self.tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        self.names = {each.string for each in self.tokens if each.type == tokenize.NAME} | set(dir(builtins))
        self.nodes = list(ast.walk(self.tree))

    def offset(self, line: int, column: int) -> int:
        """Of a place as a token or a node has it: lines from one; `ast` counts bytes, which is one in ASCII."""
        return self.starts[line - 1] + column

    def of(self, node: ast.AST) -> tuple[int, int]:
        """Where a node begins and ends."""
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def at(self, token: tokenize.TokenInfo) -> tuple[int, int]:
        """Where a token begins and ends."""
        return self.offset(*token.start), self.offset(*token.end)

    def with_(self, start: int, end: int, text: str) -> str:
        """The text with something else between two offsets."""
        return self.text[:start] + text + self.text[end:]


@lru_cache(maxsize=64)
def source_of(text: str) -> Source | None:
    """The text taken apart; None where it cannot be parsed, or columns are no offsets."""
    try:
        return Source(text) if text.isascii() else None
    except (SyntaxError, tokenize.TokenError, ValueError):
        return None


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


KINDS: list[Kind] = []


# --- names -----------------------------------------------------------------------------------------------------------


@kind("name misspelt where used")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and len(node.id) > 2 and node.id != "self":
            yield source.with_(*source.of(node), misspelt(node.id, chance, source.names))


@kind("name misspelt where bound")
def _(source: Source, chance: Random) -> Iterator[str]:
    for function in source.nodes:
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for node in ast.walk(function):
                if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                    target = node.targets[0]
                    if len(target.id) > 3:
                        yield source.with_(*source.of(target), misspelt(target.id, chance, source.names))


@kind("attribute misspelt")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and len(node.attr) > 2:
            end = source.of(node)[1]
            if source.text[end - len(node.attr) : end] == node.attr:
                yield source.with_(end - len(node.attr), end, misspelt(node.attr, chance, source.names))


@kind("keyword argument misspelt")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, ast.keyword) and node.arg and len(node.arg) > 2:
            start = source.of(node)[0]
            yield source.with_(start, start + len(node.arg), misspelt(node.arg, chance, source.names))


@kind("imported name misspelt")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if len(alias.name) > 3:
                    start = source.of(alias)[0]
                    yield source.with_(start, start + len(alias.name), misspelt(alias.name, chance, source.names))


@kind("self. forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            start, end = source.of(node)
            if isinstance(node.ctx, ast.Load):
                yield source.with_(start, end, node.attr)


# --- imports and variables -------------------------------------------------------------------------------------------


@kind("import forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.tree.body:
        if not isinstance(node, (ast.Import, ast.ImportFrom)) or getattr(node, "module", "") == "__future__":
            continue
        start, end = source.starts[node.lineno - 1], source.starts[node.end_lineno or node.lineno]
        if len(node.names) == 1 and "\n" not in source.text[start : end - 1]:
            yield source.with_(start, end, "")
        elif len(node.names) > 1:
            at = chance.randrange(len(node.names))
            one = source.of(node.names[at])
            if at + 1 < len(node.names):
                yield source.with_(one[0], source.of(node.names[at + 1])[0], "")
            else:
                yield source.with_(source.of(node.names[at - 1])[1], one[1], "")


@kind("import that nothing uses")
def _(source: Source, chance: Random) -> Iterator[str]:
    imports = [each for each in source.tree.body if isinstance(each, (ast.Import, ast.ImportFrom))]
    modules = ["json", "os", "re", "sys", "time", "pathlib", "itertools", "random", "string", "copy"]
    for node in imports:
        module = chance.choice(modules)
        if module not in source.names and getattr(node, "module", "") != "__future__":
            yield source.with_(source.starts[node.lineno - 1], source.starts[node.lineno - 1], f"import {module}\n")


@kind("variable that nothing reads")
def _(source: Source, chance: Random) -> Iterator[str]:
    for function in source.nodes:
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for node in function.body:
                if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                    start = source.of(node)[0]
                    name = chance.choice(("result", "outcome", "value", "response", "done"))
                    if name not in source.names:
                        yield source.with_(start, start, f"{name} = ")


# --- signs -----------------------------------------------------------------------------------------------------------


def _signs(source: Source, signs: str) -> list[tokenize.TokenInfo]:
    return [each for each in source.tokens if each.type == tokenize.OP and each.string in signs]


@kind("closing bracket forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for token in _signs(source, ")]}"):
        yield source.with_(*source.at(token), "")


@kind("closing bracket doubled")
def _(source: Source, chance: Random) -> Iterator[str]:
    for token in _signs(source, ")]}"):
        end = source.at(token)[1]
        yield source.with_(end, end, token.string)


@kind("colon forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for token in _signs(source, ":"):
        start, end = source.at(token)
        if source.text[end : end + 1] == "\n":
            yield source.with_(start, end, "")


@kind("comma forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    depth = 0
    for token, following in zip(source.tokens, source.tokens[1:], strict=False):
        if token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
            if token.string == "," and depth and following.string not in ")]}" and following.type != tokenize.NL:
                yield source.with_(*source.at(token), "")


@kind("quote forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for token in source.tokens:
        if token.type == tokenize.STRING and not token.string.endswith(('"""', "'''")) and len(token.string) > 3:
            end = source.at(token)[1]
            yield source.with_(end - 1, end, "")


@kind("keyword misspelt")
def _(source: Source, chance: Random) -> Iterator[str]:
    for token in source.tokens:
        if token.type == tokenize.NAME and keyword.iskeyword(token.string) and len(token.string) > 2:
            yield source.with_(*source.at(token), misspelt(token.string, chance, source.names))


@kind("= for ==")
def _(source: Source, chance: Random) -> Iterator[str]:
    for token in _signs(source, "=="):
        if token.string == "==":
            yield source.with_(*source.at(token), "=")


@kind("line indented wrongly")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.nodes:
        for statement in getattr(node, "body", ()) if not isinstance(node, (ast.Lambda, ast.IfExp)) else ():
            if isinstance(statement, ast.stmt) and statement.lineno == statement.end_lineno and statement.col_offset:
                start = source.starts[statement.lineno - 1]
                if source.text[start : start + statement.col_offset].isspace():
                    width = statement.col_offset + chance.choice((-3, -2, -1, 1, 2, 3, 4))
                    yield source.with_(start, start + statement.col_offset, " " * max(width, 0))


# --- what a type checker sees ----------------------------------------------------------------------------------------


@kind("await forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, ast.Await):
            start = source.of(node)[0]
            yield source.with_(start, source.of(node.value)[0], "")


@kind("self parameter forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.nodes:
        for function in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and function.args.args:
                first = function.args.args[0]
                if first.arg == "self":
                    start, end = source.of(first)
                    rest = re.match(r"\s*,\s*", source.text[end:])
                    yield source.with_(start, end + (rest.end() if rest else 0), "")


@kind("return forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, ast.Return) and node.value is not None:
            yield source.with_(source.of(node)[0], source.of(node.value)[0], "")


@kind("check for None forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.nodes:
        if not isinstance(node, ast.If) or node.orelse or not isinstance(node.test, ast.Compare):
            continue
        is_none = isinstance(node.test.comparators[0], ast.Constant) and node.test.comparators[0].value is None
        leaves = isinstance(node.body[-1], (ast.Return, ast.Raise, ast.Continue))
        if is_none and isinstance(node.test.ops[0], ast.Is) and leaves:
            yield source.with_(source.starts[node.lineno - 1], source.starts[node.end_lineno or node.lineno], "")


@kind("argument forgotten")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, ast.Call) and node.args and not isinstance(node.args[-1], ast.Starred):
            start, end = source.of(node.args[-1])
            if len(node.args) > 1:
                start = source.of(node.args[-2])[1]
                yield source.with_(start, end, "")
            elif not node.keywords:
                yield source.with_(start, end, "")


@kind("argument too many")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, ast.Call) and node.args and not node.keywords:
            end = source.of(node.args[-1])[1]
            yield source.with_(end, end, f", {chance.choice(('None', '0', 'True'))}")


# --- what a linter sees ----------------------------------------------------------------------------------------------


@kind("comparison with None by ==")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            compared = node.comparators[0]
            if isinstance(compared, ast.Constant) and compared.value is None:
                sign = "==" if isinstance(node.ops[0], ast.Is) else "!="
                yield source.with_(source.of(node.left)[1], source.of(compared)[0], f" {sign} ")


@kind("mutable default")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for default in node.args.defaults:
                if isinstance(default, ast.Constant) and default.value is None:
                    yield source.with_(*source.of(default), chance.choice(("[]", "{}", "set()")))


@kind("literal compared by is")
def _(source: Source, chance: Random) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
            compared = node.comparators[0]
            if isinstance(compared, ast.Constant) and isinstance(compared.value, (str, int)):
                sign = "is" if isinstance(node.ops[0], ast.Eq) else "is not"
                yield source.with_(source.of(node.left)[1], source.of(compared)[0], f" {sign} ")


@kind("f-string without placeholders")
def _(source: Source, chance: Random) -> Iterator[str]:
    for token in source.tokens:
        if token.type == tokenize.STRING and token.string[0] in "'\"" and not token.string.endswith(('"""', "'''")):
            start = source.at(token)[0]
            if "{" not in token.string and source.text[:start].rstrip()[-1:] in "(,=":
                yield source.with_(start, start, "f")
