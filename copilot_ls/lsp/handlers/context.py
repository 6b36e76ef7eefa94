"""The command that opens what a model would be sent for a place: `copilot-ls.showContext`.

Its argument is a place as LSP has it, `{"textDocument": {"uri"}, "position": {"line", "character"}}`; without one it is
the document that ghost text was last asked for, at that place. The answer names the document that was made, for clients
that open no documents for a server.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from copilot_ls.lsp import from_proto
from copilot_ls.lsp.explanations import open_document

if TYPE_CHECKING:
    from copilot_ls.features.documents import OpenDocument
    from copilot_ls.lsp.server import Server
    from copilot_ls.text import Point

SHOW_COMMAND = "copilot-ls.showContext"


def register(server: Server) -> None:
    """Offer the command."""

    @server.command(SHOW_COMMAND)
    async def show_context(*arguments: Any) -> dict[str, str]:  # noqa: ANN401 - whatever a client sends
        document, cursor = _place(server, arguments[0] if arguments else None)
        if document.is_secret:
            raise JsonRpcInvalidParams("the document's name says that it holds keys: no model is sent anything of it")
        from copilot_ls.features.shown_context import report_at, write_report

        await server.workbench.ready()
        ignored = await server.workbench.ignored.reason(document.snapshot())
        if ignored is not None:
            raise JsonRpcInvalidParams(f"the document is ignored ({ignored}): no model is sent anything of it")
        report = await report_at(server.workbench, document, cursor)
        try:
            place = await asyncio.to_thread(write_report, report)
        except OSError as error:
            raise JsonRpcInvalidParams(
                f"the report cannot be written ({error}); set COPILOT_LS_STATE_DIR to a folder that can be written to"
            ) from error
        await open_document(server, place.as_uri())
        return {"uri": place.as_uri()}


def _place(server: Server, said: object) -> tuple[OpenDocument, Point]:
    """The open document and the place that the command is about."""
    documents = server.workbench.documents
    if said is None:
        last = server.last_place
        document = documents.get(last[0]) if last is not None else None
        if last is None or document is None:
            raise JsonRpcInvalidParams(f"{SHOW_COMMAND}: no place was given, and ghost text was not asked for so far")
        return document, document.buffer.snapshot().clip(last[1])
    uri = _at(_at(said, "textDocument"), "uri")
    position = _at(said, "position")
    line, character = _at(position, "line"), _at(position, "character")
    document = documents.get(uri) if isinstance(uri, str) else None
    if document is None or not isinstance(line, int) or not isinstance(character, int):
        raise JsonRpcInvalidParams(
            f'{SHOW_COMMAND}: expected {{"textDocument": {{"uri"}}, "position": {{"line", "character"}}}} of an open '
            "document"
        )
    text = document.buffer.snapshot()
    return document, from_proto.point(types.Position(line, character), text, documents.encoding)


def _at(said: object, key: str) -> Any:  # noqa: ANN401 - whatever a client sends
    return said.get(key) if isinstance(said, dict) else getattr(said, key, None)
