"""One decision in words, from the record through the command."""

from __future__ import annotations

import json

import pytest
from copilot_ls_telemetry import events
from copilot_ls_telemetry.decisions import decision, latest_decisions

from copilot_ls.cli import main
from copilot_ls.features.calibration.reasons import explained
from tests.calibration.histories import AT, life, record

COMMON = {"at": AT, "session_id": "s"}


def content(**more):
    numbers = {"said": 0.7, "whole": 0.7, "begins": 0.0, "least": None, "n": 0, "gain": 7.0, "usual": 7.0}
    return json.dumps({**numbers, "of": {"always": 1.0}, **more})


def held_back(**more):
    circumstances = {
        "always": [1.0, 0.12],
        "language:python": [1.0, 0.004],
        "place:after space": [1.0, -0.31],
        "rejected just before": [1.0, -0.44],
        "taken lately": [-0.4, -0.09],
    }
    return events.Discarded(
        **COMMON, request_id="r1", language="python", backend="embedded", model="embedded", reason="unlikely",
        p_accept=0.53, decision="silent", features=content(least=0.64, n=412, of=circumstances), **more,
    )  # fmt: skip


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("COPILOT_LS_STATE_DIR", str(tmp_path))
    return tmp_path / "telemetry.db"


def why(path, name):
    return "\n".join(explained(decision(path, name)))


def test_a_silence_says_what_spoke_against_it(path):
    record(path, held_back(), events.SilenceJudged(**COMMON, request_id="r1", outcome="part", accepted_length=5))
    assert why(path, "r1") == (
        "Suggestion r1: embedded, python; not shown.\n"
        "It begins with 70%, as the backend says.\n"
        "412 outcomes of yours (older ones count less) make of it 53%:\n"
        "  rejected just before              -10 points  (log odds -0.44)\n"
        "  place: after space                 -7 points  (log odds -0.31)\n"
        "  you, whatever the circumstances    +2 points  (log odds +0.12)\n"
        "  taken lately (-0.4)                -2 points  (log odds -0.09)\n"
        "That is less than the 64% that embedded needs: about the most that, by your latest suggestions and by what "
        "holds for others, costs no accepted characters.\n"
        "What became of it: you typed its first 5 characters, and then something else."
    )


def test_without_history_there_is_nothing_to_weigh(path):
    record(path, *life(1, "accepted", features=content(said=None), p_accept=0.3))
    assert why(path, "s1") == (
        "Suggestion s1: model, python, 10 characters; shown.\n"
        "It begins with 30%, as is usual, for it does not say how sure it is.\n"
        "There is no history yet that could change it.\n"
        "There is not enough history to hold anything back: what the backend offers is shown.\n"
        "What became of it: you accepted it."
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"features": None, "decision": None, "trigger_kind": "invoked"}, "what you ask for is always shown"),
        ({"features": None, "decision": None}, "calibration was off"),
        ({"decision": "explore", "p_accept": 0.2}, "shown against the odds, to keep learning"),
    ],
)
def test_what_was_not_decided_is_said(path, more, said):
    offer, *rest = life(1, "ignored", features=content())
    fields = {name: getattr(offer, name) for name in offer.__dataclass_fields__} | more
    record(path, events.Generated(**fields), *rest)
    text = why(path, "s1")
    assert said in text
    assert text.endswith("What became of it: you typed something else.")


def test_the_latest_decisions_are_listed_with_their_ids(path, capsys):
    record(path, *life(1, "accepted", p_accept=0.8, confidence=0.7), held_back())
    assert main(["stats", "--recent"]) == 0
    listed = capsys.readouterr().out
    assert [line.split()[0] for line in listed.splitlines()[-2:]] == ["r1", "s1"]
    assert "80%" in listed
    assert "silent" in listed
    assert [row["name"] for row in latest_decisions(path, 1)] == ["r1"]


def test_the_command_explains_one(path, capsys):
    record(path, held_back())
    assert main(["stats", "--why", "r1"]) == 0
    assert capsys.readouterr().out == why(path, "r1") + "\n"
    assert main(["stats", "--why", "r1", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["features"]["least"] == 0.64


@pytest.mark.parametrize("name", ["nobody", "%", "_", ""])
def test_an_id_of_nothing_is_said_to_be_none(path, capsys, name):
    record(path, held_back())
    assert main(["stats", "--why", name]) == 1
    error = capsys.readouterr().err
    assert repr(name) in error
    assert "--recent" in error


def test_the_metric_sets_what_was_likely_against_what_happened(path):
    from copilot_ls_telemetry.report import make_report

    record(
        path,
        *life(1, "accepted", p_accept=0.82),
        *life(2, "ignored", p_accept=0.88),
        *life(3, "left", p_accept=0.85),
        held_back(),
        events.SilenceJudged(**COMMON, request_id="r1", outcome="wrong", accepted_length=0),
    )
    shown, silent = make_report(path).calibration
    assert (shown["decision"], round(shown["said"], 2), shown["taken"], shown["n"]) == ("show", 0.85, 0.5, 2)
    assert (silent["decision"], silent["said"], silent["taken"], silent["n"]) == ("silent", 0.53, 0.0, 1)
