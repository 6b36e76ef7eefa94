"""The member engine: after a dot, what the receiver has as far as syntax tells.

`self` and `this` have what the class around the cursor declares; a variable what the type has that it was annotated
with or made of; a module what it declares. Called by `propose`; `declared` knows the declarations.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.backends.embedded.evidence import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.backends.embedded.declared import Declarations, Declared
    from copilot_ls.backends.embedded.evidence import Source
    from copilot_ls.backends.embedded.situation import Situation

_RECEIVER = re.compile(r"(?:^|[^\w.)\]])((?:self|this)\.)?([^\W\d]\w*)\??\.(\w*)\Z")
_CLASS = re.compile(
    r"^([ \t]*)(?:[a-z]+[ \t]+)*(?:class|interface|struct|impl|trait|object)\b[^\S\n]+(\w+)", re.MULTILINE
)
_GO_RECEIVER = re.compile(r"^func \((\w+)\s+\*?(\w+)", re.MULTILINE)
_CAPITALISED = re.compile(r"\b[A-Z]\w*")
_MOST = 40
# Characters above the cursor in which a class header, or what a variable is made of, is looked for.
_REACH = 200_000
# Levels: that of a guess at the type, more for what was declared near, for what nothing here uses yet.
_SELF, _TYPED, _MODULE = 6, 5, 3
_NEAR_LINES = 40


def places(situation: Situation, declarations: Declarations) -> list[Found]:
    """The members of the receiver before the cursor, with the bracket of a call where they are functions."""
    if situation.region != "code":
        return []
    match = _RECEIVER.search(situation.head)
    if match is None:
        return []
    own, receiver, partial = bool(match[1]), match[2], match[3]
    found: list[Found] = []
    for declared, level in _members(situation, declarations, receiver, own=own):
        name = declared.name
        if not name.startswith(partial) or name == partial or (name.startswith("__") and not partial):
            continue
        distance = abs(declared.line - situation.line) if declared.path == situation.path else 0
        near = 2 if distance and distance <= _NEAR_LINES else 0
        text = name[len(partial) :] + (
            "(" if declared.kind == "function" and "@property" not in declared.signature else ""
        )
        source: Source = "open" if declared.path != situation.path else "above"
        found.append(
            Found(text, level + near, source, declared.path, declared.line, distance=distance, engine="member")
        )
        if len(found) == _MOST:
            break
    return found


def _members(
    situation: Situation, declarations: Declarations, receiver: str, *, own: bool
) -> Iterator[tuple[Declared, int]]:
    if receiver in {"self", "this", "cls"} and not own:
        container = _enclosing(situation)
        if container:
            for declared in declarations.members(container):
                yield declared, _SELF
        return
    for container in _types(situation, receiver, own=own):
        for declared in declarations.members(container):
            yield declared, _TYPED
    for imported in () if own else declarations.imports():
        if imported.local == receiver and not imported.name:
            for declared in declarations.of_module(imported.module):
                if not declared.container and not declared.name.startswith("_"):
                    yield declared, _MODULE


def _enclosing(situation: Situation) -> str:
    """The class that the cursor stands in, by indentation."""
    for match in reversed(list(_CLASS.finditer(situation.text, _start(situation), situation.offset))):
        if len(match[1].expandtabs(4)) < max(situation.indent, 1):
            return match[2]
    return ""


def _types(situation: Situation, receiver: str, *, own: bool) -> list[str]:
    """Types that the variable is annotated with, made of, or declared as; the latest first."""
    text = situation.text[_start(situation) : situation.offset]
    name = (r"(?:self|this)\." if own else r"(?<![\w.])") + re.escape(receiver)
    types: list[str] = []
    for match in list(re.finditer(rf"{name}\??[ \t]*:[ \t]*([^\n=,)(]{{1,60}})", text))[-3:]:
        types += _CAPITALISED.findall(match[1])
    for match in list(
        re.finditer(rf"{name}[^\n=]{{0,40}}?:?=[ \t]*(?:await[ \t]+|new[ \t]+|&)*(?:\w+\.)*([A-Z]\w*)[({{]", text)
    )[-3:]:
        types.append(match[1])
    if situation.language_id == "go":
        types += [
            match[1] for match in list(re.finditer(rf"{name}[ \t]+\*?(?:\w+\.)?([A-Z]\w*|[a-z]\w*)\b", text))[-3:]
        ]
    elif not own:
        types += [
            match[1]
            for match in list(re.finditer(rf"\b([A-Z]\w*)(?:<[^>\n]*>)?[ \t]+{re.escape(receiver)}\b", text))[-3:]
        ]
    return list(dict.fromkeys(reversed(types)))[:3]


def _start(situation: Situation) -> int:
    return max(0, situation.offset - _REACH)
