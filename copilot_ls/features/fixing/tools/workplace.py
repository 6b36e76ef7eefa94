"""What the tools of one task look at. Plain data for `box` and the tools.

Each tool's module has `NAME` and `DESCRIPTION` for the model, `Arguments`, a pydantic model, and
`async def answer(arguments, workplace) -> str`, which raises nothing for what a model asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from copilot_ls.features.fixing.answers import TextEdit
    from copilot_ls.features.fixing.judging import Judge
    from copilot_ls.features.fixing.tools.access import WorkspaceFiles
    from copilot_ls.index.lookup import WorkspaceIndex


@dataclass(frozen=True, slots=True)
class Workplace:
    """`path` is the document's in the workspace. `try_edit` says what an edit of it would do, without making it.

    Without a workspace `files` is None, without an index `index`.
    """

    path: str
    judge: Judge
    files: WorkspaceFiles | None
    index: WorkspaceIndex | None
    try_edit: Callable[[list[TextEdit]], Awaitable[str]]
