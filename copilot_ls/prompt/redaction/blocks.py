"""Secrets of several lines: private keys in their armour, whole or in part, and named values on the line below.

A prompt holds windows of files, which may begin or end within a key: what is left of one is recognised by the line that
begins or ends it, or by being lines of base64 of one length. Pure; asked by `finder`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.prompt.redaction.judgement import is_password, is_random

if TYPE_CHECKING:
    from collections.abc import Iterator

# What may stand around a line of a key within source text: quotes, comment leaders, escapes, plus signs.
_LEAD = r"[ \t]*(?:[#*>+|/-]{1,3}[ \t]*)?(?:[frbu]?[\"'`])?"
_TRAIL = r"(?:\\n|\\r|\\)*[\"'`]?[ \t]*[+.,;)\\]{0,3}[ \t]*"
_ARMOUR = r"-----{} (?:[A-Z0-9]+ ){{0,4}}PRIVATE KEY(?: BLOCK)?-----"
_BEGIN, _END = _ARMOUR.format("BEGIN"), _ARMOUR.format("END")
_WHOLE = re.compile(rf"{_BEGIN}(?P<body>(?:[^-]|-(?!----)){{1,20000}}?){_END}")
_HEAD = re.compile(
    rf"{_BEGIN}(?P<body>(?:{_TRAIL}\n{_LEAD}[A-Za-z0-9+/=]{{1,80}}(?={_TRAIL}(?:\n|\Z)))+"
    rf"|[A-Za-z0-9+/=\\nr]{{16,8000}})"
)
_TAIL = re.compile(rf"(?P<body>(?:^{_LEAD}[A-Za-z0-9+/=]{{1,80}}{_TRAIL}\n)+){_LEAD}{_END}", re.MULTILINE)
_PUTTY = re.compile(r"Private-Lines: \d{1,3}\s*\n(?P<body>(?:[ \t]*[A-Za-z0-9+/=]{1,80}\s*\n?)+)")
# A middle without either: five lines of one length at least.
_LINES = re.compile(
    rf"(?P<body>^{_LEAD}[A-Za-z0-9+/]{{64}}{_TRAIL}\n"
    rf"(?:{_LEAD}[A-Za-z0-9+/]{{64}}{_TRAIL}(?:\n|\Z)){{4,}})",
    re.MULTILINE,
)
# Kubernetes', CloudFormation's, Compose's: `name: DB_PASSWORD`, and below it `value: …`.
# Begins with plain text, which is found quickly.
_VALUE = re.compile(r"alue\"?[ \t]*[:=][ \t]*[\"']?(?P<body>[^\s\"']{6,4096})")
_BEFORE_VALUE = re.compile(r"[ \t]*-?[ \t]*\"?(?:v|V|ParameterV)")
_NAME_LINE = re.compile(
    r"[ \t]*(?:-[ \t]*)?[\"{]?\"?(?:name|key|Name|Key|ParameterKey)\"?[ \t]*[:=][ \t]*[\"']?"
    r"\w{0,60}?(?:(?P<password>passw|pwd)|secret|token|key|credential)\w{0,60}[\"']?,?[ \t\r]*",
    re.IGNORECASE,
)


def blocks(text: str) -> Iterator[tuple[int, int, str]]:
    """Where secrets of several lines stand in `text`: start, end, what they are."""
    if "PRIVATE KEY" in text:
        for pattern in (_WHOLE, _HEAD, _TAIL):
            yield from (_trimmed(text, match, "private_key") for match in pattern.finditer(text))
    if "Private-Lines" in text:
        yield from (_trimmed(text, match, "private_key") for match in _PUTTY.finditer(text))
    for match in _VALUE.finditer(text):
        line = text.rfind("\n", 0, match.start())
        if line < 0 or not _BEFORE_VALUE.fullmatch(text, line + 1, match.start()):
            continue
        named = _NAME_LINE.fullmatch(text, text.rfind("\n", 0, line) + 1, line)
        if named is not None and (is_password if named["password"] else is_random)(match["body"]):
            yield (*match.span("body"), "password" if named["password"] else "key")


def key_lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Lines that are the middle of a key or of something else that is encoded."""
    yield from (_trimmed(text, match, "encoded_lines") for match in _LINES.finditer(text))


def _trimmed(text: str, match: re.Match[str], kind: str) -> tuple[int, int, str]:
    """The body without what stands around its first and last line."""
    start, end = match.span("body")
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not (text[end - 1].isalnum() or text[end - 1] in "+/="):
        end -= 1
    # What looks like the escape before the closing line is no base64.
    if text[end - 2 : end] in ("\\n", "\\r"):
        end -= 2
    return start, end, kind
