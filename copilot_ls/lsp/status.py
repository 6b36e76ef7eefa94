"""The status that an editor shows: GitHub's notification `didChangeStatus`, for clients that know it.

A client says so by the capability `experimental.didChangeStatus`, or by greeting as clients of GitHub's server do, with
`editorPluginInfo` among its initialization options. To others nothing is sent: what they do not know, some of them log
as an error. Called by `copilot_ls.lsp.server`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copilot_ls.lsp.greeting import speaks_copilot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copilot_ls.features.status import Status
    from copilot_ls.lsp.server import Server

METHOD = "didChangeStatus"


def wants_status(capabilities: Mapping[str, Any], options: object) -> bool:
    """Whether a client, by what it sent at initialization, knows the notification."""
    experimental = capabilities.get("experimental")
    if isinstance(experimental, dict) and experimental.get(METHOD):
        return True
    return speaks_copilot(options)


def send_status(server: Server, options: object) -> None:
    """From now on, tell the client each change of the status, if it wants to know."""

    def heard(status: Status) -> None:
        content = {"busy": status.busy, "message": status.message, "kind": status.kind}
        server.protocol.notify(METHOD, content)

    if wants_status(server.protocol.client_capabilities_sent, options):
        server.workbench.status.listeners.append(heard)


async def begin_status(server: Server) -> None:
    """Tell the client, once the backends are there, how things stand: its status item waits for a first word."""
    if server.workbench.status.listeners:
        await server.workbench.ready()
        server.workbench.status.tell_first()
