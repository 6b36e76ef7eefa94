"""The request that a backend is given for a question, and the key under which its answer is kept on disk.

A backend within this process sees the documents themselves; one that sends anything away gets a prompt and nothing
else. Called by `ask`, once for each backend that it asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.backends.base import Backend, CompletionRequest
    from copilot_ls.config.settings import Settings
    from copilot_ls.context.snippet import ContextSnippet
    from copilot_ls.features.question import Question
    from copilot_ls.prompt.assemble import Prompt

# Lines around the cursor that a backend within this process is given beside the document itself.
_AROUND_LINES = 60
# The rest of a line is short.
_MAX_TOKENS_OF_LINE = 64
# Sampling for alternatives: the first is the likeliest, more than one needs variety. As Copilot's client does.
_TEMPERATURE_OF_ALTERNATIVES = 0.4


def request_for(question: Question, prompt: Prompt | None, settings: Settings, *, path: str) -> CompletionRequest:
    """The request for a backend; `path` is relative to the workspace. Without a prompt it stays in this process."""
    from copilot_ls.backends.base import CompletionRequest

    document, cursor, generation = question.document, question.cursor, question.generation
    # While somebody types, alternatives are asked for only where they cost nothing.
    n = generation.n if prompt is None or generation.trigger_kind == "invoked" else 1
    snippets: Sequence[ContextSnippet] = ()
    if prompt is None:
        prefix, suffix = document.text.prefix(cursor, _AROUND_LINES), document.text.suffix(cursor, _AROUND_LINES)
    else:
        prefix, suffix, snippets = prompt.prefix, prompt.suffix, prompt.snippets
    most = settings.completion.max_tokens
    # In this process is who says how sure it is, and goes no further than that.
    multiline = question.multiline or (prompt is None and question.multiline_if_sure)
    return CompletionRequest(
        path=path,
        language_id=document.language_id,
        prefix=prefix,
        suffix=suffix,
        snippets=snippets,
        multiline=multiline,
        max_tokens=most if multiline else min(most, _MAX_TOKENS_OF_LINE),
        temperature=_TEMPERATURE_OF_ALTERNATIVES if n > 1 else 0.0,
        n=n,
        document=document,
        cursor=cursor,
        open_documents=question.open_documents,
        taste=generation.taste if prompt is None else None,
    )


def disk_key(backend: Backend, request: CompletionRequest) -> str:
    """The key of a backend's answer to a request in the cache on disk."""
    from copilot_ls.features.disk_cache import key_of

    context = [part for snippet in request.snippets for part in (snippet.path, snippet.text)]
    return key_of(
        backend.name,
        backend.model,
        request.language_id,
        request.path,
        str(request.multiline),
        str(request.max_tokens),
        request.prefix,
        request.suffix,
        *context,
    )
