"""The checkers that the development environment has, run for real on code with faults behind astral characters."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from copilot_ls.checking import registry
from copilot_ls.checking.base import Draft
from copilot_ls.checking.command import CommandChecker
from copilot_ls.config.settings import Settings
from copilot_ls.errors import SettingsError
from copilot_ls.text import Point, TextSnapshot

OWN = Path(sys.executable).parent


async def checked(name: str, root: Path, file: str, text: str, language: str = "python") -> list[str]:
    tool = registry.tools((name,))[0]
    executable = next(
        (path for each in tool.executables if (path := shutil.which(each, path=f"{OWN}:{'/usr/bin'}"))), None
    )
    executable = executable or registry.find(tool, None)
    if executable is None:
        pytest.skip(f"{name} is not installed")
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    answer = await CommandChecker(tool, executable).check(Draft(root / file, text, language, root), timeout_s=120)
    assert answer.problem == ""
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    snapshot = TextSnapshot.of(text)
    return [f"{snapshot.slice(each.span)} | {each.source} {each.code}" for each in answer.diagnostics]


async def test_ruff_with_the_settings_of_the_file(workspace):
    (workspace / "a").mkdir()
    (workspace / "a" / "ruff.toml").write_text('lint.select = ["F"]')
    (workspace / "a" / "b.py").write_text("other")
    assert await checked("ruff", workspace, "a/b.py", 'import os\nx = "😀"; y = undefd\n') == [
        "os | Ruff F401",
        "undefd | Ruff F821",
    ]
    broken = await checked("ruff", workspace, "a/b.py", "def f(:\n")
    assert ": | Ruff invalid-syntax" in broken


async def test_mypy_whatever_its_columns_count(workspace):
    """Its versions count bytes, code points, or neither, once a line is not ascii."""
    (workspace / "a.py").write_text("other")
    (workspace / "mypy.ini").write_text("[mypy]\n")
    text = 'x = "😀"; y = undefd\ndef f(a: int) -> str:\n    s = "é😀"; return a\nz: str = 1\n'
    assert await checked("mypy", workspace, "a.py", text) == [
        "undefd | mypy name-defined",
        "a | mypy return-value",
        "1 | mypy assignment",
    ]
    assert not (workspace / ".mypy_cache").exists()


C = """\
#include "a.h"
int f(void) { char *s = "😀"; return undefd + *s + MINE; }
int g(void) { int coun = 1; return count; }
int h(void) { int a = 1 return a; }
"""


async def test_gcc_with_the_flags_of_the_database(workspace):
    (workspace / "src").mkdir()
    (workspace / "include").mkdir()
    (workspace / "src" / "a.h").write_text("#include <b.h>\n")
    (workspace / "include" / "b.h").write_text("")
    command = f"cc -Iinclude -DMINE=1 -fplugin=evil.so -o x.o -c src/a.c -Wunused -wrapper {workspace}/evil"
    (workspace / "compile_commands.json").write_text(
        json.dumps([{"directory": str(workspace), "file": "src/a.c", "command": command}])
    )
    assert await checked("gcc", workspace, "src/a.c", C, "c") == [
        "undefd | gcc ",
        "coun | gcc -Wunused-variable",
        "count | gcc ",
        "a | gcc -Wunused-variable",
        "return | gcc ",
    ]


RUST = """\
fn take(s: &str) -> usize { s.len() }
fn main() {
    let s = "😀"; let y = undefd;
    let st = String::new();
    take(st);
    let m: HashMap<u8, u8> = Default::default();
}
"""


async def test_cargo_check_in_a_shadow(workspace):
    """The crate's other files are links, the lock file stays as it is, and nothing is built in the workspace."""
    (workspace / "src").mkdir()
    (workspace / "src" / "main.rs").write_text("fn main() {}")
    (workspace / "Cargo.toml").write_text('[package]\nname = "a"\nversion = "0.1.0"\nedition = "2021"\n')
    assert await checked("cargo", workspace, "src/main.rs", RUST, "rust") == [
        "undefd | rustc E0425",
        "st | rustc E0308",
        "HashMap | rustc E0425",
    ]
    assert sorted(path.name for path in workspace.iterdir()) == ["Cargo.toml", "src"]


async def test_pytest_runs_the_file_that_is_named_after_the_draft(workspace):
    (workspace / "tests").mkdir()
    (workspace / "a.py").write_text("def f():\n    return 1\n")
    (workspace / "tests" / "test_a.py").write_text("from a import f\ndef test_f():\n    assert f() == 1\n")
    assert await checked("pytest", workspace, "a.py", "def f():\n    return 1\n") == []
    found = await checked("pytest", workspace, "a.py", "def f():\n    raise ValueError\n")
    assert found == ["    raise ValueError | pytest failed"]
    found = await checked("pytest", workspace, "tests/test_a.py", "def test_f():\n    assert 1 == 2\n")
    assert found == ["    assert 1 == 2 | pytest failed"]


async def test_a_command_of_the_users(workspace, tmp_path, script):
    (workspace / "a.txt").write_text("old")
    path = script(
        "lint",
        "import sys\nfor number, line in enumerate(open(sys.argv[-1]), 1):\n"
        "    if 'bad' in line: print(f'{sys.argv[-1]}:{number}:{line.index(\"bad\") + 1}: warning: it is bad', sys.argv[1:-1])\n"
        "sys.exit('bad' in open('a.txt').read())",
    )
    checker = registry.command_checker(f"{path} --such 'a b' {{file}}", Settings())
    assert checker.applies_to("plaintext")
    clean = await checker.check(Draft(workspace / "a.txt", "fine", "plaintext", workspace), timeout_s=60)
    assert (clean.problem, clean.diagnostics) == ("", ())
    answer = await checker.check(Draft(workspace / "a.txt", "x\n  bad\n", "plaintext", workspace), timeout_s=60)
    (found,) = answer.diagnostics
    assert (found.span.start, found.severity) == (Point(1, 2), "warning")
    assert found.message == "it is bad ['--such', 'a b']"
    script("lint", "print('all is lost'); raise SystemExit(3)")
    answer = await checker.check(Draft(workspace / "a.txt", "x", "plaintext", workspace), timeout_s=60)
    assert [each.message for each in answer.diagnostics] == ["the check ended with status 3\nall is lost"]


@pytest.mark.parametrize("command", ["", "  ", "a 'b"])
def test_what_is_no_command(command):
    with pytest.raises(SettingsError):
        registry.command_checker(command, Settings())


async def test_a_command_that_is_not_there(workspace):
    checker = registry.command_checker("there-is-no-such-command", Settings())
    answer = await checker.check(Draft(workspace / "a.txt", "x", "plaintext", workspace), timeout_s=60)
    assert answer.problem.startswith("there-is-no-such-command ")
