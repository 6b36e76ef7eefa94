"""Anthropic's messages API: conversations with tools, structured outputs and prompt caching; middles by conversation.

What comes again unchanged is marked for its cache. Answers with a schema are asked for in the API's own way, and by a
tool that must be called where a model does not know that. Reasoning is switched off: it would have to be handed back,
and ghost text cannot wait for it. No temperature is sent, which newer models refuse; `options.body` can add one.
Leaves requests to its pure builders here, and connections to `_http`.
"""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from copilot_ls.backends import _middle, _options, _schema, _stream
from copilot_ls.backends._backend import HttpBackend
from copilot_ls.backends._request import WireRequest, arguments_of, texts_in
from copilot_ls.backends.base import Usage
from copilot_ls.backends.chat import AUTO, NONE, REQUIRED, ChatChunk, ToolCall

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Iterator, Sequence

    from copilot_ls.backends._http import HttpClient
    from copilot_ls.backends._wire_anthropic import AnthropicBlock, AnthropicDelta, AnthropicEvent, AnthropicUsage
    from copilot_ls.backends.base import Chunk, CompletionRequest
    from copilot_ls.backends.chat import ChatRequest, Message
    from copilot_ls.config.settings import BackendSettings

DEFAULT_URL = "https://api.anthropic.com/v1"
KEY_HEADER = "x-api-key"
HEADERS = {"anthropic-version": "2023-06-01"}
PATH = "messages"

REFUSABLE = {"output_config": r"output_config|output.format|structured output", "thinking": r"thinking"}
_CACHED = {"type": "ephemeral"}
_CHOICES: dict[str, dict[str, str]] = {AUTO: {"type": "auto"}, NONE: {"type": "none"}, REQUIRED: {"type": "any"}}
_FINISHED = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


def create(name: str, options: BackendSettings) -> AnthropicBackend:
    """Entry point of the kind `anthropic`. Raises `SettingsError`."""
    return AnthropicBackend(name, options)


