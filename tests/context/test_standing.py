"""What the last prompt showed is kept only while it is true."""

from __future__ import annotations

from pathlib import Path

from copilot_ls.context.request import ContextRequest
from copilot_ls.context.snippet import ContextSnippet
from copilot_ls.context.standing import still_true
from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot


def opened(path: str, text: str) -> DocumentSnapshot:
    return DocumentSnapshot("file:///w/" + path, "/w/" + path, "python", 1, TextSnapshot.of(text))


def request(text: str) -> ContextRequest:
    main = opened("main.py", "")
    return ContextRequest(main, Point(0, 0), Path("/w"), [main, opened("lib.py", text)])


SNIPPET = ContextSnippet("lib.py", 1, 4, "def price(self):\n    return 1", "definitions", 1.0, 9)


def test_lines_that_stand_where_they_stood_are_kept():
    assert still_true([SNIPPET], request("class A:\n    def price(self):\n        # one\n        return 1\n")) == [
        SNIPPET
    ]


def test_lines_that_changed_moved_or_went_are_not():
    assert still_true([SNIPPET], request("class A:\n    def price(self):\n        # one\n        return 2\n")) == []
    assert still_true([SNIPPET], request("\n" * 9 + "def price(self):\n    return 1\n")) == []
    assert still_true([SNIPPET], request("")) == []


def test_what_nobody_knows_of_is_not_kept():
    main = opened("main.py", "")
    assert still_true([SNIPPET], ContextRequest(main, Point(0, 0), Path("/w"), [main])) == []


def test_a_mark_of_a_gap_is_no_line_of_the_file():
    marked = ContextSnippet("lib.py", 0, 4, "def price(self):\n# …\n    return 1", "similar_code", 1.0, 9)
    text = "class A:\n    def price(self):\n        # one\n        return 1\n"
    assert still_true([marked], request(text)) == [marked]
