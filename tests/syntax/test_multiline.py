"""Where a block is offered and where only the rest of the line, per language."""

from __future__ import annotations

import pytest

from tests.syntax.marked import at

CASES = [
    # Python
    ("python", "def f(a):\n    █\n", True, "empty_body"),
    ("python", "def f(a):█\n", True, "empty_body"),
    ("python", "def f(a):\n    █\n\ndef g():\n    pass\n", True, "empty_body"),
    ("python", "def f(\n    a,\n    b,\n) -> int:\n    █\n\nx = 1\n", True, "empty_body"),
    ("python", "def f(a):\n    # sort it\n    █\n", True, "empty_body"),
    ("python", "class A:\n    def f(self):\n        █\n    def g(self):\n        pass\n", True, "empty_body"),
    ("python", "if a:\n    b()\nelse:█\n", True, "empty_body"),
    ("python", "try:\n    a()\nexcept ValueError as error:  # why\n    █\n", True, "empty_body"),
    ("python", "def f(a):█\n    return a\n", False, "body_follows"),
    ("python", "def f(a):\n    x = 1\n    █\n    return x\n", True, "blank_line"),
    ("python", "def f():\n    pass\n\n█\n", True, "blank_line"),
    ("python", "for x in xs:\n    break█\n", True, "completed_statement"),
    ("python", "foo(█)\n", False, "in_arguments"),
    ("python", "foo(\n    a,\n    █\n)\n", False, "in_arguments"),
    ("python", "foo(a, █\n\ndef g():\n    pass\n", False, "in_arguments"),
    ("python", "x = {\n    'a': 1,\n    █\n}\n", False, "in_brackets"),
    ("python", "x = {'a': 1,\n     █\n", False, "in_brackets"),
    ("python", "def f(a, █):\n    pass\n", False, "in_brackets"),
    ("python", "x = █\n", False, "within_statement"),
    ("python", "x = █ + y\n", False, "text_follows"),
    ("python", "# sort the █\n", False, "in_comment"),
    ("python", "x = 'a █ b'\n", False, "in_string"),
    ("python", "x = 'a █\n", False, "in_string"),
    ("python", 'def f():\n    """Do█\n', False, "in_string"),
    ("python", "x = f'a {b█} c'\n", False, "in_brackets"),
    ("python", "import os\n█\nimport sys\n", False, "among_imports"),
    ("python", "x = a + \\\n    █\n", False, "statement_goes_on"),
    ("python", "def f():\n    x = 1\nif y:\n    pass\n█", True, "blank_line"),
    ("python", "def f():\n█\nx = 1\n", True, "blank_line"),
    # JavaScript
    ("javascript", "function f(a) {\n  █\n}\n", True, "empty_body"),
    ("javascript", "function f(a) {█}\n", True, "empty_body"),
    ("javascript", "function f(a) {\n  █\n", True, "empty_body"),
    ("javascript", "const f = (a) => {\n  █\n};\n", True, "empty_body"),
    ("javascript", "xs.map((x) => {\n  █\n});\n", True, "empty_body"),
    ("javascript", "if (a) {\n  // later\n  █\n} else {\n  b();\n}\n", True, "empty_body"),
    ("javascript", "class A {\n  f() {}\n\n  █\n}\n", True, "blank_line"),
    ("javascript", "function f() {\n  a();\n  █\n  b();\n}\n", True, "blank_line"),
    ("javascript", "function f() {\n  a();█\n}\n", True, "completed_statement"),
    ("javascript", "function f() {\n  a();█\n  b();\n}\n", False, "within_statement"),
    ("javascript", "foo({\n  a: 1,\n  █\n});\n", False, "in_brackets"),
    ("javascript", "foo(a, █);\n", False, "in_arguments"),
    ("javascript", "foo(a, █\n", False, "in_arguments"),
    ("javascript", "const x = {\n  █\n", False, "in_brackets"),
    ("javascript", "const x = `a █ b`;\n", False, "in_string"),
    ("javascript", "const x = `a ${█}`;\n", False, "in_brackets"),
    ("javascript", "/* a █ */\n", False, "in_comment"),
    ("javascript", "import a from 'a';\n█\n", False, "among_imports"),
    ("javascript", "function f() {█\n  a();\n}\n", False, "body_follows"),
    ("javascript", "const x = █\n", False, "within_statement"),
    # TypeScript and TSX
    ("typescript", "interface A {\n  █\n}\n", True, "empty_body"),
    ("typescript", "export class A<T> extends B<T> {\n  █\n}\n", True, "empty_body"),
    ("typescript", "export async function f(a: string): Promise<void> {\n  █\n}\n", True, "empty_body"),
    ("typescript", "type A = {\n  b: string;\n  █\n};\n", True, "blank_line"),
    ("typescript", "const x: Record<string, number> = {\n  █\n};\n", False, "in_brackets"),
    ("typescript", "foo<string>(█)\n", False, "in_arguments"),
    ("typescript", "enum A {\n  B,\n  █\n}\n", False, "statement_goes_on"),
    ("typescriptreact", "function A() {\n  return (\n    <div>\n      █\n    </div>\n  );\n}\n", False, "in_brackets"),
    ("typescriptreact", "const A = () => {\n  █\n  return <B />;\n};\n", True, "blank_line"),
    ("typescriptreact", "const A = () => <B onClick={() => {\n  █\n}} />;\n", True, "empty_body"),
    ("typescriptreact", "const A = () => <p>don't █ stop</p>;\n", False, "in_string"),
    # Go
    ("go", "package a\n\nfunc f() {\n\t█\n}\n", True, "empty_body"),
    ("go", "package a\n\nfunc (s *S) F(a int) error {█}\n", True, "empty_body"),
    ("go", "package a\n\nfunc f() {\n\tif err != nil {\n\t\t█\n\t}\n}\n", True, "empty_body"),
    ("go", "package a\n\nfunc f() {\n\tif err != nil {\n\t\t█\n}\n", True, "empty_body"),
    ("go", "package a\n\nfunc f() {\n\tswitch a {\n\tcase 1:\n\t\t█\n\t}\n}\n", True, "empty_body"),
    ("go", "package a\n\ntype S struct {\n\t█\n}\n", True, "empty_body"),
    ("go", "package a\n\nfunc f() {\n\ta()\n\t█\n\tb()\n}\n", True, "blank_line"),
    ("go", "package a\n\nfunc f() {\n\ts := S{\n\t\tA: 1,\n\t\t█\n\t}\n}\n", False, "in_brackets"),
    ("go", "package a\n\nfunc f() {\n\tfoo(█)\n}\n", False, "in_arguments"),
    ("go", 'package a\n\nimport (\n\t"fmt"\n\t█\n)\n', False, "in_brackets"),
    ("go", "package a\n\nfunc f() {\n\tx := foo.█\n}\n", False, "within_statement"),
    # Rust
    ("rust", "fn f() {\n    █\n}\n", True, "empty_body"),
    ("rust", "impl A for B {\n    █\n}\n", True, "empty_body"),
    ("rust", "fn f() {\n    match x {\n        █\n    }\n}\n", True, "empty_body"),
    ("rust", "fn f() {\n    let a = 1;\n    █\n    a\n}\n", True, "blank_line"),
    ("rust", "fn f() {\n    let p = P {\n        █\n    };\n}\n", False, "in_brackets"),
    ("rust", "fn f<'a>(x: &'a str) {\n    println!(█);\n}\n", False, "in_brackets"),
    ("rust", "fn f() {\n    g();█\n}\n", True, "completed_statement"),
    ("rust", "/// Says █\nfn f() {}\n", False, "in_comment"),
    # Java
    ("java", "class A {\n    void f() {\n        █\n    }\n}\n", True, "empty_body"),
    ("java", "class A {\n    █\n}\n", True, "empty_body"),
    ("java", "class A {\n    void f() {\n        for (int i : xs) {█}\n    }\n}\n", True, "empty_body"),
    ("java", "class A {\n    int a;\n\n    █\n\n    void f() {}\n}\n", True, "blank_line"),
    ("java", "class A {\n    void f() {\n        g(a, █);\n    }\n}\n", False, "in_arguments"),
    ("java", "class A {\n    void f() {\n        x.█\n    }\n}\n", False, "within_statement"),
    ("java", "class A {\n    /** The █ */\n    int a;\n}\n", False, "in_comment"),
    ("java", "import a.B;\n█\nimport a.C;\n", False, "among_imports"),
    # C and C++
    ("c", "int main(void) {\n    █\n}\n", True, "empty_body"),
    ("c", "int main(void)\n{\n    █\n}\n", True, "empty_body"),
    ("c", "int f(int a) {\n    switch (a) {\n    case 1:\n        █\n    }\n}\n", True, "empty_body"),
    ("c", "int f(int a) {\n    a++;\n    █\n    return a;\n}\n", True, "blank_line"),
    ("c", "int a[] = {\n    1,\n    █\n};\n", False, "in_brackets"),
    ("c", 'int f(void) {\n    printf("%d\\n", █);\n}\n', False, "in_arguments"),
    ("cpp", "class A {\npublic:\n    █\n};\n", True, "empty_body"),
    ("cpp", "namespace a {\n█\n}\n", True, "empty_body"),
    ("cpp", "void A::f() const {\n    █\n}\n", True, "empty_body"),
    ("cpp", "void f() {\n    auto g = [&](int x) {\n        █\n    };\n}\n", True, "empty_body"),
    ("cpp", "std::vector<int> a{1, █};\n", False, "in_brackets"),
    ("cpp", "void f() {\n    std::cout << █\n}\n", False, "within_statement"),
    # C#
    ("csharp", "class A\n{\n    void F()\n    {\n        █\n    }\n}\n", True, "empty_body"),
    ("csharp", "class A\n{\n    int B { get; set; }\n\n    █\n}\n", True, "blank_line"),
    (
        "csharp",
        "class A\n{\n    void F()\n    {\n        if (a)\n        {█\n        }\n    }\n}\n",
        True,
        "empty_body",
    ),
    ("csharp", "class A\n{\n    void F()\n    {\n        G(a, █);\n    }\n}\n", False, "in_arguments"),
    ("csharp", 'class A\n{\n    void F()\n    {\n        var x = $"a {b} █";\n    }\n}\n', False, "in_string"),
    ("csharp", "class A\n{\n    void F()\n    {\n        var x = █\n    }\n}\n", False, "within_statement"),
    # Ruby
    ("ruby", "def f\n  █\nend\n", True, "empty_body"),
    ("ruby", "class A < B\n  █\nend\n", True, "empty_body"),
    ("ruby", "def f\n  xs.each do |x|\n    █\n  end\nend\n", True, "empty_body"),
    ("ruby", "def f\n  if a\n    b\n  else\n    █\n  end\nend\n", True, "empty_body"),
    ("ruby", "def f\n  a = 1\n  █\n  a\nend\n", True, "blank_line"),
    ("ruby", "foo(a, █)\n", False, "in_arguments"),
    ("ruby", "x = {\n  a: 1,\n  █\n}\n", False, "in_brackets"),
    ("ruby", 'x = "a █"\n', False, "in_string"),
    ("ruby", "x = a if █\n", False, "within_statement"),
    # PHP
    ("php", "<?php\nfunction f($a) {\n    █\n}\n", True, "empty_body"),
    ("php", "<?php\nclass A\n{\n    public function f()\n    {\n        █\n    }\n}\n", True, "empty_body"),
    ("php", "<?php\n\n█\n", True, "blank_line"),
    ("php", "<?php\nfunction f() {\n    $a = 1;█\n}\n", True, "completed_statement"),
    ("php", "<?php\n$a = [\n    'b' => 1,\n    █\n];\n", False, "in_brackets"),
    ("php", "<?php\nfoo($a, █);\n", False, "in_arguments"),
    ("php", "<p>Hello █</p>\n", False, "in_string"),
    # Bash
    ("shellscript", "f() {\n    █\n}\n", True, "empty_body"),
    ("shellscript", "if [ -f a ]; then\n    █\nfi\n", True, "empty_body"),
    ("shellscript", "for x in a b; do\n    █\ndone\n", True, "empty_body"),
    ("shellscript", "case $1 in\n    a)\n        █\n        ;;\nesac\n", True, "empty_body"),
    ("shellscript", "a=1\n█\necho $a\n", True, "blank_line"),
    ("shellscript", 'echo "a █"\n', False, "in_string"),
    ("shellscript", "echo █\n", False, "within_statement"),
    # No grammar
    ("toml", "[a]\nb = █\n", False, "unknown_language"),
    ("lua", "function f() {\n█\n}\n", True, "empty_body"),
    ("plaintext", "Some words. █\n", False, "unknown_language"),
]


@pytest.mark.parametrize(("language", "marked", "expected", "reason"), CASES)
def test_decision(language, marked, expected, reason) -> None:
    """The decision is right, and for the right reason."""
    tree, point = at(language, marked)
    assert tree.multiline_decision(point) == (expected, reason)


@pytest.mark.parametrize(("language", "marked", "expected", "reason"), CASES)
def test_decision_is_the_same_with_crlf(language, marked, expected, reason) -> None:
    """Line ends change nothing."""
    tree, point = at(language, marked.replace("\n", "\r\n"))
    assert tree.multiline_decision(point) == (expected, reason)


BY_LINES = [case for case in CASES if case[0] in ("python", "javascript", "go", "java", "rust", "c")]


def test_most_decisions_stand_without_a_grammar(monkeypatch) -> None:
    """With a grammar that cannot be loaded, lines alone decide nearly as well."""
    monkeypatch.setattr("copilot_ls.syntax.runtime.runtime_for", lambda spec: None)
    right = 0
    for language, marked, expected, _ in BY_LINES:
        tree, point = at(language, marked)
        assert not tree.has_grammar
        right += tree.multiline_decision(point).multiline == expected
    assert right >= 0.9 * len(BY_LINES), f"{right} of {len(BY_LINES)}"
