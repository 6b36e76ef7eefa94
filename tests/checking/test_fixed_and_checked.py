"""Real compilers, real reports, and the first proposal of the fixers for the first error: then the compiler is content.

Each text has one fault. Compilers that are not installed are left out.
"""

from __future__ import annotations

import pytest

from copilot_ls.checking import registry
from copilot_ls.checking.base import Draft
from copilot_ls.checking.command import CommandChecker
from copilot_ls.edits import applied
from copilot_ls.fixers.base import Problem
from copilot_ls.fixers.propose import propose
from copilot_ls.syntax import SyntaxDocument
from copilot_ls.text import DocumentSnapshot, TextSnapshot

C = {
    "header": 'int main(void) { printf("%d", 1); return 0; }\n',
    "header of a type": "uint8_t f(uint8_t a) { return a; }\n",
    "misspelt": "int f(int count) { return cuont; }\n",
    "no return": "int f(int a) {\n    a + 1;\n}\n",
    "comparison": "int f(int a) {\n    if (a = 1)\n        return 2;\n    return 3;\n}\n",
    "arrow": "struct p { int x; };\nint f(struct p *q) { return q.x; }\n",
    "semicolon": "int f(void) {\n    int a = 1\n    return a;\n}\n",
    "unused": "int f(void) {\n    int a = 1;\n    return 2;\n}\n",
}
RUST = {
    "use": "pub fn f() -> HashMap<u8, u8> {\n    Default::default()\n}\n",
    "unused use": "use std::io::{Read, Write};\n\npub fn f(mut r: impl Read) {\n    let _ = r.read(&mut []);\n}\n",
    "mut": "pub fn f() -> Vec<u8> {\n    let v = Vec::new();\n    v.push(1);\n    v\n}\n",
    "no mut": "pub fn f() -> u8 {\n    let mut n = 1;\n    n\n}\n",
    "borrow": "fn take(s: &str) -> usize {\n    s.len()\n}\npub fn f() -> usize {\n    let s = String::new();\n    take(s)\n}\n",
    "text": 'pub fn f() -> String {\n    "a"\n}\n',
    "option": "pub fn f() -> Option<u8> {\n    3\n}\n",
    "semicolon": "pub fn f(a: u8) -> u8 {\n    a + 1;\n}\n",
    "no semicolon": "pub fn f(a: u8) -> u8 {\n    let b = a + 1\n    b\n}\n",
    "unused": "pub fn f() -> u8 {\n    let n = 1;\n    2\n}\n",
    "misspelt": "pub fn f(count: u8) -> u8 {\n    cuont + 1\n}\n",
    "method": "pub fn f(v: &mut Vec<u8>) {\n    v.pusch(1);\n}\n",
}
GO = {
    "import": 'package p\n\nfunc F() string { return strings.ToUpper("a") }\n',
    "unused import": 'package p\n\nimport (\n\t"fmt"\n\t"os"\n)\n\nfunc F() { fmt.Println() }\n',
    "unused": "package p\n\nfunc F() int {\n\tn := 1\n\treturn 2\n}\n",
    "again": "package p\n\nfunc F() int {\n\tn := 1\n\tn := 2\n\treturn n\n}\n",
    "not declared": "package p\n\nfunc F() int {\n\tn = 1\n\treturn n\n}\n",
    "no return": "package p\n\nfunc F(a int) int {\n\tif a > 1 {\n\t\treturn a\n\t}\n}\n",
    "too few": "package p\n\nfunc F(a int) (int, error) {\n\treturn a\n}\n",
    "pointer": "package p\n\ntype T struct{}\n\nfunc F(t T) *T { return t }\n",
    "member": "package p\n\ntype T struct{ Name string }\n\nfunc F(t T) string { return t.name }\n",
}
CASES = [
    *(pytest.param("gcc", "c", "a.c", text, id=f"c: {name}") for name, text in C.items()),
    *(pytest.param("cargo", "rust", "src/lib.rs", text, id=f"rust: {name}") for name, text in RUST.items()),
    *(pytest.param("go", "go", "a.go", text, id=f"go: {name}") for name, text in GO.items()),
]


@pytest.mark.parametrize(("name", "language", "file", "text"), CASES)
async def test_the_first_proposal_satisfies_the_compiler(workspace, name, language, file, text):
    (tool,) = registry.tools((name,))
    executable = registry.find(tool, None)
    if executable is None:
        pytest.skip(f"{name} is not installed")
    (workspace / "Cargo.toml").write_text('[package]\nname = "a"\nversion = "0.1.0"\nedition = "2021"\n')
    (workspace / "go.mod").write_text("module example.com/a\n\ngo 1.21\n")
    path = workspace / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    checker = CommandChecker(tool, executable)
    checked = await checker.check(Draft(path, text, language, workspace), timeout_s=120)
    assert checked.problem == ""
    assert checked.diagnostics
    snapshot = TextSnapshot.of(text)
    document = DocumentSnapshot(path.as_uri(), str(path), language, 1, snapshot)
    tree = SyntaxDocument(language, file).tree_at(snapshot)
    first, *others = sorted(checked.diagnostics, key=lambda each: each.severity != "error")
    found = propose(Problem(document, tree, first, others, root=workspace))
    assert found.found, (found.why_none, checked.diagnostics)
    mended = applied(snapshot, found.found[0].replacements).text
    again = await checker.check(Draft(path, mended, language, workspace), timeout_s=120)
    assert (again.problem, again.diagnostics) == ("", ()), mended
