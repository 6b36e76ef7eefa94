"""The bodies of OpenAI's API: completions and conversations. Pure.

Leaves addresses and what a server has refused to its callers: the backends that speak this API or a variant of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copilot_ls.backends import _middle, _schema
from copilot_ls.backends._request import temperature_of, wanted_stops
from copilot_ls.backends.chat import AUTO, NONE, REQUIRED
from copilot_ls.prompt import fim
from copilot_ls.prompt.comments import comment_for
from copilot_ls.prompt.profiles import MAX_STOP_SEQUENCES, stop_sequences

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from copilot_ls.backends.base import CompletionRequest
    from copilot_ls.backends.chat import ChatRequest, Message
    from copilot_ls.prompt.profiles import ModelProfile

OPTIONAL = (
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "stop",
    "n",
    "response_format",
    "parallel_tool_calls",
)
"""What servers may refuse, and can be done without."""

REFUSED_OTHERWISE = {"response_format": r"response.?format|json.?schema"}
"""What they call by other names when they refuse it, as regular expressions."""


def by_prompt(model: str, profile: ModelProfile, request: CompletionRequest) -> dict[str, Any]:
    """`/completions` with the model family's own special tokens in the prompt."""
    body = _completion(model, request)
    body["prompt"] = fim.render(
        profile,
        prefix=request.prefix,
        suffix=request.suffix,
        snippets=request.snippets,
        path=request.path,
        comment=comment_for(request.language_id),
    )
    return _stopping(body, stop_sequences(profile, wanted_stops(request)))


def by_suffix(model: str, profile: ModelProfile, request: CompletionRequest) -> dict[str, Any]:
    """`/completions` with `suffix`, which the service lays out."""
    body = _completion(model, request)
    comment = comment_for(request.language_id)
    context = fim.as_comments(request.snippets, comment, profile, path=request.path)
    body["prompt"] = context + fim.neutralise(request.prefix, profile)
    body["suffix"] = fim.neutralise(request.suffix, profile)
    return _stopping(body, stop_sequences(profile, wanted_stops(request)))


def by_conversation(model: str, profile: ModelProfile, request: CompletionRequest) -> dict[str, Any]:
    """`/chat/completions` with an instruction to fill in."""
    body = _completion(model, request)
    body["messages"] = messages(_middle.asked(request, profile=profile).messages)
    return _stopping(body, tuple(request.stop)[:MAX_STOP_SEQUENCES])


def conversation(model: str, request: ChatRequest) -> dict[str, Any]:
    """`/chat/completions`."""
    body: dict[str, Any] = {
        "model": model,
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
        "messages": messages(request.messages),
    }
    if request.tools:
        body["tools"] = tools(request)
        body["tool_choice"] = tool_choice(request.tool_choice)
    if request.output_schema is not None:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {
                "name": request.output_schema.name,
                "schema": _schema.closed(request.output_schema.schema),
                "strict": True,
            },
        }
    return _stopping(body, tuple(request.stop)[:MAX_STOP_SEQUENCES])


def messages(told: Sequence[Message]) -> list[dict[str, Any]]:
    """The turns of a conversation."""
    return [_message(message) for message in told]


def tools(request: ChatRequest) -> list[dict[str, Any]]:
    """The tools of a conversation."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
            },
        }
        for tool in request.tools
    ]


def tool_choice(choice: str) -> str | dict[str, Any]:
    """Whether, or which, tool is to be called."""
    return choice if choice in {AUTO, NONE, REQUIRED} else {"type": "function", "function": {"name": choice}}


def without(body: dict[str, Any], refused: Collection[str]) -> dict[str, Any]:
    """The body without what the server has refused. Newer models want `max_completion_tokens` for `max_tokens`."""
    if "max_tokens" in refused and "max_completion_tokens" not in refused and "max_tokens" in body:
        body["max_completion_tokens"] = body["max_tokens"]
    return {name: value for name, value in body.items() if name not in refused and not (name == "model" and not value)}


def _completion(model: str, request: CompletionRequest) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model,
        "stream": True,
        "temperature": temperature_of(request, several=request.n > 1),
        "stream_options": {"include_usage": True},
        "max_tokens": request.max_tokens,
    }
    if request.n > 1:
        body["n"] = request.n
    return body


def _stopping(body: dict[str, Any], stop: Sequence[str]) -> dict[str, Any]:
    if stop:
        body["stop"] = list(stop)
    return body


def _message(message: Message) -> dict[str, Any]:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.tool_call_id or "", "content": message.content}
    if not message.tool_calls:
        return {"role": message.role, "content": message.content}
    return {
        "role": "assistant",
        # An empty text beside calls is refused by some.
        "content": message.content or None,
        "tool_calls": [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ],
    }
