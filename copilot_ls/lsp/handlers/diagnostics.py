"""What the editor shows of other servers' diagnostics: the notification `copilot-ls/didPublishDiagnostics`.

LSP has no such message, for a server is not told of other servers. Its parameters are those of
`textDocument/publishDiagnostics`, `{uri, version?, diagnostics}`, and stand for all diagnostics of the document; a
plugin sends it when they change. Columns are counted as was agreed upon at initialization.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from copilot_ls.lsp import from_proto

if TYPE_CHECKING:
    from copilot_ls.lsp.server import Server

logger = logging.getLogger("copilot_ls.lsp")

METHOD = "copilot-ls/didPublishDiagnostics"


def register(server: Server) -> None:
    """Hear of diagnostics."""
    workbench = server.workbench

    @server.feature(METHOD)
    def did_publish_diagnostics(params: Any) -> None:  # noqa: ANN401 - whatever a client sends
        said = params if isinstance(params, dict) else {}
        uri, version = said.get("uri"), said.get("version")
        if not isinstance(version, int) or isinstance(version, bool):
            version = None
        document = workbench.documents.get(uri) if isinstance(uri, str) else None
        if document is None:
            return
        # Columns are those of the text that they were reported for, where it is still known.
        text = workbench.history.text_at(document.uri, version) if version is not None else None
        text = text or document.buffer.snapshot()
        found = from_proto.plain_diagnostics(said.get("diagnostics"), text, workbench.documents.encoding)
        if found is None:
            logger.warning("ignored %s: expected {uri, version?, diagnostics: [...]}", METHOD)
            return
        workbench.diagnostics.published(document.uri, version, found)
