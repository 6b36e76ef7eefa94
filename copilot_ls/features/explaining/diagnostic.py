"""Why a diagnostic is there: the rule, its usual cause, what mends it, and the declarations of what it names.

Leaves the code around it to `embedded`. Messages come from outside: they are quoted, never rendered.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.features.explaining.page import code, quoted
from copilot_ls.features.explaining.rules import rule_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.features.explaining.facts import Declared
    from copilot_ls.features.explaining.page import Page

_NAMED = re.compile(r"[\"'`\u2018\u201c]([A-Za-z_$][\w$.]*)(?:\(\))?[\"'`\u2019\u201d]")
_MOST_NAMES = 6


def names_in(diagnostic: Diagnostic) -> list[str]:
    """The identifiers that a message puts in quotes, in order."""
    return list(dict.fromkeys(_NAMED.findall(diagnostic.message)))[:_MOST_NAMES]


def write_diagnostic(page: Page, diagnostic: Diagnostic, declared: Sequence[Declared], root: str) -> None:
    """The section about a diagnostic. `declared` are declarations of what it names; `root` shortens related paths."""
    who = " ".join(filter(None, (diagnostic.source, code(diagnostic.code) if diagnostic.code else "")))
    page.add(f"## Why this is reported{f' ({who})' if who else ''}")
    page.add(quoted(diagnostic.message))
    rule = rule_of(diagnostic)
    if rule is None:
        page.add("Nothing more is known of this rule without a model.")
    else:
        page.bullets(
            (
                f"**What it means**: {rule.means}",
                f"**Usual cause** (inferred from the rule, not from your code): {rule.cause}",
                f"**What mends it**: {rule.mend}",
            )
        )
    lines = []
    for each in declared:
        hit = each.declaration
        place = page.place(hit.path, hit.line, hit.end)
        inferred = "" if each.is_certain else " (inferred: there are others of that name, or nothing imports it here)"
        lines.append(f"{code(each.name)} is declared at {place}: {code(hit.signature or hit.name)}{inferred}")
    for related in diagnostic.related:
        path = related.path.removeprefix(root).lstrip("/\\") if root else related.path
        lines.append(f"{page.place(path, related.line)}: {code(related.message)}")
    page.bullets(lines)
