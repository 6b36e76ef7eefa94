"""Whether a value looks like a secret at all: not a name, a sentence, a template or an example.

Pure; asked by `formats` and `assignments` about the values that they have found.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from math import log2

# Shannon entropy in bits per character. Sixteen random hexadecimal digits have some 3.2, thirty-two some 3.6; words of
# the same length have less, mostly by having no digits at all.
_RANDOM_BITS = 3.0
_PASSWORD_BITS = 2.4
_SHORTEST_RANDOM = 16
_SHORTEST_PASSWORD = 6
_LONGEST = 4096

# Filled in by a program or by the reader.
_TEMPLATE = re.compile(
    r"[$#]\{|\{\{|\{[\w.\[\]!:]*\}|%\(|%[sdrv]\b|<[^>]*>|\$\w|\$\(|\*{3}|\.{3}|…|x{4}|X{4}|0{6}|\benv\b|\bENV\b|getenv"
)
_EXAMPLE = re.compile(
    r"example|placeholder|change[-_]?me|replace|redacted|insert|sample|your[-_][a-z]|undefined|default|not[-_](?:a|real|set)",
    re.IGNORECASE,
)
# These may stand in a long random string by chance.
_SHORT_EXAMPLE = re.compile(
    r"(?:^|[-_])(?:my|fake|foo|bar|test|your)(?:[-_]|$)|dummy|todo|fixme|none|null|sha-?(?:1|2|256|384|512)|md5|utf-?\d|ascii|base64",
    re.IGNORECASE,
)
_LONG = 24
_PATH_OR_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]*://|urn:|\.{0,2}/[\w.-]+/|[A-Za-z]:\\|~/|[\w.-]+\.[a-z]{2,4}(?:/|$)|@[\w-]+/"
)
# Names, versions, numbers, dates, dotted names, signatures: whatever people write who write no password.
_ORDINARY = re.compile(
    r"v?\d+(?:[.\-:_/]\d+)*[a-z]{0,3}\d*|0[xX][0-9a-fA-F]{1,8}|[\w.-]+\(.*|[A-Za-z]\w*(?:\.[A-Za-z_]\w*)+|[\W_]+"
    r"|[A-Za-z]+(?:[-_. /:]+[A-Za-z]+)*[-_.:]?|(?:[A-Za-z]{2,}\d{0,2}[-_.:/ ])+[A-Za-z]{2,}\d{0,2}"
)
_SEQUENCES = ("0123456789abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklmnopqrstuvwxyz0123456789", "9876543210")


def is_random(value: str) -> bool:
    """Whether `value` is a token that a machine has drawn: long, letters and digits mixed, no pattern in it."""
    if not _SHORTEST_RANDOM <= len(value) <= _LONGEST or not _is_no_text(value):
        return False
    digits = sum(sign.isdigit() for sign in value)
    letters = sum(sign.isalpha() for sign in value)
    return bool(digits and letters) and _bits(value) >= _RANDOM_BITS and not _is_words_with_numbers(value)


def is_password(value: str) -> bool:
    """Whether `value`, which something called a password is set to, may be a real one, a human's too."""
    if not _SHORTEST_PASSWORD <= len(value) <= _LONGEST or not _is_no_text(value):
        return False
    kinds = [any(map(kind, value)) for kind in (str.isalpha, str.isdigit, _is_symbol)]
    return sum(kinds) > 1 and _bits(value) >= _PASSWORD_BITS and (len(value) > _SHORTEST_PASSWORD + 1 or kinds[1])


def is_encoded_credentials(value: str) -> bool:
    """Whether `value` is `user:password` in base64, as HTTP's basic authentication has it."""
    try:
        decoded = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return False
    user, colon, password = decoded.partition(":")
    return bool(user and colon and password) and decoded.isprintable()


def _is_no_text(value: str) -> bool:
    if any(sign.isspace() or not sign.isprintable() for sign in value):
        return False
    if _TEMPLATE.search(value) or _EXAMPLE.search(value) or _PATH_OR_ADDRESS.match(value):
        return False
    if len(value) < _LONG and _SHORT_EXAMPLE.search(value):
        return False
    lower = value.lower()
    return not (_ORDINARY.fullmatch(value) or any(lower in sequence for sequence in _SEQUENCES))


def _is_words_with_numbers(value: str) -> bool:
    """Whether the parts between separators are words, or numbers, rather than mixtures of both."""
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", value) if part]
    mixed = [part for part in parts if not part.isalpha() and not part.isdigit()]
    return len(parts) > 1 and max((len(part) for part in mixed), default=0) < 6  # noqa: PLR2004 - `utf8`, `sha256`


def _is_symbol(sign: str) -> bool:
    return not sign.isalnum() and sign not in "_-. :/"


def _bits(value: str) -> float:
    n = len(value)
    return -sum(count / n * log2(count / n) for count in Counter(value).values())
