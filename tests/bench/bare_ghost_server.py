"""The baseline of the editors' bench: the least that pygls needs to show ghost text, which says where it was asked for.

The place makes each answer another one, so that an old one that is still on the screen is not taken for the new one.
"""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "0", text_document_sync_kind=types.TextDocumentSyncKind.Incremental)


@server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
async def inline_completion(params: types.InlineCompletionParams) -> types.InlineCompletionList:
    """Offer the place."""
    at = params.position
    text = f"pass  # {at.line}:{at.character}"
    return types.InlineCompletionList([types.InlineCompletionItem(text, range=types.Range(at, at))])


if __name__ == "__main__":
    server.start_io()
