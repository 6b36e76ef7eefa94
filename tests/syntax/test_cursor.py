"""Comments and strings, scopes, and what the statement at the cursor leaves open."""

from __future__ import annotations

import pytest

from copilot_ls.text import Point
from tests.syntax.marked import at

KINDS = [
    ("python", "x = 1 █", "code"),
    ("python", "x = 1  # a█", "comment"),
    ("python", "# a\n█x", "code"),
    ("python", "x = █'a'", "code"),
    ("python", "x = '█a'", "string"),
    ("python", "x = 'a█'", "string"),
    ("python", "x = 'a'█", "code"),
    ("python", "x = f'{a█}'", "code"),
    ("python", "x = f'{a}█'", "string"),
    ("python", "x = 'é😀█'", "string"),
    ("python", "x = 'é😀'█", "code"),
    ("python", 'x = """a\nb█\n"""', "string"),
    ("python", 'x = """a\nb█\n', "string"),
    ("python", "x = 'it█\ny = 2\n", "string"),
    ("python", "x = 'it\ny█ = 2\n", "code"),
    ("javascript", "const a = `b ${c█} d`;", "code"),
    ("javascript", "const a = `b ${c} █d`;", "string"),
    ("javascript", "const a = /b█c/;", "string"),
    ("javascript", "/* a */█ b", "code"),
    ("javascript", "// a█", "comment"),
    ("typescript", "const a: 'b█' = 'b';", "string"),
    ("go", "package a\n\nvar a = `b\n█`\n", "string"),
    ("go", 'package a\n\nvar a = "b█\n', "string"),
    ("go", "package a // b█\n", "comment"),
    ("rust", "fn f<'a>(x: &'a█ str) {}", "code"),
    ("rust", "/// a█\nfn f() {}", "comment"),
    ("rust", "/// a\n█fn f() {}", "code"),
    ("rust", 'fn f() { let a = r#"b█"#; }', "string"),
    ("java", 'class A { String a = "b█"; }', "string"),
    ("java", "class A { /** b █ */ }", "comment"),
    ("c", "char a = 'b█';", "string"),
    ("c", "int a = 1; /* b\n█ */", "comment"),
    ("cpp", 'auto a = R"(b█)";', "string"),
    ("csharp", 'class A { string b = $"c {d█} e"; }', "code"),
    ("csharp", 'class A { string b = @"c█"; }', "string"),
    ("ruby", 'a = "b #{c█} d"', "code"),
    ("ruby", "a = <<~B\n  c█\nB\n", "string"),
    ("php", '<?php $a = "b█";', "string"),
    ("php", "<?php # a█", "comment"),
    ("php", "<b>a█</b>", "string"),
    ("shellscript", 'a="b $(c█)"', "code"),
    ("shellscript", "a=$((1 +█ 2)) # b", "code"),
    ("shellscript", "cat <<B\nc█\nB\n", "string"),
    ("unknown", 'a "b█"', "string"),
]


@pytest.mark.parametrize(("language", "marked", "expected"), KINDS)
def test_kind(language, marked, expected) -> None:
    """Code, comment or string is told apart, at the very edges and in what is yet unfinished."""
    tree, point = at(language, marked)
    assert tree.kind_at(point) == expected


CLOSERS = [
    ("python", "foo(█", ")"),
    ("python", "foo(█)", ""),
    ("python", "foo(a, [1, {2█", "}])"),
    ("python", "foo(a, [1, {2█)", "}]"),
    ("python", "foo(\n    a,\n    b█\n\ndef g():\n    pass\n", ")"),
    ("python", "foo('a█", "')"),
    ("python", 'foo("""a█', '""")'),
    ("python", "x = {\n    'a': [1█\n}\n", "]"),
    ("python", "x = '('█\n", ""),
    ("python", "x = 1█\ny = (2\n", ""),
    ("javascript", "function f() {\n  foo(a, {█\n}\n", "})"),
    ("javascript", "function f() {\n  foo(█\n}\n", ")"),
    ("javascript", "function f() {█\n", "}"),
    ("javascript", "function f() {\n  a();█\n", ""),
    ("javascript", "const a = `b${c(█}`;\n", ")"),
    ("go", "package a\n\nfunc f() {\n\tx := []int{1█\n}\n", "}"),
    ("java", "class A {\n    void f() {\n        g(h(1█);\n    }\n}\n", ")"),
    ("rust", "fn f() {\n    g(|x| {█\n}\n", "})"),
    ("unknown", "a (b [c█\n", "])"),
]


@pytest.mark.parametrize(("language", "marked", "expected"), CLOSERS)
def test_open_closers(language, marked, expected) -> None:
    """What this statement opened before the cursor, and nothing closes after it, innermost first."""
    tree, point = at(language, marked)
    assert tree.open_closers(point) == expected


PY = "class A(B):\n    def f(self):\n        if a:\n            b()\n            █\n        c()\n\n    def g(self):\n        pass\n"

