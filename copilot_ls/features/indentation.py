"""The unit in which a document indents: a tab, or so many spaces.

Pure. Called by `ask`, for the filter that matches a suggestion's indentation to the document's.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_UNITS = (2, 3, 4, 8)


def indent_unit(lines: Iterable[str], default: str = "    ") -> str:
    """The most frequent step between the indentation of a line and of the deeper one after it, or `default`."""
    indents = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines if line.strip()]
    n_tabs = sum(indent.startswith("\t") for indent in indents)
    n_spaces = sum(indent.startswith(" ") for indent in indents)
    if n_tabs > n_spaces:
        return "\t"
    widths = [len(indent) for indent in indents if "\t" not in indent]
    steps = Counter(step for above, below in pairwise(widths) if (step := below - above) in _UNITS)
    if not steps:
        return default
    return " " * max(steps, key=lambda step: (steps[step], step))
