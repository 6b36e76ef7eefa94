"""Next edits, in the shapes of Copilot's public protocol, so that its clients draw ours.

`textDocument/copilotInlineEdit` (`{textDocument: {uri, version}, position}`) is answered with `{edits: [...]}`: at most
one edit, which may lie far from the cursor and in another document. `textDocument/didShowInlineEdit` says that it is
seen, the edit's command that it was made, `copilot-ls.didRejectNextEdit` that it was turned down. After an edit was
made, the next request is answered with the next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from copilot_ls.lsp import from_proto, to_proto

if TYPE_CHECKING:
    from copilot_ls.features.next_edit.suggester import OfferedEdit
    from copilot_ls.lsp.server import Server
    from copilot_ls.text import PositionEncoding

INLINE_EDIT = "textDocument/copilotInlineEdit"
DID_SHOW = "textDocument/didShowInlineEdit"
ACCEPT_COMMAND = "github.copilot.didAcceptNextEditSuggestionItem"
REJECT_COMMAND = "copilot-ls.didRejectNextEdit"
_INVOKED = 1


def register(server: Server) -> None:
    """Offer next edits, and hear what became of them."""

    @server.feature(INLINE_EDIT)
    async def inline_edit(params: Any) -> dict[str, Any]:  # noqa: ANN401 - not a part of LSP
        return {"edits": await _edits(server, params)}

    @server.feature(DID_SHOW)
    def did_show(params: Any) -> None:  # noqa: ANN401 - not a part of LSP
        arguments = _at(params, "item", "command", "arguments")
        if isinstance(arguments, list | tuple) and arguments and isinstance(arguments[0], str):
            server.workbench.next_edits.offers.shown(arguments[0])

    @server.command(ACCEPT_COMMAND)
    def did_accept(*arguments: Any) -> None:  # noqa: ANN401 - whatever a client sends
        if arguments and isinstance(arguments[0], str):
            server.workbench.next_edits.offers.accepted(arguments[0])

    @server.command(REJECT_COMMAND)
    def did_reject(*arguments: Any) -> None:  # noqa: ANN401 - whatever a client sends
        if arguments and isinstance(arguments[0], str):
            server.workbench.next_edits.offers.rejected(arguments[0])


async def _edits(server: Server, params: object) -> list[dict[str, Any]]:
    workbench = server.workbench
    uri, version = _at(params, "textDocument", "uri"), _at(params, "textDocument", "version")
    line, character = _at(params, "position", "line"), _at(params, "position", "character")
    document = workbench.documents.get(uri) if isinstance(uri, str) else None
    if document is None or not isinstance(line, int) or not isinstance(character, int):
        return []
    text, encoding = document.buffer.snapshot(), workbench.documents.encoding
    # What the client asked of is gone, or still to come.
    if isinstance(version, int) and version != document.version:
        return []
    cursor = from_proto.point(types.Position(line, character), text, encoding)
    invoked = _at(params, "context", "triggerKind") == _INVOKED
    await workbench.ready()
    if document.buffer.snapshot() is not text:
        return []
    offered = await workbench.next_edits.ask(document, cursor, trigger_kind="invoked" if invoked else "automatic")
    return [] if offered is None else [_as_proto(offered, encoding)]


def _as_proto(offered: OfferedEdit, encoding: PositionEncoding) -> dict[str, Any]:
    document, replacement = offered.document, offered.edit.replacement
    command = types.Command(title="Accept the next edit", command=ACCEPT_COMMAND, arguments=[offered.suggestion_id])
    return {
        "text": replacement.text,
        "textDocument": {"uri": document.uri, "version": document.version},
        "range": to_proto.range_(replacement.span, document.text, encoding),
        "command": command,
    }


def _at(params: object, *names: str) -> Any:  # noqa: ANN401 - whatever a client sends
    """What stands at a path of keys; None where there is nothing."""
    for name in names:
        params = params.get(name) if isinstance(params, dict) else getattr(params, name, None)
    return params
