"""Faults as people make them: what is mistyped, forgotten, and taken along from another language.

A kind makes mutated texts of a source, each with one fault at a place that chance chose. What is made never depends on
the fixers. A language is a module with `KINDS`; called by `fixes`, and by the bench of the fixers.
"""

from __future__ import annotations

from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from random import Random


def kinds_of(path: str) -> Mapping[str, Callable[[str, Random], Iterator[str]]]:
    """The kinds of fault that can be put into a file, by name; none for other languages."""
    return _kinds(PurePosixPath(path).suffix)


@cache
def _kinds(suffix: str) -> dict[str, Callable[[str, Random], Iterator[str]]]:
    if suffix == ".py":
        from copilot_ls.evaluation.faults.python import KINDS
    elif suffix == ".ts":
        from copilot_ls.evaluation.faults.typescript import KINDS
    else:
        return {}
    return {kind.name: kind.made for kind in KINDS}
