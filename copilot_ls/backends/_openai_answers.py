"""The streams of OpenAI's API: completions and conversations, with calls put together from their pieces.

Leaves connections and framing to `_stream`. Called by the backends that speak this API or a variant of it.
"""

from __future__ import annotations

import json
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from copilot_ls.backends import _stream
from copilot_ls.backends.base import Chunk, Usage
from copilot_ls.backends.chat import ChatChunk, ToolCall
from copilot_ls.prompt import chat

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from copilot_ls.backends._http import HttpClient
    from copilot_ls.backends._wire import OpenAiChoice, OpenAiDelta, OpenAiToolCall, OpenAiUsage

_FINISHED = {"model_length": "length", "eos_token": "stop", "stop_sequence": "stop", "function_call": "tool_calls"}


async def completion(
    client: HttpClient, messages: AsyncGenerator[dict[str, Any], None], *, conversing: bool
) -> AsyncGenerator[Chunk, None]:
    """The alternatives of a completion; of a conversation that asks for a middle, the bare code."""
    answers: dict[int, chat.FillInAnswer] = {}
    finished = False
    async with aclosing(messages):
        async for parsed in messages:
            from copilot_ls.backends._wire import OpenAiChunk

            message = _stream.checked(client, OpenAiChunk, parsed)
            for choice in message.choices:
                reason = _reason(client, choice)
                text = _text(choice)
                if conversing:
                    answer = answers.setdefault(choice.index, chat.FillInAnswer())
                    text = answer.feed(text) + (answer.end() if reason else "")
                finished = finished or reason is not None
                if text or reason:
                    yield Chunk(text, choice=choice.index, finish_reason=reason)
            if message.usage is not None:
                yield Chunk("", usage=usage(message.usage))
    if not finished:
        raise client.failures.truncated()


async def conversation(
    client: HttpClient, messages: AsyncGenerator[dict[str, Any], None]
) -> AsyncGenerator[ChatChunk, None]:
    """What a conversation is answered with."""
    calls = _Calls()
    finished = False
    async with aclosing(messages):
        async for parsed in messages:
            from copilot_ls.backends._wire import OpenAiChunk

            message = _stream.checked(client, OpenAiChunk, parsed)
            for choice in message.choices[:1]:
                delta = choice.delta or choice.message
                if text := _text(choice):
                    yield ChatChunk(text)
                if delta is not None:
                    calls.add(delta)
                reason = _reason(client, choice)
                if reason is not None and not finished:
                    finished = True
                    made = 0
                    for call in calls.whole():
                        made += 1
                        yield ChatChunk(tool_call=call)
                    # Some say `stop` after calls, and after one that was asked for by name even OpenAI does.
                    yield ChatChunk(finish_reason="tool_calls" if made and reason == "stop" else reason)
            if message.usage is not None:
                yield ChatChunk(usage=usage(message.usage))
    if not finished:
        raise client.failures.truncated()


def usage(found: OpenAiUsage) -> Usage:
    """Tokens as the server counted them; those read from a cache under either of the names in use."""
    details = found.prompt_tokens_details
    cached = found.prompt_cache_hit_tokens if details is None else details.cached_tokens
    return Usage(found.prompt_tokens, cached, found.completion_tokens)


@dataclass(slots=True)
class _Pieces:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class _Calls:
    """Calls, put together from the pieces in which they are streamed."""

    def __init__(self) -> None:
        self._found: dict[int, _Pieces] = {}

    def add(self, delta: OpenAiDelta) -> None:
        """The pieces of one message."""
        for piece in delta.tool_calls or ():
            found = self._found.setdefault(self._place(piece), _Pieces())
            # Mistral says "null" for an id that is not there.
            if piece.id and piece.id != "null":
                found.id = piece.id
            found.name += piece.function.name or ""
            arguments = piece.function.arguments
            if arguments is not None:
                found.arguments.append(arguments if isinstance(arguments, str) else json.dumps(arguments))

    def whole(self) -> Iterator[ToolCall]:
        """The calls, in their order."""
        for at, pieces in sorted(self._found.items()):
            if pieces.name:
                yield ToolCall(pieces.id or f"call_{at}", pieces.name, "".join(pieces.arguments) or "{}")

    def _place(self, piece: OpenAiToolCall) -> int:
        last = max(self._found, default=-1)
        if piece.index is None:  # servers without places: a new name or id begins a new call
            return last + 1 if piece.function.name or piece.id or last < 0 else last
        known = self._found.get(piece.index)
        if known and known.id and piece.id and piece.id not in {known.id, "null"}:
            return last + 1  # servers that give each call, whole, the same place
        return piece.index


def _reason(client: HttpClient, choice: OpenAiChoice) -> str | None:
    reason = choice.finish_reason
    if reason == "error":
        raise client.failures.broken("stream_error", "the answer broke off with an error of the server's")
    delta = choice.delta or choice.message
    if reason == "stop" and delta is not None and delta.refusal:
        return "content_filter"
    return reason and _FINISHED.get(reason, reason)


def _text(choice: OpenAiChoice) -> str:
    if choice.text is not None:
        return choice.text
    delta = choice.delta or choice.message
    if delta is None or delta.content is None:
        return ""
    if isinstance(delta.content, str):
        return delta.content
    return "".join(part.text or "" for part in delta.content)
