"""What each checker prints, as recorded from the real one, becomes diagnostics of the draft at the right characters.

The code has an astral character before each fault, which utf-8 bytes, utf-16 units and code points count differently.
Recorded from pyright 1.1.414, TypeScript 5.9.3, eslint 9, gcc 12 and Go 1.27; others are asked in `test_real_tools`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from copilot_ls.checking import cargo, eslint, gcc, go, pyright, tsc
from copilot_ls.checking.base import Draft
from copilot_ls.checking.reading import UnreadableOutputError
from copilot_ls.checking.runner import Ran
from copilot_ls.checking.tool import Site, Tool
from copilot_ls.text import TextSnapshot

FOLDER = Path("/w")


def site(text: str, name: str, root: Path = FOLDER) -> Site:
    path = root / name
    return Site("tool", Draft(path, text, "", root), TextSnapshot.of(text), path, root, root, root)


def read(tool: Tool, text: str, name: str, stdout: str, stderr: str = "", status: int = 1) -> list[str]:
    """`text that is marked | severity | source code | message`, one for each diagnostic."""
    place = site(text, name)
    ran = Ran(status, stdout.encode(), stderr.encode(), "", 0.0)
    return [
        f"{place.text.slice(each.span)} | {each.severity} | {each.source} {each.code} | {each.message}"
        for each in tool.read(ran, place)
    ]


def pyright_entry(file: str, start: tuple[int, int], end: tuple[int, int], **more: str) -> dict[str, object]:
    lines = {name: {"line": line, "character": at} for name, (line, at) in (("start", start), ("end", end))}
    return {"file": file, "severity": "error", "message": '"undefd" is not defined', "range": lines} | more


def test_pyright():
    entries = [
        pyright_entry("/w/p.py", (0, 14), (0, 20), rule="reportUndefinedVariable"),
        pyright_entry("/w/other.py", (0, 0), (0, 1)),
        pyright_entry("/w/p.py", (0, 0), (0, 1), severity="information", message="no rule"),
        {"file": "/w/p.py", "severity": "error", "message": "of the file as a whole"},
    ]
    assert read(pyright.TOOL, 'x = "😀"; y = undefd\n', "p.py", json.dumps({"generalDiagnostics": entries})) == [
        'undefd | error | Pyright reportUndefinedVariable | "undefd" is not defined',
        "x | information | Pyright  | no rule",
    ]


TYPESCRIPT = """\
const s = "😀"; const y = undefd;
export function f(a: { foo: number }): string { a.fooo; }
import { readFileSync } from "fs";
const g: () => string = () => 1;
"""
TSC = """\
a.ts(1,27): error TS2304: Cannot find name 'undefd'.
other.ts(1,1): error TS2304: Cannot find name 'other'.
  with a second line
a.ts(2,51): error TS2551: Property 'fooo' does not exist on type '{ foo: number; }'. Did you mean 'foo'?
a.ts(3,30): error TS2307: Cannot find module 'fs' or its corresponding type declarations.
a.ts(4,7): error TS2322: Type '() => number' is not assignable to type '() => string'.
  Type 'number' is not assignable to type 'string'.
error TS2688: Cannot find type definition file for 'node'.
  The file is in the program because:
