"""Over a real connection: ending a fix ends the request at the server, and what it costs is what the server counted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from copilot_ls.features.fixing.assembly import fixer_parts
from copilot_ls.features.fixing.budget import FixLimits
from copilot_ls.features.fixing.fixer import CodeFixer
from copilot_ls.features.fixing.outcome import FixTask
from copilot_ls.text import DocumentSnapshot, Point, Span, TextSnapshot
from tests.backends.model_server import Asked, Connection, ModelServer, hang
from tests.fixing.scene import PatternChecker, nothing
from tests.routing.world import World

CODE = "def price(article):\n    return article.prise\n"
RIGHT = json.dumps({"edits": [{"old_text": "    return article.prise", "new_text": "    return article.price"}]})


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    found = ModelServer()
    await found.start()
    yield found
    await found.stop()


@pytest.fixture
async def world(server: ModelServer, tmp_path: Path) -> AsyncIterator[World]:
    prices = {"input_price": 1_000_000, "output_price": 10_000_000}
    made = World({"backend": {"it": {"kind": "openai", "url": server.url, "model": "m"} | prices}})
    made.folders = [str(tmp_path)]
    yield made
    await made.aclose()


def fixer(world: World, limits: FixLimits | None = None) -> tuple[CodeFixer, FixTask]:
    checker = PatternChecker([("F821", r"\bpri[a-bd-z]e\b")])
    parts = fixer_parts(world, now=world._now, new_id=lambda: "fix-1")
    parts = replace(parts, checkers=lambda _: [checker], propose=nothing, limits=lambda: limits or FixLimits())
    path = Path(world.folders[0]) / "a.py"
    document = DocumentSnapshot(path.as_uri(), str(path), "python", 1, TextSnapshot.of(CODE))
    return CodeFixer(parts), FixTask("fix", document, Span(Point(1, 0), Point(1, 9)), tuple(checker.reports(CODE)))


def answers(*texts: str):
    """A server that says one text after the other, as the OpenAI protocol has it; each costs 100 and 10 tokens."""
    left = list(texts)

    async def script(connection: Connection, asked: Asked) -> None:
        await connection.head()
        text = left.pop(0) if len(left) > 1 else left[0]
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 100, "completion_tokens": 10}
        for event in ({"choices": [choice]}, {"choices": [], "usage": usage}):
            await connection.send(b"data: %s\n\n" % json.dumps(event).encode())
        await connection.send(b"data: [DONE]\n\n")

    return script


async def test_cancelling_closes_the_socket(server: ModelServer, world: World) -> None:
    server.script = hang
    code_fixer, task = fixer(world)
    running = asyncio.create_task(code_fixer.fix(task))
    async with asyncio.timeout(20):
        while not server.asked:
            await asyncio.sleep(0.002)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    async with asyncio.timeout(20):
        await server.asked[0].gone.wait()
    assert server.asked[0].closed_early


async def test_when_the_time_is_over_the_socket_is_closed(server: ModelServer, world: World) -> None:
    server.script = hang
    code_fixer, task = fixer(world, FixLimits(max_seconds=0.5))
    outcome = await code_fixer.fix(task)
    assert str(outcome.verdict) == "gave up: its 0.5 seconds are over (fix.max_seconds)"
    async with asyncio.timeout(20):
        for asked in server.asked:
            await asked.gone.wait()


async def test_a_fix_over_http_and_what_it_cost(server: ModelServer, world: World) -> None:
    server.script = answers("No.", RIGHT)
    code_fixer, task = fixer(world)
    outcome = await code_fixer.fix(task)
    assert str(outcome.verdict) == "verified by patterns"
    assert (outcome.backend, outcome.model, outcome.n_tries, outcome.n_refused) == ("it", "m", 2, 1)
    assert (outcome.input_tokens, outcome.output_tokens, outcome.cost) == (200, 20, 400.0)
    first, second = (asked.body for asked in server.asked)
    assert first["response_format"]["json_schema"]["name"] == "ProposedEdit"
    assert [tool["function"]["name"] for tool in second["tools"]][:2] == ["read_file", "find_symbol"]


async def test_the_limit_of_cost_is_exceeded_by_one_request_at_most(server: ModelServer, world: World) -> None:
    server.script = answers("No.")
    code_fixer, task = fixer(world, FixLimits(max_tries=9, max_cost=500.0))
    outcome = await code_fixer.fix(task)
    assert (outcome.cost, outcome.n_tries) == (600.0, 3)
    assert "it has cost 600 (fix.max_cost is 500)" in outcome.verdict.why
