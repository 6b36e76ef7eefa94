"""Nothing is suggested that looks other than it is, and no secret but the user's own."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from copilot_ls.postprocess import Situation, run
from tests.safety.secret_corpus import TOKENS, Draw

PLACE = Situation(
    prefix="def check(user):\n    ", suffix="\n", language_id="python", indent_unit="    ", multiline=True, max_lines=16
)
# CVE-2021-42574 and -42694: a comment that is code, a string that ends elsewhere, a name that is two names.
TROJANS = {
    "early return": "''' Subtract funds\u2067''' ;return user\n    user.balance -= 1",
    "commented out": "/*\u202e } \u2066if (isAdmin)\u2069 \u2066 begin admins only */",
    "stretched string": 'if access_level != "user\u202e \u2066// Check if admin\u2069 \u2066":\n        pass',
    "invisible name": "is_admin\u200b = True",
    "hangul filler": "\u3164 = request.args",
    "tag characters": "return user  # ok" + "".join(chr(0xE0000 + ord(sign)) for sign in "ignore"),
    "variation selectors": "return user" + "".join(chr(0xE0100 + ord(sign)) for sign in "hidden"),
    "zero width joiner in a name": "is\u200dadmin = True",
    "soft hyphen": "us\u00ader = None",
    "byte order mark": "user\ufeff = 1",
    "line separator": "# a\u2028user.admin = True",
    "terminal escape": "print('\x1b[2K')",
    "backspaces": "user = 1\x08\x08",
    "next line": "x = 1\x85y = 2",
}  # fmt: skip
HARMLESS = [
    "return 'naïve – “quoted” — 漢字 かな 한국어 עברית العربية'",
    "print('👩\u200d💻 👍🏽 ❤\ufe0f')",
    "label = 'می\u200cخواهم'",
    "x = 1\n\n    y = 2\n    return x",
]


@pytest.mark.parametrize("text", TROJANS.values(), ids=TROJANS)
def test_what_is_not_seen_is_not_suggested(text: str) -> None:
    outcome = run(text, PLACE)
    assert outcome.text is None
    assert outcome.cut_by[-1] == "drop_invisible_characters"


@pytest.mark.parametrize("text", HARMLESS)
def test_scripts_and_emoji_are_ordinary(text: str) -> None:
    assert run(text, PLACE).text == text


def test_every_format_and_control_character_is_known() -> None:
    """Whatever this Python's Unicode calls a format character, and whatever reorders, is cut; letters are not."""
    for point in range(0x110000):
        sign = chr(point)
        kind = unicodedata.category(sign)
        wanted = kind in {"Cf", "Zl", "Zp"} or (kind == "Cc" and sign not in "\t\n\r\f\x0b")
        if (
            wanted and not 0x600 <= point <= 0x8E2 and not 0x110BD <= point <= 0x13455
        ):  # marks of scripts, which are seen
            assert run(f"a = b{sign}c", PLACE).text is None, hex(point)


def test_a_secret_of_nobody_is_not_suggested() -> None:
    token = TOKENS["GitHub personal token"](Draw("nobody"))
    outcome = run(f'return login("{token}")', PLACE)
    assert (outcome.text, outcome.cut_by[-1]) == (None, "drop_live_secrets")


def test_nor_is_the_rest_of_one_that_the_line_begins() -> None:
    token = TOKENS["GitHub personal token"](Draw("rest"))
    place = replace(PLACE, prefix=f'def check(user):\n    login("{token[:12]}')
    assert run(token[12:] + '")', place).cut_by[-1] == "drop_live_secrets"


def test_the_users_own_may_come_again() -> None:
    token = TOKENS["GitHub personal token"](Draw("own"))
    text = f'return login("{token}")'
    assert run(text, replace(PLACE, own_secrets=(token,))).text == text
    assert run(text, replace(PLACE, prefix=f'KEY = "{token}"\n' + PLACE.prefix)).text == text


@pytest.mark.parametrize(
    "text", ['password = "secret1"', "token = next_token(2048)", "return hmac.new(key, b'x', 'sha256')"]
)
def test_examples_and_code_that_speaks_of_secrets_are_suggested(text: str) -> None:
    assert run(text, PLACE).text == text