def conversation(model: str, request: ChatRequest, *, refused: Collection[str] = ()) -> WireRequest:
    """A request of a conversation."""
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": request.max_tokens,
        "messages": _turns(request),
        "stream": True,
    }
    system = _system(request)
    if system:
        body["system"] = system
    # Sequences of white space alone are refused.
    stop = [sequence for sequence in request.stop if sequence.strip()]
    if stop:
        body["stop_sequences"] = stop
    if "thinking" not in refused:
        body["thinking"] = {"type": "disabled"}
    if request.tools:
        body["tools"] = [
            {"name": tool.name, "description": tool.description, "input_schema": dict(tool.parameters)}
            for tool in request.tools
        ]
        body["tool_choice"] = _CHOICES.get(request.tool_choice) or {"type": "tool", "name": request.tool_choice}
    if request.output_schema is not None:
        schema = _schema.closed_without_limits(request.output_schema.schema)
        if "output_config" not in refused:
            body["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
        elif not request.tools:
            name = request.output_schema.name
            body["tools"] = [{"name": name, "description": "Give the answer.", "input_schema": schema}]
            body["tool_choice"] = {"type": "tool", "name": name}
    return WireRequest(PATH, body, texts_in(request))


def _system(request: ChatRequest) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    for at, message in enumerate(request.messages):
        if message.role == "system" and message.content:
            blocks.append({"type": "text", "text": message.content})
            if at == request.cache_prefix - 1:
                blocks[-1]["cache_control"] = _CACHED
    return blocks


def _turns(request: ChatRequest) -> list[dict[str, Any]]:
    """The turns of the two sides. Results of tools are the user's, all those of one turn in one message."""
    turns: list[dict[str, Any]] = []
    for at, message in enumerate(request.messages):
        if message.role == "system":
            continue
        blocks = list(_blocks(message))
        if not blocks:
            continue
        if at == request.cache_prefix - 1:
            blocks[-1]["cache_control"] = _CACHED
        role = "assistant" if message.role == "assistant" else "user"
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        else:
            turns.append({"role": role, "content": blocks})
    return turns


def _blocks(message: Message) -> Iterator[dict[str, Any]]:
    if message.role == "tool":
        yield {"type": "tool_result", "tool_use_id": message.tool_call_id or "", "content": message.content}
        return
    if message.content:
        yield {"type": "text", "text": message.content}
    for call in message.tool_calls:
        yield {"type": "tool_use", "id": call.id, "name": call.name, "input": arguments_of(call.arguments)}


class AnthropicBackend(HttpBackend):
    """Anthropic's service, or another that has its API, and one of its models."""

    def __init__(self, name: str, settings: BackendSettings) -> None:
        found = _options.endpoint(name, settings, default_url=DEFAULT_URL).without("/messages", "/models")
        super().__init__(
            name,
            settings,
            found if found.path else found.with_path("/v1"),
            refusable=REFUSABLE,
            key_header=KEY_HEADER,
            headers=HEADERS,
        )
        if not self.model:
            raise _options.no_model(name, "claude-haiku-4-5")

    def completion_request(self, request: CompletionRequest, *, choice: int = 0) -> WireRequest:
        """What is posted for a middle."""
        return self.chat_request(_middle.asked(request, choice))

    def chat_request(self, request: ChatRequest) -> WireRequest:
        """What is posted for a conversation."""
        return conversation(self.model, request, refused=self._refused.names)

    def one(self, request: CompletionRequest, choice: int) -> AsyncGenerator[Chunk, None]:
        """One attempt at one alternative."""
        return _middle.answered(self.converse(_middle.asked(request, choice)), choice)

    async def converse(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """One attempt at a conversation."""
        sent = self.chat_request(request)
        by_tool = request.output_schema is not None and "output_config" not in sent.body and not request.tools
        answer = self._messages(sent, is_last=lambda parsed: parsed.get("type") == "message_stop")
        reading = _Reading(self._client, schema_by_tool=by_tool)
        async with aclosing(answer) as messages:
            async for parsed in messages:
                from copilot_ls.backends._wire_anthropic import AnthropicEvent

                for chunk in reading.read(_stream.checked(self._client, AnthropicEvent, parsed)):
                    yield chunk
        if not reading.finished:
            raise self._client.failures.truncated()

    def how(self) -> str:
        """In what way middles are asked for."""
        return "chat"

    async def models(self) -> Sequence[str]:
        """The models that the service lists."""
        from copilot_ls.backends._wire_anthropic import AnthropicModels

        return [model.id for model in (await _stream.fetch(self._client, "models", AnthropicModels)).data]


class _Reading:
    """One answer, from its events. With `schema_by_tool`, the arguments of the call are the text of the answer."""

    def __init__(self, client: HttpClient, *, schema_by_tool: bool) -> None:
        self.finished = False
        self._client = client
        self._schema_by_tool = schema_by_tool
        self._usage = Usage()
        self._calls: dict[int, ToolCall] = {}

    def read(self, event: AnthropicEvent) -> Iterator[ChatChunk]:
        """What an event adds to the answer."""
        if event.message is not None:
            self._count(event.message.usage)
        if event.usage is not None:
            self._count(event.usage)
        if event.type == "content_block_start" and event.content_block is not None:
            yield from self._begin(event.index, event.content_block)
        elif event.type == "content_block_delta" and event.delta is not None:
            yield from self._add(event.index, event.delta)
        elif event.type == "content_block_stop":
            call = self._calls.pop(event.index, None)
            if call is not None:
                yield ChatChunk(tool_call=ToolCall(call.id, call.name, call.arguments or "{}"))
        elif event.type == "message_delta" and event.delta is not None and event.delta.stop_reason is not None:
            yield self._finish(event.delta.stop_reason)
        elif event.type == "message" and event.stop_reason is not None:
            for block in event.content or ():
                yield from self._whole(block)
            yield self._finish(event.stop_reason)

    def _finish(self, said: str) -> ChatChunk:
        self.finished = True
        reason = _FINISHED.get(said, said)
        if self._schema_by_tool and reason == "tool_calls":
            reason = "stop"
        return ChatChunk(finish_reason=reason, usage=self._usage)

    def _whole(self, block: AnthropicBlock) -> Iterator[ChatChunk]:
        arguments = json.dumps(block.input or {}, ensure_ascii=False)
        if block.type == "tool_use" and self._schema_by_tool:
            yield ChatChunk(arguments)
        elif block.type == "tool_use":
            yield ChatChunk(tool_call=ToolCall(block.id, block.name, arguments))
        elif block.type == "text" and block.text:
            yield ChatChunk(block.text)

    def _begin(self, index: int, block: AnthropicBlock) -> Iterator[ChatChunk]:
        if block.type == "tool_use" and not self._schema_by_tool:
            self._calls[index] = ToolCall(block.id or f"call_{index}", block.name, "")
        elif block.type == "text" and block.text:
            yield ChatChunk(block.text)

    def _add(self, index: int, delta: AnthropicDelta) -> Iterator[ChatChunk]:
        call = self._calls.get(index)
        if call is not None:
            self._calls[index] = ToolCall(call.id, call.name, call.arguments + delta.partial_json)
        elif text := delta.text or (delta.partial_json if self._schema_by_tool else ""):
            yield ChatChunk(text)

    def _count(self, found: AnthropicUsage) -> None:
        """Counts are cumulative; a later event may leave out what an earlier one has said."""
        read, written = found.cache_read_input_tokens, found.cache_creation_input_tokens
        total = None if found.input_tokens is None else found.input_tokens + (read or 0) + (written or 0)
        before = self._usage
        self._usage = Usage(
            before.input_tokens if total is None else total,
            before.cached_input_tokens if read is None else read,
            before.output_tokens if found.output_tokens is None else found.output_tokens,
            before.cache_write_tokens if written is None else written,
        )
