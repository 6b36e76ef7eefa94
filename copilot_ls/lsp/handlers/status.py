"""The state of a session for an editor's status item and its menu, and the switches that the menu turns.

    copilot-ls/status     {textDocument?: {uri}} -> see `_answer`
    copilot-ls.snooze     [minutes]     offer nothing by itself for so long (10 by default)
    copilot-ls.resume     []            end that
    copilot-ls.toggle     [languageId]  ghost text off or on, in a language or altogether, for this session

Each command answers the new status. The notification is `lsp.status`; what is on and off `features.switches`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcInvalidParams

from copilot_ls import __version__
from copilot_ls.features.switches import SNOOZE_MINUTES

if TYPE_CHECKING:
    from copilot_ls.features.session_report import SessionReport
    from copilot_ls.lsp.server import Server

STATUS = "copilot-ls/status"
SNOOZE, RESUME, TOGGLE = "copilot-ls.snooze", "copilot-ls.resume", "copilot-ls.toggle"


def register(server: Server) -> None:
    """Answer for the session, and offer its switches."""
    workbench = server.workbench
    reporter = server.reporter
    server.protocol.plain.add(STATUS)

    async def answer() -> dict[str, Any]:
        return _answer(await reporter.report(None))

    @server.feature(STATUS)
    async def status(params: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a client sends
        said = params.get("textDocument") if isinstance(params, dict) else None
        uri = said.get("uri") if isinstance(said, dict) else None
        return _answer(await reporter.report(workbench.documents.get(uri) if isinstance(uri, str) else None))

    @server.command(SNOOZE)
    async def snooze(*arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
        minutes = arguments[0] if arguments and arguments[0] is not None else SNOOZE_MINUTES
        if not isinstance(minutes, int | float) or isinstance(minutes, bool) or not 0 < minutes < math.inf:
            raise JsonRpcInvalidParams(f"{SNOOZE}: expected a number of minutes above 0, got {minutes!r}")
        workbench.switches.snooze(float(minutes))
        return await answer()

    @server.command(RESUME)
    async def resume(*_arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
        workbench.switches.resume()
        return await answer()

    @server.command(TOGGLE)
    async def toggle(*arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
        language_id = arguments[0] if arguments else None
        if language_id is not None and (not isinstance(language_id, str) or not language_id):
            raise JsonRpcInvalidParams(f"{TOGGLE}: expected the id of a language, or nothing, got {language_id!r}")
        workbench.switches.toggle(language_id)
        return await answer()


def _answer(report: SessionReport) -> dict[str, Any]:
    document = report.document
    return {
        "kind": report.status.kind,
        "busy": report.status.busy,
        "message": report.status.message,
        "version": __version__,
        "backends": [
            {"name": each.name, "model": each.model, "state": each.state, "problem": each.problem or None}
            for each in report.backends
        ],
        "today": {
            "shown": report.today.shown,
            "accepted": report.today.accepted,
            "acceptanceRate": report.today.acceptance_rate,
        },
        "snoozedUntil": report.snoozed_until,
        "enabled": report.enabled,
        "untrustedFolders": list(report.untrusted),
        "document": None
        if document is None
        else {
            "languageId": document.language_id,
            "enabled": document.enabled,
            "why": document.why,
            "reason": document.reason,
        },
    }
