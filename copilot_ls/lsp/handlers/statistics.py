"""The command that opens the statistics: `copilot-ls.showStatistics`.

It takes no argument. The answer names the document that was made, for clients that open no documents for a server.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcInvalidParams

from copilot_ls.lsp.explanations import open_document

if TYPE_CHECKING:
    from copilot_ls.lsp.server import Server

SHOW_COMMAND = "copilot-ls.showStatistics"


def register(server: Server) -> None:
    """Offer the command."""

    @server.command(SHOW_COMMAND)
    async def show_statistics(*_arguments: Any) -> dict[str, str]:  # noqa: ANN401 - whatever a client sends
        from copilot_ls.features.shown_statistics import write_statistics

        try:
            place = await asyncio.to_thread(write_statistics)
        except OSError as error:
            raise JsonRpcInvalidParams(
                f"the statistics cannot be written ({error}); set COPILOT_LS_STATE_DIR to a folder that "
                "can be written to"
            ) from error
        await open_document(server, place.as_uri())
        return {"uri": place.as_uri()}
