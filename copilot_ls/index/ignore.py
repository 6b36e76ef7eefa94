"""Which paths of a workspace are left alone.

Secrets always; then what `.gitignore` and `.copilotignore` say; then built-in exclusions.

Git's rules hold: a deeper file decides before a shallower one, later lines before earlier ones, `!` takes a path back,
and nothing is taken back below a directory that is ignored. Two of ours come on top: `.copilotignore` has the same form
and is read after `.gitignore` of the same folder; and secrets cannot be taken back by anything, while `!build/` in an
ignore file does take back a built-in exclusion. Called by `walk` for whole folders, and by `copilot_ls.context` and the
server for single files.
"""

from __future__ import annotations

import re
from fnmatch import translate
from functools import cache
from typing import TYPE_CHECKING, Literal

from copilot_ls.index.exclusions import FILES, FOLDERS, SECRET_FILES, SECRET_FOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pathspec import GitIgnoreSpec

IgnoreReason = Literal["secret", "built-in", "ignore file", "setting"]
# Rules, and how much of a path is the folder that they stand in.
_Specs = tuple[tuple[int, "GitIgnoreSpec"], ...]

_IGNORE_FILES = (".gitignore", ".copilotignore")
_LONGEST_IGNORE_FILE = 256 * 1024


@cache
def _pattern(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(translate(glob) for glob in globs), re.IGNORECASE)


def is_secret(path: str) -> bool:
    """Whether the name of a file (or of a folder above it) says that it holds keys. Nothing overrules this."""
    *folders, name = path.replace("\\", "/").split("/")
    return any(folder.lower() in SECRET_FOLDERS for folder in folders) or bool(
        _pattern(SECRET_FILES).fullmatch(name) or name.lower() in SECRET_FOLDERS
    )


class PathPatterns:
    """Patterns as in a `.gitignore` file, for paths relative to a workspace folder."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._spec = _spec(list(patterns))

    def match(self, path: str) -> bool:
        """Whether the path, or a folder above it, is meant."""
        return self._spec is not None and self._spec.match_file(path)


class IgnoreRules:
    """The rules of one workspace folder.

    Reads ignore files as it meets them; not for use by several threads at once.
    """

    def __init__(self, root: Path, exclude: Iterable[str] = ()) -> None:
        self._root = root
        self._specs: dict[str, GitIgnoreSpec | None] = {}
        self._over: dict[str, _Specs] = {}
        self._setting = _spec(list(exclude))

    def enter(self, folder: str, names: Iterable[str]) -> None:
        """What is in a folder, as one who has listed it knows: no ignore file is then looked for in vain."""
        if folder and not any(name in _IGNORE_FILES for name in names):
            self._specs.setdefault(folder, None)

    def reason(self, path: str, *, is_folder: bool = False) -> IgnoreReason | None:
        """Why a path relative to the root (with `/`) is left alone; None when it counts.

        Every folder above it is asked too.
        """
        parts = path.strip("/").split("/")
        for depth in range(1, len(parts)):
            reason = self.own_reason("/".join(parts[:depth]), is_folder=True)
            if reason is not None:
                return reason
        return self.own_reason("/".join(parts), is_folder=is_folder)

    def own_reason(self, path: str, *, is_folder: bool) -> IgnoreReason | None:
        """As `reason`, for a path whose parent folder is known to count."""
        name = path.rpartition("/")[2]
        if is_secret(name):
            return "secret"
        spelled = path + "/" if is_folder else path
        if self._setting is not None and self._setting.check_file(spelled).include:
            return "setting"
        decided = self._decided_by_file(spelled)
        if decided is not None:
            return "ignore file" if decided else None
        if (is_folder and name in FOLDERS) or (not is_folder and _pattern(FILES).fullmatch(name)):
            return "built-in"
        return None

    def _decided_by_file(self, path: str) -> bool | None:
        for start, spec in self._specs_over(path.rstrip("/").rpartition("/")[0]):
            decided = spec.check_file(path[start:]).include
            if decided is not None:
                return decided
        return None

    def _specs_over(self, folder: str) -> _Specs:
        """The rules of the ignore files in a folder and above it, the nearest first."""
        known = self._over.get(folder)
        if known is None:
            spec = self._spec_of(folder)
            above = self._specs_over(folder.rpartition("/")[0]) if folder else ()
            known = self._over[folder] = ((len(folder) + bool(folder), spec), *above) if spec is not None else above
        return known

    def _spec_of(self, folder: str) -> GitIgnoreSpec | None:
        if folder not in self._specs:
            names = (".git/info/exclude", *_IGNORE_FILES) if not folder else _IGNORE_FILES
            lines = [line for name in names for line in _lines_of(self._root / folder / name)]
            self._specs[folder] = _spec(lines)
        return self._specs[folder]


def _lines_of(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(_LONGEST_IGNORE_FILE).splitlines()
    except OSError:
        return []


def _spec(lines: list[str]) -> GitIgnoreSpec | None:
    if not lines:
        return None
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:  # One bad line must not take the others' effect away.
        kept = []
        for line in lines:
            try:
                GitIgnoreSpec.from_lines([line])
            except ValueError:
                continue
            kept.append(line)
        return GitIgnoreSpec.from_lines(kept)
