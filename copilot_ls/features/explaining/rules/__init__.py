"""The rules that people meet most, in our own words: one file for each family of tools.

Leaves the place, the names and the declaration in question to `explaining.diagnostic`, the only caller.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.features.explaining.rules.rule import Rule

if TYPE_CHECKING:
    from copilot_ls.diagnostic import Diagnostic

__all__ = ["Rule", "rule_of"]


def rule_of(diagnostic: Diagnostic) -> Rule | None:
    """What is known of the rule of a diagnostic, by its code, else by its wording."""
    from copilot_ls.features.explaining.rules import compilers, python, typescript

    code = diagnostic.code.removeprefix("TS").removeprefix("ts")
    by_code = typescript.BY_CODE.get(code) if code.isdigit() else python.BY_CODE.get(diagnostic.code)
    if by_code is None and not code.isdigit():
        by_code = compilers.BY_CODE.get(diagnostic.code)
    if by_code is not None:
        return by_code
    for patterns in (compilers.BY_WORDING, python.BY_WORDING):
        for pattern, rule in patterns:
            if re.search(pattern, diagnostic.message, re.IGNORECASE):
                return rule
    return None
