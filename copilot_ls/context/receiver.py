"""Which types the expression before the cursor may have, guessed from the open file and from declared results.

By regular expressions over annotations and assignments; a guess may be wrong, and then costs a few lines of budget.
Called by `definitions`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.context.request import Situation
    from copilot_ls.index.hits import DefinitionHit

# A function that so many places define under one name says nothing about its result.
_AMBIGUOUS = 8
# How far above the cursor the header of the class around it may stand.
_CLASS_LINES = 1_500
_CHAIN = re.compile(r"((?:[^\W\d]\w*(?:\(\))?\??\.)+)\w*$")
_CALLED = re.compile(r"([^\W\d][\w.]*)\($")
_ENCLOSING_CLASS = re.compile(
    r"^([ \t]*)(?:[a-z]+[ \t]+)*(?:class|interface|struct|impl)\b[^\S\n]+(\w+)([^\n{]*)", re.MULTILINE
)
CAPITALISED = re.compile(r"\b[A-Z]\w*")


class Declarations(Protocol):
    """Where functions are declared whose result may be the receiver: the workspace's index, or that of packages."""

    def definitions(self, names: Sequence[str], *, limit_each: int) -> dict[str, list[DefinitionHit]]:
        """Where each of `names` is declared."""
        ...


def enclosing_class(situation: Situation) -> tuple[str, str] | None:
    """Name and bases of the class that the cursor stands in, by indentation."""
    prefix = "\n".join(situation.above(_CLASS_LINES))
    line = situation.line_prefix
    indent = len(line) - len(line.lstrip()) if line.strip() else len(line)
    for match in reversed(list(_ENCLOSING_CLASS.finditer(prefix))):
        if len(match[1].expandtabs(4)) < max(indent, 1):
            return match[2], match[3]
    return None


def receiver_types(
    situation: Situation, text: str, enclosing: tuple[str, str] | None, index: Declarations
) -> list[str]:
    """Names of types that the expression before the cursor's dot, or the call it stands in, may have."""
    chain = _CHAIN.search(situation.line_prefix)
    if chain is None:
        called = _CALLED.search(situation.line_prefix.rstrip())
        return [called[1].rpartition(".")[2]] if called else []
    parts = [part.rstrip("?") for part in chain[1].rstrip(".").split(".")]
    if parts[0] in {"self", "this", "cls", "super()"}:
        if len(parts) == 1:
            return CAPITALISED.findall(enclosing[1]) if enclosing else []
        return _types_of_variable(rf"(?:self|this)\.{re.escape(parts[1].removesuffix('()'))}", parts[1], text, index)
    if len(parts) > 1:
        return [parts[-1].removesuffix("()"), *_result_types(parts[-1].removesuffix("()"), index)]
    name = parts[0].removesuffix("()")
    return [name, *_types_of_variable(rf"\b{re.escape(name)}", name, text, index)]


def _types_of_variable(pattern: str, name: str, text: str, index: Declarations) -> list[str]:
    """Types named in annotations of a variable or in what is assigned to it, anywhere in the open file."""
    types: list[str] = []
    annotated = re.compile(rf"{pattern}\??[ \t]*:[ \t]*([^\n=,)(]{{1,80}})")
    for match in list(annotated.finditer(text))[-5:]:
        types += CAPITALISED.findall(match[1])
    assigned = re.compile(rf"{pattern}(?:[ \t]*:[^\n=]+)?[ \t]*:?=[ \t]*(?:await[ \t]+|new[ \t]+|&)*([\w.]+)")
    for match in list(assigned.finditer(text))[-5:]:
        last = match[1].rpartition(".")[2]
        if last[:1].isupper():
            types.append(last)
        elif last and last != name:
            types += _result_types(last, index)
    declared = re.compile(rf"\b([A-Z]\w*)(?:<[^>\n]*>)?[ \t*&]+{re.escape(name)}\b")
    types += [match[1] for match in list(declared.finditer(text))[-3:]]
    in_context = re.compile(rf"\b(?:with|for)[ \t]+([\w.]+)\([^\n]*\)[ \t]+as[ \t]+{re.escape(name)}\b")
    for match in list(in_context.finditer(text))[-2:]:
        last = match[1].rpartition(".")[2]
        types += [last] if last[:1].isupper() else _result_types(last, index)
    guess = "".join(part.capitalize() for part in name.strip("_").split("_"))
    return list(dict.fromkeys([*types, guess]))


def _result_types(function: str, index: Declarations) -> list[str]:
    """Types named in the declared result of functions of this name."""
    types: list[str] = []
    hits = index.definitions([function], limit_each=_AMBIGUOUS).get(function, [])
    for hit in hits if len(hits) < _AMBIGUOUS else ():
        result = re.search(r"(?:->|\)[ \t]*:)[ \t]*([^\n]+)", hit.signature)
        if result is not None:
            types += CAPITALISED.findall(result[1])
        elif hit.kind == "variable":
            types += CAPITALISED.findall(hit.signature.partition("=")[0].partition(":")[2])
    return types
