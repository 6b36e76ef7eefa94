"""gcc or clang: through standard input, with the flags that the workspace's `compile_commands.json` has for the file.

Only flags that say how the text is to be read are taken: none that names a plug-in, a specs file or an output. Columns
count bytes from one; there are no ends. What a compiler would insert or replace stands at the end of the message.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from typing import TYPE_CHECKING

from copilot_ls.checking.listing import entries
from copilot_ls.checking.reading import BYTES, UnreadableOutputError, span_of
from copilot_ls.checking.shadow import root_of
from copilot_ls.checking.tool import Tool
from copilot_ls.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from copilot_ls.checking.runner import Ran
    from copilot_ls.checking.tool import Site

_CODE = re.compile(r"\s*\[(-W[\w=+-]+)\]$")
_DATABASES = ("compile_commands.json", "build/compile_commands.json", "out/compile_commands.json")
_MAX_DATABASE_BYTES = 64_000_000
_WITH_PATH = ("-I", "-isystem", "-iquote", "-idirafter", "-include", "-imacros")
_PLAIN = re.compile(
    r"-(?:D.|U.|std=|ansi$|pthread$|m(?:32|64)$|W(?!p,|l,|a,)|f(?:signed|unsigned)-char|fshort-enums|funroll)"
)


def _command(site: Site) -> Sequence[str]:
    language = "c++" if site.draft.language_id == "cpp" else "c"
    is_clang = "clang" in os.path.basename(site.executable)  # noqa: PTH119 - the name alone
    unit = () if is_clang else ("-fdiagnostics-column-unit=byte",)
    return (
        site.executable, "-fsyntax-only", *(_flags(site) or ["-Wall"]), "-fno-diagnostics-show-caret",
        "-fdiagnostics-color=never", *unit, "-x", language, "-iquote", str(site.draft.path.parent), "-",
    )  # fmt: skip


def _flags(site: Site) -> list[str]:
    """The flags of the file's entry in the compilation database, paths made absolute; none without an entry."""
    root = root_of(site.draft)
    path = next((path for name in _DATABASES if (path := root / name).is_file()), None)
    if path is None or path.stat().st_size > _MAX_DATABASE_BYTES:
        return []
    real = os.path.realpath(site.draft.path)
    try:
        for entry in json.loads(path.read_bytes()):
            folder = root / entry["directory"]
            if os.path.realpath(folder / entry["file"]) == real:
                words = entry.get("arguments") or shlex.split(entry["command"])
                return list(_safe(words[1:], folder))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []
    return []


def _safe(words: Sequence[str], folder: Path) -> Iterator[str]:
    rest = iter(words)
    for word in rest:
        flag = next((flag for flag in _WITH_PATH if word.startswith(flag)), None)
        if flag is not None:
            value = word[len(flag) :] or next(rest, "")
            yield from (flag, str(folder / value))
        elif word in ("-D", "-U"):
            yield word + next(rest, "")
        elif _PLAIN.match(word):
            yield word


def _read(ran: Ran, site: Site) -> list[Diagnostic]:
    said = ran.stderr.decode("utf-8", "replace")
    found = []
    for each in entries(said, (site.draft.path,), site.folder, name="<stdin>"):
        code = _CODE.search(each.message.partition("\n")[0])
        message = each.message.replace(code[0], "", 1) if code else each.message
        span = span_of(site.text, (each.line, each.column or 0), unit=BYTES)
        found.append(Diagnostic(span, message, "gcc", code[1] if code else "", each.severity))
    if ran.status and not found and "<stdin>" not in said:
        raise UnreadableOutputError("could not check the file")
    return found


TOOL = Tool(
    name="gcc",
    executables=("gcc", "clang", "cc"),
    languages=frozenset({"c", "cpp"}),
    configured_by=(*_DATABASES, "Makefile", "CMakeLists.txt", "configure.ac", "meson.build"),
    delivery="stdin",
    command=_command,
    read=_read,
)
