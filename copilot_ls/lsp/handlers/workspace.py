"""Start and end of a session, its folders and its settings."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder

from copilot_ls.lsp import from_proto, to_proto
from copilot_ls.lsp.abilities import ClientAbilities
from copilot_ls.lsp.greeting import SECTION, Greeting, settings_in
from copilot_ls.lsp.handlers import completion, copilot
from copilot_ls.lsp.status import begin_status, send_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copilot_ls.lsp.server import Server

logger = logging.getLogger("copilot_ls.lsp")

INDEX_COMMAND = "copilot-ls.indexWorkspace"
# No client is waited for longer than this; some never answer.
_CLIENT_ANSWERS_WITHIN_S = 2.0
_ANY_FILE = types.FileOperationRegistrationOptions(
    [types.FileOperationFilter(types.FileOperationPattern("**/*"), scheme="file")]
)


def register(server: Server) -> None:
    """Take part in the session's life."""
    workbench = server.workbench

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        kind = ServerCapabilitiesBuilder.choose_position_encoding(params.capabilities)
        workbench.documents.encoding = from_proto.encoding_of(kind)
        server.watch_process(params.process_id)
        uris = [folder.uri for folder in params.workspace_folders or []] or [params.root_uri or ""]
        workbench.folders = [path for uri in uris if (path := from_proto.path_of(uri))]
        if not workbench.folders and params.root_path:
            workbench.folders = [params.root_path]
        options = params.initialization_options
        _greet(server, options)
        server.abilities = ClientAbilities.of(server.protocol.client_capabilities_sent, options)
        send_status(server)
        if not _knows(server, "inlineCompletion"):
            completion.register_menu(server)

    @server.feature(types.INITIALIZED)
    async def initialized(_params: types.InitializedParams) -> None:
        pulled = await _pull_settings(server)
        server.apply_settings(pulled if pulled is not None else server.editor_settings)
        workbench.start()
        await _watch_files(server)
        await _offer_menu(server)
        await begin_status(server)

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        await _take_settings(server, params.settings)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        gone = {from_proto.path_of(folder.uri) for folder in params.event.removed}
        come = [path for folder in params.event.added if (path := from_proto.path_of(folder.uri))]
        workbench.folders = [path for path in workbench.folders if path not in gone] + come
        server.apply_settings(server.editor_settings)
        workbench.folders_changed()

    @server.feature(types.SHUTDOWN)
    def shutdown(_params: None) -> None:
        server.work.close()
        workbench.completion.close()


def _greet(server: Server, options: object) -> None:
    """Know who the client is, and what it sent along."""
    server.greeting = Greeting.of(options)
    if server.greeting.speaks_copilot:
        server.accept_command = to_proto.COPILOT_ACCEPT_COMMAND
        completion.register_accept(server, to_proto.COPILOT_ACCEPT_COMMAND)
        copilot.register_commands(server)
    server.editor_settings = settings_in(options, server.greeting)


async def _take_settings(server: Server, pushed: object) -> None:
    """Put the editor's settings into force: those that it answers when asked, else those that it sent."""
    pulled = await _pull_settings(server)
    if pulled is None and isinstance(pushed, dict):
        if server.greeting.speaks_copilot:
            copilot.take_settings(server, pushed)
            return
        section = pushed.get(SECTION, pushed)
        pulled = section if isinstance(section, dict) else None
    if pulled is not None:
        server.apply_settings(pulled)


def register_files(server: Server) -> None:
    """Hear of files that change outside of the editor."""

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(params: types.DidChangeWatchedFilesParams) -> None:
        server.files_changed([path for change in params.changes if (path := from_proto.path_of(change.uri))])

    @server.command(INDEX_COMMAND)
    def index_workspace(*_arguments: Any) -> None:  # noqa: ANN401 - whatever a client sends
        server.workbench.look_again()

    # For clients that watch no files: what the user does to files within the editor.

    @server.feature(types.WORKSPACE_DID_CREATE_FILES, _ANY_FILE)
    def did_create_files(params: types.CreateFilesParams) -> None:
        server.files_changed([path for file in params.files if (path := from_proto.path_of(file.uri))])

    @server.feature(types.WORKSPACE_DID_DELETE_FILES, _ANY_FILE)
    def did_delete_files(params: types.DeleteFilesParams) -> None:
        server.files_changed([path for file in params.files if (path := from_proto.path_of(file.uri))])

    @server.feature(types.WORKSPACE_DID_RENAME_FILES, _ANY_FILE)
    def did_rename_files(params: types.RenameFilesParams) -> None:
        for file in params.files:
            old, new = from_proto.path_of(file.old_uri), from_proto.path_of(file.new_uri)
            server.workbench.retention.renamed(old, file.new_uri, new)
        uris = [uri for file in params.files for uri in (file.old_uri, file.new_uri)]
        server.files_changed([path for uri in uris if (path := from_proto.path_of(uri))])


async def _watch_files(server: Server) -> None:
    """Ask to be told of files that change outside of the editor, where the client can watch them."""
    workspace = server.protocol.client_capabilities_sent.get("workspace")
    watching = workspace.get("didChangeWatchedFiles") if isinstance(workspace, dict) else None
    if not isinstance(watching, dict) or not watching.get("dynamicRegistration"):
        return
    options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher("**/*")])
    await _register(server, "copilot-ls.files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)


async def _offer_menu(server: Server) -> None:
    """Offer entries of completion menus beside ghost text, where the client lets servers register late."""
    if server.workbench.settings().completion.menu != "always" or not _knows(server, "inlineCompletion"):
        return  # not wanted, or offered from the start
    menu = (server.protocol.client_capabilities_sent.get("textDocument") or {}).get("completion")
    if not isinstance(menu, dict) or not menu.get("dynamicRegistration"):
        logger.info("completion.menu is 'always', but this editor lets no server register completion late")
        return
    completion.register_menu(server)
    options = types.CompletionRegistrationOptions(trigger_characters=completion.menu_options().trigger_characters)
    await _register(server, "copilot-ls.menu", types.TEXT_DOCUMENT_COMPLETION, options)


async def _register(server: Server, name: str, method: str, options: object) -> None:
    request = types.RegistrationParams([types.Registration(name, method, options)])
    try:
        await asyncio.wait_for(server.client_register_capability_async(request), _CLIENT_ANSWERS_WITHIN_S)
    except Exception as error:  # noqa: BLE001 - whatever the reason, the session goes on without
        logger.info("%s could not be registered: %s", name, type(error).__name__)


def _knows(server: Server, capability: str) -> bool:
    """Whether the client names a capability of documents. lsp-mode sends this one as null: the name is what counts."""
    return capability in (server.protocol.client_capabilities_sent.get("textDocument") or {})


async def _pull_settings(server: Server) -> Mapping[str, Any] | None:
    """Our section of the editor's settings, or None where the client has no such request or no answer."""
    workspace = server.client_capabilities.workspace
    if workspace is None or not workspace.configuration:
        return None
    request = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
    try:
        answer = await asyncio.wait_for(server.workspace_configuration_async(request), _CLIENT_ANSWERS_WITHIN_S)
    except Exception as error:  # noqa: BLE001 - an error, a time-out, a client that has gone: none is our end
        logger.info("the editor's settings could not be read: %s", type(error).__name__)
        return None
    section = answer[0] if isinstance(answer, list | tuple) and answer else None
    return section if isinstance(section, dict) and section else None