"""


def test_tsc():
    assert read(tsc.TOOL, TYPESCRIPT, "a.ts", TSC, status=2) == [
        "undefd | error | ts 2304 | Cannot find name 'undefd'.",
        "fooo | error | ts 2551 | Property 'fooo' does not exist on type '{ foo: number; }'. Did you mean 'foo'?",
        "\"fs\" | error | ts 2307 | Cannot find module 'fs' or its corresponding type declarations.",
        "g | error | ts 2322 | Type '() => number' is not assignable to type '() => string'.\n  Type 'number' is not assignable to type 'string'.",
    ]
    assert read(tsc.TOOL, TYPESCRIPT, "a.ts", "", status=0) == []


@pytest.mark.parametrize(
    "said",
    [
        "error TS5023: Unknown compiler option 'preserveSymlinks'.",
        "error TS6046: Argument for '--moduleResolution' option must be: 'node'.",
        "error TS18003: No inputs were found in config file",
        "segmentation fault",
    ],
)
def test_tsc_that_has_checked_nothing(said):
    with pytest.raises(UnreadableOutputError):
        read(tsc.TOOL, "", "a.ts", said, status=1)


def project_file(root: Path, name: str) -> dict:
    place = site("", name, root)
    command = list(tsc.TOOL.command(place))
    return json.loads(Path(command[-1]).read_text()) | {"at": command[-1]}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, {"files": ["a.ts"]}),
        ({"tsconfig.json": "{}"}, {"files": ["src/a.ts"], "extends": "./tsconfig.json", "include": ["**/*"]}),
        ({"tsconfig.json": '{"include": ["src"]}'}, {"files": ["src/a.ts"], "extends": "./tsconfig.json"}),
        ({"tsconfig.json": "{}", "src/tsconfig.json": '{"extends": "../x"}'}, {"files": ["a.ts"], "extends": "./tsconfig.json"}),
        ({"jsconfig.json": "{}"}, {"files": ["src/a.ts"], "extends": "./jsconfig.json", "include": ["**/*"]}),
        (
            {"tsconfig.json": '{"files": [], "references": [{"path": "./tsconfig.app.json"}]}', "tsconfig.app.json": '{"files": []}'},
            {"files": ["src/a.ts"], "extends": "./tsconfig.app.json"},
        ),
    ],
    ids=["none", "bare", "include", "nearest", "javascript", "references"],
)  # fmt: skip
def test_the_project_file_of_tsc_takes_in_the_draft(tmp_path, files, expected):
    (tmp_path / "src").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    written = project_file(tmp_path, "src/a.ts")
    assert {key: written[key] for key in ("files", "extends", "include") if key in written} == expected
    assert written["compilerOptions"]["noEmit"]
    assert written["compilerOptions"]["preserveSymlinks"]


def test_packages_of_pnpm_are_found_by_their_links(tmp_path):
    (tmp_path / "node_modules" / ".pnpm").mkdir(parents=True)
    assert not project_file(tmp_path, "a.ts")["compilerOptions"]["preserveSymlinks"]


GO = 'package p\nimport "fmt"\nfunc F() (int, error) { s := "😀"; undefd() ; return 1 }\n'
BUILD = """\
# example.com/m/p
a.go:2:8: "fmt" imported and not used
a.go:3:38: undefined: undefd
b.go:1:1: undefined: other
a.go:3:56: not enough return values
\thave (number)
\twant (int, error)
"""
VET = """\
# example.com/m/p
# [example.com/m/p]
vet: a.go:3:38: undefined: undefd
"""


def test_go():
    assert read(go.BUILD, GO, "a.go", "", BUILD) == [
        '"fmt" | error | compiler  | "fmt" imported and not used',
        "undefd | error | compiler  | undefined: undefd",
        "1 | error | compiler  | not enough return values\nhave (number)\nwant (int, error)",
    ]
    assert read(go.VET, GO, "a.go", "", VET) == ["undefd | error | compiler  | undefined: undefd"]
    assert read(go.BUILD, GO, "a.go", "", "", status=0) == []
    with pytest.raises(UnreadableOutputError):
        read(go.BUILD, GO, "a.go", "", "go: cannot find main module\n")


ESLINT = {
    "filePath": "/w/e.js",
    "messages": [
        {"ruleId": "no-unused-vars", "severity": 1, "message": "'s' is assigned a value but never used.", "line": 1, "column": 7, "endLine": 1, "endColumn": 8},
        {"ruleId": "no-undef", "severity": 2, "message": "'undefd' is not defined.", "line": 1, "column": 27, "endLine": 1, "endColumn": 33},
        {"ruleId": None, "fatal": True, "severity": 2, "message": "Parsing error: Unexpected token ;", "line": 1, "column": 33},
    ],
}  # fmt: skip


def test_eslint():
    assert read(eslint.TOOL, 'const s = "😀"; const y = undefd;\n', "e.js", json.dumps([ESLINT])) == [
        "s | warning | eslint no-unused-vars | 's' is assigned a value but never used.",
        "undefd | error | eslint no-undef | 'undefd' is not defined.",
        "; | error | eslint  | Parsing error: Unexpected token ;",
    ]
    ignored = {"ruleId": None, "fatal": False, "severity": 1, "message": "File ignored because of a matching pattern."}
    for files in ([], [{"filePath": "/w/e.js", "messages": [ignored]}]):
        with pytest.raises(UnreadableOutputError, match="leave it out"):
            read(eslint.TOOL, "", "e.js", json.dumps(files), status=0)


GCC = """\
In file included from a.h:1,
                 from <stdin>:1:
b.h:1:1: error: unknown type name 'x'
<stdin>: In function 'g':
<stdin>:1:19: warning: implicit declaration of function 'printf' [-Wimplicit-function-declaration]
<stdin>:1:19: note: include '<stdio.h>' or provide a declaration of 'printf'
<stdin>:1:29: error: 'count' undeclared (first use in this function); did you mean 'coun'?
"""


def test_gcc():
    assert read(gcc.TOOL, 'int g() { "😀"; printf(1, count); }', "a.c", "", GCC) == [
        "printf | warning | gcc -Wimplicit-function-declaration | implicit declaration of function 'printf'\nnote: include '<stdio.h>' or provide a declaration of 'printf'",
        "count | error | gcc  | 'count' undeclared (first use in this function); did you mean 'coun'?",
    ]
    with pytest.raises(UnreadableOutputError):
        read(gcc.TOOL, "", "a.c", "", "gcc: error: unrecognized command-line option '-x'\n")


def test_cargo_reports_once_what_two_targets_have_and_adds_what_is_suggested():
    span = {
        "file_name": "src/a.rs",
        "line_start": 1,
        "line_end": 1,
        "column_start": 16,
        "column_end": 17,
        "is_primary": True,
        "label": "expected `&str`",
    }
    other = {**span, "is_primary": False, "column_start": 1, "column_end": 2, "label": "this function"}
    insertion = {**span, "suggested_replacement": "&"}
    child = {"level": "help", "message": "consider borrowing here", "spans": [insertion]}
    message = {
        "message": "mismatched types",
        "code": {"code": "E0308"},
        "level": "error",
        "spans": [other, span],
        "children": [child],
    }
    entry = json.dumps({"reason": "compiler-message", "manifest_path": "/w/Cargo.toml", "message": message})
    said = f'warning: of a build script\n{entry}\n{entry}\n{{"reason": "build-finished"}}'
    assert read(cargo.TOOL, 'f(1, "😀", 123, s);', "src/a.rs", said, status=101) == [
        "s | error | rustc E0308 | mismatched types\nexpected `&str`\nhelp: consider borrowing here: `&`"
    ]
    with pytest.raises(UnreadableOutputError):
        read(cargo.TOOL, "", "src/a.rs", '{"reason": "build-finished"}', "error: no matching package", status=101)
