"""Fixes for editors that can neither resolve an action nor be sent an edit: made before they are shown.

The embedded fixers alone, without a check, in a thread and within a deadline. Only for requests that a user waits for.
Called by `lsp`.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from copilot_ls.errors import place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.features.workbench import Workbench
    from copilot_ls.fixers.base import Proposal
    from copilot_ls.text import DocumentSnapshot

logger = logging.getLogger("copilot_ls")

_WITHIN_S = 3.0
_MAX_DIAGNOSTICS = 4
_MAX_EACH = 2


async def direct_fixes(
    workbench: Workbench, document: DocumentSnapshot, diagnostics: Sequence[Diagnostic]
) -> list[Proposal]:
    """The likeliest proposals for each of the diagnostics; none where they take too long."""
    index, root = workbench.workspaces().index_of(document.path), workbench.root_of(document)
    others = workbench.ignored.may_teach(workbench.documents.snapshots())

    def propose_all() -> list[Proposal]:
        from copilot_ls.fixers.base import Problem
        from copilot_ls.fixers.propose import propose
        from copilot_ls.syntax import SyntaxDocument

        tree = SyntaxDocument(document.language_id, document.path).tree_at(document.text)
        found: list[Proposal] = []
        for each in diagnostics[:_MAX_DIAGNOSTICS]:
            rest = [other for other in diagnostics if other is not each]
            problem = Problem(document, tree, each, rest, index, root, others)
            found += propose(problem, limit=_MAX_EACH).found
        return found

    try:
        return await asyncio.wait_for(asyncio.to_thread(propose_all), _WITHIN_S)
    except TimeoutError:
        return []
    except Exception as error:  # noqa: BLE001 - the rest of the menu is shown all the same
        logger.error("fixes could not be proposed: %s", place_of(error))  # noqa: TRY400 - may quote source text
        return []
