"""`list_diagnostics`: all that the editor and the checkers report about the file that is mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from copilot_ls.features.fixing.judging import report_in_words

if TYPE_CHECKING:
    from copilot_ls.features.fixing.tools.workplace import Workplace

NAME = "list_diagnostics"
DESCRIPTION = "List all that is reported about the file as it was shown."

_MOST = 40


class Arguments(BaseModel):
    """Nothing."""

    model_config = ConfigDict(extra="forbid")


async def answer(_: Arguments, workplace: Workplace) -> str:
    """The reports, one a line."""
    judge = workplace.judge
    reports = [*judge.task.diagnostics, *(each for answer in judge.answers for each in answer.diagnostics)]
    lines = list(dict.fromkeys(report_in_words(each) for each in sorted(reports, key=lambda each: each.span)))
    more = [f"({len(lines) - _MOST} more)"] if len(lines) > _MOST else []
    return "\n".join([*lines[:_MOST], *more]) or "Nothing is reported."
