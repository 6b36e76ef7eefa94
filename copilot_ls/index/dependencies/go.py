"""Go packages: of `vendor` in the module's folder, else of the module cache in the version that go.mod requires.

An import path is one folder of files; the standard library is left alone. Called by `collecting`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.index.dependencies.packages import Package, SourceFile, fingerprint, manifest, real_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_REQUIRE = re.compile(r"^\s*(?:require\s+)?(?P<module>[\w.~/-]+)\s+(?P<version>v[\w.+-]+)", re.MULTILINE)
_REPLACE = re.compile(
    r"^\s*(?:replace\s+)?(?P<module>[\w.~/-]+)(?:\s+v[\w.+-]+)?\s*=>\s*(?P<other>[\w.~/-]+)\s+(?P<version>v[\w.+-]+)",
    re.MULTILINE,
)
_MODULE = re.compile(r"^\s*module\s+(?P<module>\S+)", re.MULTILINE)
_COMMENT = re.compile(r"//[^\n]*")
_MOST_FILES = 300


class _Module(NamedTuple):
    """A module of the workspace: its folder and path, and the modules that it requires as `path: (path, version)`."""

    folder: Path
    path: str
    requires: dict[str, tuple[str, str]]


def find(
    root: Path, imports: Iterable[tuple[str, str]], environment: Mapping[str, str] | None = None
) -> Iterator[Package]:
    """The packages of `(import path, folder of the importing file)`, the folder relative to the root."""
    environment = os.environ if environment is None else environment
    modules: dict[str, _Module | None] = {}
    seen: set[str] = set()
    for path, folder in sorted(set(imports)):
        if path in seen or "." not in path.partition("/")[0] or ".." in path.split("/"):
            continue
        if folder not in modules:
            modules[folder] = _module_of(root, folder)
        module = modules[folder]
        package = None if module is None else _package(module, path, _cache(environment))
        if package is not None:
            seen.add(path)
            yield package


def _cache(environment: Mapping[str, str]) -> Path:
    if environment.get("GOMODCACHE"):
        return Path(environment["GOMODCACHE"])
    first = environment.get("GOPATH", "").partition(os.pathsep)[0]
    return (Path(first) if first else Path.home() / "go") / "pkg" / "mod"


def _module_of(root: Path, folder: str) -> _Module | None:
    parts = folder.split("/") if folder else []
    for depth in range(len(parts), -1, -1):
        place = root.joinpath(*parts[:depth])
        text = _COMMENT.sub("", manifest(place / "go.mod"))
        named = _MODULE.search(text)
        if named is not None:
            requires = {match["module"]: (match["module"], match["version"]) for match in _REQUIRE.finditer(text)}
            requires |= {match["module"]: (match["other"], match["version"]) for match in _REPLACE.finditer(text)}
            return _Module(place, named["module"], requires)
    return None


def _package(module: _Module, path: str, cache: Path) -> Package | None:
    if path == module.path or path.startswith(module.path + "/"):
        return None
    owner = max(
        (each for each in module.requires if path == each or path.startswith(each + "/")), key=len, default=None
    )
    version = module.requires[owner][1] if owner is not None else ""
    vendored = real_folder(module.folder / "vendor" / path)
    if vendored is not None:
        return _of_folder(vendored, path, version or fingerprint(vendored))
    if owner is None:
        return None
    real, version = module.requires[owner]
    below = path[len(owner) :].lstrip("/")
    cached = cache / f"{_escaped(real)}@{_escaped(version)}" / below
    # go.mod is the workspace's word: it must not lead out of the cache, which is the user's.
    inside = cached.is_dir() and cached.resolve().is_relative_to(cache.resolve())
    return _of_folder(cached, path, version) if inside else None


def _escaped(path: str) -> str:
    """As the module cache spells it: capitals are an exclamation mark and the small letter."""
    return re.sub(r"[A-Z]", lambda match: "!" + match[0].lower(), path)


def _of_folder(folder: Path, path: str, version: str) -> Package | None:
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False))
    except OSError:
        return None
    names = [name for name in names if name.endswith(".go") and not name.endswith("_test.go")][:_MOST_FILES]
    files = tuple(SourceFile(folder / name, f"{path}/{name}", path, "go") for name in names)
    return Package("go", path, version, lambda: files) if files else None
