"""The status that an editor shows: GitHub's notification `didChangeStatus`, for clients that know it.

A client says so by the capability `experimental.didChangeStatus`, or by greeting as clients of GitHub's server do, with
`editorPluginInfo` among its initialization options. To others nothing is sent: what they do not know, some of them log
as an error. That server's own clients are told under the older name `statusNotification` as well. Called by
`copilot_ls.lsp.handlers`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copilot_ls.features.status import Status
    from copilot_ls.lsp.greeting import Greeting
    from copilot_ls.lsp.server import Server

METHOD = "didChangeStatus"
_OLDER_METHOD = "statusNotification"


def wants_status(capabilities: Mapping[str, Any], greeting: Greeting) -> bool:
    """Whether a client, by what it sent at initialization, knows the notification."""
    experimental = capabilities.get("experimental")
    return greeting.wants_status or (isinstance(experimental, dict) and bool(experimental.get(METHOD)))


def send_status(server: Server) -> None:
    """From now on, tell the client each change of the status, if it wants to know."""

    def heard(status: Status) -> None:
        content = {"busy": status.busy, "message": status.message, "kind": status.kind}
        server.protocol.notify(METHOD, content)
        if server.greeting.speaks_copilot:
            older = {"status": "InProgress" if status.busy else status.kind, "message": status.message}
            server.protocol.notify(_OLDER_METHOD, older)

    if wants_status(server.protocol.client_capabilities_sent, server.greeting):
        server.workbench.status.listeners.append(heard)


async def begin_status(server: Server) -> None:
    """Tell the client, once the backends are there, how things stand: its status item waits for a first word."""
    if server.workbench.status.listeners:
        await server.workbench.ready()
        server.workbench.status.tell_first()
