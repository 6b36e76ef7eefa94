"""The signature engine: inside a call, the parameters that are still missing.

A parameter is often given a variable of its own name (`resize(width, height)`), or, in Python, named (`width=width`).
Proposed where an argument may begin: the next parameter if such a name is in use near by, the names of keyword
arguments, and all that is missing where all of it is in scope. Called by `propose`; `declared` knows the signatures.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.backends.embedded import lexing, shapes
from copilot_ls.backends.embedded.evidence import Found

if TYPE_CHECKING:
    from copilot_ls.backends.embedded.declared import Declarations, Declared
    from copilot_ls.backends.embedded.situation import Situation

_LINES_ABOVE = 12
_NAME_BEFORE = re.compile(r"([^\W\d]\w*)\s*\Z")
_DECLARES = re.compile(r"\b(?:def|func|function|fn|class|interface|struct)\s+(?:\([^)]*\)\s*)?\w*\s*\Z")
_KEYWORD = re.compile(r"(?:^|,)\s*(\w+)\s*=(?!=)")
_OPENING, _CLOSING = "([{", ")]}"
# Levels: a name in use near by; one that is not; named as another argument was; all that is missing.
_IN_USE, _NOT_IN_USE, _CONFIRMED, _ALL = 5, 1, 2, 2
_NEAR = 60
_TYPE_FIRST = frozenset({"java", "csharp", "c", "cpp", "objective-c", "kotlin", "dart"})
_NAMES_ARGUMENTS = frozenset({"python"})


class _Call(NamedTuple):
    """The name of what is called, the arguments so far, whether one may begin here, and what is typed of it."""

    name: str
    arguments: str
    begins: bool


class Parameter(NamedTuple):
    """A parameter's name; whether it may be left out; whether it must be named."""

    name: str
    optional: bool
    keyword_only: bool


def places(situation: Situation, declarations: Declarations) -> list[Found]:
    """What the signatures of the called say about the next argument."""
    if situation.region != "code" or "(" not in situation.brackets:
        return []
    call = _call(situation)
    if call is None or not call.begins:
        return []
    found: list[Found] = []
    for one in _callables(call.name, declarations)[:4]:
        parameters = parameters_of(one.signature, one.name, situation.language_id)
        found += _arguments(situation, call, parameters, one)
    return found


def _callables(name: str, declarations: Declarations) -> list[Declared]:
    found: list[Declared] = []
    for one in declarations.named(name):
        if one.kind == "function":
            found.append(one)
        elif one.kind == "class":
            found += [
                member for member in declarations.members(name) if member.name in {"__init__", "constructor", name}
            ]
    return found


def _call(situation: Situation) -> _Call | None:
    """The innermost call that the cursor is in."""
    partial = situation.partial
    head = situation.head[: len(situation.head) - len(partial)]
    scanned = lexing.scan(head, situation.language_id)
    lines = [lexing.scan(raw.strip(), situation.language_id).code for raw in situation.near_above[-_LINES_ABOVE:]]
    code = "\n".join([*lines, scanned.code])
    depth = 0
    for at in range(len(code) - 1, -1, -1):
        character = code[at]
        if character in _CLOSING:
            depth += 1
        elif character in _OPENING:
            if depth:
                depth -= 1
                continue
            match = _NAME_BEFORE.search(code, max(0, at - 80), at) if character == "(" else None
            if match is None or match[1] in shapes.KEYWORDS or _DECLARES.search(code[max(0, at - 120) : at]):
                return None
            arguments = code[at + 1 :]
            last = arguments.rstrip()[-1:]
            return _Call(match[1], arguments, not last or last == ",")
    return None


def _split(text: str) -> list[str]:
    """Parts of a list at its own commas."""
    parts: list[str] = []
    depth = start = 0
    for at, character in enumerate(text):
        if character in "([{<":
            depth += 1
        elif character in ")]}>" and text[at - 1 : at] not in {"-", "="}:
            depth -= 1
        elif character == "," and depth <= 0:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    return parts


def parameters_of(signature: str, name: str, language_id: str) -> list[Parameter]:
    """The parameters of a declaration, without the receiver; empty where the signature has none or is cut off."""
    match = re.search(rf"\b{re.escape(name)}\s*(?:<[^>()]*>|\[[^\]()]*\])?\s*\(", signature)
    at = match.end() if match is not None else signature.find("(") + 1
    if at <= 0:
        return []
    depth, end = 1, at
    while end < len(signature) and depth:
        depth += (signature[end] in _OPENING) - (signature[end] in _CLOSING)
        end += 1
    if depth:
        return []
    parameters: list[Parameter] = []
    keyword_only = False
    for part in _split(signature[at : end - 1]):
        text = part.strip()
        if text in {"*", "/", ""} or text.startswith("*"):
            keyword_only = keyword_only or text.startswith("*")
            continue
        declared, _, default = text.partition("=")
        word = _parameter_name(declared.partition(":")[0].strip(), language_id)
        if word is None:
            return []
        if word not in {"self", "cls", "this"}:
            parameters.append(Parameter(word, bool(default) or declared.endswith("?"), keyword_only))
    return parameters


def _parameter_name(declared: str, language_id: str) -> str | None:
    words = lexing.WORD.findall(declared)
    if not words:
        return None
    if language_id in _TYPE_FIRST:
        return str(words[-1])
    if language_id in {"typescript", "javascript", "typescriptreact", "javascriptreact"}:
        return str(words[-1])
    return str(words[0])


def _arguments(situation: Situation, call: _Call, parameters: list[Parameter], declared: Declared) -> list[Found]:
    given = [part.strip() for part in _split(call.arguments)][:-1]
    named = set(_KEYWORD.findall(call.arguments))
    n_positional = sum(1 for part in given if not re.match(r"\w+\s*=(?!=)", part))
    missing = [
        one for at, one in enumerate(parameters) if one.name not in named and (one.keyword_only or at >= n_positional)
    ]
    if not missing:
        return []
    confirmed = _CONFIRMED if any(one.name in given or f"{one.name}={one.name}" in given for one in parameters) else 0
    names_them = situation.language_id in _NAMES_ARGUMENTS
    texts: dict[str, int] = {}

    def in_use(name: str) -> bool:
        distance = situation.last_use.get(name, _NEAR + 1)
        declaring = declared.path == situation.path and distance == abs(situation.line - declared.line)
        return distance <= _NEAR and not declaring

    first = missing[0]
    if not named and not first.keyword_only:
        level = (_IN_USE if in_use(first.name) else _NOT_IN_USE) + confirmed
        texts[first.name] = level
        rest = [one.name for one in missing if not one.optional and not one.keyword_only]
        if len(rest) > 1 and all(in_use(name) for name in rest):
            texts[", ".join(rest) + ")"] = level + _ALL
        elif len(rest) <= 1:
            texts[first.name + ")"] = level
    if names_them and (given or first.keyword_only or named):
        for one in missing[:6]:
            level = _NOT_IN_USE + (_CONFIRMED if named else 0)
            texts[f"{one.name}="] = level
            if in_use(one.name):
                texts[f"{one.name}={one.name}"] = level + _IN_USE - _NOT_IN_USE
    spaced = situation.head[-1:].isspace() or not situation.head or situation.head[-1:] in _OPENING or situation.partial
    partial = situation.partial
    return [
        Found(
            ("" if spaced else " ") + text[len(partial) :],
            level,
            "open" if declared.path != situation.path else "above",
            declared.path,
            declared.line,
            distance=abs(declared.line - situation.line),
            engine="signature",
        )
        for text, level in texts.items()
        if text.startswith(partial) and text != partial
    ]
