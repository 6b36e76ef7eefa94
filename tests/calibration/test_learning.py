"""What is learned is a fold over the record: whenever it is read, by whomever, it comes to the same."""

from __future__ import annotations

import json

import pytest
from copilot_ls_telemetry import events
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.features.calibration.learning import SETTLED_S, catch_up, learn, load, save
from copilot_ls.features.calibration.state import State
from tests.calibration.histories import AT, features, judged, life, record

LATER = AT + 10 * SETTLED_S
OUTCOMES = st.sampled_from(["accepted", "partially_accepted", "typed", "rejected", "ignored"])


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def learned(folder, now=LATER):
    return catch_up(folder / "calibration.json", folder / "telemetry.db", now)


def test_without_a_record_nothing_is_learned(folder):
    assert learned(folder).as_dict() == State().as_dict()
    assert not (folder / "calibration.json").exists()


def test_outcomes_are_learned_once_and_kept(folder):
    record(folder / "telemetry.db", *life(1, "accepted"), *life(2, "rejected"), *life(3, "ignored"))
    first = learned(folder)
    assert first.model.n == pytest.approx(3, rel=0.01)
    assert learned(folder).as_dict() == first.as_dict() == load(folder / "calibration.json").as_dict()


def test_read_in_parts_it_comes_to_the_same(folder):
    """Several servers read one record, each when it likes."""
    record(folder / "telemetry.db", *life(1, "accepted", at=AT), *life(2, "rejected", at=AT + 1000))
    for now in (AT + 500, AT + 1000 + SETTLED_S - 1, AT + 2000):
        in_parts = learned(folder, now)
    (folder / "calibration.json").unlink()
    at_once = learned(folder, AT + 2000)
    assert in_parts.as_dict() == at_once.as_dict()


def test_an_outcome_counts_when_it_has_settled(folder):
    record(folder / "telemetry.db", *life(1, "accepted"))
    assert learned(folder, AT + SETTLED_S - 1).model.n == 0
    assert learned(folder, AT + SETTLED_S + 1).model.n == 1


def test_what_did_not_stay_counts_for_less(folder):
    gone = events.RetentionChecked(
        at=AT + 120, session_id="s", suggestion_id="s1", chain_id="s1", moment="120s", kept=0.0, survives=False,
        n_lexemes=3, kept_chars=0,
    )  # fmt: skip
    record(folder / "telemetry.db", *life(1, "accepted"))
    stayed = learned(folder).model.weights["always"].pull
    (folder / "calibration.json").unlink()
    record(folder / "telemetry.db", gone)
    assert learned(folder).model.weights["always"].pull < 0 < stayed


def test_what_the_cursor_left_says_nothing(folder):
    record(folder / "telemetry.db", *life(1, "left"))
    assert learned(folder).model.n == 0


def test_what_was_asked_for_in_words_says_nothing(folder):
    offer, *rest = life(1, "accepted")
    fields = {name: getattr(offer, name) for name in offer.__dataclass_fields__} | {"trigger_kind": "invoked"}
    record(folder / "telemetry.db", events.Generated(**fields), *rest)
    assert learned(folder).model.n == 0


def test_silences_are_learned_from(folder):
    common = {"at": AT, "session_id": "s"}
    was = events.Discarded(
        **common, request_id="r1", language="python", backend="model", model="m", reason="unlikely", p_accept=0.2,
        decision="silent", features=features(0.2),
    )  # fmt: skip
    record(
        folder / "telemetry.db",
        was,
        events.SilenceJudged(**common, request_id="r1", outcome="right", accepted_length=9),
    )
    state = learned(folder)
    assert state.model.weights["always"].pull > 0
    assert state.policies["model"].n == 0, "a policy rests on what was shown"


def test_a_record_of_an_earlier_version_teaches_as_well(folder):
    for number in range(100):
        record(folder / "telemetry.db", *life(number, "accepted", features=None, decision=None))
    state = learned(folder)
    assert state.model.weights["backend:model"].mean > 0.3
    assert state.policies["model"].n > 80


def test_deleting_the_record_is_forgetting(folder):
    record(folder / "telemetry.db", *[event for number in range(9) for event in life(number, "accepted")])
    assert learned(folder).model.n > 8
    (folder / "telemetry.db").unlink()
    assert learned(folder).model.n == 0
    record(folder / "telemetry.db", *life(1, "rejected"))
    assert learned(folder).model.n == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"version": 0}',
        '{"version": 1, "seen": "x"}',
        "[" * 100_000,
        '{"version": 1, "seen": 1e999}',
    ],
)
def test_a_broken_file_is_learned_anew(folder, content):
    record(folder / "telemetry.db", *life(1, "accepted"))
    (folder / "calibration.json").write_text(content)
    assert learned(folder).model.n == 1


def test_a_file_that_cannot_be_written_costs_nothing_but_the_file(folder):
    record(folder / "telemetry.db", *life(1, "accepted"))
    (folder / "calibration.json").mkdir()
    assert learned(folder).model.n == 1


@given(
    st.recursive(st.none() | st.floats() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=3), max_leaves=5)
)
@settings(max_examples=50)
def test_no_file_of_the_right_form_with_wrong_numbers_does_harm(tmp_path_factory, wrong):
    folder = tmp_path_factory.mktemp("state")
    state = State()
    learn(state, [judged(1, "accepted")], [])
    for name in state.as_dict():
        content = {**state.as_dict(), name: wrong}
        (folder / "calibration.json").write_text(json.dumps(content))
        found = load(folder / "calibration.json")
        assert 0 < found.model.likelihood({"always": 1.0}, 0.5).probability < 1


@given(st.lists(st.tuples(OUTCOMES, st.none() | st.floats(0.05, 0.95)), max_size=80))
def test_what_is_kept_comes_back_as_it_was(tmp_path_factory, history):
    folder = tmp_path_factory.mktemp("state")
    state = State()
    learn(state, [judged(number, outcome, said=said) for number, (outcome, said) in enumerate(history)], [])
    save(state, folder / "calibration.json")
    found = load(folder / "calibration.json")
    for said in (None, 0.7):
        one, other = (each.model.likelihood({"always": 1.0}, said).probability for each in (state, found))
        assert one == pytest.approx(other, abs=1e-3)
    assert found.least("model") == state.least("model")


def test_a_user_who_takes_parts_is_known_by_it():
    state = State()
    learn(state, [judged(number, "partially_accepted", said=0.4, begins=0.8) for number in range(60)], [])
    assert state.shares.taking_parts > 0.9
    state = State()
    learn(state, [judged(number, "ignored", said=0.4, begins=0.8) for number in range(60)], [])
    assert state.shares.taking_parts == 0


def test_turns_are_set_against_what_they_brought():
    state = State()
    turn = {"language": "python", "latency_ms": 500.0, "cost": 0.01, "session_id": "s"}
    asked = [
        {**turn, "id": 1, "request_id": "r1", "backend": "cheap"},
        {**turn, "id": 2, "request_id": "r1", "backend": "dear"},
        {**turn, "id": 3, "request_id": "r2", "backend": "cheap"},
    ]
    learn(state, [judged(1, "accepted", backend="dear"), judged(2, "accepted", backend="cheap")], [], asked)
    cheap, dear = (state.routes.of(name, "python") for name in ("cheap", "dear"))
    assert (round(cheap.n), cheap.kept) == (2, 10)
    assert dear is None, "it was asked where the first had nothing to say"
