"""How an explanation reaches the user: as it grows in our own plugins, as a document, or as a message.

Our plugins get `copilot-ls/explanation` notifications, `{id, title, markdown, done}`, with all of the Markdown so far
each time, at most ten a second. Other clients open a read-only file when it is complete, and those that open nothing
for a server show its first paragraph. Called by `copilot_ls.lsp.handlers.actions`.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from lsprotocol import types

if TYPE_CHECKING:
    from copilot_ls.lsp.server import Server

logger = logging.getLogger("copilot_ls.lsp")

METHOD = "copilot-ls/explanation"
_SEND_EVERY_S = 0.1
_CLIENT_ANSWERS_WITHIN_S = 2.0


class ExplanationView:
    """One explanation on its way to the user."""

    def __init__(self, server: Server, title: str, about: str, explanation_id: str) -> None:
        self._server = server
        self._title = title
        self._about = about
        self._id = explanation_id
        self._has_begun = False
        self._newest = ""
        self._timer: asyncio.TimerHandle | None = None

    def grown(self, markdown: str) -> None:
        """Show what there is so far, where the client can: at once, or with what comes within a moment."""
        if not self._server.abilities.explanations:
            return
        self._newest = markdown
        if self._timer is None:
            self._tick()

    def _tick(self) -> None:
        """Send what is new, and look again a little later; until there is nothing new."""
        self._timer = None
        if self._newest:
            self._has_begun = True
            self._send(self._newest, done=False)
            self._newest = ""
            self._timer = asyncio.get_running_loop().call_later(_SEND_EVERY_S, self._tick)

    def _stop(self) -> None:
        self._newest = ""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def complete(self, markdown: str) -> dict[str, str]:
        """Show all of it; what the client is answered: the Markdown, and the address of the document if there is."""
        self._stop()
        if self._server.abilities.explanations:
            self._send(markdown, done=True)
            return {"markdown": markdown}
        from copilot_ls.features.explanation_files import write_explanation

        try:
            place = await asyncio.to_thread(write_explanation, markdown, self._about)
        except OSError as error:
            self._say(markdown)
            logger.warning("an explanation cannot be written (%s); set COPILOT_LS_STATE_DIR to another folder", error)
            return {"markdown": markdown}
        if not await self._open(place.as_uri()):
            self._say(markdown)
        return {"markdown": markdown, "uri": place.as_uri()}

    def ended(self) -> None:
        """It was given up: a view that was opened need not wait any longer."""
        self._stop()
        if self._has_begun:
            params = {"id": self._id, "title": self._title, "done": True}
            self._server.protocol.notify(METHOD, params)

    def _send(self, markdown: str, *, done: bool) -> None:
        params = {"id": self._id, "title": self._title, "markdown": markdown, "done": done}
        self._server.protocol.notify(METHOD, params)

    def _say(self, markdown: str) -> None:
        from copilot_ls.features.explanation_files import first_paragraph

        message = first_paragraph(markdown)
        self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, f"copilot-ls: {message}"))

    async def _open(self, uri: str) -> bool:
        return await open_document(self._server, uri)


async def open_document(server: Server, uri: str) -> bool:
    """Have the client open a document, if it does such things; whether it did."""
    if not server.abilities.shows_documents:
        return False
    request = types.ShowDocumentParams(uri=uri, external=False, take_focus=True)
    try:
        # Answers are as JSON has them: see `protocol`.
        answer: Any = await asyncio.wait_for(server.window_show_document_async(request), _CLIENT_ANSWERS_WITHIN_S)
    except Exception as error:  # noqa: BLE001 - the answer to the command names the document all the same
        logger.info("the client did not open a document: %s", type(error).__name__)
        return False
    return not isinstance(answer, dict) or answer.get("success") is not False
