"""Cuts an answer where it ends, whether or not its server does.

A server takes four stop sequences at most and some say the sequence before they stop; what a model writes of its
family's special tokens would reach the editor as text. Leaves the cutting to `copilot_ls.prompt.stopping`. Called by
`_backend` and `openai`.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from copilot_ls.prompt.stopping import Stopping

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from copilot_ls.backends.base import Chunk


async def until_stop(
    answer: AsyncGenerator[Chunk, None], stops: Sequence[str], *, n: int
) -> AsyncGenerator[Chunk, None]:
    """The chunks of `n` alternatives, each up to its first stop sequence; nothing behind all of them is waited for."""
    cutting: dict[int, Stopping] = {}
    n_stopped = 0
    async with aclosing(answer) as chunks:
        async for chunk in chunks:
            stopping = cutting.setdefault(chunk.choice, Stopping(stops))
            had_stopped = stopping.stopped
            text = stopping.feed(chunk.text)
            reason = chunk.finish_reason
            if reason is not None:
                text += stopping.end()
            if stopping.stopped:
                reason = None if had_stopped else "stop"
                n_stopped += not had_stopped
            if text or reason is not None or chunk.usage is not None:
                yield replace(chunk, text=text, finish_reason=reason)
            if n_stopped >= n:
                return
