"""Conversations along a route: the next backend answers until somebody has begun to, and each turn is told."""

from __future__ import annotations

from contextlib import aclosing

import pytest

from copilot_ls.backends.base import Usage
from copilot_ls.backends.chat import ChatBackend, ChatChunk, ChatRequest, Message
from copilot_ls.errors import BackendError
from copilot_ls.routing.conversation import RoutedChat
from tests.routing.world import Says, World, fault


class Talks(Says):
    """A backend that says its steps: texts, or exceptions to raise."""

    async def chat(self, request: ChatRequest):
        self.n_asked += 1
        for step in self.steps:
            if isinstance(step, Exception):
                raise step
            yield ChatChunk(step)
        yield ChatChunk(usage=Usage(10, 0, 2))


class Listener:
    def __init__(self) -> None:
        self.heard: list[tuple] = []

    def passed_over(self, backend, reason):
        self.heard.append((backend, reason))

    def asked(self, backend, model, outcome):
        self.heard.append((backend, outcome.how, outcome.fault, outcome.cost))


@pytest.fixture
async def talk():
    """Holds a conversation with the route of `explain`; gives the text, and what the listener heard."""
    worlds = []

    async def run(*backends, settings=None):
        route = {"explain": [backend.name for backend in backends]}
        worlds.append(World({"route": route} | (settings or {}), {backend.name: backend for backend in backends}))
        listener = Listener()
        chat = RoutedChat(worlds[-1].router(), "explain", listener)
        assert isinstance(chat, ChatBackend)
        said = ""
        try:
            async with aclosing(chat.chat(ChatRequest([Message("user", "why?")]))) as chunks:
                async for chunk in chunks:
                    said += chunk.text
        except BackendError as error:
            return said, error.fault, listener.heard
        return said, None, listener.heard

    yield run
    for world in worlds:
        await world.aclose()


async def test_the_first_that_answers_answers(talk):
    assert await talk(Talks("a", "", "be", "cause"), Talks("b", "", "so")) == (
        "because",
        None,
        [("a", "answered", None, None)],
    )


async def test_who_fails_before_a_word_is_followed_by_the_next(talk):
    said, failed, heard = await talk(Talks("a", "", fault("http_500")), Talks("b", "", "so"))
    assert (said, failed) == ("so", None)
    assert heard == [("a", "failed", "http_500", None), ("b", "answered", None, None)]


async def test_what_was_said_is_not_said_again_by_another(talk):
    second = Talks("b", "", "so")
    said, failed, _ = await talk(Talks("a", "", "be", fault("reset")), second)
    assert (said, failed) == ("be", "reset")
    assert second.n_asked == 0


async def test_who_only_completes_and_who_would_cost_too_much_is_passed_over(talk):
    dear = {"b": {"kind": "scripted", "request_price": 2.0, "max_spend_per_day": 1.0}}
    priced = {"c": {"kind": "scripted", "request_price": 0.5}}
    said, _, heard = await talk(
        Says("a", "one"), Talks("b", "", "x"), Talks("c", "", "so"), settings={"backend": dear | priced}
    )
    assert said == "so"
    assert heard == [("a", "cannot_chat"), ("b", "max_spend_per_day"), ("c", "answered", None, 0.5)]


async def test_when_nobody_can_the_last_fault_or_the_way_to_find_out_is_told(talk):
    assert (await talk(Talks("a", "", fault("reset")), Talks("b", "", fault("http_401"))))[1] == "http_401"
    assert (await talk(Says("a", "one")))[1] == "no_backend"
