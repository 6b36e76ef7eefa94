"""Decisions in the pipeline: what is held back, what never is, and what is recorded of it."""

from __future__ import annotations

import json

import pytest
from copilot_ls_telemetry.events import Discarded, Generated, SilenceJudged

from copilot_ls.features.calibration.state import State
from copilot_ls.features.inline_completion import Query
from copilot_ls.text import Point
from tests.calibration.histories import state_where
from tests.routing.world import PLAIN, Says, World

URI = "file:///a.py"


def world(state=None, *, confidence=None, chance=1.0, telemetry=None, backend=None):
    backend = backend or Says("model", "price * quantity", confidence=confidence)
    made = World(
        {**PLAIN, "telemetry": telemetry or {}, "route": {"completion": [{"backend": "model"}]}}, {"model": backend}
    )
    if state is not None:
        made.calibration.state = state
    made.calibration.gate._chance = lambda: chance
    return made


async def asked(made, text="total = ", *, invoked=False, for_menu=False):
    """Suggestions at the end of the only document, which becomes `text`."""
    document = made.documents.get(URI)
    if document is None:
        document = made.documents.open(URI, "/a.py", "python", 1, text)
    else:
        put(made, text[document.buffer.snapshot().n_chars :])
    kind = "invoked" if invoked else "automatic"
    return await made.completion.suggest(Query(document, Point(0, len(text)), kind, for_menu=for_menu))


def put(made, text):
    """Type at the end."""
    document = made.documents.get(URI)
    end = document.buffer.snapshot().n_chars
    made.documents.change(URI, document.version + 1, [((0, end), (0, end), text)])


async def test_without_history_all_is_shown_as_ever():
    made = world(State())
    (shown,) = await asked(made)
    assert shown.decision.kind == "show"
    (event,) = made.events_of(Generated)
    assert (event.decision, event.p_accept) == ("show", pytest.approx(0.3, abs=0.001))
    assert json.loads(event.features)["least"] is None


async def test_what_is_unlikely_is_held_back_and_said_so():
    made = world(state_where("model", least=0.5))
    assert await asked(made) == []
    (event,) = made.events_of(Discarded)
    assert (event.reason, event.decision, event.backend) == ("unlikely", "silent", "model")
    assert event.p_accept == pytest.approx(0.3, abs=0.001)
    assert not made.events_of(Generated)


async def test_what_is_likely_enough_is_shown():
    made = world(state_where("model", least=0.5), confidence=0.7)
    assert len(await asked(made)) == 1


async def test_what_is_asked_for_in_words_is_never_held_back():
    made = world(state_where("model", least=0.85))
    (shown,) = await asked(made, invoked=True)
    assert shown.decision is None


async def test_a_completion_menu_is_left_alone():
    made = world(state_where("model", least=0.85))
    assert len(await asked(made, for_menu=True)) == 1


async def test_turned_off_it_decides_nothing():
    for telemetry in ({"calibrate": False}, {"enable": False}):
        made = world(state_where("model", least=0.85), telemetry=telemetry)
        (shown,) = await asked(made)
        assert shown.decision is None


async def test_now_and_then_the_unlikely_is_shown_all_the_same():
    made = world(state_where("model", least=0.85), chance=0.0)
    (shown,) = await asked(made)
    assert shown.decision.kind == "explore"
    (event,) = made.events_of(Generated)
    assert event.decision == "explore"


async def test_what_is_seen_does_not_vanish_while_it_is_typed_along():
    made = world(State())
    await asked(made, "total = ")
    made.calibration.state = state_where("model", least=0.85)
    (shown,) = await asked(made, "total = p")
    assert shown.source == "typed_as_suggested"


async def test_what_was_held_back_and_typed_is_recorded_as_right():
    made = world(state_where("model", least=0.5))
    await asked(made, "total = ")
    for character in "price * quantity":
        put(made, character)
    (event,) = made.events_of(SilenceJudged)
    assert (event.outcome, event.accepted_length) == ("right", 16)


async def test_how_it_went_just_now_counts_at_once():
    made = world(State())
    gate = made.calibration.gate
    (shown,) = await asked(made)
    document = made.documents.get(URI).snapshot()
    before = gate.taste(document, Point(0, 8)).here
    gate.judged(shown, right=False, accepted=False)
    after = gate.taste(document, Point(0, 8)).here
    assert set(after) - set(before) == {
        "rejected in a row", "rejected on this line", "rejected on this line, times", "rejected just before",
        "taken lately",
    }  # fmt: skip


def two(state, *, chance=1.0, telemetry=None):
    """Two models, the second of which has done far better, and who answers."""
    backends = {"first": Says("first", "one"), "second": Says("second", "two")}
    route = {"completion": [{"backend": "first"}, {"backend": "second"}]}
    made = World({**PLAIN, "telemetry": telemetry or {}, "route": route}, backends)
    made.calibration.state = state
    made.calibration._chance = lambda: chance
    return made


def evidence(*, n=300):
    state = State()
    for number in range(n):
        for name, n_chars in (("first", 0), ("second", 10 + number % 3)):
            state.routes.asked(name, "python", waited_s=0.3, cost=0.0)
            state.routes.kept(name, "python", n_chars)
    return state


@pytest.mark.parametrize(
    ("state", "telemetry", "chance", "says"),
    [
        (State(), {}, 1.0, "one"),
        (State(), {}, 0.0, "one"),
        (evidence(), {}, 1.0, "two"),
        (evidence(), {}, 0.0, "one"),
        (evidence(), {"calibrate": False}, 1.0, "one"),
        (evidence(n=30), {}, 1.0, "one"),
    ],
    ids=["no history", "nothing to try out", "strong evidence", "trying out", "turned off", "weak evidence"],
)
async def test_the_backend_that_earns_it_is_asked_first(state, telemetry, chance, says):
    made = two(state, chance=chance, telemetry=telemetry)
    (shown,) = await asked(made)
    assert shown.text == says


async def test_a_backend_against_a_limit_is_not_asked_however_good_it_was():
    made = two(evidence())
    breaker = made.router().lane("second").breaker
    for _ in range(20):
        breaker.failed("http_500")
    (shown,) = await asked(made)
    assert shown.text == "one"
