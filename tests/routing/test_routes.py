"""Along a route: who is asked, who is passed over and why, what is repeated, what it costs, and what each leaves behind."""

from __future__ import annotations

import asyncio

import pytest
from copilot_ls_telemetry.events import BackendAsked, BackendFault, BackendPassedOver, Discarded, Generated

from copilot_ls.backends.base import Usage
from copilot_ls.features.inline_completion import Query
from copilot_ls.text import Point
from tests.routing.world import Says, World, fault, said

PRICED = {"kind": "scripted", "input_price": 1.0, "output_price": 1_000_000.0}


@pytest.fixture
async def made():
    """Makes worlds, and closes them."""
    worlds = []

    def make(settings=None, backends=None, **more):
        backends = {backend.name: backend for backend in backends or ()}
        worlds.append(World(settings or {}, backends, **more))
        return worlds[-1]

    yield make
    for world in worlds:
        await world.aclose()


def passed_over(world):
    return [(event.backend, event.reason) for event in world.events_of(BackendPassedOver)]


def turns(world):
    return [(event.backend, event.outcome) for event in world.events_of(BackendAsked)]


async def test_the_first_that_can_answers(made):
    world = made(backends=[Says("a", "one"), Says("b", "two")])
    assert said(await world.ask()) == [("a", "one")]
    assert turns(world) == [("a", "answered")]


async def test_a_failure_and_an_answer_with_nothing_in_it_pass_the_question_on(made):
    world = made(backends=[Says("a", "", fault("bad_json")), Says("b", ""), Says("c", "three")])
    assert said(await world.ask()) == [("c", "three")]
    assert turns(world) == [("a", "failed"), ("b", "answered"), ("c", "answered")]
    assert [(event.backend, event.fault) for event in world.events_of(BackendFault)] == [("a", "bad_json")]


async def test_a_package_that_raises_anything_is_a_fault_of_its_backend(made):
    world = made(backends=[Says("a", "", ZeroDivisionError("def secret(): ...")), Says("b", "two")])
    assert said(await world.ask()) == [("b", "two")]
    assert world.events_of(BackendFault)[0].fault == "crashed"


async def test_a_backend_that_cannot_be_made_is_passed_over(made):
    world = made({"backend": {"a": {"kind": "no_such_kind"}}}, [Says("b", "two")])
    assert said(await world.ask()) == [("b", "two")]
    assert passed_over(world) == [("a", "unusable")]


async def test_one_that_failed_rests_and_is_tried_again(made):
    times = [100.0]
    broken = Says("a", "one", fault("reset"))
    world = made(backends=[broken, Says("b", "two")], now=lambda: times[0])
    for _ in range(3):
        assert said(await world.ask()) == [("b", "two")]
    assert broken.n_asked == 1
    assert passed_over(world) == [("a", "resting")] * 2
    assert said(await world.ask(invoked=True)) == [("b", "two")]
    assert broken.n_asked == 2, "who asks in words may probe"
    times[0] += 60
    broken.steps = ()
    assert said(await world.ask()) == [("a", "one")]


async def test_a_probe_under_way_keeps_others_out(made):
    times = [100.0]
    backend = Says("a", "one", fault("reset"))
    world = made(backends=[backend, Says("b", "two")], now=lambda: times[0])
    await world.ask()
    times[0] += 5
    backend.steps = (30.0,)
    probe = asyncio.ensure_future(world.ask("probe = "))
    while backend.n_live == 0:
        await asyncio.sleep(0)
    assert said(await world.ask("other = ")) == [("b", "two")]
    assert passed_over(world)[-1] == ("a", "probing")
    probe.cancel()
    await asyncio.wait([probe])


# Retries and deadlines


@pytest.mark.parametrize("name", ["refused", "http_408", "http_429", "http_503"])
async def test_what_is_safe_to_repeat_is_repeated(made, name):
    backend = Says("a", "one", fault(name, retry_after_s=0.0))
    world = made({"backend": {"a": {"max_retries": 3}}}, [backend, Says("b", "two")])
    await world.ask()
    assert backend.n_asked == 4
    (first, _) = world.events_of(BackendAsked)
    assert (first.n_tries, first.outcome) == (4, "failed")
    assert len(world.events_of(BackendFault)) == 1, "one event for one turn"


