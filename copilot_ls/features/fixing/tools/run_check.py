"""`run_check`: what an edit would do, tried on a copy; nothing is changed by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from copilot_ls.features.fixing.answers import TextEdit  # noqa: TC001 - pydantic reads it

if TYPE_CHECKING:
    from copilot_ls.features.fixing.tools.workplace import Workplace

NAME = "run_check"
DESCRIPTION = "Try an edit on a copy of the file and hear what the checkers say. Changes nothing."


class Arguments(BaseModel):
    """The edit."""

    model_config = ConfigDict(extra="forbid")

    edits: list[TextEdit] = Field(min_length=1, max_length=40)


async def answer(arguments: Arguments, workplace: Workplace) -> str:
    """What would be gone, still there and new."""
    return await workplace.try_edit(arguments.edits)
