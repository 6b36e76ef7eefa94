"""What one rule is: its name, the languages and the reports that it is for, and how it makes proposals.

A report is recognised by its code, or else by its words, because editors pass on diagnostics of many makers, and not
all of them give codes. Made by each module of this folder that is named for a rule; `table` lists them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.fixers.base import Problem, Proposal


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Without `languages` it is for all; without `codes` and `message` it is for any report.

    `codes` are compared whole and without case, `message` is searched for in the report's words. A rule that needs no
    report (`without_diagnostic`) is asked as well where only the tree says that something is wrong.
    """

    name: str
    propose: Callable[[Problem], Iterable[Proposal]]
    languages: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    message: re.Pattern[str] | None = None
    without_diagnostic: bool = False

    def is_for(self, language: str, diagnostic: Diagnostic | None) -> bool:
        """Whether it is to be asked."""
        if self.languages and language not in self.languages:
            return False
        if diagnostic is None:
            return self.without_diagnostic
        if not self.codes and self.message is None:
            return True
        if diagnostic.code and diagnostic.code.lower() in self.codes:
            return True
        return self.message is not None and self.message.search(diagnostic.message) is not None


def codes(*names: str) -> frozenset[str]:
    """Codes as they are compared."""
    return frozenset(name.lower() for name in names)


def words(*patterns: str) -> re.Pattern[str]:
    """A pattern that finds any of some."""
    return re.compile("|".join(patterns), re.IGNORECASE)


PYTHON = frozenset({"python"})
EVERYWHERE: frozenset[str] = frozenset()