@pytest.mark.parametrize("name", ["http_400", "http_401", "http_500", "timeout_first_byte", "reset", "bad_json"])
async def test_all_else_is_not(made, name):
    backend = Says("a", "one", fault(name))
    world = made(backends=[backend, Says("b", "two")])
    await world.ask()
    assert backend.n_asked == 1


async def test_a_pause_that_is_longer_than_the_user_waits_goes_to_the_next(made):
    backend = Says("a", "one", fault("http_429", retry_after_s=5.0))
    world = made(backends=[backend, Says("b", "two")])
    assert said(await world.ask()) == [("b", "two")]
    assert backend.n_asked == 1
    assert world.router().lane("a").breaker.rest_s > 4


async def test_a_step_has_a_deadline(made):
    slow = Says("a", "one", 60.0)
    world = made({"route": {"completion": [{"backend": "a", "deadline_ms": 30}, "b"]}}, [slow, Says("b", "two")])
    assert said(await world.ask()) == [("b", "two")]
    assert world.events_of(BackendFault)[0].fault == "timeout_deadline"
    assert (slow.n_live, slow.n_cancelled) == (0, 1)


async def test_no_more_requests_at_once_than_a_backend_takes(made):
    backend = Says("a", "one", 0.01)
    world = made({"backend": {"a": {"max_concurrency": 2}}}, [backend])
    answers = await asyncio.gather(*(world.ask(f"x{number} = ") for number in range(8)))
    assert all(said(answer) == [("a", "one")] for answer in answers)
    assert backend.most_live == 2


async def test_who_finds_no_place_in_time_goes_to_the_next(made):
    backend = Says("a", "one", 60.0)
    world = made(
        {
            "backend": {"a": {"max_concurrency": 1}},
            "route": {"completion": [{"backend": "a", "deadline_ms": 40}, "b"]},
        },
        [backend, Says("b", "two")],
    )
    await asyncio.gather(world.ask("x = "), world.ask("y = "))
    assert {event.fault for event in world.events_of(BackendFault)} == {"timeout_deadline", "busy"}
    assert backend.n_asked == 1


# Costs


async def test_what_a_backend_counts_is_what_is_paid(made):
    backend = Says("a", "one", usage=Usage(1000, 0, 2))
    world = made({"backend": {"a": PRICED}}, [backend])
    await world.ask()
    (event,) = world.events_of(BackendAsked)
    assert (event.input_tokens, event.output_tokens, event.estimated) == (1000, 2, False)
    assert event.cost == pytest.approx(2.001)
    assert world.router().spend.today("a") == pytest.approx(event.cost)


async def test_what_it_does_not_count_is_estimated(made):
    world = made({"backend": {"a": PRICED}}, [Says("a", "one two three")])
    await world.ask("alpha = beta + ")
    (event,) = world.events_of(BackendAsked)
    assert event.estimated
    assert 2 <= event.input_tokens <= 20
    assert 2 <= event.output_tokens <= 5


async def test_what_is_estimated_is_not_said_of_a_suggestion(made):
    """Its event says what the backend said, or nothing."""
    world = made({"backend": {"a": PRICED}}, [Says("a", "one"), Says("b", "two", usage=Usage(7, 0, 1))])
    await world.ask()
    (event,) = world.events_of(Generated)
    assert (event.input_tokens, event.output_tokens) == (None, None)


