"""What a document gets when it can be parsed, and when it cannot."""

from __future__ import annotations

import logging
import subprocess
import sys
import time

import pytest

from copilot_ls.syntax import SyntaxDocument, language_for, parses_no_worse, runtime
from copilot_ls.syntax import document as document_module
from copilot_ls.syntax import near as near_module
from copilot_ls.text import Point, TextBuffer, TextSnapshot


@pytest.fixture(autouse=True)
def _a_busy_machine_fails_no_test(monkeypatch) -> None:
    monkeypatch.setattr(near_module, "_TIMEOUT_MS", 5_000)


def test_the_same_snapshot_gives_the_same_tree() -> None:
    """Asking twice costs nothing."""
    document, snapshot = SyntaxDocument("python", ""), TextSnapshot.of("x = 1\n")
    assert document.tree_at(snapshot) is document.tree_at(snapshot)


def test_edits_are_applied_at_the_next_question() -> None:
    """Several edits between two questions give the tree of the last text."""
    buffer, document = TextBuffer("def f():\n    pass\n"), SyntaxDocument("python", "")
    document.tree_at(buffer.snapshot())
    for column, character in enumerate("é = (1)"):
        document.edit(buffer.edit(Point(1, 4 + column), Point(1, 4 + column), character))
    tree = document.tree_at(buffer.snapshot())
    assert tree.error_count() == SyntaxDocument("python", "").tree_at(buffer.snapshot()).error_count()


def test_an_older_snapshot_is_answered_right_and_does_no_harm() -> None:
    """A request that kept its snapshot while the user typed on gets the tree of its own text."""
    buffer, document = TextBuffer("x = 'abc'\n"), SyntaxDocument("python", "")
    document.tree_at(buffer.snapshot())
    document.edit(buffer.edit(Point(0, 4), Point(0, 9), "[abc]"))
    old = buffer.snapshot()
    document.edit(buffer.edit(Point(0, 4), Point(0, 9), "'abc'"))
    new = buffer.snapshot()
    assert document.tree_at(old).kind_at(Point(0, 6)) == "code"
    assert document.tree_at(new).kind_at(Point(0, 6)) == "string"
    document.edit(buffer.edit(Point(0, 0), Point(0, 0), "#"))
    assert document.tree_at(buffer.snapshot()).kind_at(Point(0, 6)) == "comment"
    assert document.tree_at(old).kind_at(Point(0, 6)) == "code"


def test_a_replaced_text_starts_anew() -> None:
    """After `reset` nothing of the old tree is used."""
    buffer, document = TextBuffer("x = 'abc'\n"), SyntaxDocument("python", "")
    document.tree_at(buffer.snapshot())
    buffer.replace("x = [abc]\n")
    document.reset()
    assert document.tree_at(buffer.snapshot()).kind_at(Point(0, 6)) == "code"


def test_remembered_edits_are_bounded() -> None:
    """A document that is edited for hours and never asked about does not grow."""
    buffer, document = TextBuffer("x = 1\n"), SyntaxDocument("python", "")
    document.tree_at(buffer.snapshot())
    for _ in range(10_000):
        document.edit(buffer.edit(Point(0, 0), Point(0, 0), "a"))
    assert len(document._pending) <= document_module._MAX_PENDING_EDITS
    assert document.tree_at(buffer.snapshot()).has_grammar


@pytest.mark.parametrize("text", ["a = 1\rb = (\rc = 'x'\r", "a = 1\r\nb = 'é'\rc = 'x'\n"])
def test_a_bare_cr_is_a_line_end(text) -> None:
    """Tree-sitter counts LF alone; points are right all the same."""
    buffer, document = TextBuffer(text), SyntaxDocument("python", "")
    assert document.tree_at(buffer.snapshot()).kind_at(Point(2, 5)) == "string"
    document.edit(buffer.edit(Point(0, 0), Point(0, 0), "y = 2\r"))
    assert document.tree_at(buffer.snapshot()).kind_at(Point(3, 5)) == "string"
    assert document.tree_at(buffer.snapshot()).kind_at(Point(2, 0)) == "code"