SCOPES = [
    ("python", PY, ["class A", "function f", "block "]),
    ("python", PY.replace("            █\n", "        █\n"), ["class A", "function f"]),
    ("python", PY.replace("            █\n", "    █\n"), ["class A"]),
    ("python", "def f():\n    a = 1\n\n    █\n\nx = 2\n", ["function f"]),
    ("python", "def f():\n    a = 1\n\n█\n\nx = 2\n", []),
    ("python", "def f():\n    █\n", ["function f"]),
    ("python", "def f():\n    a = 1\n    # note\n    █", ["function f"]),
    ("python", "if a:\n    b\nelse:\n    █c\n", ["block "]),
    ("python", "@d\ndef f(a, █):\n    pass\n", ["function f"]),
    (
        "javascript",
        "class A {\n  f() {\n    const g = () => {\n      █\n    };\n  }\n}\n",
        ["class A", "function f", "function "],
    ),
    ("javascript", "if (a) {\n  b();\n} else {\n  █\n}\n", ["block "]),
    ("typescript", "namespace A {\n  interface B {\n    █\n  }\n}\n", ["class A", "class B"]),
    ("typescriptreact", "function A() {\n  return <B c={() => { █ }} />;\n}\n", ["function A", "function "]),
    ("go", "package a\n\nfunc (s *S) F() {\n\tfor {\n\t\t█\n\t}\n}\n", ["function F", "block "]),
    (
        "rust",
        "impl A for B {\n    fn f() {\n        loop {\n            █\n        }\n    }\n}\n",
        ["class B", "function f", "block "],
    ),
    (
        "java",
        "class A {\n    void f() {\n        try {\n            █\n        } finally {}\n    }\n}\n",
        ["class A", "function f", "block "],
    ),
    ("c", "static int *f(int a)\n{\n    while (a) {\n        █\n    }\n}\n", ["function f", "block "]),
    ("cpp", "namespace a {\nclass B {\n  void f() {\n    █\n  }\n};\n}\n", ["class a", "class B", "function f"]),
    ("cpp", "void A::f() const {\n  █\n}\n", ["function A::f"]),
    (
        "csharp",
        "namespace A\n{\n    class B\n    {\n        void F()\n        {\n            █\n        }\n    }\n}\n",
        ["class A", "class B", "function F"],
    ),
    (
        "ruby",
        "module A\n  class B\n    def f\n      xs.each do |x|\n        █\n      end\n    end\n  end\nend\n",
        ["class A", "class B", "function f", "block "],
    ),
    ("ruby", "def f\n  █\nend\n", ["function f"]),
    (
        "php",
        "<?php\nclass A {\n    function f() {\n        if ($a) {\n            █\n        }\n    }\n}\n",
        ["class A", "function f", "block "],
    ),
    ("shellscript", "f() {\n    for a in b; do\n        █\n    done\n}\n", ["function f", "block "]),
    ("unknown", "class A {\n  def f(x) {\n    █\n  }\n}\n", ["class A", "function f"]),
]


@pytest.mark.parametrize(("language", "marked", "expected"), SCOPES)
def test_enclosing_scopes(language, marked, expected) -> None:
    """Outermost first, with kind and name; a blank line belongs where it is indented to."""
    tree, point = at(language, marked)
    assert [f"{scope.kind} {scope.name}" for scope in tree.enclosing_scopes(point)] == expected


def test_a_scope_has_header_body_and_indentation() -> None:
    """A header over several lines ends where the body begins."""
    tree, point = at("python", "class A:\n  def f(\n    self,\n  ) -> int:\n    return 1█\n\nx = 2\n")
    scope = tree.enclosing_scopes(point)[-1]
    assert (scope.kind, scope.name) == ("function", "f")
    assert tree.snapshot.slice(scope.header) == "def f(\n    self,\n  ) -> int:"
    assert tree.snapshot.slice(scope.inside) == "return 1"
    assert scope.body_indent == "    "


def test_an_empty_body_would_be_indented_like_its_neighbours() -> None:
    """The step of the enclosing scope is kept, the language's own is used without one."""
    tree, point = at("python", "class A:\n  x = 1\n  def f(self):\n    █\n")
    assert [scope.body_indent for scope in tree.enclosing_scopes(point)] == ["  ", "    "]
    tree, point = at("go", "package a\n\nfunc f() {\n█\n}\n")
    assert tree.enclosing_scopes(point)[0].body_indent == "\t"


ENDS = [
    ("python", "def f():\n    █a = 1\n    b = 2\n\nc = 3\n", Point(2, 9)),
    ("python", "a = 1\n█b = 2\n", Point(2, 0)),
    ("javascript", "function f() {\n  █a();\n  b();\n}\n", Point(3, 0)),
    ("javascript", "f(() => { █ });\n", Point(0, 11)),
    ("java", "class A {\n    void f() {\n        █\n    }\n}\n", Point(3, 4)),
    ("ruby", "def f\n  █\nend\n", Point(2, 0)),
    ("unknown", "class A {\n  def f(x) {\n    █\n    y\n  }\n}\n", Point(3, 5)),
]


@pytest.mark.parametrize(("language", "marked", "expected"), ENDS)
def test_scope_end(language, marked, expected) -> None:
    """The innermost body's end is before its closer; without a body it is the text's end."""
    tree, point = at(language, marked)
    assert tree.scope_end(point) == expected
