"""What a model would be sent for a place in an open document, put where an editor can open it.

The same gathering and the same prompt as a request for ghost text would make, at the state of this moment: open files
and edits that are not saved are in it, which `copilot-ls context` cannot know; secrets and ignored documents are not,
as they are not sent. One file in the state folder, its
owner's alone and read-only, made anew each time. Sends nothing. Called by `copilot_ls.lsp.handlers.context`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from copilot_ls.features.context_report import ContextReport
    from copilot_ls.features.documents import OpenDocument
    from copilot_ls.features.workbench import Workbench
    from copilot_ls.text import Point

_NAME = "context.md"
_READ_ONLY = 0o400


async def report_at(workbench: Workbench, document: OpenDocument, cursor: Point) -> ContextReport:
    """The report on the prompt for the first backend of the route that is sent one, at a place of a document."""
    from copilot_ls.config.settings import EMBEDDED
    from copilot_ls.context.gather import Gathered
    from copilot_ls.features.context_report import report_on
    from copilot_ls.features.prompts import profile_of

    settings = workbench.settings()
    snapshot = document.snapshot()
    names = [step.backend for step in settings.route.completion if step.backend in settings.backend]
    backend = next((name for name in names if settings.backend[name].kind != EMBEDDED), "")
    others = workbench.ignored.may_teach(workbench.documents.snapshots())
    gathered = await workbench.related_code.gathered(snapshot, cursor, others, backend, with_diagnostics=True)
    gathered = gathered or Gathered((), (), 0.0)
    path = workbench.relative_path(snapshot)
    tree = document.syntax.tree_at(snapshot.text)
    # Not remembered: looking must not change what the next request is sent.
    prompt = workbench.asker.prompts.prompt(
        backend, snapshot, cursor, gathered.snippets, settings, tree=tree, path=path, remember=False
    )
    return report_on(
        prompt,
        gathered,
        profile=profile_of(settings, backend),
        path=path,
        language_id=document.language_id,
        redactor=workbench.redaction.redactor_for(backend),
    )


def write_report(report: ContextReport) -> Path:
    """Write a report as Markdown into the state folder; raises `OSError` where that cannot be."""
    from copilot_ls.config.paths import state_dir
    from copilot_ls.features.context_report import as_markdown

    place = state_dir(create=True) / _NAME
    new = place.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _READ_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
        file.write(as_markdown(report))
    new.replace(place)
    return place
