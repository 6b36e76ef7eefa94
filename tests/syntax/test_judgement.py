"""Which completions parse worse than the code before them, per language."""

from __future__ import annotations

import pytest

from copilot_ls.syntax import SyntaxDocument, parses_no_worse
from copilot_ls.text import Point, TextBuffer, TextSnapshot
from tests.syntax.marked import at

# language, text, insertion, characters after the cursor that it replaces, whether it is no worse
CASES = [
    ("python", "def f(a):\n    █\n\ndef g():\n    pass\n", "return a + 1", 0, True),
    ("python", "x = foo(█\n\ndef g():\n    pass\n", "a, b)", 0, True),
    ("python", "x = foo(█\n\ndef g():\n    pass\n", "a, b", 0, True),
    ("python", "x = foo(█)\n", "a, b)", 0, False),
    ("python", "x = foo(█)\n", "a, b)", 1, True),
    ("python", "def f(a):\n    █\n", "for x in a:", 0, True),
    ("python", "def f(a):\n    █\n", "for x in a:\n        if x:\n            print(x)", 0, True),
    ("python", "def f(a):\n    █\n", "try:\n        g(a)", 0, True),
    ("python", "def f(a):\n    █\n", "return ((a", 0, True),
    ("python", "def f(a):\n    █\n", "return a)", 0, False),
    ("python", "def f(a):\n    █\n", "return return a b", 0, False),
    ("python", "def f(a):\n    █\n", "for x range(a): else", 0, False),
    ("python", "def f(a):\n    x = a +█\n", " 1", 0, True),
    ("python", "if x█\n    pass\n", " and y:", 0, True),
    ("python", "█\n", 'def foo(self, a):\n    """Do."""\n    x = [', 0, True),
    ("python", 'x = {\n    "a": 1,\n    █\n}\n', '"b": 2,', 0, True),
    ("python", 'x = {\n    "a": 1,\n    █\n}\n', '"b": 2,\n}', 0, False),
    ("javascript", "function f(a) {\n  █\n}\n", "if (a) {", 0, True),
    ("javascript", "function f(a) {\n  █\n}\n", "if (a) {\n    g(a);\n  }", 0, True),
    ("javascript", "function f(a) {\n  █\n}\n", "return a;\n}", 0, False),
    ("javascript", "function f(a) {\n  █\n}\n", "return foo(a, {\n    b: [1,", 0, True),
    ("javascript", "const x = foo(█);\n", "(a) => {", 0, True),
    ("javascript", "const x = foo(█);\n", "a]", 0, False),
    ("javascript", "const x = █\n", "function (", 0, True),
    ("javascript", "function f(a) {\n  █\n}\n", "try {\n    g();", 0, True),
    ("typescript", "export class A {\n  █\n}\n", "private b: string;", 0, True),
    ("typescript", "export class A {\n  █\n}\n", "async f(a: number): Promise<void> {\n    await g(", 0, True),
    ("typescript", "export class A {\n  █\n}\n", "async f(a: number): Promise<void {{", 0, False),
    ("go", "package a\n\nfunc f() error {\n\t█\n}\n", "if err := g(); err != nil {\n\t\treturn err\n\t}", 0, True),
    ("go", "package a\n\nfunc f() error {\n\t█\n}\n", "if err := g(); err != nil {", 0, True),
    ("go", "package a\n\nfunc f() error {\n\t█\n}\n", "return nil\n}", 0, False),
    ("go", "package a\n\nfunc f() error {\n\tx.█\n}\n", "Foo(1, 2)", 0, True),
    ("go", "package a\n\nfunc f() error {\n\tx.█\n}\n", "Foo(1, 2", 0, True),
    ("go", "package a\n\nfunc f() error {\n\t█\n}\n", "func func", 0, False),
    ("rust", "fn f() -> i32 {\n    █\n}\n", "let x = match y {\n        Some(a) => a,", 0, True),
    ("rust", "fn f() -> i32 {\n    █\n}\n", "let x = vec![1, 2];\n    x.len()\n}", 0, False),
    ("rust", "fn f() -> i32 {\n    █\n}\n", "let = = 3;", 0, False),
    ("java", "class A {\n    int f() {\n        █\n    }\n}\n", "return g(a", 0, True),
    ("java", "class A {\n    int f() {\n        █\n    }\n}\n", "return g(a);", 0, True),
    ("java", "class A {\n    int f() {\n        █\n    }\n}\n", "if (a) {\n            return 1;", 0, True),
    ("java", "class A {\n    int f() {\n        █\n    }\n}\n", "try {\n            g();", 0, True),
    ("java", "class A {\n    int f() {\n        █\n    }\n}\n", "return 1;\n    }\n}", 0, False),
    ("java", "class A {\n    █\n}\n", "private final Map<String, List<Integer>> m = new HashMap<>();", 0, True),
    ("java", "class A {\n    █\n}\n", "public void f(", 0, True),
    ("java", "class A {\n    int f() {\n        foo.█\n    }\n}\n", "bar(1);", 0, True),
    ("c", "int f(int a) {\n    █\n}\n", "for (int i = 0; i < a; i++) {", 0, True),
    ("c", "int f(int a) {\n    █\n}\n", "return a;\n}", 0, False),
    ("c", "int f(int a) {\n    █\n}\n", "do {\n        a--;", 0, True),
    ("cpp", "class A {\npublic:\n    █\n};\n", "int size() const { return n_; }", 0, True),
    ("cpp", "void f() {\n    █\n}\n", "std::vector<int> v = {1, 2", 0, True),
    ("cpp", "void f() {\n    █\n}\n", "std::vector<int v = ;;)", 0, False),
    (
        "csharp",
        "class A\n{\n    void F()\n    {\n        █\n    }\n}\n",
        "foreach (var x in xs)\n        {\n            G(x",
        0,
        True,
    ),
    ("csharp", "class A\n{\n    void F()\n    {\n        █\n    }\n}\n", "return;\n    }\n}", 0, False),
    ("csharp", "class A\n{\n    █\n}\n", "public int B { get; set; }", 0, True),
    ("ruby", "def f(a)\n  █\nend\n", "a.each do |x|", 0, True),
    ("ruby", "def f(a)\n  █\nend\n", "a.each do |x|\n    puts x\n  end", 0, True),
    ("ruby", "def f(a)\n  █\nend\n", "a.each do |x|\n    puts x\n  end\nend", 0, False),
    ("ruby", "def f(a)\n  █\nend\n", "if a\n    b(", 0, True),
    ("ruby", "def f(a)\n  █\nend\n", "foo(a]]", 0, False),
    ("php", "<?php\nfunction f($a) {\n    █\n}\n", "foreach ($a as $b) {", 0, True),
    ("php", "<?php\nfunction f($a) {\n    █\n}\n", "return $a;\n}", 0, False),
    ("php", "<?php\nfunction f($a) {\n    █\n}\n", "return $this->g($a", 0, True),
    ("shellscript", "f() {\n    █\n}\n", 'if [ -f "$1" ]; then', 0, True),
    ("shellscript", "f() {\n    █\n}\n", 'for x in "$@"; do\n        echo "$x"', 0, True),
    ("shellscript", "f() {\n    █\n}\n", "done", 0, False),
    ("typescriptreact", "const A = () => {\n  █\n};\n", 'return <div className="a">', 0, True),
    ("typescriptreact", "const A = () => {\n  █\n};\n", "return (\n    <div>\n      {a}", 0, True),
    ("python", "x = 'a █'\n", "it is", 0, True),
    ("python", "# a █\n", "comment )]", 0, True),
    ("python", "def f(a):\n    █\n", "x = 'abc", 0, True),
    ("javascript", "function f(a) {\n  if (a) {\n    █\n  }\n}\n", "b();\n  }", 0, False),
    ("javascript", "function f(a) {\n  if (a) {\n    █\n", "b();\n  }", 0, True),
    ("go", "package a\n\nfunc f() {\n\tx := []int{█}\n}\n", "1, 2", 0, True),
    ("rust", "fn f() {\n    let x = foo(█);\n}\n", "a, |b| {", 0, True),
    ("ruby", "def f(a)\n  █\n", "a + 1\nend", 0, True),
    # What stops before a name or a clause.
    ("python", "import a\n█\n", "from", 0, True),
    ("python", "import a\n█\n", "from a.", 0, True),
    ("python", "import a\n█\n", "from a.b import", 0, True),
    ("python", "class A:\n    █\n", "async def", 0, True),
    ("python", "class A:\n    █\n", "def f(self, a: int, **b:", 0, True),
    ("python", "def f(a):\n    █\n", "assert", 0, True),
    ("python", "def f(a):\n    █\n", "return a if", 0, False),
    ("python", "def f(a):\n    wi█\n", "th", 0, True),
    ("python", "def f(a):\n    █\n", "from from", 0, False),
    ("typescript", "import { a } from 'a'\n█\n", "import {", 0, True),
    ("typescript", "import { a } from 'a'\n█\n", "import type { b } from", 0, True),
    ("typescript", "import { a } from 'a'\n█\nconst c = 1\n", "export type", 0, True),
    ("typescript", "import { a } from 'a'\n█\n", "import import", 0, False),
    ("typescriptreact", "const A = () => (\n  <p>\n    █\n  </p>\n);\n", "<div", 0, True),
    ("go", "package a\n\nfunc f() {\n\t█\n}\n", "if", 0, True),
    ("go", "package a\n\nfunc f() {\n\t█\n}\n", "var", 0, True),
    ("go", "package a\n\n█\n", "func", 0, True),
    ("java", "package a;\n\n█\n", "import static", 0, True),
    ("java", "class A {\n    █\n}\n", "private static", 0, True),
    ("rust", "fn f() {\n    █\n}\n", "let mut", 0, True),
    ("rust", "fn f() {\n    █\n}\n", "for x in", 0, True),
    ("rust", "fn f() {\n}\n\n█\n", "pub fn", 0, True),
    ("c", "int f(int a) {\n    █\n}\n", "while", 0, True),
    ("c", "int f(int a);\n\n█\n", "static", 0, True),
    ("cpp", "class A {\npublic:\n    █\n};\n", "virtual", 0, True),
    ("cpp", "int f();\n\n█\n", "namespace", 0, True),
    ("csharp", "class A\n{\n    █\n}\n", "public static", 0, True),
    ("csharp", "class A\n{\n    void F()\n    {\n        █\n    }\n}\n", "foreach", 0, True),
    ("php", "<?php\nclass A {\n    █\n}\n", "public function", 0, True),
    ("php", "<?php\nfunction f($a) {\n    █\n}\n", "foreach", 0, True),
    ("ruby", "class A\n  █\nend\n", "def", 0, True),
    ("ruby", "def f(a)\n  █\nend\n", "unless", 0, True),
]


