"""Completions as older plugins of GitHub's server ask for them, and what became of them.

    getCompletions, getCompletionsCycling   {doc: {uri, version, position, …}} -> {completions: […]}
    notifyShown       {uuid}
    notifyAccepted    {uuid, acceptedLength?}
    notifyRejected    {uuids: […]}

A completion's `text` begins at its line's beginning and `displayText` at the cursor, as their plugins take for granted.
Called by `lsp.server`; the newer way, LSP's own, is in `completion`.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from copilot_ls.lsp import to_proto
from copilot_ls.lsp.handlers.completion import code_points, suggest
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from copilot_ls.features.suggestion import Suggestion, TriggerKind
    from copilot_ls.lsp.server import Server
    from copilot_ls.text import TextSnapshot

GET, CYCLE = "getCompletions", "getCompletionsCycling"
SHOWN, ACCEPTED, REJECTED = "notifyShown", "notifyAccepted", "notifyRejected"
# Ghost texts whose length is remembered, to judge what was taken of one; a client speaks of the latest.
_MOST_REMEMBERED = 64


class OfferedTexts:
    """What was answered last, by id: as the user sees it."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()

    def remember(self, suggestion: Suggestion) -> None:
        """Keep a suggestion's text."""
        self._texts[suggestion.suggestion_id] = suggestion.text
        if len(self._texts) > _MOST_REMEMBERED:
            self._texts.popitem(last=False)

    def part(self, suggestion_id: str, n_units: int) -> int | None:
        """How many code points the first `n_units` utf-16 units of a text are, where they are a proper part of it."""
        text = self._texts.get(suggestion_id)
        if text is None or not 0 < (n_points := code_points(text, n_units)) < len(text):
            return None
        return n_points


def register(server: Server) -> None:
    """Answer, and hear what became of it."""
    server.protocol.plain.update({GET, CYCLE, SHOWN, ACCEPTED, REJECTED})
    offered = OfferedTexts()
    _register_outcomes(server, offered)

    async def completions(params: Any, trigger_kind: TriggerKind) -> dict[str, Any]:  # noqa: ANN401 - as a client sends it
        place = place_of(params)
        if place is None:
            return {"completions": []}
        found, text = await suggest(server, *place, trigger_kind, None)
        suggestions = found or []
        for each in suggestions:
            offered.remember(each)
        return {"completions": [_completion(server, each, text, place[1]) for each in suggestions]}

    @server.feature(GET)
    async def get_completions(params: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
        return await completions(params, "automatic")

    @server.feature(CYCLE)
    async def get_completions_cycling(params: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
        return await completions(params, "invoked")


def _register_outcomes(server: Server, offered: OfferedTexts) -> None:
    lifecycle = server.workbench.lifecycle

    @server.feature(SHOWN)
    def notify_shown(params: Any) -> str:  # noqa: ANN401 - as a client sends it
        if suggestion_id := _text(params, "uuid"):
            lifecycle.shown(suggestion_id)
        return "OK"

    @server.feature(ACCEPTED)
    def notify_accepted(params: Any) -> str:  # noqa: ANN401 - as above
        suggestion_id = _text(params, "uuid")
        length = params.get("acceptedLength") if isinstance(params, dict) else None
        if suggestion_id and length is None:
            lifecycle.accepted(suggestion_id)
        elif suggestion_id and isinstance(length, int) and (n_points := offered.part(suggestion_id, length)):
            lifecycle.partially_accepted(suggestion_id, n_points)
        # Some plugins give the length of the whole text with every word: then the edit, which follows, says what was
        # taken.
        return "OK"

    @server.feature(REJECTED)
    def notify_rejected(params: Any) -> str:  # noqa: ANN401 - as above
        named = params.get("uuids") if isinstance(params, dict) else None
        for suggestion_id in named if isinstance(named, list) else ():
            if isinstance(suggestion_id, str):
                lifecycle.rejected(suggestion_id)
        return "OK"


def place_of(params: object) -> tuple[str, types.Position] | None:
    """The address and the place that a request is about: in its `doc`, as older plugins have it, or beside it."""
    if not isinstance(params, dict):
        return None
    within = [each for each in (params.get("doc"), params.get("textDocument"), params) if isinstance(each, dict)]
    uri = next((each["uri"] for each in within if isinstance(each.get("uri"), str)), None)
    nowhere: dict[str, Any] = {}
    position = next((each["position"] for each in within if isinstance(each.get("position"), dict)), nowhere)
    line, character = position.get("line"), position.get("character")
    if uri is None or not isinstance(line, int) or not isinstance(character, int):
        return None
    return uri, types.Position(line, character)


def _completion(server: Server, suggestion: Suggestion, text: TextSnapshot, asked_at: types.Position) -> dict[str, Any]:
    start, end = suggestion.replaced
    return {
        "uuid": suggestion.suggestion_id,
        "text": text.line(start.line)[: start.column] + suggestion.text,
        "displayText": suggestion.text,
        "range": to_proto.range_(Span(Point(start.line, 0), end), text, server.workbench.documents.encoding),
        "position": asked_at,
        "docVersion": suggestion.version,
    }


def _text(params: object, key: str) -> str | None:
    value = params.get(key) if isinstance(params, dict) else None
    return value if isinstance(value, str) else None
