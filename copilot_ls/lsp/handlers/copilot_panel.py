"""Several suggestions for one place, to be chosen from in a panel, as clients of GitHub's server ask for them.

    textDocument/copilotPanelCompletion   as inline completion, with partialResultToken, workDoneToken -> {items: […]}
    getPanelCompletions (older plugins)   {doc, panelId} -> {solutionCountTarget}, then PanelSolution for each and
                                          PanelSolutionsDone

Called by `lsp.server`.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from copilot_ls.lsp import to_proto
from copilot_ls.lsp.handlers.completion import suggest
from copilot_ls.lsp.handlers.copilot_completions import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.features.suggestion import Suggestion
    from copilot_ls.lsp.server import Server
    from copilot_ls.text import TextSnapshot

PANEL, GET_PANEL = "textDocument/copilotPanelCompletion", "getPanelCompletions"
SOLUTION, DONE = "PanelSolution", "PanelSolutionsDone"
# As many as GitHub's server aims at. A backend that gives one answer at a time gives fewer.
_N_SOLUTIONS = 10


def register(server: Server) -> None:
    """Answer for panels."""
    server.protocol.plain.update({PANEL, GET_PANEL})
    panels = _Panels(server)

    @server.feature(PANEL)
    async def panel_completion(params: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a client sends
        place = place_of(params)
        if place is None:
            return {"items": []}
        with _progress(server, params.get("workDoneToken")):
            suggestions, text = await _ask(server, place)
        if not suggestions:
            return {"items": []}
        encoding = server.workbench.documents.encoding
        items = to_proto.inline_completion_list(suggestions, text, encoding, server.accept_command).items
        token = params.get("partialResultToken")
        if not isinstance(token, str | int):
            return {"items": items}
        for item in items:
            server.progress(types.ProgressParams(token, {"items": [item]}))
        return {"items": []}  # as LSP has it: all is in the partial results

    @server.feature(GET_PANEL)
    def get_panel_completions(params: Any) -> dict[str, int]:  # noqa: ANN401 - as above
        panel_id = params.get("panelId") if isinstance(params, dict) else None
        panels.begin(place_of(params), panel_id)
        return {"solutionCountTarget": _N_SOLUTIONS}


@contextmanager
def _progress(server: Server, token: object) -> Iterator[None]:
    """Tell the client's own token, if it sent one, that work goes on."""
    if not isinstance(token, str | int):
        yield
        return
    server.progress(types.ProgressParams(token, types.WorkDoneProgressBegin(title="Looking for suggestions")))
    try:
        yield
    finally:
        server.progress(types.ProgressParams(token, types.WorkDoneProgressEnd()))


class _Panels:
    """The panels of older plugins, which are filled by notifications after their request was answered."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._filling: set[asyncio.Task[None]] = set()

    def begin(self, place: tuple[str, types.Position] | None, panel_id: object) -> None:
        """Ask, and tell the panel one by one. The answer to the request goes out first."""
        task = asyncio.ensure_future(self._fill(place, panel_id))
        self._filling.add(task)
        task.add_done_callback(self._filling.discard)

    async def _fill(self, place: tuple[str, types.Position] | None, panel_id: object) -> None:
        suggestions, text = await _ask(self._server, place) if place is not None else ([], None)
        for rank, suggestion in enumerate(suggestions):
            if text is not None:
                self._server.protocol.notify(SOLUTION, self._solution(rank, suggestion, text, panel_id))
        self._server.protocol.notify(DONE, {"panelId": panel_id, "status": "OK"})

    def _solution(self, rank: int, suggestion: Suggestion, text: TextSnapshot, panel_id: object) -> dict[str, Any]:
        start = suggestion.replaced.start
        confidence = suggestion.confidence
        return {
            "panelId": panel_id,
            "solutionId": suggestion.suggestion_id,
            # Plugins sort by it.
            "score": confidence if confidence is not None else 1 / (rank + 1),
            "completionText": suggestion.text,
            "displayText": text.line(start.line)[: start.column] + suggestion.text,
            "range": to_proto.range_(suggestion.replaced, text, self._server.workbench.documents.encoding),
            "docVersion": suggestion.version,
        }


async def _ask(server: Server, place: tuple[str, types.Position]) -> tuple[Sequence[Suggestion], TextSnapshot]:
    found, text = await suggest(server, *place, "invoked", None, n_most=_N_SOLUTIONS)
    return found or [], text
