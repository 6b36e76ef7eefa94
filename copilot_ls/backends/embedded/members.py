"""The member engine: after a dot, what the receiver has as far as syntax tells.

`self` and `this` have what the class around the cursor declares; a variable what the type has that it was annotated
with or made of; a module what it declares. Called by `propose`; `declared` knows the declarations.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import lexing
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
# What stands behind a variable that is annotated, given what a type makes, or declared in Go; and a type before one.
_ANNOTATED = re.compile(r"\??[ \t]*:[ \t]*([^\n=,)(]{1,60})")
_MADE_OF = re.compile(r"[^\n=]{0,40}?:?=[ \t]*(?:await[ \t]+|new[ \t]+|&)*(?:\w+\.)*([A-Z]\w*)[({]")
_DECLARED_AS = re.compile(r"[ \t]+\*?(?:\w+\.)?([A-Z]\w*|[a-z]\w*)\b")
_TYPE_BEFORE = re.compile(r"\b([A-Z]\w*)(?:<[^>\n]*>)?[ \t]+\Z")
# Types that are tried, and uses of a variable that are looked at for them.
_MOST_TYPES, _MOST_USES = 3, 300
_CAPITALISED = re.compile(r"\b[A-Z]\w*")
_MOST = 40
# Characters above the cursor in which a class header, or what a variable is made of, is looked for.
_REACH = 200_000
# Characters that are looked through at once, upwards.
_STEP = 8_000
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
    text, first, end = situation.text, _start(situation), situation.offset
    while end > first:
        begin = max(first, text.rfind("\n", first, max(first, end - _STEP)) + 1)
        for match in reversed(list(_CLASS.finditer(text, begin, end))):
            if len(match[1].expandtabs(4)) < max(situation.indent, 1):
                return match[2]
        end = begin
    return ""


def _types(situation: Situation, receiver: str, *, own: bool) -> list[str]:
    """Types that the variable is declared as, made of, or annotated with; of each the latest first."""
    text, go = situation.text, situation.language_id == "go"
    declared: list[str] = []
    made: list[str] = []
    annotated: list[list[str]] = []
    for at in _uses(situation, receiver, own=own):
        end = at + len(receiver)
        if go and len(declared) < _MOST_TYPES and (match := _DECLARED_AS.match(text, end)):
            declared.append(match[1])
        if (
            not go
            and not own
            and len(declared) < _MOST_TYPES
            and (match := _TYPE_BEFORE.search(text[max(0, at - 80) : at]))
        ):
            declared.append(match[1])
        if len(made) < _MOST_TYPES and (match := _MADE_OF.match(text, end)):
            made.append(match[1])
        if len(annotated) < _MOST_TYPES and (match := _ANNOTATED.match(text, end)):
            annotated.append(_CAPITALISED.findall(match[1])[::-1])
    return list(dict.fromkeys([*declared, *made, *(name for names in annotated for name in names)]))[:_MOST_TYPES]


def _uses(situation: Situation, receiver: str, *, own: bool) -> Iterator[int]:
    """Where the variable, or the own attribute, stands above the cursor's line, the latest first."""
    text, start, stop = situation.text, _start(situation), situation.offset
    for _ in range(_MOST_USES):
        at = text.rfind(receiver, start, stop)
        if at < 0:
            return
        stop = at
        if lexing.is_word(text[at + len(receiver) : at + len(receiver) + 1]):
            continue
        before = text[max(0, at - 5) : at]
        if before.endswith(("self.", "this.")) if own else not lexing.is_word(before[-1:]) and before[-1:] != ".":
            yield at


def _start(situation: Situation) -> int:
    return max(0, situation.offset - _REACH)
