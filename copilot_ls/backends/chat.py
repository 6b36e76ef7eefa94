"""Conversations, tools and answers with a schema, in the one form that every wire protocol is translated from and to.

A `ChatBackend` turns a `ChatRequest` into a stream of `ChatChunk`s, as a `Backend` does for completions; most are both.
What a model calls and what it writes is handed on as the model wrote it: arguments and answers with a schema are text
here, never believed, and checked by whoever asked. Leaves the wording of messages to `copilot_ls.prompt` and whether to
ask at all to `copilot_ls.features`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from copilot_ls.backends.base import Usage

Role = Literal["system", "user", "assistant", "tool"]

AUTO, NONE, REQUIRED = "auto", "none", "required"
"""What `ChatRequest.tool_choice` may say besides the name of a tool."""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool that the model may call. `parameters` is the JSON schema of its arguments, an object's."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call as the model wrote it: `arguments` is text that should be a JSON object, and may be anything.

    `id` ties the result to the call. Where a protocol has no ids, the backend makes them up. `signature` is what some
    models sign a call with and want to see again; it means nothing to anybody else.
    """

    id: str
    name: str
    arguments: str
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class OutputSchema:
    """The JSON schema that the whole answer must satisfy. `name` is letters, digits, `_` and `-`."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. A message of the role `tool` answers the call `tool_call_id`, which an assistant made before it."""

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """All that a backend may know.

    `tool_choice` is `auto`, `none`, `required` (any tool, but one), or the name of the tool that must be called.
    `cache_prefix` says how many leading messages will come again unchanged: backends that cache what they are told to
    cache are told so.
    """

    messages: Sequence[Message]
    tools: Sequence[ToolSpec] = ()
    tool_choice: str = AUTO
    output_schema: OutputSchema | None = None
    max_tokens: int = 1024
    temperature: float = 0.0
    stop: Sequence[str] = ()
    cache_prefix: int = 0


@dataclass(frozen=True, slots=True)
class ChatChunk:
    """A piece of an answer: text, or a whole call.

    `finish_reason` is set once, near the end: `stop`, `length`, `tool_calls`, `content_filter`.
    """

    text: str = ""
    tool_call: ToolCall | None = None
    finish_reason: str | None = None
    usage: Usage | None = None


@runtime_checkable
class ChatBackend(Protocol):
    """A backend that holds conversations. Not every backend does: ask with `isinstance`."""

    name: str
    model: str

    def chat(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """Stream an answer; raise `copilot_ls.errors.BackendError` when there is none."""
        ...
