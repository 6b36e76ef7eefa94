"""`find_references`: where a name is called, used as a type or read as a member."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from copilot_ls.features.fixing.tools.workplace import Workplace

NAME = "find_references"
DESCRIPTION = "Find where a name is used in the workspace, with the lines."

_MOST = 30
_LONGEST_LINE = 200


class Arguments(BaseModel):
    """The name."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200, description="Without its type.")


async def answer(arguments: Arguments, workplace: Workplace) -> str:
    """The uses, one a line."""
    return await asyncio.to_thread(_found, arguments.name, workplace)


def _found(name: str, workplace: Workplace) -> str:
    index, files = workplace.index, workplace.files
    if index is None or files is None:
        return "There is no index of the workspace."
    hits = index.references([name], limit_each=2 * _MOST, near=workplace.path).get(name, [])
    shown = [hit for hit in hits if files.may_read(hit.path)][:_MOST]
    lines = []
    for hit in shown:
        line = "".join(index.file_lines(hit.path, hit.line, hit.line + 1)).strip()[:_LONGEST_LINE]
        within = f" in {hit.scope}" if hit.scope else ""
        lines.append(f"{hit.path}:{hit.line + 1}: {hit.kind}{within}: {line}")
    return "\n".join(lines) or "Nobody uses that name."
