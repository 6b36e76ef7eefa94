"""Which file a module's name may mean, as it is written in an import: by the ends of paths, in any language.

Knows no language's search path: `a.b`, `crate::a::b`, `"a/b.h"` and `github.com/x/a/b` mean files that end in `a/b`,
names that begin with dots are followed from the file that imports them. Pure; called by `facts` and `symbol_lookup`.
"""

from __future__ import annotations

import re

# A folder is imported by its own name where one of these stands in it.
_FOLDER_FILES = frozenset({"__init__", "index", "mod", "lib"})
_SUFFIX = re.compile(r"\.(?:js|ts|jsx|tsx|mjs|cjs|h|hh|hpp|hxx|rb|php|sh|bash|inc)$")
_LAST_WORD = re.compile(r"([\w-]+)\W*$")
_BETWEEN = re.compile(r"::|[./\\]")
_OWN_PACKAGE = frozenset({"crate", "self", "super"})


def module_tail(module: str) -> str:
    """`a.b.Mod`, `../x/mod.ts`, `a::b::mod` to `mod`: the name of the file that may be meant, in lower case."""
    found = _LAST_WORD.search(_SUFFIX.sub("", module))
    return found[1].lower() if found else ""


def module_parts(path: str, family: str) -> tuple[str, ...]:
    """A file as imports may name it: its folders and its name without ending. Go names folders."""
    *folders, name = path.split("/")
    stem = name.partition(".")[0]
    return tuple(folders) if family == "go" or stem in _FOLDER_FILES else (*folders, stem)


def may_mean(module: str, name: str, importer: str, parts: tuple[str, ...]) -> bool:
    """Whether `module` (or `name` within it), imported by the file `importer`, may be the file with these `parts`."""
    if not parts:
        return False
    if module.startswith("."):
        named = _from_file(module, importer)
        return named is not None and parts in (named, (*named, name), named[:-1] if _is_folder_file(named) else named)
    named = tuple(part for part in _BETWEEN.split(_SUFFIX.sub("", module)) if part and part not in _OWN_PACKAGE)
    # Where a host or a vendor begins the name, folders need not follow it.
    is_vendors = importer.endswith(".php") or ("/" in module and "." in module.partition("/")[0])
    return any(
        _ends_alike(parts, asked, 1 if is_vendors else 2) for asked in ((*named, name), named) if asked and asked[-1]
    )


def _ends_alike(parts: tuple[str, ...], named: tuple[str, ...], fewest: int) -> bool:
    """Whether one ends like the other: in all that is named, or in `fewest` parts at least."""
    shared = 0
    for one, two in zip(reversed(parts), reversed(named), strict=False):
        if one != two:
            break
        shared += 1
    return shared == len(named) or (shared >= fewest and (fewest == 1 or shared == len(parts)))


def _is_folder_file(named: tuple[str, ...]) -> bool:
    return bool(named) and named[-1] in _FOLDER_FILES


def _from_file(module: str, importer: str) -> tuple[str, ...] | None:
    folders = importer.split("/")[:-1]
    if "/" in module or (module in (".", "..") and not importer.endswith((".py", ".pyi"))):
        parts = _SUFFIX.sub("", module).split("/")
    else:  # Python: one dot is the package itself, each further one the package around
        rest = module.lstrip(".")
        parts = [".."] * (len(module) - len(rest) - 1) + rest.split(".")
    for part in parts:
        if part == "..":
            if not folders:
                return None
            folders.pop()
        elif part not in ("", "."):
            folders.append(part)
    return tuple(folders)
