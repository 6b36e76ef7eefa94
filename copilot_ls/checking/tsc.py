"""The TypeScript compiler: in a shadow, with a project file that takes in the draft and writes nothing.

The project file extends the nearest one of the workspace. Columns count utf-16 units from one; there are no ends.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

from copilot_ls.checking.reading import UTF16, UnreadableOutputError, severity_of, span_of
from copilot_ls.checking.tool import Tool
from copilot_ls.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from copilot_ls.checking.runner import Ran
    from copilot_ls.checking.tool import Site
    from copilot_ls.text import TextSnapshot

_OURS = "tsconfig.copilot-ls.json"
_ENTRY = re.compile(
    r"^(?P<path>.+?)\((?P<line>\d+),(?P<column>\d+)\): (?P<severity>\w+) TS(?P<code>\d+): (?P<message>.*)"
)
_GLOBAL = re.compile(r"^error TS(\d+): ", re.MULTILINE)
# Options that it does not know or that contradict each other, and no files at all: it has checked nothing.
_UNUSABLE = range(5000, 6000), range(6044, 6047), range(18002, 18004)
_REFERENCE = re.compile(r'"path"\s*:\s*"([^"]+)"')
_ALONE = {"target": "es2022", "module": "esnext", "moduleResolution": "node", "jsx": "preserve", "skipLibCheck": True}


def _command(site: Site) -> Sequence[str]:
    return site.executable, "--pretty", "false", "-p", str(_project(site))


def _project(site: Site) -> Path:
    """Write the project file and return its path."""
    theirs = _nearest(site)
    options: dict[str, Any] = {
        "noEmit": True,
        "composite": False,
        "incremental": False,
        "allowJs": True,
        # Links would be followed to the workspace itself, where the old text of the draft stands; pnpm's packages find
        # each other by following them.
        "preserveSymlinks": not (site.root / "node_modules" / ".pnpm").exists(),
    }
    folder: Path = site.path.parent if theirs is None else theirs.parent
    ours: dict[str, Any] = {"files": [os.path.relpath(site.path, folder)]}
    if theirs is None:
        options |= _ALONE
    else:
        ours["extends"] = f"./{theirs.name}"
        said = theirs.read_text("utf-8", "replace")
        if not any(f'"{word}"' in said for word in ("include", "files", "extends")):
            # With `files`, the default of `include` is nothing.
            ours["include"] = ["**/*"]
    path = folder / _OURS
    path.write_text(json.dumps(ours | {"compilerOptions": options}), "utf-8")
    return path


def _nearest(site: Site) -> Path | None:
    for folder in site.path.parents:
        for name in ("tsconfig.json", "jsconfig.json"):
            path = folder / name
            if path.is_file():
                return _referred_to(path)
        if folder == site.root:
            break
    return None


def _referred_to(path: Path) -> Path:
    """The first project beside it that a mere list of projects refers to; else the project itself."""
    said = path.read_text("utf-8", "replace")
    if '"references"' in said and '"compilerOptions"' not in said:
        for reference in _REFERENCE.finditer(said):
            other = path.parent / reference[1]
            if other.parent == path.parent and other.is_file():
                return other
    return path


def _read(ran: Ran, site: Site) -> list[Diagnostic]:
    said = ran.stdout.decode("utf-8", "replace")
    found = read_listing(said, site.text, os.path.realpath(site.path), site.folder)
    unusable = [code for code in map(int, _GLOBAL.findall(said)) if any(code in codes for codes in _UNUSABLE)]
    if unusable or (ran.status and not found and not _ENTRY.search(said) and not _GLOBAL.search(said)):
        raise UnreadableOutputError("could not check the file with the project's settings")
    return found


def read_listing(said: str, text: TextSnapshot, path: str, folder: Path) -> list[Diagnostic]:
    """The diagnostics of the file at `path` in what tsc prints with `--pretty false`, started in `folder`."""
    found: list[Diagnostic] = []
    lines: list[str] = []
    entry: re.Match[str] | None = None
    for line in [*said.splitlines(), ""]:
        if entry is not None and line.startswith(" "):
            lines.append(line)
            continue
        if entry is not None and os.path.realpath(folder / entry["path"]) == path:
            at = (int(entry["line"]) - 1, int(entry["column"]) - 1)
            message = "\n".join([entry["message"], *lines])
            span = span_of(text, at, unit=UTF16)
            found.append(Diagnostic(span, message, "ts", entry["code"], severity_of(entry["severity"])))
        entry, lines = _ENTRY.match(line), []
    return found


_LANGUAGES = frozenset({"typescript", "typescriptreact", "javascript", "javascriptreact"})

TOOL = Tool(
    name="tsc",
    executables=("tsc",),
    languages=_LANGUAGES,
    configured_by=("tsconfig.json", "jsconfig.json"),
    delivery="shadow",
    command=_command,
    read=_read,
    statuses=frozenset({0, 1, 2}),
    project_folders=("node_modules/.bin",),
)
