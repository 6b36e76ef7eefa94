"""Ghost text requests, and the same for clients that only know completion menus; accepting and showing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from copilot_ls.features.inline_completion import Query
from copilot_ls.lsp import from_proto, to_proto

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.features.suggestion import Suggestion, TriggerKind
    from copilot_ls.lsp.server import Server
    from copilot_ls.text import Span, TextSnapshot

# Characters after which a menu is worth asking for; letters bring the client to ask by itself.
_MENU_TRIGGERS = [".", "(", " ", ",", "=", ":", "{", "[", ">", '"', "'", "/"]


def register(server: Server) -> None:
    """Offer ghost text, and hear what became of it."""

    # lsprotocol's options must be passed: without them pygls does not advertise the feature, and no editor asks.
    @server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
    async def inline_completion(params: types.InlineCompletionParams) -> types.InlineCompletionList | None:
        selected = params.context.selected_completion_info if params.context else None
        suggestions, text = await suggest(
            server,
            params.text_document.uri,
            params.position,
            from_proto.trigger_kind(params.context),
            (selected.range, selected.text) if selected else None,
        )
        if suggestions is None:
            # An empty list says that there is nothing to show, and would take the newer answer off a screen.
            return None
        encoding = server.workbench.documents.encoding
        return to_proto.inline_completion_list(suggestions, text, encoding, server.accept_command)

    register_accept(server, to_proto.ACCEPT_COMMAND)

    @server.command(to_proto.REJECT_COMMAND)
    def did_reject(*arguments: Any) -> None:  # noqa: ANN401 - whatever a client sends
        if arguments and isinstance(arguments[0], str):
            server.workbench.lifecycle.rejected(arguments[0])

    @server.feature("textDocument/didShowCompletion")
    def did_show(params: Any) -> None:  # noqa: ANN401 - not a part of LSP
        if suggestion_id := _id_in(params):
            server.workbench.lifecycle.shown(suggestion_id)

    @server.feature("textDocument/didPartiallyAcceptCompletion")
    def did_partially_accept(params: Any) -> None:  # noqa: ANN401 - not a part of LSP
        length = getattr(params, "acceptedLength", None)
        text = getattr(getattr(params, "item", None), "insertText", None)
        if (suggestion_id := _id_in(params)) and isinstance(length, int) and length > 0:
            n_chars = code_points(text, length) if isinstance(text, str) else length
            server.workbench.lifecycle.partially_accepted(suggestion_id, n_chars)


def register_accept(server: Server, name: str) -> None:
    """Offer the command that an item brings with it, and that a client runs when the item was accepted."""

    @server.command(name)
    def did_accept(*arguments: Any) -> None:  # noqa: ANN401 - whatever a client sends
        if arguments and isinstance(arguments[0], str):
            server.workbench.lifecycle.accepted(arguments[0])


def menu_options() -> types.CompletionOptions:
    """What a client is told of our entries in completion menus."""
    return types.CompletionOptions(trigger_characters=_MENU_TRIGGERS)


def register_menu(server: Server) -> None:
    """Offer the same in completion menus, several to choose from."""

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, menu_options())
    async def completion(params: types.CompletionParams) -> types.CompletionList:
        invoked = params.context is None or params.context.trigger_kind == types.CompletionTriggerKind.Invoked
        suggestions, text = await suggest(
            server,
            params.text_document.uri,
            params.position,
            "invoked" if invoked else "automatic",
            None,
            for_menu=True,
        )
        return to_proto.completion_list(suggestions or [], text, server.workbench.documents.encoding)


async def suggest(
    server: Server,
    uri: str,
    position: types.Position,
    trigger_kind: TriggerKind,
    selected: tuple[types.Range, str] | None,
    *,
    for_menu: bool = False,
    n_most: int | None = None,
) -> tuple[Sequence[Suggestion] | None, TextSnapshot]:
    """Suggestions at a place of a document, and the text that they are for; none where it is not open.

    None itself where the document, or a newer request in it, has overtaken this one.
    """
    workbench = server.workbench
    document = workbench.documents.get(uri)
    if document is None:
        from copilot_ls.text import TextSnapshot

        return [], TextSnapshot.of("")
    # Everything is read before the first wait: the document as of the request, not as of some later keystroke.
    text = document.buffer.snapshot()
    encoding = workbench.documents.encoding
    place: tuple[Span, str] | None = None
    if selected is not None:
        place = (from_proto.span(selected[0], text, encoding), selected[1])
    query = Query(document, from_proto.point(position, text, encoding), trigger_kind, place, for_menu, n_most)
    workbench.documents.use(uri)
    server.last_place = (uri, query.cursor)
    await workbench.ready()
    if for_menu and workbench.settings().completion.menu == "never":
        return [], text
    if document.buffer.snapshot() is not text:
        return None, text
    return await workbench.completion.suggest(query), text


def code_points(text: str, n_units: int) -> int:
    """Code points in the first `n_units` utf-16 units of `text`, at most all of them."""
    units = text.encode("utf-16-le", "surrogatepass")[: 2 * n_units]
    return len(units.decode("utf-16-le", "ignore"))


def _id_in(params: object) -> str | None:
    """The suggestion's id in `{item: {command: {arguments: [id]}}}`, the shape that Copilot's clients send."""
    command = getattr(getattr(params, "item", None), "command", None)
    arguments = getattr(command, "arguments", None)
    first = arguments[0] if isinstance(arguments, list | tuple) and arguments else None
    return first if isinstance(first, str) else None
