"""`search`: the passages of the workspace that share most of what is telling in some words."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from copilot_ls.index.terms import terms_of

if TYPE_CHECKING:
    from copilot_ls.features.fixing.tools.workplace import Workplace

NAME = "search"
DESCRIPTION = "Search the workspace for words: names or parts of them, no regular expressions."

_MOST = 6


class Arguments(BaseModel):
    """The words."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field(min_length=1, max_length=400)


async def answer(arguments: Arguments, workplace: Workplace) -> str:
    """The passages, each with its place."""
    return await asyncio.to_thread(_found, arguments.words, workplace)


def _found(words: str, workplace: Workplace) -> str:
    index, files = workplace.index, workplace.files
    if index is None or files is None:
        return "There is no index of the workspace."
    hits = index.search_lines(list(dict.fromkeys(terms_of(words))), limit=2 * _MOST)
    shown = [(hit, lines) for hit, lines in hits if files.may_read(hit.path)][:_MOST]
    passages = ["\n".join([f"{hit.path}:{hit.start + 1}-{hit.end}", *lines]) for hit, lines in shown]
    return "\n\n".join(passages) or "Nothing fits these words."
