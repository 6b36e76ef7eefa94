"""An import that nothing uses is taken away, and its statement with the last of its names.

Less likely in a package's `__init__.py`, where names are imported for others to find.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.python_imports import imports_of, without
from copilot_ls.fixers.rule import PYTHON, Rule, codes, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem


def propose(problem: Problem) -> Iterator[Proposal]:
    """Take away what is imported in the reported stretch, or on its first line under the reported name."""
    diagnostic = problem.diagnostic
    if diagnostic is None:
        return
    start, end = diagnostic.span
    touched = [each for each in imports_of(problem.tree) if each.item.start <= end and each.item.end >= start]
    quoted = [each for each in touched if _is_named(each.local, each.name or each.module, diagnostic.message)]
    for each in quoted[:1] or (touched if len(touched) == 1 else []):
        is_offering = problem.document.path.endswith("__init__.py")
        yield Proposal(
            RULE.name,
            f"Remove the unused import of '{each.local}'",
            (without(each, problem.tree),),
            0.6 if is_offering else 0.93,
            f"Nothing in this file uses '{each.local}'.",
        )


def _is_named(local: str, original: str, message: str) -> bool:
    return any(f"{quote}{local}" in message or f"{original}{quote}" in message for quote in "`'\"")


RULE = Rule(
    "unused_import",
    propose,
    languages=PYTHON,
    codes=codes("F401", "F811", "W0611", "reportUnusedImport", "unused-import"),
    message=words(r"imported but unused", r"unused import", r"unused \S+ imported", r"import \S+ is not accessed"),
)
