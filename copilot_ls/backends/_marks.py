"""Keeps the text of a conversation from being read as the marks of one.

Servers that lay conversations out by the model's own template, most of those that one runs oneself, read special tokens
in the text of a message as such: a file that spells the end of a turn would end it, and could speak for the user. They
are spelt apart by a space. The services that take text for text have no need of it. Called by `_backend`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from copilot_ls.prompt.families import CONVERSATION
from copilot_ls.prompt.fim import neutralise

if TYPE_CHECKING:
    from copilot_ls.backends.chat import ChatRequest
    from copilot_ls.prompt.profiles import ModelProfile


def spelt_apart(request: ChatRequest, profile: ModelProfile) -> ChatRequest:
    """The conversation without a mark in any text of it."""
    conversing = _conversing(profile)
    messages = tuple(replace(message, content=neutralise(message.content, conversing)) for message in request.messages)
    return replace(request, messages=messages)


@lru_cache(maxsize=32)
def _conversing(profile: ModelProfile) -> ModelProfile:
    """The family with the marks of all usual templates: which one the server has is not known."""
    return replace(profile, special=(*profile.special, *CONVERSATION))
