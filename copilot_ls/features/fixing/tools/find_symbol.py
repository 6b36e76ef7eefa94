"""`find_symbol`: where the workspace, or a package that it imports, declares a name."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from copilot_ls.features.fixing.tools.workplace import Workplace

NAME = "find_symbol"
DESCRIPTION = "Find where a function, class, method or variable is declared, with its signature."

_MOST = 20
_LONGEST_SIGNATURE = 400


class Arguments(BaseModel):
    """The name."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200, description="`name`, or `Type.member`; part of a name will do.")


async def answer(arguments: Arguments, workplace: Workplace) -> str:
    """The declarations, one a line."""
    return await asyncio.to_thread(_found, arguments.name, workplace)


def _found(name: str, workplace: Workplace) -> str:
    index, files = workplace.index, workplace.files
    if index is None or files is None:
        return "There is no index of the workspace."
    hits = [hit for hit in index.search_symbols(name, limit=2 * _MOST) if files.may_read(hit.path)]
    lines = [f"{hit.path}:{hit.line + 1}: {hit.kind} {_signature(hit.signature)}" for hit in hits[:_MOST]]
    if not lines:
        found = index.dependencies.definitions([name.rpartition(".")[2]])
        lines = [
            f"installed package, {hit.path}:{hit.line + 1}: {hit.kind} {_signature(hit.signature)}"
            for hits_of_name in found.values()
            for hit in hits_of_name[:_MOST]
        ]
    return "\n".join(lines) or "Nothing of that name is declared."


def _signature(signature: str) -> str:
    return " ".join(signature.split())[:_LONGEST_SIGNATURE]