def test_typing_a_bare_cr_into_a_file_with_lf() -> None:
    """From then on rows no longer agree."""
    buffer, document = TextBuffer("a = 1\nc = 'x'\n"), SyntaxDocument("python", "")
    document.tree_at(buffer.snapshot())
    document.edit(buffer.edit(Point(0, 5), Point(0, 5), "\r"))
    document.edit(buffer.edit(Point(2, 0), Point(2, 0), "#"))
    assert document.tree_at(buffer.snapshot()).kind_at(Point(2, 6)) == "comment"


HOSTILE = {
    "ten megabytes on one line": "a = 1; " * 1_500_000,
    "one megabyte on one line": "x(" * 500_000,
    "binary": "\x7fELF\0\x01\x02" * 20_000,
    "five megabytes of lines": "a = 1\n" * 900_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_code_is_refused_quickly(name) -> None:
    """The answer comes from lines alone; asking again at each keystroke stays cheap."""
    buffer, document = TextBuffer(HOSTILE[name]), SyntaxDocument("javascript", "")
    assert not document.tree_at(buffer.snapshot()).has_grammar
    started = time.process_time()
    document.edit(buffer.edit(Point(0, 0), Point(0, 0), "b"))
    tree = document.tree_at(buffer.snapshot())
    assert not tree.has_grammar
    assert tree.kind_at(Point(0, 1)) == "code"
    assert time.process_time() - started < 2.0  # parsing it would take many times that, several times


@pytest.mark.parametrize(
    "language", ["python", "javascript", "go", "rust", "java", "c", "cpp", "csharp", "ruby", "php", "bash"]
)
@pytest.mark.parametrize(
    "junk", ["(" * 20_000, "{\n" * 5_000, "\"'`\n" * 3_000, "\ud800é\u2028\x0c\n" * 500, "", "\n", "\r"]
)
def test_junk_is_answered(language, junk) -> None:
    """No text makes a question raise."""
    tree = SyntaxDocument(language, "").tree_at(TextSnapshot.of(junk))
    for point in (Point(0, 0), Point(1, 1), tree.snapshot.clip(Point(10_000, 0))):
        tree.kind_at(point)
        tree.multiline_decision(point)
        tree.enclosing_scopes(point)
        tree.scope_end(point)
        tree.open_closers(point)


def test_a_slow_parse_is_given_up(monkeypatch) -> None:
    """Parsing that exceeds its time leaves lines alone, and is not tried again at every key."""
    calls = []

    def never(self, source, old_tree=None, *, timeout_ms=0, only=None):
        calls.append(timeout_ms)

    monkeypatch.setattr(runtime.GrammarRuntime, "parse", never)
    buffer, document = TextBuffer("x = 1\n"), SyntaxDocument("python", "")
    for _ in range(10):
        assert not document.tree_at(buffer.snapshot()).has_grammar
        document.edit(buffer.edit(Point(0, 0), Point(0, 0), "a"))
    assert len(calls) == 1


def _slow_from_now_on(monkeypatch) -> list[int]:
    """Parsing with an old tree takes 100 ms from now on; returns the time each call was given."""
    given: list[int] = []
    really = runtime.GrammarRuntime.parse

    def parse(self, source, old_tree=None, *, timeout_ms=1000, only=None):
        if old_tree is not None:
            given.append(timeout_ms)
            if timeout_ms < 100:
                return None
        return really(self, source, old_tree, timeout_ms=timeout_ms, only=only)

    monkeypatch.setattr(runtime.GrammarRuntime, "parse", parse)
    return given


LARGE = "def f(a):\n    return [a]\n\n\n" * 5_000


def _warm(document: SyntaxDocument, buffer: TextBuffer) -> None:
    """The first keystrokes after opening are given all the time they need."""
    document.tree_at(buffer.snapshot())
    for _ in range(document_module._N_COLD):
        document.edit(buffer.edit(Point(2, 0), Point(2, 0), "y"))
        assert document.tree_at(buffer.snapshot()).has_grammar


def test_a_slow_keystroke_in_a_large_file_is_answered_from_its_neighbourhood(monkeypatch) -> None:
    """An unclosed bracket must not make each key wait; the whole tree comes back when it is closed."""
    buffer, document = TextBuffer(LARGE), SyntaxDocument("python", "")
    _warm(document, buffer)
    with monkeypatch.context() as patch:
        given = _slow_from_now_on(patch)
        for column, character in enumerate(" = (", 3):
            document.edit(buffer.edit(Point(2, column), Point(2, column), character))
            tree = document.tree_at(buffer.snapshot())
            assert tree.has_grammar
            assert tree.tree.root_node.end_byte < len(LARGE) / 4
        assert tree.multiline_decision(Point(2, 7)) == (False, "in_brackets")
        assert max(given) <= 20
    monkeypatch.setattr(document_module, "_KEYSTROKE_TIMEOUT_MS", 5_000)  # this machine may be busy
    for character in ")".ljust(document_module._WHOLE_EVERY):
        at = Point(2, len(buffer.snapshot().line_text(2)))
        document.edit(buffer.edit(at, at, character))
        tree = document.tree_at(buffer.snapshot())
    assert tree.tree.root_node.end_byte > len(LARGE) / 2
    assert tree.error_count() == 0


@pytest.mark.parametrize("language", ["python", "javascript", "go", "rust", "java", "c"])
def test_the_neighbourhood_alone_says_what_the_whole_says(language, monkeypatch) -> None:
    """Places, kinds and scopes are the same, wherever in the file the key was typed."""
    text, typed_at = FUNCTIONS[language]
    buffer, near = TextBuffer(text * 3_000), SyntaxDocument(language, "")
    monkeypatch.setattr(document_module, "_N_COLD", 0)
    monkeypatch.setattr(document_module, "_SMALL_BYTES", 0)
    near.tree_at(buffer.snapshot())
    _slow_from_now_on(monkeypatch)
    n_lines = text.count("\n")
    for line in (typed_at, n_lines * 1_500 + typed_at, n_lines * 2_999 + typed_at):
        column = len(buffer.snapshot().line_text(line))
        near.edit(buffer.edit(Point(line, column), Point(line, column), " "))
        snapshot, point = buffer.snapshot(), Point(line, column)
        some, whole = near.tree_at(snapshot), SyntaxDocument(language, "").tree_at(snapshot)
        assert some.tree.root_node.end_byte - some.tree.root_node.start_byte < len(text) * 1_000
        assert some.kind_at(point) == whole.kind_at(point)
        assert some.multiline_decision(point) == whole.multiline_decision(point)
        assert some.enclosing_scopes(point) == whole.enclosing_scopes(point)
        assert some.scope_end(point) == whole.scope_end(point)
        assert parses_no_worse(some, point, "") is parses_no_worse(whole, point, "")


@pytest.mark.parametrize("language", ["python", "javascript", "go", "rust", "java", "c"])
def test_with_a_cursor_a_large_text_is_answered_as_if_parsed_whole(language, monkeypatch) -> None:
    """Typing in one place and asking in others, a few of them between two whole parses."""
    text, typed_at = FUNCTIONS[language]
    monkeypatch.setattr(document_module, "_N_COLD", 0)
    buffer, document = TextBuffer(text * 3_000), SyntaxDocument(language, "")
    document.tree_at(buffer.snapshot())
    n_lines, n_near = text.count("\n"), 0
    for turn in range(20):
        line = n_lines * (turn * 149 % 3_000) + typed_at
        column = len(buffer.snapshot().line_text(line))
        document.edit(buffer.edit(Point(line, column), Point(line, column), " "))
        snapshot, whole = buffer.snapshot(), SyntaxDocument(language, "").tree_at(buffer.snapshot())
        for asked in (line, n_lines * (turn * 997 % 3_000) + turn % n_lines):
            point = Point(asked, len(snapshot.line_text(asked)))
            some = document.tree_at(snapshot, point)
            n_near += some.tree.root_node.end_byte - some.tree.root_node.start_byte < len(text) * 1_000
            assert some.kind_at(point) == whole.kind_at(point)
            assert some.multiline_decision(point) == whole.multiline_decision(point)
            assert some.enclosing_scopes(point) == whole.enclosing_scopes(point)
            assert some.open_closers(point) == whole.open_closers(point)
            assert parses_no_worse(some, point, ")") is parses_no_worse(whole, point, ")")
    assert n_near > 20


FUNCTIONS = {
    "python": ('def f(a):\n    """It."""\n    if a:\n        return [a]\n\n\n', 3),
    "javascript": ("function f(a) {\n  if (a) {\n    return [a];\n  }\n}\n\n", 2),
    "go": ("func f(a int) []int {\n\tif a > 0 {\n\t\treturn []int{a}\n\t}\n\treturn nil\n}\n\n", 2),
    "rust": ("fn f(a: i32) -> Vec<i32> {\n    if a > 0 {\n        return vec![a];\n    }\n    vec![]\n}\n\n", 2),
    "java": ("class F {\n  int f(int a) {\n    if (a > 0) {\n      return a;\n    }\n    return 0;\n  }\n}\n\n", 3),
    "c": ("int f(int a) {\n  if (a) {\n    return a;\n  }\n  return 0;\n}\n\n", 2),
}


def test_what_stays_slow_is_given_its_time_now_and_then(monkeypatch) -> None:
    """A change that restructures the whole file for good gets its tree; until then a small time is tried at times."""
    buffer, document = TextBuffer(LARGE), SyntaxDocument("python", "")
    _warm(document, buffer)
    given = _slow_from_now_on(monkeypatch)
    whole = []
    for number in range(80):
        document.edit(buffer.edit(Point(2, 0), Point(2, 0), "y"))
        if document.tree_at(buffer.snapshot()).tree.root_node.end_byte > len(LARGE) / 2:
            whole.append(number)
    assert len(whole) == 1
    assert whole[0] > 50
    assert len([ms for ms in given if ms < 100]) <= 80 / document_module._WHOLE_EVERY + 1


def test_time_out_is_real() -> None:
    """The parser stops when its time is over, and parses the next text rightly."""
    grammar = runtime.runtime_for(language_for("python"))
    assert grammar.parse(b"x = foo(a, b)\n" * 200_000, timeout_ms=5) is None
    assert str(grammar.parse(b"x").root_node) == "(module (expression_statement (identifier)))"


def test_a_broken_grammar_is_one_warning(monkeypatch, caplog) -> None:
    """The language is then edited by lines."""
    monkeypatch.setattr(runtime, "_runtimes", {})

    def broken(spec):
        raise ImportError("undefined symbol: tree_sitter_python_external_scanner_create")

    monkeypatch.setattr(runtime, "load_language", broken)
    with caplog.at_level(logging.WARNING, "copilot_ls.syntax"):
        for _ in range(3):
            tree = SyntaxDocument("python", "").tree_at(TextSnapshot.of("def f():\n    \n"))
            assert not tree.has_grammar
            assert tree.multiline_decision(Point(1, 4)).multiline
    (record,) = caplog.records
    assert "tree-sitter-python" in record.getMessage()
    assert "undefined symbol" in record.getMessage()


def test_a_fault_within_parsing_does_not_reach_the_editor(monkeypatch) -> None:
    """Whatever happens, there is an answer."""

    def fails(self, *arguments, **options):
        raise RuntimeError("no")

    monkeypatch.setattr(runtime.GrammarRuntime, "parse", fails)
    assert not SyntaxDocument("python", "").tree_at(TextSnapshot.of("x = 1\n")).has_grammar


@pytest.mark.parametrize(
    ("language_id", "path", "first_line", "expected"),
    [
        ("python", "", "", "python"),
        ("typescriptreact", "/a/b.tsx", "", "tsx"),
        ("shellscript", "", "", "bash"),
        ("plaintext", "/a/b.rs", "", "rust"),
        ("plaintext", "C:\\a\\B.CPP", "", "cpp"),
        ("ruby", "", "", "ruby"),
        ("", "/a/Rakefile", "", "ruby"),
        ("", "/a/run", "#!/usr/bin/env -S python3 -u", "python"),
        ("", "/a/run", "#!/bin/sh", "bash"),
        ("", "/a/.gitignore", "", None),
        ("plaintext", "/a/python", "", None),
    ],
)
def test_languages_are_recognised(language_id, path, first_line, expected) -> None:
    """By id, then file name, then extension, then `#!` line."""
    spec = language_for(language_id, path, first_line)
    assert (spec.name if spec else None) == expected


def test_importing_loads_no_grammar() -> None:
    """Start-up pays for none of it, nor does recognising a language."""
    code = (
        "import sys, copilot_ls.syntax as s; s.language_for('python'); s.SyntaxDocument('go', 'a.go');"
        "sys.exit(any(name.startswith('tree_sitter') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
