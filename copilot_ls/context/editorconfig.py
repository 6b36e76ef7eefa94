"""What the `.editorconfig` files of a workspace say of one file: its indentation and the length of its lines.

As <https://spec.editorconfig.org> has it: files are read from the open file's folder up to the workspace's, until one
says `root = true`; of several sections that fit, the later one counts, and nearer files count before farther ones. A
value that is none of those the specification knows is taken for nothing said, so that nothing else of such a file ever
reaches a prompt. Called by `conventions`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

_NAME = ".editorconfig"
_LARGEST = 32_768
_MOST_FOLDERS = 32
_LONGEST_PATH = 300
# A name of a section with more of these may take the expression as long as it likes; those of real projects have one.
_LONGEST_PATTERN = 200
_MOST_STARS = 3
_MOST_BRACES = 3
_MOST_CHOICES = 50
_NOTHING = re.compile(r"(?!)")
_SECTION = re.compile(r"^\[(.+)\]$")
_PAIR = re.compile(r"^([\w-]+)\s*[=:]\s*(.*?)\s*(?:\s[#;].*)?$")
_RANGE = re.compile(r"(-?\d{1,6})\.\.(-?\d{1,6})")
_KNOWN = {
    "indent_style": re.compile(r"tab|space"),
    "indent_size": re.compile(r"tab|[1-9]\d?"),
    "tab_width": re.compile(r"[1-9]\d?"),
    "max_line_length": re.compile(r"off|[1-9]\d{1,3}"),
    "root": re.compile(r"true|false"),
}

_Section = tuple[re.Pattern[str], dict[str, str]]


class EditorConfig(NamedTuple):
    """What is said of a file: the unit of indentation (empty for tabs), and the longest line in characters.

    None where nothing is said.
    """

    indentation: str | None = None
    longest_line: int | None = None


def editorconfig(path: str, root: Path) -> EditorConfig:
    """What is said of the file at `path`, which is relative to `root`; reads small files of its folders."""
    said: dict[str, str] = {}
    if len(path) > _LONGEST_PATH:
        return EditorConfig()
    folders = path.split("/")[:-1]
    for depth in range(min(len(folders), _MOST_FOLDERS), -1, -1):
        its = _read(root.joinpath(*folders[:depth], _NAME))
        if its is None:
            continue
        is_root, sections = its
        name = "/".join(path.split("/")[depth:])
        here: dict[str, str] = {}
        for pattern, values in sections:
            if pattern.fullmatch(name):
                here |= values
        said = here | said
        if is_root:
            break
    return EditorConfig(_indentation(said), _longest_line(said))


def _indentation(said: dict[str, str]) -> str | None:
    size = said.get("indent_size", "")
    style = said.get("indent_style", "tab" if size == "tab" else "space" if size else "")
    width = said.get("tab_width", "") if size in ("", "tab") else size
    if style == "tab":
        return ""
    return " " * int(width) if style and width else None


def _longest_line(said: dict[str, str]) -> int | None:
    length = said.get("max_line_length", "off")
    return None if length == "off" else int(length)


def _read(place: Path) -> tuple[bool, tuple[_Section, ...]] | None:
    try:
        stat = place.stat()
        if not place.is_file() or stat.st_size > _LARGEST:
            return None
        return _parsed(str(place), stat.st_mtime_ns, stat.st_size)
    except OSError:
        return None


@lru_cache(64)
def _parsed(place: str, _mtime_ns: int, _size: int) -> tuple[bool, tuple[_Section, ...]]:
    """Whether it is the topmost one, and its sections in order; kept as long as the file is as it was."""
    with Path(place).open(encoding="utf-8", errors="replace") as file:
        return parse(file.read(_LARGEST))


def parse(text: str) -> tuple[bool, tuple[_Section, ...]]:
    """Whether the text says `root = true`, and its sections: what they are of, and what they say that is known."""
    head: dict[str, str] = {}
    values = head
    sections: list[_Section] = []
    for line in map(str.strip, text.removeprefix("\ufeff").splitlines()):
        if section := _SECTION.match(line):
            values = {}
            sections.append((_pattern(section[1]), values))
        elif pair := _PAIR.match(line):
            key, value = pair[1].lower(), pair[2].lower()
            if key in _KNOWN and _KNOWN[key].fullmatch(value):
                values[key] = value
    return head.get("root") == "true", tuple(sections)


def _pattern(glob: str) -> re.Pattern[str]:
    """What a section's name fits; nothing, where it is none, as with the range `[z-a]`."""
    try:
        return re.compile(_expression(glob))
    except re.error:
        return _NOTHING


def _expression(glob: str) -> str:
    """The regular expression of a section's name, for a path below the folder of its file."""
    n_stars = len(re.findall(r"\*+", glob))
    if len(glob) > _LONGEST_PATTERN or n_stars > _MOST_STARS or glob.count("{") > _MOST_BRACES:
        return _NOTHING.pattern
    body = _body(glob.lstrip("/"))
    return body if "/" in glob else f"(?:.*/)?{body}"


def _body(glob: str) -> str:
    pieces: list[str] = []
    at = 0
    while at < len(glob):
        sign = glob[at]
        closing = glob.find("]", at + 2) if sign == "[" else _closing(glob, at) if sign == "{" else -1
        if glob.startswith("**", at):
            pieces.append(".*")
            at += 1
        elif sign in "*?":
            pieces.append("[^/]*" if sign == "*" else "[^/]")
        elif sign == "\\" and at + 1 < len(glob):
            at += 1
            pieces.append(re.escape(glob[at]))
        elif closing > 0:
            inner = glob[at + 1 : closing]
            pieces.append(_any_of(inner) if sign == "{" else _class_of(inner))
            at = closing
        else:
            pieces.append(re.escape(sign))
        at += 1
    return "".join(pieces)


def _closing(glob: str, at: int) -> int:
    depth = 0
    for place in range(at, len(glob)):
        depth += {"{": 1, "}": -1}.get(glob[place], 0)
        if not depth:
            return place
    return -1


def _class_of(inner: str) -> str:
    negated = inner.startswith("!")
    return f"[{'^/' if negated else ''}{re.escape(inner[negated:]).replace(chr(92) + '-', '-')}]"


def _any_of(inner: str) -> str:
    """`{a,b}` and `{1..9}`; what has neither a comma nor a range stands for itself."""
    numbers = _RANGE.fullmatch(inner)
    if numbers is not None:
        first, last = sorted((int(numbers[1]), int(numbers[2])))
        if last - first < _MOST_CHOICES:
            return f"(?:{'|'.join(str(number) for number in range(first, last + 1))})"
        return r"-?\d+"
    choices: list[str] = [""]
    depth = 0
    for sign in inner:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if sign == "," and not depth:
            choices.append("")
        else:
            choices[-1] += sign
    if len(choices) == 1:
        return rf"\{{{_body(inner)}\}}"
    return f"(?:{'|'.join(map(_body, choices))})"
