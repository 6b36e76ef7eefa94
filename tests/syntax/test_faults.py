"""Faults of syntax: where they are, that sound code has none, and that a trial counts as parsing anew does."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import copilot_ls
from copilot_ls.edits import Replacement, applied
from copilot_ls.syntax import SyntaxDocument
from copilot_ls.syntax.bindings import Bindings
from copilot_ls.syntax.faults import Trials, syntax_faults
from copilot_ls.text import Point, Span, TextSnapshot

SOURCES = sorted(Path(copilot_ls.__file__).parent.rglob("*.py"))


def tree(text, language="python"):
    return SyntaxDocument(language, "").tree_at(TextSnapshot.of(text))


def check(text, expected, language="python"):
    """`expected` are kind and line of each fault."""
    assert [(fault.kind, fault.span.start.line) for fault in syntax_faults(tree(text, language))] == expected
    assert syntax_faults(tree(text.replace("\n", "\r\n"), language)) == syntax_faults(tree(text, language))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\n", []),
        ("x = [1, 2 3]\n", [("error", 0)]),
        ("def f():\n    x = 1\n      y = 2\n", [("indent", 2)]),
        ("def f():\n    x = 1\n  y = 2\n", [("unindent", 2)]),
        ("def f():\n# c\nx = 1\n", [("empty_block", 2)]),
        ("def f():\n    pass\n\nif x:\n", [("empty_block", 4)]),
        # What looks like a fault and is none.
        ("x = (\n        1,\n  2)\ny = 1\n", []),
        ("x = 1 + \\\n        2\ny = 3\n", []),
        ('def f():\n    """\n  text:\n    """\n    return 1  # :\n', []),
        ("if x:  # c\n    # d\n\n    y = '#'; z = {1: 2}\nelse: z = 1\n", []),
        ("class A:\n\tx = 1\n\n\tdef f(self):\n\t\treturn 2\n", []),
        ("f = lambda x: (\n    x\n)\nx: int\n", []),
    ],
)
def test_python(text, expected) -> None:
    check(text, expected)


def test_another_language_has_no_layout() -> None:
    check("int f() {\n      return 1;\n  }\n", [], "c")
    check("int f() {\n  return (1;\n}\n", [("missing", 1)], "c")


@pytest.mark.parametrize("path", SOURCES[::6], ids=lambda path: path.stem)
def test_sound_code_has_no_faults(path) -> None:
    text = path.read_text("utf-8")
    assert syntax_faults(tree(text)) == ()
    names = {binding.name for binding in Bindings(tree(text)).all}
    assert names or len(ast.parse(text).body) <= 1  # a docstring alone


@pytest.mark.parametrize(
    ("line", "column", "text"), [(1, 4, "("), (2, 0, "  "), (0, 3, "\n"), (1, 0, "x = [\n"), (3, 0, "")]
)
def test_a_trial_counts_as_parsing_anew(line, column, text) -> None:
    before = tree("def f(a):\n    b = (a)\n    return b\n\nx = f(1)\n")
    replacement = Replacement(Span(Point(line, column), Point(line, column)), text)
    after = SyntaxDocument("python", "").tree_at(applied(before.snapshot, [replacement]))
    assert Trials(before).score_after([replacement], enough=99) == Trials(after).score


def test_without_a_grammar_nobody_can_tell() -> None:
    plain = tree("a (b\n", "plaintext")
    assert syntax_faults(plain) == ()
    assert Trials(plain).score_after([Replacement(Span(Point(0, 0), Point(0, 1)), "")]) is None


def test_bindings_are_seen_as_python_sees_them() -> None:
    source = tree(
        "import os\n\nclass A:\n    size = 1\n    def f(self, a, *b, c=1, **d):\n        e, (g, *h) = a\n        return [i for i in b if (j := i)]\n"
    )
    bindings = Bindings(source)
    visible = {binding.name for binding in bindings.visible(Point(6, 16))}
    assert visible == {"os", "A", "self", "a", "b", "c", "d", "e", "g", "h", "i", "j"}
    assert {binding.name for binding in bindings.visible(Point(3, 4))} == {"os", "A", "size", "f"}
    kinds = {binding.name: binding.kind for binding in bindings.all}
    assert (kinds["os"], kinds["A"], kinds["f"], kinds["d"], kinds["h"]) == (
        "import",
        "class",
        "function",
        "parameter",
        "variable",
    )