async def test_what_is_cancelled_is_paid_and_what_never_began_is_not(made):
    slow = Says("a", "one", 60.0)
    world = made({"backend": {"a": PRICED | {"request_price": 1.0}}}, [slow])
    request = asyncio.ensure_future(world.ask())
    while slow.n_live == 0:
        await asyncio.sleep(0)
    world.completion.close()
    await request
    while slow.n_live:
        await asyncio.sleep(0)
    (event,) = world.events_of(BackendAsked)
    assert (event.outcome, event.estimated) == ("cancelled", True)
    assert event.cost > 1.0
    slow.steps = (fault("refused", retry_after_s=9.0),)
    await world.ask()
    assert [event.cost for event in world.events_of(BackendAsked) if event.backend == "a"][1:] == [0.0]


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ({"backend": {"a": {"max_spend_per_day": 3.0}}}, "max_spend_per_day"),
        ({"backend": {"a": {"max_spend_per_month": 3.0}}}, "max_spend_per_month"),
        ({"spend": {"max_per_day": 3.0}}, "spend.max_per_day"),
        ({"spend": {"max_per_month": 3.0}}, "spend.max_per_month"),
    ],
)
async def test_a_limit_degrades_to_the_next_and_is_never_broken(made, where, reason):
    """A request costs 1, as is known before it is sent: the fourth goes elsewhere."""
    backend = {"kind": "scripted", "request_price": 1.0} | where.get("backend", {}).get("a", {})
    world = made(where | {"backend": {"a": backend}}, [Says("a", "one"), Says("b", "two")])
    answers = [said(await world.ask())[0][0] for _ in range(5)]
    assert answers == ["a", "a", "a", "b", "b"]
    assert passed_over(world) == [("a", reason)] * 2
    assert world.router().spend.today() == 3.0
    assert world.events_of(BackendFault) == []


async def test_a_limit_survives_a_restart_and_telemetry_that_is_off(made):
    settings = {
        "backend": {"a": {"kind": "scripted", "request_price": 1.0, "max_spend_per_day": 1.0}},
        "telemetry": {"enable": False},
    }
    first = made(settings, [Says("a", "one"), Says("b", "two")])
    await first.ask()
    await first.aclose()
    second = made(settings, [Says("a", "one"), Says("b", "two")])
    second.start()
    await second.ready()
    assert said(await second.ask()) == [("b", "two")]


async def test_requests_at_the_same_time_do_not_break_a_limit_together(made):
    backend = Says("a", "one", 0.01)
    world = made(
        {"backend": {"a": {"kind": "scripted", "request_price": 1.0, "max_spend_per_day": 3.0, "max_concurrency": 9}}},
        [backend, Says("b", "two")],
    )
    await asyncio.gather(*(world.ask(f"x{number} = ") for number in range(9)))
    assert backend.n_asked == 3


# More than one at a time


async def test_without_hedging_one_is_asked_at_a_time(made):
    second = Says("b", "two")
    world = made(backends=[Says("a", "one", 0.05), second])
    assert said(await world.ask()) == [("a", "one")]
    assert second.n_asked == 0


async def test_a_hedge_takes_the_first_answer_and_lets_go_of_the_other(made):
    slow = Says("a", "one", 60.0)
    world = made({"route": {"hedge_after_ms": 10}}, [slow, Says("b", "two")])
    assert said(await world.ask()) == [("b", "two")]
    assert (slow.n_live, slow.n_cancelled) == (0, 1)
    assert dict(turns(world)) == {"a": "cancelled", "b": "answered"}


async def test_a_hedge_that_fails_leaves_the_answer_to_the_first(made):
    world = made({"route": {"hedge_after_ms": 10}}, [Says("a", "one", 0.1), Says("b", "", fault("http_500"))])
    assert said(await world.ask()) == [("a", "one")]


async def test_what_costs_nothing_is_no_hedge(made):
    """It would always be first."""
    free = Says("b", "two", in_process=True)
    world = made({"route": {"hedge_after_ms": 5}}, [Says("a", "one", 0.05), free])
    assert said(await world.ask()) == [("a", "one")]
    assert free.n_asked == 0


