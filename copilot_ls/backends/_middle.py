"""A middle by conversation, for protocols and models that have nothing made for it.

Leaves the words to `copilot_ls.prompt.chat` and the protocol to the backend. Called by the backends over HTTP.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from copilot_ls.backends._marks import spelt_apart
from copilot_ls.backends._request import temperature_of
from copilot_ls.backends.base import Chunk
from copilot_ls.backends.chat import ChatRequest, Message
from copilot_ls.prompt import chat

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from copilot_ls.backends.base import CompletionRequest
    from copilot_ls.backends.chat import ChatChunk, Role
    from copilot_ls.prompt.profiles import ModelProfile


def asked(request: CompletionRequest, choice: int = 0, *, profile: ModelProfile | None = None) -> ChatRequest:
    """The conversation whose answer is the middle. All but the last message come again each time.

    `profile` is the model's family where the server reads its special tokens in text.
    """
    told = chat.messages(
        prefix=request.prefix,
        suffix=request.suffix,
        snippets=request.snippets,
        path=request.path,
        language_id=request.language_id,
        multiline=request.multiline,
    )
    conversation = ChatRequest(
        tuple(Message(cast("Role", entry["role"]), entry["content"]) for entry in told),
        max_tokens=request.max_tokens,
        temperature=temperature_of(request, several=choice > 0),
        stop=tuple(request.stop),
        cache_prefix=len(told) - 1,
    )
    return conversation if profile is None else spelt_apart(conversation, profile)


async def answered(answer: AsyncGenerator[ChatChunk, None], choice: int) -> AsyncGenerator[Chunk, None]:
    """The bare code in the answer to that conversation."""
    code = chat.FillInAnswer()
    async with aclosing(answer):
        async for chunk in answer:
            text = code.feed(chunk.text) if chunk.text else ""
            if chunk.finish_reason is not None:
                text += code.end()
            if text or chunk.finish_reason or chunk.usage:
                yield Chunk(text, choice=choice, finish_reason=chunk.finish_reason, usage=chunk.usage)
