"""What a single line of code tells without a grammar: tokens, comments, string literals, brackets, likely secrets.

Good for any language and never wrong in a way that matters more than a missed suggestion; anything that needs to know
the syntax is `copilot_ls.syntax`'s business. Pure. Called by every module of this package.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Region = Literal["code", "string", "comment"]

_TOKEN = re.compile(r"\w+|\s+|\"\"\"|'''|[=!<>+\-*/%&|^~:?]+|[^\w\s]")
_VISIBLE = re.compile(_TOKEN.pattern.replace(r"|\s+", ""))
WORD = re.compile(r"[^\W\d]\w*")

# Languages that call something else than `//` a comment.
_COMMENT_MARKS = {
    **dict.fromkeys(
        ("python", "ruby", "bash", "shellscript", "sh", "zsh", "fish", "yaml", "toml", "perl", "r", "elixir", "julia",
         "makefile", "make", "cmake", "dockerfile", "nix", "powershell", "properties", "gitignore", "just", "hcl"), "#"
    ),
    **dict.fromkeys(("lua", "sql", "haskell", "ada", "elm", "vhdl"), "--"),
    **dict.fromkeys(("clojure", "lisp", "scheme", "commonlisp", "emacs-lisp", "ini", "asm"), ";"),
    **dict.fromkeys(("latex", "tex", "erlang", "matlab", "prolog"), "%"),
    "php": "//|#",
}  # fmt: skip

# There `'` holds one character (or marks a lifetime), so that a lone one does not open a literal.
_CHARACTER_QUOTES = frozenset({"rust", "c", "cpp", "java", "csharp", "go", "kotlin", "scala", "swift", "haskell"})

_STRINGS = r'"""(?:.*?"""|.*)|"(?:\\.|[^"\\])*"?|`(?:\\.|[^`\\])*`?'
_SINGLE_QUOTED = r"'''(?:.*?'''|.*)|'(?:\\.|[^'\\])*'?"
_CHARACTER = r"'(?:\\[^']*|[^'\\])'"

# Long runs of hex or base64 within quotes, well-known key prefixes, and assignments to names that promise a secret.
_SECRET_RUN = re.compile(
    r"""["'][0-9a-fA-F]{32,}["']"""
    r"""|["'](?=[^"']*\d)(?=[^"']*[A-Z])(?=[^"']*[a-z])[A-Za-z0-9+/_=-]{32,}["']"""
)
_SECRET_KEY = re.compile(
    r"""\b(?:sk-|ghp_|gho_|github_pat_|glpat-|xox[abp]-|AKIA|AIza|eyJ[A-Za-z0-9_-]{10})[A-Za-z0-9_-]{8,}"""
    r"""|-----BEGIN [A-Z ]*PRIVATE KEY"""
)
_SECRET_ASSIGNED = re.compile(
    r"""(?i:(?:passw(?:or)?d|passwd|secret|token|api_?key|access_?key|private_?key|credentials?)["']?\s*(?:=|:|=>)\s*"""
    r"""["'][^"'\s]{6,}["'])"""
)
# What a line has somewhere that one of the latter two is to be looked for in.
_KEY_MARKS = ("sk-", "ghp_", "gho_", "github_pat_", "glpat-", "xox", "AKIA", "AIza", "eyJ", "-----BEGIN ")
_SECRET_NAMES = ("passw", "secret", "token", "key", "credent")
_SHORTEST_RUN, _SHORTEST_ASSIGNMENT = 34, 15
_CLOSING = re.compile(r"[)\]}]")
_PAIRS = {")": "(", "]": "[", "}": "{"}
OPENING = frozenset("([{")

_patterns: dict[str, re.Pattern[str]] = {}


class Scan(NamedTuple):
    """A line without what is not code: literals as empty pairs of quotes, the comment cut off; and where it ends."""

    code: str
    region: Region
    comment_at: int | None


def tokens(text: str) -> list[str]:
    """Words, runs of operator characters, single punctuation marks and runs of white space; joined they are `text`."""
    return _TOKEN.findall(text)


def visible_tokens(text: str) -> list[str]:
    """Return the `tokens` of `text` that are not white space."""
    return _VISIBLE.findall(text)


def token_suffixes(head: str, limit: int) -> list[str]:
    """The last 1, 2, … `limit` tokens of `head` with all that follows them, shortest first; spaces do not count."""
    starts = [match.start() for match in _VISIBLE.finditer(head)]
    return [head[start:] for start in reversed(starts[-limit:])]


def cut_points(text: str) -> list[int]:
    """Ends of the tokens of `text` that are not white space: where a suggestion may stop."""
    return [match.end() for match in _VISIBLE.finditer(text)]


def is_word(character: str) -> bool:
    """Whether `character` (one or none) can be within an identifier."""
    return character.isalnum() or character == "_"


def scan(line: str, language_id: str) -> Scan:
    """Find the literals and the comment of one line that starts in code."""
    mark = _COMMENT_MARKS.get(language_id, "//")
    quotes = _CHARACTER if language_id in _CHARACTER_QUOTES else _SINGLE_QUOTED
    key = mark + quotes
    pattern = _patterns.get(key)
    if pattern is None:
        marks = "|".join(re.escape(part) for part in mark.split("|"))
        pattern = _patterns[key] = re.compile(f"(?P<comment>(?:{marks}).*)|{_STRINGS}|{quotes}", re.DOTALL)
    if "'" not in line and '"' not in line and "`" not in line:
        ends = [at for part in mark.split("|") if (at := line.find(part)) >= 0]
        return Scan(line[: min(ends)], "comment", min(ends)) if ends else Scan(line, "code", None)
    pieces: list[str] = []
    at = 0
    for match in pattern.finditer(line):
        pieces.append(line[at : match.start()])
        if match["comment"] is not None:
            return Scan("".join(pieces), "comment", match.start())
        literal = match[0]
        if match.end() == len(line) and not _closed(literal):
            return Scan("".join(pieces), "string", None)
        pieces.append('""')
        at = match.end()
    pieces.append(line[at:])
    return Scan("".join(pieces), "code", None)


def comment_at(line: str, language_id: str) -> int | None:
    """Where the comment of one line that starts in code begins, as `scan` has it."""
    mark = _COMMENT_MARKS.get(language_id, "//")
    if mark not in line and "|" not in mark:
        return None
    return scan(line, language_id).comment_at


def in_comment(left: str, language_id: str) -> bool:
    """Whether a line that begins with `left`, in code, is in a comment there."""
    mark = _COMMENT_MARKS.get(language_id, "//")
    if mark not in left and "|" not in mark:
        return False
    return scan(left, language_id).region == "comment"


def _closed(literal: str) -> bool:
    quote = literal[:3] if literal[:3] in {'"""', "'''"} else literal[0]
    return len(literal) >= 2 * len(quote) and literal.endswith(quote) and not literal.endswith("\\" + quote)


def open_brackets(code: str, already: list[str] | None = None) -> list[str]:
    """The brackets that `code` (a `Scan.code`) leaves open, outermost first, on top of those `already` open."""
    stack = list(already or ())
    for character in code:
        if character in OPENING:
            stack.append(character)
        elif character in _PAIRS and stack and stack[-1] == _PAIRS[character]:
            stack.pop()
    return stack


def unopened(code: str) -> int:
    """How many brackets `code` (a `Scan.code`) closes that it did not open."""
    depth = closed = 0
    for character in code:
        if character in OPENING:
            depth += 1
        elif character in _PAIRS:
            if depth:
                depth -= 1
            else:
                closed += 1
    return closed


def balanced_end(text: str, stack: list[str], stop_at: str) -> int:
    """How much of `text` closes only what is open and does not run into `stop_at`, the token that follows the cursor.

    `stack` holds the brackets open before `text`. A closing bracket that matches none, or one of an outer line, ends
    the text before it; so does `stop_at` where no bracket of `text` itself is open. String literals are skipped.
    """
    if not (stop_at and stop_at in text) and _CLOSING.search(text) is None:
        return len(text)
    own: list[str] = []
    outer = list(stack)
    quote = ""
    for match in _VISIBLE.finditer(text):
        token = match[0]
        if not own and not quote and stop_at and token.startswith(stop_at):
            return match.start()
        if quote:
            quote = "" if token == quote else quote
        elif token in {'"', "'", "`", '"""', "'''"}:
            quote = token
        elif token in OPENING:
            own.append(token)
        elif token in _PAIRS:
            held = own or outer
            if not held or held[-1] != _PAIRS[token]:
                return match.start()
            held.pop()
    return len(text)


def looks_secret(line: str) -> bool:
    """Whether a line seems to hold a key, a password or a token: such a line is never proposed anywhere else."""
    if len(line) < _SHORTEST_ASSIGNMENT:
        return False
    if '"' in line or "'" in line:
        if len(line) >= _SHORTEST_RUN and _SECRET_RUN.search(line) is not None:
            return True
        folded = line.casefold()
        for name in _SECRET_NAMES:
            if name in folded and _SECRET_ASSIGNED.search(line) is not None:
                return True
    for mark in _KEY_MARKS:  # noqa: SIM110 - asked for each line, where a generator costs more than the search
        if mark in line and _SECRET_KEY.search(line) is not None:
            return True
    return False
