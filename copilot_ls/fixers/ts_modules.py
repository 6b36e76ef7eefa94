"""Modules of a TypeScript or JavaScript workspace: which file a relative path means, and what a file exports.

Asks the problem's index alone. Called by the rules about imports.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from copilot_ls.fixers.ts_missing_import import own_path

if TYPE_CHECKING:
    from copilot_ls.fixers.base import Problem

_ENDINGS = (
    "",
    ".ts",
    ".tsx",
    ".d.ts",
    ".mts",
    ".js",
    ".jsx",
    ".mjs",
    "/index.ts",
    "/index.tsx",
    "/index.js",
    "/index.d.ts",
)
_WRITTEN = (".js", ".mjs", ".cjs", ".jsx")
_EXPORTED = re.compile(
    r"export\s+(?:declare\s+)?(?:default\s+)?(?:abstract\s+)?(?:async\s+)?"
    r"(?:const|let|var|function\*?|class|interface|type|enum|namespace)\s+([\w$]+)"
)
_LISTED = re.compile(r"export\s+(?:type\s+)?\{([^}]*)\}")
_ALL = re.compile(r"export\s+(?:type\s+)?\*\s+from\s+['\"]([^'\"]+)['\"]")
_MOST_FILES = 30


def resolved(problem: Problem, source: str) -> str:
    """The indexed file that a relative module path means in the problem's file; empty where there is none."""
    return _resolved(problem, source, own_path(problem))


def _resolved(problem: Problem, source: str, importer: str) -> str:
    if problem.index is None or not source.startswith("."):
        return ""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(importer), source))
    stems = [path, *(path.removesuffix(ending) for ending in _WRITTEN if path.endswith(ending))]
    found = (stem + ending for stem in stems for ending in _ENDINGS)
    return next((each for each in found if problem.index.file(each) is not None), "")


def exports_of(problem: Problem, path: str) -> set[str]:
    """The names that a file exports, those that it passes on from others included."""
    names: set[str] = set()
    waiting, seen = [path], set[str]()
    while waiting and len(seen) < _MOST_FILES:
        each = waiting.pop()
        if each in seen or problem.index is None:
            continue
        seen.add(each)
        text = "".join(line.rstrip("\n") + "\n" for line in problem.index.file_lines(each, 0, 1_000_000))
        names.update(match[1] for match in _EXPORTED.finditer(text))
        for listed in _LISTED.finditer(text):
            for entry in listed[1].split(","):
                words = entry.split()
                if words:
                    names.add(words[-1])
        waiting += [other for match in _ALL.finditer(text) if (other := _resolved(problem, match[1], each))]
    return names - {"default"}