@pytest.mark.parametrize(("language", "marked", "insertion", "n_replaced", "expected"), CASES)
def test_judgement(language, marked, insertion, n_replaced, expected) -> None:
    """A completion that fits, or stops midway, passes; one with stray closers or no syntax at all does not."""
    tree, point = at(language, marked)
    end = Point(point.line, point.column + n_replaced) if n_replaced else None
    assert parses_no_worse(tree, point, insertion, end) is expected


FILLER = {
    "python": "def filler(a):\n    return [a, 'b', {1: 2}]\n\n\n",
    "javascript": "function filler(a) {\n  return [a, 'b', { c: 2 }];\n}\n\n",
    "typescript": "function filler(a: number): string {\n  return `b${a}`;\n}\n\n",
    "rust": "fn filler(a: i32) -> i32 {\n    a + 1\n}\n\n",
    "java": "class Filler {\n    int f(int a) {\n        return a;\n    }\n}\n\n",
    "c": "int filler(int a) {\n    return a;\n}\n\n",
    "ruby": "def filler(a)\n  a + 1\nend\n\n",
}

# What is balanced, and complete below the cursor: else the filler would be taken for its end.
IN_LARGE = [
    case
    for case in CASES
    if case[0] in FILLER and case[1].count("{") == case[1].count("}") and not case[1].endswith("█\n")
]


