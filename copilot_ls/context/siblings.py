"""Context source: what the counterpart of the open file declares.

A test needs what the tested module declares, a module what its tests call for; an implementation has a header. Told by
names alone: `cart.py` and `test_cart.py`, `cart.ts` and `cart.test.ts`, `Cart.java` and `CartTest.java`, `cart.go` and
`cart_test.go`, `cart.c` and `cart.h`; of several the one that is nearest in the tree of folders. Its declaring lines
compete with all others. Called by `gather`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.context.candidate import declared_lines, first_line
from copilot_ls.index.filetypes import file_type

if TYPE_CHECKING:
    from collections.abc import Iterable

    from copilot_ls.context.candidate import Candidate
    from copilot_ls.context.request import Situation

SOURCE = "siblings"
# What a declaration counts beside those that the code at the cursor refers to (see `definitions`): as an imported one.
_SCORE = 1.0
_MOST_LINES = 60
_MOST_DEFINITIONS = 400
_AMBIGUOUS = 8
_TEST = re.compile(r"^(?:test_(?P<after>\w+)|(?P<before>\w+?)(?:_tests?|_spec|Tests?|Spec))$")
_TEST_ENDINGS = frozenset({"test", "tests", "spec"})


def siblings(situation: Situation) -> list[Candidate]:
    """The declaring lines of the nearest counterpart; at most one candidate."""
    index = situation.request.index
    if index is None or not situation.path:
        return []
    paths: list[str] = []
    for name in _counterparts(situation.path):
        found = [each.path for each in index.files_named(name) if each.family == situation.family]
        paths += [path for path in found if path != situation.path and _are_counterparts(path, situation.path)]
    if not paths or len(paths) > _AMBIGUOUS:
        return []
    path = min(paths, key=lambda each: (-_n_shared_folders(each, situation.path), len(each), each))
    top = [hit for hit in index.file_definitions(path, limit=_MOST_DEFINITIONS) if not hit.name.startswith("__")]
    shown = [first_line(hit) for hit in top[:_MOST_LINES]]
    return [declared_lines(shown, SOURCE, _SCORE)] if shown else []


def _parts(path: str) -> tuple[str, bool, str]:
    """What a file is about, whether it is a test of that, and its ending."""
    stem, *endings = path.rpartition("/")[2].split(".")
    if len(endings) > 1 and endings[0] in _TEST_ENDINGS:
        return stem, True, endings[-1]
    match = _TEST.match(stem)
    about = (match["after"] or match["before"]) if match is not None else stem
    return about, match is not None, endings[-1] if endings else ""


def _counterparts(path: str) -> Iterable[str]:
    """The names, without endings, that a counterpart may have."""
    about, is_test, _ = _parts(path)
    if is_test:
        return (about,)
    return (about, f"test_{about}", f"{about}_test", f"{about}_tests", f"{about}_spec", f"{about}Test", f"{about}Tests")


def _are_counterparts(one: str, other: str) -> bool:
    """Whether one is the other's test, or they are header and implementation."""
    about, is_test, ending = _parts(one)
    its, its_test, its_ending = _parts(other)
    if about != its:
        return False
    if is_test != its_test:
        return True
    known, its_known = file_type(one), file_type(other)
    same_family = known is not None and its_known is not None and known.family == its_known.family
    headers = {ending.startswith("h"), its_ending.startswith("h")}
    return (
        not is_test and same_family and known is not None and known.family in {"c", "cpp"} and headers == {True, False}
    )


def _n_shared_folders(one: str, other: str) -> int:
    """How many of their folders have the same names: tests often lie in a tree beside that of the sources."""
    return len(set(one.split("/")[:-1]) & set(other.split("/")[:-1]))
