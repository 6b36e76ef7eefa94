"""Small questions about lines of code, asked by several filters: indentation, block openers, closers.

They work without a grammar, because a filter must answer for every language and for half a line.
"""

from __future__ import annotations

import re

CLOSERS = ")]}"
OPENERS = "([{"
PAIRS = {")": "(", "]": "[", "}": "{"}

# Languages in which indentation carries no meaning that a suggestion could violate.
PROSE = frozenset({"", "plaintext", "text", "markdown", "mdx", "latex", "tex", "restructuredtext", "csv", "tsv", "log"})

# Languages whose blocks end with a word, and the words that end them.
_CLOSING_WORDS = {
    "ruby": frozenset({"end"}),
    "lua": frozenset({"end"}),
    "elixir": frozenset({"end"}),
    "julia": frozenset({"end"}),
    "crystal": frozenset({"end"}),
    "shellscript": frozenset({"fi", "done", "esac", ";;"}),
    "bash": frozenset({"fi", "done", "esac", ";;"}),
    "sh": frozenset({"fi", "done", "esac", ";;"}),
}
_COLON_OPENS = frozenset({"python", "cython", "starlark", "nim", "gdscript", "yaml"})
_WORD_OPENS = re.compile(
    r"^(?:def|class|module|if|unless|while|until|for|case|begin|function|elsif|else|when|rescue|ensure|local\s+function)"
    r"\b"
    r"|\bdo(?:\s*\|[^|]*\|)?$|\bthen$|\belse$"
)
_TRAILING_COMMENT = re.compile(r"\s+(?://|#(?!\{)).*$|\s*/\*[^*]*\*/$")
_LABEL = re.compile(r"^(?:case\b.*|default\s*):$")
_CLOSER_LINE = re.compile(r"^[\])}]+[;,.]?$")


def split(text: str) -> list[str]:
    """Lines of `text` without terminators; CRLF and CR end lines too."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def indentation(line: str) -> str:
    """Return the blanks and tabs at the start of `line`."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def indent_width(line: str, tab_width: int) -> int:
    """Columns of the indentation of `line`."""
    return len(indentation(line).expandtabs(tab_width))


def opens_block(line: str, language_id: str) -> bool:
    """Whether what follows `line` is expected to be deeper: it ends in an opener, a colon or a word that opens."""
    bare = _TRAILING_COMMENT.sub("", line).strip()
    if not bare:
        return False
    if bare[-1] in OPENERS:
        return True
    if bare[-1] == ":":
        return language_id in _COLON_OPENS or bool(_LABEL.match(bare))
    if language_id in _CLOSING_WORDS:
        closed_again = re.search(r"\b(?:end|fi|done|esac)$", bare)
        return bool(_WORD_OPENS.search(bare)) and not closed_again
    return bare.endswith(("=>", "->")) and language_id not in {"c", "cpp"}


def is_closer(line: str, language_id: str) -> bool:
    """Whether `line` starts by closing a block."""
    bare = line.strip()
    if not bare:
        return False
    return bare[0] in CLOSERS or bare.rstrip(";,").split("(")[0].split(".")[0] in _CLOSING_WORDS.get(language_id, ())


def is_only_closers(line: str, language_id: str) -> bool:
    """Whether `line` does nothing but close: `}`, `});`, `end`."""
    bare = line.strip()
    return bool(_CLOSER_LINE.match(bare)) or bare in _CLOSING_WORDS.get(language_id, ())


def is_significant(line: str) -> bool:
    """Whether finding `line` twice says anything: `}` and `else:` stand everywhere, `total += price` does not."""
    bare = "".join(line.split())
    return len(bare) >= 8 and any(character.isalpha() for character in bare)  # noqa: PLR2004 - `return x` is the shortest that tells
