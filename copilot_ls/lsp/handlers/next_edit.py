"""Next edits, in the shapes of Copilot's public protocol, so that its clients draw ours.

`textDocument/copilotInlineEdit` (`{textDocument: {uri, version}, position}`) is answered with `{edits: [...]}`: at most
one edit, which may lie far from the cursor and in another document. `textDocument/didShowInlineEdit` says that it is
seen, the edit's command that it was made, `copilot-ls.didRejectNextEdit` that it was turned down. After an edit was
made, the next request is answered with the next one.

Clients that never ask so get the same among the code actions, when their user opens the menu.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from copilot_ls.lsp import from_proto, to_proto

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.edits import Replacement
    from copilot_ls.features.documents import OpenDocument
    from copilot_ls.features.next_edit.suggester import OfferedEdit
    from copilot_ls.lsp.server import Server
    from copilot_ls.text import Point, PositionEncoding

INLINE_EDIT = "textDocument/copilotInlineEdit"
DID_SHOW = "textDocument/didShowInlineEdit"
ACCEPT_COMMAND = "github.copilot.didAcceptNextEditSuggestionItem"
REJECT_COMMAND = "copilot-ls.didRejectNextEdit"
_INVOKED = 1
_KIND = types.CodeActionKind.RefactorRewrite
_MAX_TITLE_PART = 30


def register(server: Server) -> None:
    """Offer next edits, and hear what became of them."""

    @server.feature(INLINE_EDIT)
    async def inline_edit(params: Any) -> dict[str, Any]:  # noqa: ANN401 - not a part of LSP
        server.draws_next_edits = True
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
    document, replacement = offered.edit.document, offered.edit.replacement
    return {
        "text": replacement.text,
        "textDocument": {"uri": document.uri, "version": document.version},
        "range": to_proto.range_(replacement.span, document.text, encoding),
        "command": _accept(offered),
    }


def _accept(offered: OfferedEdit) -> types.Command:
    return types.Command(title="Accept the next edit", command=ACCEPT_COMMAND, arguments=[offered.suggestion_id])


async def actions(server: Server, document: OpenDocument, cursor: Point, only: Sequence[str]) -> list[types.CodeAction]:
    """The next edit, and all that are like it, as entries of a menu that a user has opened."""
    able = server.abilities.action_literals and not server.draws_next_edits
    if not able or not any(_KIND.value == kind or _KIND.value.startswith(kind + ".") for kind in only or [_KIND.value]):
        return []
    offered = await server.workbench.next_edits.ask(document, cursor, trigger_kind="invoked", for_menu=True)
    if offered is None:
        return []
    found = [_action(server, offered, _title(offered), [offered.edit.replacement])]
    if len(offered.alike) > 1:
        found.append(_action(server, offered, f"Next edits: all {len(offered.alike)} like it", offered.alike))
    return found


def _title(offered: OfferedEdit) -> str:
    replacement = offered.edit.replacement
    old, new = [
        _shortened(text) for text in (offered.edit.document.text.slice(replacement.span), replacement.text)
    ]  # fmt: skip
    what = f"{old} → {new}" if old and new else f"remove {old}" if old else f"add {new}"
    return f"Next edit (line {replacement.span.start.line + 1}): {what}"


def _shortened(text: str) -> str:
    """One line of it."""
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return words if len(words) <= _MAX_TITLE_PART else words[: _MAX_TITLE_PART - 1] + "…"


def _action(server: Server, offered: OfferedEdit, title: str, replacements: Sequence[Replacement]) -> types.CodeAction:
    document, encoding = offered.edit.document, server.workbench.documents.encoding
    edits = [types.TextEdit(to_proto.range_(each.span, document.text, encoding), each.text) for each in replacements]
    if server.abilities.versioned_edits:
        identifier = types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=document.version)
        edit = types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, edits)])
    else:
        edit = types.WorkspaceEdit(changes={document.uri: edits})
    return types.CodeAction(title=title, kind=_KIND, edit=edit, command=_accept(offered))


def _at(params: object, *names: str) -> Any:  # noqa: ANN401 - whatever a client sends
    """What stands at a path of keys; None where there is nothing."""
    for name in names:
        params = params.get(name) if isinstance(params, dict) else getattr(params, name, None)
    return params