async def test_nobody_of_a_hedge_that_is_cancelled_goes_on(made):
    backends = [Says("a", "one", 60.0), Says("b", "two", 60.0)]
    world = made({"route": {"hedge_after_ms": 5}}, backends)
    request = asyncio.ensure_future(world.ask())
    while not all(backend.n_live for backend in backends):
        await asyncio.sleep(0.001)
    world.completion.close()
    await request
    while any(backend.n_live for backend in backends):
        await asyncio.sleep(0)
    assert [backend.n_cancelled for backend in backends] == [1, 1]


def instant(mode, patience_ms=20):
    return {"completion": {"instant": mode, "patience_ms": patience_ms, "instant_confidence": 0.9}}


async def test_when_the_model_is_late_the_embedded_answer_is_given_and_the_models_is_kept(made):
    """The next key that goes the model's way shows the model's; one that goes the way of what is on screen keeps it."""
    may_answer = asyncio.Event()
    model = Says("a", "one more", may_answer)
    world = made(instant("late"), [model, Says("e", "other", in_process=True, confidence=0.95)])
    document = world.documents.open("file:///w/x.txt", "/w/x.txt", "plaintext", 1, "total = ")
    first = await world.completion.suggest(Query(document, Point(0, 8), "automatic"))
    assert said(first) == [("e", "other")]
    assert model.n_live == 1, "the model goes on"
    may_answer.set()
    await world.completion._states["file:///w/x.txt"].generation.finished
    again = await world.completion.suggest(Query(document, Point(0, 8), "automatic"))
    assert said(again) == [("e", "other")], "what is on screen is not replaced"
    world.documents.change("file:///w/x.txt", 2, [((0, 8), (0, 8), "o")])
    typed = await world.completion.suggest(Query(document, Point(0, 9), "automatic"))
    assert said(typed) == [("e", "ther")]
    world.documents.change("file:///w/x.txt", 3, [((0, 8), (0, 9), "on")])
    went_the_models_way = await world.completion.suggest(Query(document, Point(0, 10), "automatic"))
    assert said(went_the_models_way) == [("a", "e more")]
    assert model.n_asked == 1


async def test_a_model_within_patience_is_not_anticipated(made):
    free = Says("e", "other", in_process=True, confidence=0.99)
    world = made(instant("late", 5000), [Says("a", "one", 0.02), free])
    assert said(await world.ask()) == [("a", "one")]
    assert free.n_asked == 0


async def test_an_embedded_answer_that_is_sure_of_itself_comes_at_once(made):
    model = Says("a", "one", 60.0)
    sure = Says("e", "other", in_process=True, confidence=0.95)
    world = made(instant("confident", 60_000), [model, sure])
    assert said(await world.ask()) == [("e", "other")]
    sure.confidence = 0.6
    request = asyncio.ensure_future(world.ask("next = "))
    while sure.n_asked < 2:
        await asyncio.sleep(0)
    done, _ = await asyncio.wait([request], timeout=0.05)
    assert not done, "one that is not waits for the model"
    world.completion.close()
    await request


async def test_turned_off_the_model_is_waited_for(made):
    world = made(instant("off", 0), [Says("a", "one", 0.05), Says("e", "other", in_process=True, confidence=0.99)])
    assert said(await world.ask()) == [("a", "one")]


async def test_who_asks_in_words_waits_for_the_model(made):
    world = made(instant("late", 0), [Says("a", "one", 0.05), Says("e", "other", in_process=True, confidence=0.99)])
    assert said(await world.ask(invoked=True)) == [("a", "one")]


async def test_the_embedded_backend_is_asked_once_when_the_model_fails_late(made):
    free = Says("e", "other", in_process=True, confidence=0.95)
    world = made(instant("late", 10), [Says("a", "", 0.05, fault("reset")), free])
    assert said(await world.ask()) == [("e", "other")]
    while len(turns(world)) < 2:
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.01)
    assert free.n_asked == 1


async def test_a_request_ends_once_whatever_the_route(made):
    world = made(backends=[Says("a", ""), Says("b", "", fault("reset"))])
    assert await world.ask() == []
    assert len(world.events_of(Discarded)) == 1
    assert world.events_of(Generated) == []
