"""The events of Anthropic's messages API, as far as they are read. Unknown fields and events are ignored.

Imports pydantic; imported once a backend of the kind is asked. Called by `anthropic`.
"""

from __future__ import annotations

from typing import Any

from copilot_ls.backends._wire import Wire


class AnthropicUsage(Wire):
    """Tokens so far. `input_tokens` is what was neither read from a cache nor written to it."""

    input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    output_tokens: int | None = None


class AnthropicMessage(Wire):
    """How an answer begins."""

    usage: AnthropicUsage = AnthropicUsage()


class AnthropicBlock(Wire):
    """How a block begins: `text`, `tool_use`, or one that is not read. Its input comes in pieces, but in a whole."""

    type: str
    text: str = ""
    id: str = ""
    name: str = ""
    input: dict[str, Any] | None = None


class AnthropicDelta(Wire):
    """What is added to a block, or said about the whole."""

    type: str | None = None
    text: str = ""
    partial_json: str = ""
    stop_reason: str | None = None


class AnthropicEvent(Wire):
    """One event of the stream; or, as a `message`, the whole of an answer that is not streamed."""

    type: str
    index: int = 0
    message: AnthropicMessage | None = None
    content_block: AnthropicBlock | None = None
    delta: AnthropicDelta | None = None
    usage: AnthropicUsage | None = None
    content: list[AnthropicBlock] | None = None
    stop_reason: str | None = None


class AnthropicModel(Wire):
    """An entry of the list of models."""

    id: str


class AnthropicModels(Wire):
    """`/v1/models`."""

    data: list[AnthropicModel]
