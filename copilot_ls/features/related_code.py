"""Related code from elsewhere, gathered for a prompt: the workspace's index, the open documents, the latest edits.

Leaves finding and choosing to `copilot_ls.context`, and the prompt to `prompts`. Made by the workbench; asked by `ask`,
`explaining` and `fixing`, and by what reports on prompts.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from copilot_ls.errors import place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from copilot_ls.config.settings import Settings
    from copilot_ls.context.gather import Gathered
    from copilot_ls.context.recent_edits import RecentEdit
    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.features.prompts import Prompts
    from copilot_ls.features.question import Question
    from copilot_ls.index.lookup import WorkspaceIndex
    from copilot_ls.text import DocumentSnapshot, Point

logger = logging.getLogger("copilot_ls")

# How far from the cursor diagnostics are of use.
_LINES_NEAR = 20


class RelatedCode:
    """Gathers for one workspace."""

    def __init__(
        self,
        *,
        settings: Callable[[], Settings],
        index_of: Callable[[str], WorkspaceIndex | None],
        root_of: Callable[[DocumentSnapshot], Path | None],
        recent_edits: Callable[[], Sequence[RecentEdit]],
        prompts: Callable[[], Prompts],
        closed_paths: Callable[[], Sequence[str]] = tuple,
        diagnostics: Callable[[str, Point, int], Sequence[Diagnostic]] = lambda _uri, _point, _n_lines: (),
    ) -> None:
        self._settings = settings
        self._index_of = index_of
        self._root_of = root_of
        self._recent_edits = recent_edits
        self._prompts = prompts
        self._closed_paths = closed_paths
        self._diagnostics = diagnostics

    async def gather(self, question: Question, backend: str) -> Sequence[ContextSnippet]:
        """Related code from elsewhere, for a backend that is sent a prompt."""
        gathered = await self.gathered(
            question.document, question.cursor, question.open_documents, backend, with_diagnostics=True
        )
        return () if gathered is None else gathered.snippets

    async def gathered(
        self,
        document: DocumentSnapshot,
        cursor: Point,
        open_documents: Sequence[DocumentSnapshot],
        backend: str,
        *,
        with_diagnostics: bool = False,
    ) -> Gathered | None:
        """Related code from elsewhere, and what was left out of it; None where there is nowhere to look.

        As much as a prompt for the backend of this name has room for. What is reported near the cursor is for whoever
        writes on; explanations and fixes are asked about a report that they state themselves.
        """
        settings = self._settings().context
        index = self._index_of(document.path)
        if not settings.enable or (index is None and len(open_documents) <= 1):
            return None
        from copilot_ls.context.open_files import lay_open_files
        from copilot_ls.context.request import ContextRequest
        from copilot_ls.features.prompts import gather_for

        request = ContextRequest(
            document=document,
            cursor=cursor,
            root=self._root_of(document),
            open_documents=open_documents,
            index=index,
            recent_edits=self._recent_edits(),
            diagnostics=self._diagnostics(document.uri, cursor, _LINES_NEAR) if with_diagnostics else (),
            viewed_paths=self._closed_paths(),
        )
        standing = self._prompts().standing(backend, document, cursor)
        work = partial(
            gather_for, request, self._settings(), backend, standing=standing, deadline_ms=settings.deadline_ms
        )

        def with_open_files() -> Gathered:
            lay_open_files(request)
            return work()

        try:
            return await asyncio.to_thread(with_open_files)
        except Exception as error:  # noqa: BLE001 - without context there is still a prompt
            logger.error("gathering context failed: %s", place_of(error))  # noqa: TRY400 - a message may quote source text
            return None
