"""Who said how sure it was hears what became of it: of what was seen, and whether it was right."""

from __future__ import annotations

import pytest


@pytest.fixture
def judged(make_editor):
    heard = []

    def open_with(text):
        return make_editor(text, on_judged=lambda _, before, right, __: heard.append((before, right))), heard

    return open_with


def test_taken_or_typed_is_right(judged):
    editor, heard = judged("    total = █")
    editor.offer("sum(values)", confidence=0.7)
    editor.wait()
    editor.insert("sum(values)")
    editor.offer(" + 1", confidence=0.7)
    editor.wait()
    editor.type(" + 1")
    editor.wait()
    assert heard == [("    total = ", True), ("    total = sum(values)", True)]


def test_typed_on_past_or_rejected_is_wrong(judged):
    editor, heard = judged("    total = █")
    editor.offer("sum(values)", confidence=0.7)
    editor.wait()
    editor.type("m")
    editor.wait()
    newest = editor.offer("ax(values)", confidence=0.7)
    editor.wait()
    editor.lifecycle.rejected(newest)
    editor.wait()
    assert heard == [("    total = ", False), ("    total = m", False)]


def test_what_was_not_seen_or_only_left_says_nothing(judged):
    editor, heard = judged("    total = █")
    editor.offer("sum(values)", confidence=0.7)
    editor.type("m", seconds_each=0.1)
    editor.wait()
    editor.offer("ax(values)", confidence=0.7)
    editor.wait()
    editor.lifecycle.cursor_at(editor.uri, editor.at(-5))
    editor.wait()
    assert heard == []


def test_taking_a_word_of_it_is_right(judged):
    editor, heard = judged("    total = █")
    editor.offer("sum(values, start)", confidence=0.7)
    editor.wait()
    editor.insert("sum(")
    editor.wait()
    editor.type("x")
    editor.wait()
    assert heard == [("    total = ", True)]
