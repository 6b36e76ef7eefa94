"""A model is asked where the route names one and the rules find nothing; what it says is a proposal, vetted as such."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from copilot_ls.text import Point
from tests.fixing.scene import Model
from tests.routing.world import World

URI = "file:///project/a.py"
BEFORE = "def area(width, height):\n    return width * height\n\n\ndef name():\n    return 'area'\n"
WISE = {"found": True, "first_line": 2, "last_line": 2, "new_lines": ["    return width * height * depth"]}


def answer(**changes: Any) -> str:
    return json.dumps(WISE | changes)


async def asked(model: Model, route: bool = True) -> tuple[World, Any]:
    """What is offered after a parameter was added, when the model says what it does."""
    settings = {"route": {"next_edit": ["large"]}} if route else {}
    world = World(settings, {"large": model}, record_telemetry=False)
    assert not world.problems
    world.next_edits.deadline_s = 60
    world.documents.open(URI, "/project/a.py", "python", 1, BEFORE)
    world.documents.change(URI, 2, [((0, 22), (0, 22), ", depth")])
    world.start()
    document = world.documents.get(URI)
    assert document is not None
    return world, await world.next_edits.ask(document, Point(0, 29))


async def test_its_edit_is_offered_as_its_own() -> None:
    model = Model("large", [answer()])
    world, found = await asked(model)
    assert found.edit.replacement.text == " * depth"
    assert (found.edit.backend, found.edit.model) == ("large", "large-model")
    said = model.asked[0].messages[-1].content
    assert "- def area(width, height):\n+ def area(width, height, depth):" in said
    assert "2:     return width * height" in said
    (generated,) = [event for event in world.events if type(event).__name__ == "Generated"]
    assert (generated.task, generated.backend, generated.confidence) == ("next_edit", "large", None)
    (turn,) = [event for event in world.events if type(event).__name__ == "BackendAsked"]
    assert (turn.task, turn.outcome) == ("next_edit", "answered")
    await world.aclose()


async def test_nobody_is_asked_unless_the_route_names_a_model() -> None:
    model = Model("large", [answer()])
    world, found = await asked(model, route=False)
    assert (found, model.asked) == (None, [])
    await world.aclose()


@pytest.mark.parametrize(
    "said",
    [
        answer(found=False),
        answer(first_line=40, last_line=40),
        answer(first_line=3, last_line=1),
        answer(new_lines=["    return width * height"]),
        answer(first_line=1, last_line=1, new_lines=["def area(width, height):"]),
        answer(new_lines=["    return width *"]),
        answer(new_lines=["    return width * height\u200b * depth"]),
        answer(new_lines=["    a = 1"] * 40),
        answer(new_lines=["    password = 'hunter2hunter2'"]),
        answer(new_lines=["    a = 1\n    b = 2"]),
        "no JSON",
        "!fault http_500",
        "!long 300000",
    ],
)
async def test_what_cannot_be_an_edit_is_none(said: str) -> None:
    world, found = await asked(Model("large", [said]))
    assert found is None
    await world.aclose()


async def test_a_newer_request_ends_an_older_one_down_to_the_backend() -> None:
    model = Model("large", ["!hang", answer()])
    world = World({"route": {"next_edit": ["large"]}}, {"large": model}, record_telemetry=False)
    world.next_edits.deadline_s = 60
    world.documents.open(URI, "/project/a.py", "python", 1, BEFORE)
    world.documents.change(URI, 2, [((0, 22), (0, 22), ", depth")])
    world.start()
    document = world.documents.get(URI)
    assert document is not None
    first = asyncio.ensure_future(world.next_edits.ask(document, Point(0, 29)))
    await asyncio.wait_for(model.waits.wait(), 30)
    second = await world.next_edits.ask(document, Point(0, 29))
    assert await first is None
    assert second is not None
    assert model.n_live == 0
    assert [type(event).__name__ for event in world.events].count("Superseded") == 1
    await world.aclose()
