"""What an edit by a model must not bring, whatever the checkers say of it.

Checkers are satisfied by a comment that silences them, do not see characters that nobody sees, and do not mind when
what they reported on is gone with all around it. Pure. Called by `conversation` before an edit is tried.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import touched_lines
from copilot_ls.features.fixing.answers import Refused
from copilot_ls.features.fixing.region import import_lines, lines_outside, wanted_lines
from copilot_ls.postprocess.drop_invisible_characters import holds_invisible_characters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.edits import Replacement
    from copilot_ls.features.fixing.outcome import FixTask

# How linters and type checkers are told to look away, in the languages whose fixes are checked.
_SILENCES = re.compile(
    r"#\s*(?:noqa|type:\s*ignore|pyright:|pylint:|mypy:|ruff:|fmt:\s*(?:off|skip)|nosec|pragma:)"
    r"|(?://|/\*)\s*(?:@ts-(?:ignore|nocheck|expect-error)|eslint-disable|tslint:disable|prettier-ignore|biome-ignore"
    r"|nolint|NOLINT|noinspection|istanbul ignore|c8 ignore|cppcheck-suppress|#nosec)"
    r"|#!?\[\s*(?:allow|expect)\s*\(|#pragma\s+(?:GCC|clang)\s+diagnostic|@SuppressWarnings|# rubocop:disable|"
    r"\bas\s+any\b|\bas\s+unknown\s+as\b",
    re.IGNORECASE,
)
# Lines that a fix may change besides those that are reported on, and imports.
_MOST_OTHER_LINES = 24


def objection(task: FixTask, replacements: Sequence[Replacement], allowed: frozenset[int]) -> Refused | None:
    """Why an edit is not tried; None when it may be."""
    text = task.document.text
    if outside := lines_outside(replacements, allowed):
        numbers = ", ".join(str(line + 1) for line in outside[:5])
        return Refused(
            "outside",
            f"It changes lines that are not part of the task ({numbers}). Change what is near it, or imports.",
        )
    brought = [(each.text, text.slice(each.span)) for each in replacements]
    if any(holds_invisible_characters(new) and not holds_invisible_characters(old) for new, old in brought):
        return Refused("invisible", "It brings characters that nobody sees. Leave them out, or write them as escapes.")
    if task.kind == "tests" and any(old.strip() for _, old in brought):
        return Refused("changes_tests", "It changes what is there. Add tests, and leave the others as they are.")
    return _objection_to_fix(task, replacements, brought) if task.kind == "fix" else None


def _objection_to_fix(
    task: FixTask, replacements: Sequence[Replacement], brought: Sequence[tuple[str, str]]
) -> Refused | None:
    if any(len(_SILENCES.findall(new)) > len(_SILENCES.findall(old)) for new, old in brought):
        return Refused("silences", "It silences the report. Mend what is reported instead.")
    others = touched_lines(replacements) - wanted_lines(task) - frozenset(import_lines(task))
    if len(others) > _MOST_OTHER_LINES:
        return Refused("too_wide", f"It changes {len(others)} lines that nothing is reported about. Change fewer.")
    return None
