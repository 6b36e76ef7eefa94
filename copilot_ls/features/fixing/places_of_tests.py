"""Which file the tests of a source file belong in, by the conventions of its language.

A file that is there already, under one of the usual names, or else the one that the project's layout suggests. The
model has no say in it. Pure; `exists` looks at the disk. Called by `fixer` for the kind `tests`.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_WEB = {"javascript", "javascriptreact", "typescript", "typescriptreact"}
_JVM = {"java": "{}Test.java", "kotlin": "{}Test.kt", "scala": "{}Test.scala"}


def test_file_for(path: str, language_id: str, exists: Callable[[str], bool]) -> str | None:
    """The file for tests of `path`, relative to the workspace as it is; None where no convention is known.

    `path` itself where it holds tests, or where the language has them beside the code.
    """
    place = PurePosixPath(path)
    if is_test_file(path) or language_id == "rust":
        return path
    names = _names(place, language_id)
    folders = _folders(place, language_id)
    if not names:
        return None
    candidates = [(folder / name).as_posix() for folder in folders for name in names]
    there = next((each for each in candidates if exists(each)), None)
    if there is not None:
        return there
    # A new one: in a folder of tests that there is, else beside the source.
    beside = place.parent if place.parent in folders else folders[0]
    folder = next((each for each in folders if each != place.parent and exists(each.as_posix())), beside)
    return (folder / names[0]).as_posix()


def is_test_file(path: str) -> bool:
    """Whether a file's name says that it holds tests."""
    place = PurePosixPath(path)
    stem = place.name.partition(".")[0]
    return (
        stem.startswith("test_")
        or stem.endswith(("_test", "_spec"))
        or (len(stem) > len("Test") and stem.endswith(("Test", "Tests")))
        or any(part in {"test", "spec"} for part in place.name.split(".")[1:-1])
    )


def _names(place: PurePosixPath, language_id: str) -> list[str]:
    stem, ending = place.stem, place.suffix
    if language_id == "python":
        return [f"test_{stem}.py", f"{stem}_test.py"]
    if language_id in _WEB:
        return [f"{stem}.test{ending}", f"{stem}.spec{ending}"]
    if language_id == "go":
        return [f"{stem}_test.go"]
    if language_id == "ruby":
        return [f"{stem}_spec.rb", f"test_{stem}.rb"]
    return [_JVM[language_id].format(stem)] if language_id in _JVM else []


def _folders(place: PurePosixPath, language_id: str) -> list[PurePosixPath]:
    """Where tests may stand, the likeliest first."""
    parent = place.parent
    if language_id == "go":
        return [parent]
    if language_id in _JVM:
        text = f"/{parent.as_posix()}/"
        mirrored = text.replace("/main/", "/test/", 1).strip("/") or "."
        return [PurePosixPath(mirrored)]
    beside = [parent / "__tests__", parent] if language_id in _WEB else [parent / "tests"]
    tops = ["spec", "test"] if language_id == "ruby" else ["tests", "test"]
    # The package's own folder is not repeated under that of the tests: `src/shop/price.py`, `tests/shop/`.
    within = PurePosixPath(*parent.parts[1:]) if parent.parts[:1] in {("src",), ("lib",)} else parent
    found = [folder for top in tops for folder in (PurePosixPath(top) / within, PurePosixPath(top))]
    return [*beside, *found, *([] if parent in beside else [parent])]
