"""Modules of a Python workspace: the names of files, and how a module is written in an import of another file.

Pure, apart from what the problem's index is asked. Called by the Python rules.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from copilot_ls.fixers.python_imports import imports_of

if TYPE_CHECKING:
    from copilot_ls.fixers.base import Problem

# Folders that hold packages and are none.
_SOURCE_FOLDERS = ("src", "lib", "source")


def own_path(problem: Problem) -> str:
    """The path of the problem's file from the workspace's root, as the index has it; empty outside of it."""
    if problem.root is None or not problem.document.path:
        return ""
    try:
        return PurePath(problem.document.path).relative_to(problem.root).as_posix()
    except ValueError:
        return ""


def module_of(path: str) -> str:
    """The dotted name of a file's module: `pkg/sub/__init__.py` is `pkg.sub`, `src/pkg/a.py` is `pkg.a`."""
    parts = path.rpartition(".")[0].split("/")
    if len(parts) > 1 and parts[0] in _SOURCE_FOLDERS:
        parts = parts[1:]
    if len(parts) > 1 and parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join(parts)


def absolute(module: str, path: str) -> str:
    """The dotted name of a module that an import in the file `path` names, relative or not."""
    n_dots = len(module) - len(module.lstrip("."))
    if not n_dots:
        return module
    package = module_of(path).split(".")
    if not path.endswith(("/__init__.py", "/__init__.pyi")):
        package = package[:-1]
    package = package[: len(package) - (n_dots - 1)]
    rest = module[n_dots:]
    return ".".join([*package, *([rest] if rest else [])])


def as_written_here(problem: Problem, module: str, *, written: str = "") -> str:
    """How the problem's file writes a module of its own package: relative where it imports relatively otherwise.

    `written` is how another file wrote it: what it wrote in full stays so.
    """
    here = own_path(problem)
    if written and not written.startswith("."):
        return module
    own = module_of(here).split(".") if here else []
    if len(own) < 2 or own[0] != module.partition(".")[0]:  # noqa: PLR2004 - a package and a module
        return module
    styles = [
        each.module.startswith(".") for each in imports_of(problem.tree) if each.name and _is_own(each.module, own)
    ]
    if not (any(styles) if styles else bool(written)):
        return module
    package = own if here.endswith(("/__init__.py", "/__init__.pyi")) else own[:-1]
    parts = module.split(".")
    n_shared = 0
    for one, other in zip(package, parts, strict=False):
        if one != other:
            break
        n_shared += 1
    return "." * (len(package) - n_shared + 1) + ".".join(parts[n_shared:])


def _is_own(module: str, own: list[str]) -> bool:
    return module.startswith(".") or module.partition(".")[0] == own[0]
