"""The baseline of the benchmarks: the least that pygls needs to answer an inline completion, over stdio."""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("minimal", "0", text_document_sync_kind=types.TextDocumentSyncKind.Incremental)


@server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
async def inline_completion(params: types.InlineCompletionParams) -> types.InlineCompletionList:
    """Offer one constant text, at the cursor: an item without a place is one for the word there, which VS Code then misses."""
    here = types.Range(params.position, params.position)
    return types.InlineCompletionList(items=[types.InlineCompletionItem(insert_text="pass", range=here)])


if __name__ == "__main__":
    server.start_io()
