"""What was held back is judged by what is typed instead."""

from __future__ import annotations

import pytest

from copilot_ls.features.calibration.silence import Silences
from copilot_ls.features.suggestion import Suggestion
from copilot_ls.text import Point, Span, TextBuffer

URI = "file:///a.py"


class Desk:
    """A document with a cursor at its end, and what was heard of silences."""

    def __init__(self, text):
        self.buffer = TextBuffer(text)
        self.heard = []
        self.silences = Silences(lambda request_id, uri, outcome, n: self.heard.append((request_id, outcome, n)))
        self.cursor = self.buffer.snapshot().point_at(len(text))

    def hold_back(self, text, request_id="r"):
        at = self.cursor
        suggestion = Suggestion(
            "s", request_id, URI, 1, "python", text, Span(at, at), "backend", "b", "m", "automatic", False, 1.0
        )
        return self.silences.follow(suggestion, self.buffer.snapshot())

    def put(self, text, at=None):
        at = self.cursor if at is None else at
        edit = self.buffer.edit(at, at, text)
        self.cursor = edit.new_end
        self.silences.document_changed(URI, [edit], self.buffer.snapshot())

    def type(self, text):
        for character in text:
            self.put(character)


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("price * quantity", [("r", "right", 16)]),
        ("price * 2", [("r", "part", 8)]),
        ("price + tax", [("r", "part", 6)]),
        ("prices", [("r", "wrong", 0)]),
        ("x", [("r", "wrong", 0)]),
        ("price * quant", []),
    ],
)
def test_what_is_typed_tells(typed, heard):
    desk = Desk("total = ")
    desk.hold_back("price * quantity")
    desk.type(typed)
    assert desk.heard == heard


def test_what_is_put_in_at_once_tells_as_well():
    desk = Desk("total = ")
    desk.hold_back("price * quantity")
    desk.put("price * quantity")
    assert desk.heard == [("r", "right", 16)]


def test_several_keys_at_once_tell_how_far_they_agreed():
    desk = Desk("total = ")
    desk.hold_back("price * quantity")
    desk.put("pri")
    desk.put("ce * 2")
    assert desk.heard == [("r", "part", 8)]


def test_what_goes_on_with_a_silence_counts_with_it():
    desk = Desk("total = ")
    assert desk.hold_back("price * quantity")
    desk.type("pr")
    assert not desk.hold_back("ice * quantity", "later")
    assert desk.hold_back("ice + tax", "other")
    desk.type("ice * quantity")
    assert sorted(desk.heard) == [("other", "part", 4), ("r", "right", 16)]


def test_a_closed_document_tells_nothing():
    desk = Desk("total = ")
    desk.hold_back("price")
    desk.silences.document_closed(URI)
    desk.type("price")
    assert desk.heard == []


def test_typing_elsewhere_tells_nothing():
    desk = Desk("a\ntotal = ")
    desk.hold_back("price")
    desk.put("b", Point(0, 1))
    assert desk.heard == []
