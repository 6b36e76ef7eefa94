"""Each turn is one event, a failed one two, and the sum is what was counted."""

from __future__ import annotations

from typing import Any

from copilot_ls.backends.base import Usage
from copilot_ls.features.request_events import RequestEvents
from copilot_ls.features.turns import TaskTurns
from copilot_ls.routing.attempt import Outcome


def test_turns_are_recorded_and_summed() -> None:
    events: list[Any] = []
    recorder = RequestEvents(events.append, wall_clock=lambda: 1.0, session_id="s", workspace_of=None)
    turns = TaskTurns(recorder, "fix", "r", uri="file:///a.py", language="python")
    turns.passed_over("dear", "max_spend_per_day")
    turns.asked("cheap", "tiny", Outcome(how="failed", fault="http_500", n_tries=2))
    assert (turns.backend, turns.fault, turns.input_tokens, turns.cost) == ("", "http_500", None, None)
    turns.asked("large", "big", Outcome(how="answered", usage=Usage(100, output_tokens=20), cost=0.5))
    turns.asked("large", "big", Outcome(how="answered", usage=Usage(50, output_tokens=None), cost=0.25))
    assert (turns.backend, turns.model, turns.n_turns) == ("large", "big", 3)
    assert (turns.input_tokens, turns.output_tokens, turns.cost) == (150, 20, 0.75)
    assert turns.passed == {"dear": "max_spend_per_day"}
    kinds = ["BackendPassedOver", "BackendAsked", "BackendFault", "BackendAsked", "BackendAsked"]
    assert [type(event).__name__ for event in events] == kinds
    assert {event.task for event in events} == {"fix"}
