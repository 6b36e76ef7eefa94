"""Which snippets of the last prompt are still facts: each line stands in the file where it stood.

Lets a prompt keep what was found a key ago and is not found now, without keeping what is stale. A snippet of a file
that is neither open nor in the index is none. Called by `copilot_ls.features.prompts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.context.request import relative_path
from copilot_ls.context.snippet import is_gap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.context.request import ContextRequest
    from copilot_ls.context.snippet import ContextSnippet


def still_true(snippets: Sequence[ContextSnippet], request: ContextRequest) -> list[ContextSnippet]:
    """Those whose lines are in their files, as these are now."""
    opened = {relative_path(document.path, request.root): document for document in request.open_documents}
    kept = []
    for snippet in snippets:
        document = opened.get(snippet.path)
        if document is not None:
            lines = document.text.lines(snippet.start_line, snippet.end_line)
        elif request.index is not None:
            lines = request.index.file_lines(snippet.path, snippet.start_line, snippet.end_line)
        else:
            continue
        there = {line.strip() for line in lines}
        if all(line.strip() in there for line in snippet.text.splitlines() if line.strip() and not is_gap(line)):
            kept.append(snippet)
    return kept
