"""`read_file`: some lines of a file of the workspace, with their numbers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from copilot_ls.features.fixing.tools.access import NoAccessError
from copilot_ls.text import TextSnapshot

if TYPE_CHECKING:
    from copilot_ls.features.fixing.tools.workplace import Workplace

NAME = "read_file"
DESCRIPTION = "Read lines of a file of the workspace."

_MOST_LINES = 200


class Arguments(BaseModel):
    """Which lines of which file."""

    model_config = ConfigDict(extra="forbid")

    path: str = Field(description="Relative to the workspace.")
    first_line: int = Field(default=1, ge=1, description="From 1.")
    n_lines: int = Field(default=80, ge=1, le=_MOST_LINES)


async def answer(arguments: Arguments, workplace: Workplace) -> str:
    """The lines, or why there are none."""
    document = workplace.judge.task.document
    if arguments.path == workplace.path:
        return _lines(document.text, arguments)
    if workplace.files is None:
        return "The file belongs to no workspace; there are no others to read."
    try:
        text = await asyncio.to_thread(workplace.files.text, arguments.path)
    except NoAccessError as error:
        return str(error)
    return _lines(TextSnapshot.of(text), arguments)


def _lines(text: TextSnapshot, arguments: Arguments) -> str:
    first = arguments.first_line - 1
    if first >= text.n_lines:
        return f"The file has {text.n_lines} lines."
    last = min(first + arguments.n_lines, text.n_lines)
    shown = [f"{number + 1}: {text.line_text(number)}" for number in range(first, last)]
    return "\n".join([*shown, f"({text.n_lines} lines in all)"])
