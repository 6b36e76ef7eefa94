"""Document sync: open, change, save, close; and which document is looked at, where a client says so.

`textDocument/didFocus` (`{textDocument: {uri}}`) is no part of LSP. Copilot's server has it, and its clients send it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from copilot_ls.lsp import from_proto

if TYPE_CHECKING:
    from copilot_ls.lsp.server import Server

logger = logging.getLogger("copilot_ls.lsp")

DID_FOCUS = "textDocument/didFocus"


def register(server: Server) -> None:
    """Take part in document sync."""
    documents = server.workbench.documents
    server.protocol.plain.add(DID_FOCUS)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        opened = params.text_document
        documents.open(opened.uri, from_proto.path_of(opened.uri), opened.language_id, opened.version, opened.text)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        changed = params.text_document
        if not documents.change(changed.uri, changed.version, from_proto.changes(params.content_changes)):
            logger.warning("ignored a change of a document that is not open")

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        documents.close(params.text_document.uri)

    @server.feature(DID_FOCUS)
    async def did_focus(params: Any) -> None:  # noqa: ANN401 - whatever a client sends
        focused = params.get("textDocument") if isinstance(params, dict) else None
        uri = focused.get("uri") if isinstance(focused, dict) else None
        if isinstance(uri, str) and (document := documents.get(uri)) is not None:
            documents.use(uri)
            if server.workbench.status.listeners:
                await server.workbench.ready()
                await server.reporter.look_at(document)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        document = documents.get(params.text_document.uri)
        if document is not None:
            server.workbench.retention.document_saved(document.uri)
            server.files_changed([document.path])
