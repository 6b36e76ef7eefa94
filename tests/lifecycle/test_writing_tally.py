"""What is typed, comes at once and goes is counted per document, and written down once a minute."""

from __future__ import annotations

from typing import Any

from copilot_ls.features.request_events import RequestEvents
from copilot_ls.features.writing_tally import WritingTally
from copilot_ls.text import Point, TextBuffer
from tests.lifecycle.conftest import Clock

URI = "file:///a.py"


def test_a_minute_of_writing_is_one_event_per_document() -> None:
    clock, events = Clock(), list[Any]()
    recorder = RequestEvents(events.append, wall_clock=lambda: 1.0, session_id="s", workspace_of=None)
    tally = WritingTally(recorder, call_later=clock.call_later)
    buffer = TextBuffer("")

    def edit(start: int, end: int, text: str, uri: str = URI) -> None:
        tally.document_changed(uri, "python", [buffer.edit(Point(0, start), Point(0, end), text)])

    for at, key in enumerate("foo"):
        edit(at, at, key)
    edit(3, 3, "()")  # a key, and the bracket that the editor closed
    edit(4, 4, "accepted")
    edit(0, 1, "")
    edit(0, 0, "\n        ")  # a key, and the indentation
    edit(0, 0, "x", uri="file:///b.py")
    assert events == []
    clock.pass_time(61)
    found = {(event.n_typed, event.n_inserted, event.n_deleted) for event in events}
    assert found == {(5, 8, 1), (1, 0, 0)}
    clock.pass_time(600)
    assert (len(events), clock.n_waiting) == (2, 0)
    edit(0, 0, "y")
    tally.close()
    assert (len(events), events[-1].n_typed, clock.n_waiting) == (3, 1, 0)
