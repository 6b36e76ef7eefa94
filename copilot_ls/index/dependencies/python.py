"""Python packages: those of the workspace's own environment.

That is `.venv`, `venv` or `env` in the folder, else the environment that the editor was started in (`VIRTUAL_ENV`,
`CONDA_PREFIX`), else the interpreter that runs us, unless that is an environment of its own: then it holds our packages
and not the workspace's. Stubs win: `name-stubs`, then `.pyi` beside `.py`. Called by `collecting`.
"""

from __future__ import annotations

import os
import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.index.dependencies.packages import (
    Package,
    SourceFile,
    files_below,
    fingerprint,
    manifest,
    real_folder,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_FOLDERS = (".venv", "venv", "env")
_VARIABLES = ("VIRTUAL_ENV", "CONDA_PREFIX")
_ENDINGS = (".py", ".pyi")
_DISTRIBUTION = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)\.(?:dist-info|egg-info)$")
_MODULE = re.compile(r"[^\W\d]\w*")
_LONGEST_VERSION = 500


def site_packages(root: Path, environment: Mapping[str, str] | None = None) -> list[Path]:
    """The folders of installed packages that the workspace's imports mean, first match first."""
    environment = os.environ if environment is None else environment
    candidates = [root / name for name in _FOLDERS]
    candidates += [Path(environment[name]) for name in _VARIABLES if environment.get(name)]
    for prefix in candidates:
        found = [place for folder in _below(prefix) if (place := real_folder(folder)) is not None]
        if found:
            return found
    if sys.prefix != sys.base_prefix:
        return []
    return [place for folder in sys.path if (place := real_folder(Path(folder))) is not None]


def _below(prefix: Path) -> list[Path]:
    return [*sorted(prefix.glob("lib/python3*/site-packages")), *prefix.glob("Lib/site-packages")]


def find(root: Path, modules: Iterable[str], environment: Mapping[str, str] | None = None) -> Iterator[Package]:
    """The installed packages of dotted module names; names of the workspace and of the standard library find none."""
    folders = site_packages(root, environment)
    wanted = sorted({module.partition(".")[0] for module in modules if _MODULE.match(module)})
    installed = {folder: _distributions(folder) for folder in folders} if wanted else {}
    for name in wanted:
        if name in sys.stdlib_module_names:
            continue
        for site in folders:
            places = [site / spelled for spelled in (name, f"{name}-stubs", f"{name}.pyi", f"{name}.py")]
            place = next((place for place in places if place.exists() and not place.is_symlink()), None)
            if place is not None:
                known = installed[site].get(name) or _Installed(fingerprint(place), ())
                yield Package("python", name, known.version, partial(_files, site, (name, *known.companions)))
                break


def _files(site: Path, names: tuple[str, ...]) -> tuple[SourceFile, ...]:
    return tuple(source for name in names for source in _files_of(site, name))


def _files_of(site: Path, name: str) -> tuple[SourceFile, ...]:
    chosen: dict[str, Path] = {}
    for folder in (site / f"{name}-stubs", site / name):
        if not folder.is_dir() or folder.is_symlink():
            continue
        for place in files_below(folder, _ENDINGS):
            module = _module(place.relative_to(folder).as_posix(), name)
            known = chosen.get(module)
            if known is None or (known.suffix == ".py" and place.suffix == ".pyi"):
                chosen[module] = place
    for single in (site / f"{name}.pyi", site / f"{name}.py"):
        if not chosen and single.is_file():
            chosen[name] = single
    return tuple(
        SourceFile(place, place.relative_to(site).as_posix(), module, "python")
        for module, place in sorted(chosen.items())
    )


def _module(path: str, name: str) -> str:
    stem = path.rpartition(".")[0].removesuffix("__init__").rstrip("/")
    return f"{name}/{stem}" if stem else name


class _Installed(NamedTuple):
    """What installed a top-level module: name and version; and the private modules that it takes its names from."""

    version: str
    companions: tuple[str, ...]


def _distributions(site: Path) -> dict[str, _Installed]:
    """What each top-level module was installed by; several distributions may share one."""
    found: dict[str, _Installed] = {}
    try:
        listed = sorted(entry.name for entry in site.iterdir())
    except OSError:
        return found
    for entry in listed:
        match = _DISTRIBUTION.fullmatch(entry)
        if match is None:
            continue
        named = f"{match['name']} {match['version']}"
        tops = dict.fromkeys(top.removesuffix("-stubs") for top in _tops(site / entry) or [match["name"]])
        private = tuple(top for top in tops if top.startswith("_") and (site / top).is_dir() and _MODULE.fullmatch(top))
        for top in tops:
            known = found.get(top)
            version = f"{known.version}, {named}" if known is not None else named
            found[top] = _Installed(version[:_LONGEST_VERSION], tuple(each for each in private if each != top))
    return found


def _tops(folder: Path) -> list[str]:
    """The top-level modules of a distribution."""
    tops = manifest(folder / "top_level.txt").split()
    if tops:
        return tops
    record = manifest(folder / "RECORD")
    return [line.partition(",")[0].partition("/")[0].partition(".")[0] for line in record.splitlines()]
