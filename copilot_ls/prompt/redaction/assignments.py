"""Secrets that only their names give away: `password = "…"`, `"api_key": "…"`, `DB_PASSWORD=…`, `--token …`.

Two grades of names: what is called a password may be short and a human's; what is called a key or a token is also said
of a great many things that are no secret, and has to look drawn by a machine. Pure; asked by `finder`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.prompt.redaction.judgement import is_password, is_random

if TYPE_CHECKING:
    from collections.abc import Iterator

# Parts of names, in small letters, that make a line worth looking at whatever else stands in it. The names of tokens
# need none: what they are given has to be long, and is noticed by that.
STEMS = (
    "passw",
    "pwd",
    "passphrase",
    "secret",
    "identified by",
    *(f"pass{sign}" for sign in "=: \"'"),
    "_pass",
    "curl ",
)

_HUMANS = (
    r"passw(?:or)?d|passwd|passwort|passphrase|pwd|(?<![a-z])pass(?![a-z])|secret[_-]?(?:access[_-]?)?key|client[_-]?secret"
    r"|api[_-]?secret|app[_-]?secret|(?<![a-z])secret(?![a-z])|identified by"
)
_MACHINES = (
    r"secret|token|api[_-]?key|(?:access|auth|account|private|encryption|signing|master|service|app|application|shared"
    r"|storage|deploy|admin|session|jwt|hmac|subscription|integration|license)[_-]?key|credential|auth|session|cookie|salt"
    r"|signature|[a-z0-9][_-]key|(?<![a-z])key(?![a-z])"
)
# What may stand between a name and its value: a closing quote or bracket and the type of a declaration; then a sign of
# assignment, an argument, an element, or a blank after an option.
_OPERATOR = (
    r"[A-Za-z0-9_.-]{0,24}[\"'`]?[\])]{0,2}"
    r"(?:[ \t]*:[ \t]*[A-Za-z_&][\w.\[\] |&*?]{0,40}?[ \t]*(?==))?"
    r"(?:[ \t]*(?:=>|:=|\|\||\?\?|\?=|\bor\b|[=:,(>])[ \t]*|[ \t]+(?=[\"'])|(?P<option>[ \t]+))"
)

_VALUE = (
    r"(?:[A-Za-z_.]{0,24}\()?(?:[brfuLR@$]{0,2}(?P<quote>[\"'`])(?P<quoted>[^\"'`\n\\]{6,4096})(?:(?P=quote)|$)"
    r"|(?P<bare>[^\s\"'`<>()\[\]{},;&|\\]{6,4096}))"
)


def _pattern(names: str) -> re.Pattern[str]:
    return re.compile(rf"(?P<name>(?:{names})){_OPERATOR}{_VALUE}", re.IGNORECASE | re.MULTILINE)


_PASSWORDS = _pattern(_HUMANS)
_TOKENS = _pattern(_MACHINES)
_OPTION = re.compile(r"--?[\w-]*$")
# What a bare value may be followed by.
_CODE_AHEAD = re.compile(r"[ \t]*[(\[{.]")
# A name, or an argument by its name.
_NAME = re.compile(r"[A-Za-z_]+\d{0,3}|[a-z_]{2,}=[^=].*")


def assignments(text: str) -> Iterator[tuple[int, int, str]]:
    """Where values stand in `text` that their names call secret: start, end, what they are called."""
    for pattern, kind, judge in ((_PASSWORDS, "password", is_password), (_TOKENS, "key", is_random)):
        at = 0
        while (match := pattern.search(text, at)) is not None:
            at = match.end("name")
            group = "quoted" if match["quoted"] is not None else "bare"
            value = match[group]
            if match["option"] is not None and not _is_option(text, match):
                continue
            if group == "bare" and not _is_bare_value(text, match):
                continue
            if judge(value):
                yield (*match.span(group), kind)


def _is_option(text: str, match: re.Match[str]) -> bool:
    """Whether a value that only a blank separates from its name belongs to an option of a command."""
    start = text.rfind("\n", 0, match.start()) + 1
    return _OPTION.search(text[max(start, match.start() - 40) : match.start("name")]) is not None


def _is_bare_value(text: str, match: re.Match[str]) -> bool:
    """Whether an unquoted value is one of a configuration or a shell, rather than an expression of a program."""
    value = match["bare"]
    if _CODE_AHEAD.match(text, match.end("bare")) or _NAME.fullmatch(value):
        return False
    return is_random(value) if "." in value else True