@pytest.mark.parametrize(("language", "marked", "insertion", "n_replaced", "expected"), IN_LARGE)
def test_judgement_does_not_depend_on_the_size_of_the_file(language, marked, insertion, n_replaced, expected) -> None:
    """In the middle of a long file the window is another, the judgement the same."""
    filler = FILLER[language]
    tree, point = at(language, filler * 300 + marked.rstrip("\n") + "\n" + filler * 300)
    end = Point(point.line, point.column + n_replaced) if n_replaced else None
    assert parses_no_worse(tree, point, insertion, end) is expected


def test_a_method_of_a_class_that_exceeds_the_window_is_judged_within_its_class() -> None:
    """The class is pruned to its header and the members next to the cursor, which parse as they would in full."""
    methods = "".join(f"    int f{n}(int a) {{\n        return a + {n};\n    }}\n\n" for n in range(500))
    tree, point = at("java", "class A {\n" + methods + "    int g() {\n        █\n    }\n\n" + methods + "}\n")
    assert parses_no_worse(tree, point, "return f1(2);")
    assert not parses_no_worse(tree, point, "return 1;\n    }\n}")
    assert not parses_no_worse(tree, point, "return (;")
    assert tree.window is not None
    assert len(tree.window[1].head) + len(tree.window[1].tail) < 6000


def test_without_a_grammar_nothing_is_refused() -> None:
    """There is nothing to judge by."""
    tree, point = at("plaintext", "a █\n")
    assert parses_no_worse(tree, point, ")))")


def test_judging_leaves_the_document_s_tree_as_it_was() -> None:
    """The judged text is never in the document."""
    buffer, document = TextBuffer("def f(a):\n    \n"), SyntaxDocument("python", "")
    tree = document.tree_at(buffer.snapshot())
    before = str(tree.tree.root_node)
    parses_no_worse(tree, Point(1, 4), "return (a")
    assert str(tree.tree.root_node) == before
    assert tree.snapshot.text == TextSnapshot.of("def f(a):\n    \n").text
