"""One request as it goes over the wire, apart from its headers: what the builders of every protocol make.

Builders are pure functions from what is wanted to a `WireRequest`, so that each request that can be sent can be
enumerated and checked without a server. Leaves sending to `_http`. Called by the backends over HTTP.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from copilot_ls.backends.base import CompletionRequest
    from copilot_ls.backends.chat import ChatRequest, Message

# Several alternatives at temperature 0 would all be the same.
_MIN_TEMPERATURE_OF_SEVERAL = 0.4


@dataclass(frozen=True, slots=True)
class WireRequest:
    """Where to post and what. `sent` are the source texts in it, never to be quoted back."""

    path: str
    body: Mapping[str, Any]
    sent: tuple[str, ...]

    def with_more(self, more: Mapping[str, Any]) -> WireRequest:
        """The same with further fields, which win; tables are merged."""
        return WireRequest(self.path, merged(self.body, more), self.sent) if more else self


def merged(body: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """`body` with the fields of `more` over it, tables within tables."""
    result = dict(body)
    for key, value in more.items():
        ours = result.get(key)
        result[key] = merged(ours, value) if isinstance(ours, dict) and isinstance(value, dict) else value
    return result


def source_in(request: CompletionRequest) -> tuple[str, ...]:
    """The source texts of a request for a middle."""
    return (request.prefix, request.suffix, *(snippet.text for snippet in request.snippets))


def texts_in(request: ChatRequest) -> tuple[str, ...]:
    """All texts of a conversation."""
    calls = (call.arguments for message in request.messages for call in message.tool_calls)
    return (*(message.content for message in request.messages), *calls)


def wanted_stops(request: CompletionRequest) -> tuple[str, ...]:
    """The request's stop sequences; for the rest of a line also its end."""
    return tuple(request.stop) if request.multiline else ("\n", *request.stop)


def temperature_of(request: CompletionRequest | ChatRequest, *, several: bool) -> float:
    """The temperature to ask for; not 0 where alternatives are to differ."""
    return max(request.temperature, _MIN_TEMPERATURE_OF_SEVERAL if several else 0.0)


def arguments_of(text: str) -> dict[str, Any]:
    """The arguments of a call in a conversation, for protocols that want an object: models do not always write one."""
    try:
        parsed = json.loads(text or "{}")
    except (ValueError, RecursionError):
        parsed = None
    return parsed if isinstance(parsed, dict) else {"arguments": text}


def called_name(before: Sequence[Message], tool_call_id: str | None) -> str:
    """The name of the tool that was last called under this id, for protocols whose results name it."""
    for message in reversed(before):
        for call in message.tool_calls:
            if call.id == tool_call_id:
                return call.name
    return ""
