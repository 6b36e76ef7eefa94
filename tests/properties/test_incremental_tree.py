"""After any edits the incremental tree is the tree of the text, and no question about it raises."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.syntax import SyntaxDocument, parses_no_worse
from copilot_ls.text import Point, TextBuffer

SOURCES = {
    "python": 'class A:\n    """Doc é."""\n\n    def f(self, a):\n        x = f"{a} 漢"\n        return [x, {1: 2}]\n\n\nprint(A().f(1))\n',
    "typescript": "export class A<T> {\n  f(a: T): string {\n    // é\n    return `${a} 漢`;\n  }\n}\nconst b = [1, { c: 2 }];\n",
    "go": 'package a\n\nimport "fmt"\n\nfunc f(a int) error {\n\tif a > 1 {\n\t\tfmt.Println("é 漢", `b`)\n\t}\n\treturn nil\n}\n',
    "rust": "struct A<'a> {\n    b: &'a str, // é\n}\n\nfn f() -> i32 {\n    match g(\"漢\") {\n        Some(x) => x,\n        None => 0,\n    }\n}\n",
    "java": 'class A {\n    /** é */\n    int f(int a) {\n        String s = "漢";\n        return a + 1;\n    }\n}\n',
    "ruby": 'class A\n  def f(a)\n    xs.each do |x|\n      puts "#{x} é"\n    end\n  end\nend\n',
    "php": '<?php\nfunction f($a) {\n    // é\n    return ["漢" => $a, 1];\n}\n?>\n<p>a</p>\n',
    "shellscript": 'f() {\n    if [ -n "$1" ]; then\n        echo "é $(cat b)"\n    fi\n}\n',
    "cpp": '#include <a>\nnamespace a {\nclass B : C {\n  int d() { return e("é"); }  // 漢\n};\n}\n',
}

WORDS = [
    "a",
    "x1",
    "é",
    "漢",
    "😀",
    "\ud800",
    "def f():",
    "return",
    "if (a) {",
    "end",
    "${",
    "\\",
    "<",
    "?>",
    "/*",
    "*/",
]
SPACES = [" ", "    ", "\t", "\n", "\r\n", "\r", "\u2028", "\x0c"]
QUOTES = ['"', "'", "`", '"""', "#", "//"]
pieces = st.sampled_from([*WORDS, *SPACES, *QUOTES, *"(){}[]:;,.="])
insertions = st.lists(pieces, max_size=4).map("".join)
places = st.integers(min_value=0, max_value=10_000)
edits = st.lists(
    st.tuples(places, st.integers(min_value=0, max_value=12), insertions, st.booleans()), min_size=1, max_size=8
)


def shape(tree) -> list:
    """Every node, with its bytes: two trees of one text are equal if this is."""
    cursor, found, depth = tree.walk(), [], 0
    while True:
        node = cursor.node
        found.append(
            (depth, node.type, node.start_byte, node.end_byte, node.is_missing, node.has_error, cursor.field_name)
        )
        if cursor.goto_first_child():
            depth += 1
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return found
            depth -= 1


def point_at(buffer: TextBuffer, place: int) -> Point:
    """Some place that a client can name: never between a CR and its LF."""
    snapshot = buffer.snapshot()
    return snapshot.clip(snapshot.point_at(place % (snapshot.n_chars + 1)))


@pytest.mark.parametrize("language", SOURCES)
@given(changes=edits)
@settings(max_examples=60, deadline=None)
def test_incremental_tree_equals_fresh_tree(language, changes) -> None:
    buffer, document = TextBuffer(SOURCES[language]), SyntaxDocument(language, "")
    document.tree_at(buffer.snapshot())
    for place, length, inserted, ask in changes:
        start = point_at(buffer, place)
        snapshot = buffer.snapshot()
        end = max(start, snapshot.clip(snapshot.point_at(snapshot.offset_at(start) + length)))
        document.edit(buffer.edit(start, end, inserted))
        if ask:
            document.tree_at(buffer.snapshot())
    snapshot = buffer.snapshot()
    incremental, fresh = document.tree_at(snapshot), SyntaxDocument(language, "").tree_at(snapshot)
    assert incremental.has_grammar
    assert fresh.has_grammar
    assert shape(incremental.tree) == shape(fresh.tree)


@pytest.mark.parametrize("language", [*SOURCES, "unknown"])
@given(place=places, broken=insertions, completion=insertions)
@settings(max_examples=40, deadline=None)
def test_every_question_has_an_answer(language, place, broken, completion) -> None:
    buffer = TextBuffer(SOURCES.get(language, "some { text (\n  é 'here'\n}\n"))
    cursor = point_at(buffer, place)
    point = buffer.edit(cursor, cursor, broken).new_end
    snapshot = buffer.snapshot()
    point = snapshot.clip(point)
    tree = SyntaxDocument(language, "").tree_at(snapshot)
    assert tree.kind_at(point) in ("code", "comment", "string")
    assert isinstance(tree.multiline_decision(point).multiline, bool)
    assert tree.scope_end(point) >= point
    assert tree.error_count() >= 0
    assert isinstance(parses_no_worse(tree, point, completion), bool)
    assert parses_no_worse(tree, point, "")
    assert set(tree.open_closers(point)) <= set(")]}\"'`")
    for scope in tree.enclosing_scopes(point):
        assert scope.span.start <= scope.header.end <= scope.inside.end
        assert scope.span.start <= point
        assert not scope.body_indent.strip()
