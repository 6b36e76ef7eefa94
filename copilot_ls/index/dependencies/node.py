"""Packages of npm: their type declarations, as TypeScript finds them.

`types` or `typings` of package.json, the `types` condition of its `exports`, `index.d.ts`, or else `@types/…`; from
there every declaration file that it takes in. Looked for in `node_modules` of the importing file's folder and of those
above it, up to the workspace's. Packages without declarations are passed over. Called by `collecting`.
"""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot_ls.index.dependencies.packages import (
    LARGEST_FILE,
    MOST_BYTES,
    MOST_FILES,
    Package,
    SourceFile,
    fingerprint,
    manifest,
    real_folder,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DECLARES = re.compile(r"\.d\.[cm]?ts$")
_ENDING = re.compile(r"(?:\.d)?\.[cm]?[jt]sx?$")
_TAKEN_IN = re.compile(
    r"""(?:\bfrom|\bimport|\brequire\(|\bimport\()\s*["'](?P<path>\.{1,2}(?:/[^"'\n]*)?)["']"""
    r"""|^///\s*<reference\s+path=["'](?P<named>[^"'\n]+)["']""",
    re.MULTILINE,
)
_NAME = re.compile(r"(?:@[\w.-]+/)?[\w.-]+")
_CONDITIONS = ("types", "typings", "import", "require", "node", "default")
_DEPTH = 8


def package_name(module: str) -> str | None:
    """`@a/b/c` is of `@a/b`, `lodash/fp` of `lodash`; None for relative paths and what is no package."""
    if module.startswith("node:"):
        return "@types/node"
    match = _NAME.match(module)
    return match[0] if match and not module.startswith(".") else None


def find(root: Path, imports: Iterable[tuple[str, str]]) -> Iterator[Package]:
    """The packages of `(module, folder of the importing file)`, the folder relative to the root."""
    seen: set[Path] = set()
    for name, folder in sorted({(name, folder) for module, folder in imports if (name := package_name(module))}):
        place = _folder_of(root, folder, name)
        if place is None or place in seen:
            continue
        seen.add(place)
        version = _package_json(place).get("version")
        version = version if isinstance(version, str) else fingerprint(place)
        yield Package("node", name, version, partial(_files, place, name))


def _folder_of(root: Path, folder: str, name: str) -> Path | None:
    """The folder whose declarations a name means, from the importing folder upwards."""
    scope, _, rest = name.removeprefix("@").partition("/")
    typed = name if name.startswith("@types/") else f"@types/{scope}__{rest}" if rest else f"@types/{name}"
    parts = folder.split("/") if folder else []
    for depth in range(len(parts), -1, -1):
        above = root.joinpath(*parts[:depth], "node_modules")
        for spelled in (name, typed):
            place = real_folder(above / spelled)
            if place is not None and _entry(place) is not None:
                return place
    return None


def _entry(folder: Path) -> Path | None:
    """The file that declares what the package exports."""
    said = _package_json(folder)
    named = [said.get("types"), said.get("typings"), _exported(said.get("exports")), "index.d.ts"]
    main = said.get("main")
    named += [_ENDING.sub(".d.ts", main)] if isinstance(main, str) else []
    for each in named:
        if isinstance(each, str):
            place = _declaration(folder / each, folder)
            if place is not None:
                return place
    return None


def _package_json(folder: Path) -> dict[str, Any]:
    try:
        said = json.loads(manifest(folder / "package.json"))
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _exported(exports: object) -> str | None:
    if isinstance(exports, dict) and "." in exports:
        exports = exports["."]
    for _ in range(_DEPTH):
        if isinstance(exports, str):
            return exports if _DECLARES.search(exports) else None
        if not isinstance(exports, dict):
            return None
        exports = next((exports[name] for name in _CONDITIONS if name in exports), None)
    return None


def _declaration(place: Path, folder: Path) -> Path | None:
    """The declaration file that a path means, with or without ending, or a folder; None outside of the package."""
    stem = _ENDING.sub("", str(place))
    for each in (f"{stem}.d.ts", f"{stem}.d.mts", f"{stem}.d.cts", f"{place}/index.d.ts"):
        found = Path(each)
        try:
            if found.is_file() and found.resolve().is_relative_to(folder):
                return found.resolve()
        except (OSError, RuntimeError, ValueError):
            continue
    return None


def _files(folder: Path, name: str) -> tuple[SourceFile, ...]:
    entry = _entry(folder)
    if entry is None:
        return ()
    files: dict[Path, None] = {entry: None}
    n_bytes = 0
    waiting = [entry]
    while waiting and len(files) < MOST_FILES and n_bytes < MOST_BYTES:
        place = waiting.pop(0)
        text = _read(place)
        n_bytes += len(text)
        for match in _TAKEN_IN.finditer(text):
            found = _declaration(place.parent / (match["path"] or match["named"]), folder)
            if found is not None and found not in files:
                files[found] = None
                waiting.append(found)
    return tuple(_source(place, folder, name, is_entry=place == entry) for place in files)


def _source(place: Path, folder: Path, name: str, *, is_entry: bool) -> SourceFile:
    path = place.relative_to(folder).as_posix()
    stem = _ENDING.sub("", path).removesuffix("/index")
    return SourceFile(place, f"{name}/{path}", name if is_entry or stem == "index" else f"{name}/{stem}", "typescript")


def _read(place: Path) -> str:
    try:
        with place.open(encoding="utf-8", errors="replace") as file:
            return file.read(LARGEST_FILE)
    except OSError:
        return ""
