"""The status that editors show: right, quiet, and only for those who know the notification."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from copilot_ls.features import status as status_module
from copilot_ls.features.inline_completion import Query
from copilot_ls.lsp.greeting import Greeting
from copilot_ls.lsp.status import wants_status
from copilot_ls.text import Point
from tests.e2e.conftest import House
from tests.routing.world import Says, World, fault


@pytest.fixture(autouse=True)
def _settles_at_once(monkeypatch):
    monkeypatch.setattr(status_module, "_SETTLE_S", 0.0)


@pytest.fixture
async def made():
    worlds = []

    def make(*backends, settings=None, **more):
        worlds.append(World(settings or {}, {backend.name: backend for backend in backends}, **more))
        worlds[-1].told = []
        worlds[-1].status.listeners.append(worlds[-1].told.append)
        return worlds[-1]

    yield make
    for world in worlds:
        await world.aclose()


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_while_all_is_well_only_work_is_told(made):
    world = made(Says("a", "one", 0.02))
    for number in range(3):
        await world.ask(f"x{number} = ")
        await settle()
    assert {(told.kind, told.message) for told in world.told} == {("Normal", "")}
    assert [told.busy for told in world.told] == [True, False] * 3


async def test_a_backend_that_is_down_is_a_warning_once_and_its_return_is_told(made):
    times = [100.0]
    broken = Says("a", "one", fault("http_500"))
    world = made(broken, Says("b", "two"), now=lambda: times[0])
    for number in range(4):
        await world.ask(f"x{number} = ")
        await settle()
    (told,) = {(told.kind, told.message) for told in world.told if not told.busy}
    assert told == ("Warning", "a: it failed (http_500). b answers instead.")
    broken.steps = ()
    times[0] += 60
    await world.ask("y = ")
    await settle()
    assert (world.told[-1].kind, world.told[-1].message) == ("Normal", "")


async def test_when_nobody_is_left_it_is_an_error(made):
    world = made(Says("a", "", fault("refused", retry_after_s=9.0)), settings={"route": {"completion": ["a"]}})
    await world.ask()
    await settle()
    assert world.told[-1].kind == "Error"
    assert world.told[-1].message == "no backend can answer: a: nothing listens at its address"


async def test_a_limit_is_a_warning(made):
    limited = {"a": {"kind": "scripted", "request_price": 1.0, "max_spend_per_day": 1.0}}
    world = made(Says("a", "one"), Says("b", "two"), settings={"backend": limited})
    await world.ask()
    await world.ask("y = ")
    await settle()
    assert world.told[-1].message == "a: the limit max_spend_per_day is reached. b answers instead."


async def test_a_file_that_is_left_alone_is_inactive_until_another_is_asked_for(made):
    world = made(Says("a", "one"))
    world.documents.open("file:///w/.env", "/w/.env", "plaintext", 1, "KEY=")
    await world.completion.suggest(Query(world.documents.get("file:///w/.env"), Point(0, 4), "automatic"))
    await settle()
    assert world.told[-1].kind == "Inactive"
    assert "secrets" in world.told[-1].message
    await world.ask()
    await settle()
    assert world.told[-1].kind == "Normal"


async def test_an_ignored_file_is_inactive_though_this_process_completes_in_it(made, tmp_path):
    (tmp_path / ".copilotignore").write_text("private/\n")
    model, free = Says("a", "one"), Says("e", "two", in_process=True, confidence=0.9)
    world = made(model, free)
    world.folders = [str(tmp_path)]
    path = tmp_path / "private" / "x.txt"
    document = world.documents.open(path.as_uri(), str(path), "plaintext", 1, "total = ")
    (suggestion,) = await world.completion.suggest(Query(document, Point(0, 8), "automatic"))
    await settle()
    assert (suggestion.backend, model.n_asked) == ("e", 0)
    assert (world.told[-1].kind, world.told[-1].message) == ("Inactive", status_module.in_words("ignored_file"))


async def test_turned_off_is_inactive(made):
    world = made(Says("a", "one"), settings={"completion": {"enable": False}})
    await world.ask()
    await settle()
    assert [(told.kind, told.busy) for told in world.told] == [("Inactive", False)]


def knows(capabilities, options):
    return wants_status(capabilities, Greeting.of(options))


def test_only_clients_that_know_it_are_told():
    assert knows({"experimental": {"didChangeStatus": True}}, None)
    assert knows({}, {"editorInfo": {"name": "x"}, "editorPluginInfo": {"name": "y", "version": "1"}})
    assert not knows({}, None)
    assert not knows({"experimental": {"didChangeStatus": False}}, {"completion": {}})
    assert not knows({"experimental": None}, [1])


async def test_a_client_is_told_over_the_wire(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.configure('[backend.gone]\nkind = "ollama"\nurl = "http://127.0.0.1:9"\nmodel = "m"\n')
    async with house.serve(capabilities={"experimental": {"didChangeStatus": True}}) as client:
        client.open(house.uri("a.py"), "def f(self):\n    return sel\n")
        await client.inline_completion(house.uri("a.py"), 1, 14)
        told = await client.wait_notification("didChangeStatus", lambda params: params["kind"] == "Warning")
    assert told == {
        "busy": False,
        "kind": "Warning",
        "message": "gone: nothing listens at its address. embedded answers instead.",
    }


# The connection ahead of the first request


async def test_the_first_document_opens_a_connection_and_no_later_one_does(made):
    backend = Says("a", "one")
    world = made(backend, Says("b", "two"))
    world.start()
    await world.ready()
    assert backend.n_warmed == 0
    for number in range(2):
        world.documents.open(f"file:///w/{number}.txt", f"/w/{number}.txt", "plaintext", 1, "")
    while not backend.n_warmed:
        await asyncio.sleep(0)
    await settle()
    assert backend.n_warmed == 1


async def test_nothing_is_opened_where_completions_are_turned_off(made):
    backend = Says("a", "one")
    world = made(backend, settings={"completion": {"enable": False}})
    world.start()
    await world.ready()
    world.documents.open("file:///w/a.txt", "/w/a.txt", "plaintext", 1, "")
    await settle()
    assert backend.n_warmed == 0
