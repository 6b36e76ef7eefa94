"""In which order somebody might have made the changes of a commit: files, and the hunks of a file. Pure.

A commit does not say. Sources come before their tests, as paths say; a file is gone through from the top, but imports
are typed when the first of their names has been. Called by `session`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.evaluation.changes import Change, Hunk

_IMPORT = re.compile(
    r"\s*(?:import\b|from\s+\S+\s+import\b|use\s+[\w:]|#\s*include\b|using\s+[\w.]+\s*;|require\b|"
    r"(?:const|let|var)\s.*\brequire\()"
)
_NAME = re.compile(r"[^\W\d]\w+")
_KEYWORDS = frozenset({"import", "from", "use", "using", "include", "require", "const", "let", "var", "as", "type"})
_TEST = re.compile(
    r"(?:^|/)(?:tests?|__tests__|spec|testing)(?:/|$)|(?:^|/)test_|[._-](?:test|spec)s?\.\w+$", re.IGNORECASE
)


def is_test(path: str) -> bool:
    """Whether a file's name says that it holds tests."""
    return bool(_TEST.search(path))


def files_in_order(changes: Sequence[Change]) -> list[Change]:
    """Sources before tests, each by path."""
    return sorted(changes, key=lambda change: (is_test(change.path or ""), change.path or ""))


def hunks_in_order(change: Change) -> list[Hunk]:
    """From the top; imports right behind the first hunk that uses one of their names, or last."""
    new = (change.new or "").split("\n")
    order = [hunk for hunk in change.hunks if not _is_imports(new[hunk.first : hunk.end])]
    imports = [hunk for hunk in change.hunks if _is_imports(new[hunk.first : hunk.end])]
    for hunk in imports:
        names = set(_NAME.findall("\n".join(new[hunk.first : hunk.end]))) - _KEYWORDS
        users = [
            at for at, other in enumerate(order) if names & set(_NAME.findall("\n".join(new[other.first : other.end])))
        ]
        order.insert((users[0] + 1) if users else len(order), hunk)
    return order


def _is_imports(lines: Sequence[str]) -> bool:
    told = [line for line in lines if line.strip()]
    return bool(told) and all(_IMPORT.match(line) for line in told)
