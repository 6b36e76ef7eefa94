"""Context source: what is reported of the lines near the cursor, as compilers and linters say it.

Whoever writes next to an error is often about to mend it: the message says which name is unknown, which argument is
missing, which type was expected. One line for each, no lines of the file. Called by `gather`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.context.candidate import Candidate

if TYPE_CHECKING:
    from copilot_ls.context.request import Situation
    from copilot_ls.diagnostic import Diagnostic

SOURCE = "diagnostics"
_MOST = 6
_NEAR_LINES = 20
_LONGEST = 200
# Hints and information say how code may be nicer, which is no help to whoever writes it.
_TELLING = frozenset({"error", "warning"})


def diagnostics(situation: Situation) -> list[Candidate]:
    """The nearest errors and warnings, in the order of their lines; at most one candidate."""
    cursor = situation.request.cursor.line
    near = [
        each
        for each in situation.request.diagnostics
        if each.severity in _TELLING and abs(each.span.start.line - cursor) <= _NEAR_LINES
    ]
    near.sort(key=lambda each: (abs(each.span.start.line - cursor), each.severity))
    chosen = sorted(near[:_MOST], key=lambda each: each.span.start)
    lines = list(dict.fromkeys(map(_told, chosen)))
    return [Candidate(situation.path, cursor, cursor, lines, SOURCE, 1.0)] if lines else []


def _told(diagnostic: Diagnostic) -> str:
    """One line: where, how bad, what, and by which rule."""
    rule = " ".join(filter(None, (diagnostic.source, diagnostic.code)))
    message = " ".join(diagnostic.message.split())[:_LONGEST]
    where = f"line {diagnostic.span.start.line + 1}: {diagnostic.severity}: {message}"
    return f"{where} ({' '.join(rule.split())[:_LONGEST]})" if rule else where
