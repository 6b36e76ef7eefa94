"""The matrix of editors and features, `editors/MATRIX.md`, made of `matrix.toml`: `python -m tests.editors.matrix` prints it.

It refuses a test that is not there, an editor that says nothing of a feature, and a page that does not exist. Called by
`tests/generated.py`, and so by `make lint`.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
EDITORS = HERE.parents[1] / "editors"
FEATURES = (
    "install", "ghost text", "menu", "other candidates", "a part", "dismiss", "next edit", "explain", "fix", "undo",
    "statistics", "status",
)  # fmt: skip

_HEAD = """\
# Which editor does what

<!-- Made by `make generate` of tests/editors/matrix.toml: do not edit. -->

**yes**: seen by a test that drives the editor itself, on a screen or through its own interface, in every run of the whole suite
(for those of the last line: that asks the server what its client asks). *documented*: ought to work by what the editor's client
does, and nobody tried. **–**: the editor cannot, or has something else.
"""


def main() -> int:
    """Print the page; 1 when the table names what is not there."""
    editors = tomllib.loads((HERE / "matrix.toml").read_text("utf-8"))["editor"]
    faults = [fault for editor in editors for fault in faults_of(editor)]
    if faults:
        print("\n".join(faults), file=sys.stderr)
        return 1
    sys.stdout.write(page(editors))
    return 0


def faults_of(editor: dict[str, Any]) -> list[str]:
    """What the table says of an editor and is not so."""
    name, features = editor["name"], editor["features"]
    faults = [f"{name}: nothing is said of {feature}" for feature in FEATURES if feature not in features]
    faults += [f"{name}: {feature} is no feature" for feature in features if feature not in FEATURES]
    if not (EDITORS / editor["page"]).exists():
        faults.append(f"{name}: there is no page {editor['page']}")
    for feature, how in features.items():
        if how == "documented" or how.startswith("no: "):
            continue
        file, _, test = how.partition("::")
        if test not in _tests_in(HERE / file):
            faults.append(f"{name}: {feature}: there is no test {how}")
    return faults


def page(editors: list[dict[str, Any]]) -> str:
    """The matrix, and below it the test of each cell."""
    lines = [_HEAD, "| editor | " + " | ".join(FEATURES) + " |", "| --- |" + " --- |" * len(FEATURES)]
    for editor in editors:
        cells = [_cell(editor["features"][feature]) for feature in FEATURES]
        lines.append(f"| [{editor['name']}]({editor['page']}) | " + " | ".join(cells) + " |")
    for editor in editors:
        lines += ["", f"## {editor['name']}", ""]
        for feature in FEATURES:
            how = editor["features"][feature]
            if how.startswith("no: "):
                lines.append(f"* {feature}: no; {how.removeprefix('no: ')}")
            elif how != "documented":
                lines.append(f"* {feature}: `tests/editors/{how}`")
    return "\n".join(lines) + "\n"


def _cell(how: str) -> str:
    if how == "documented":
        return "*documented*"
    return "–" if how.startswith("no: ") else "**yes**"


def _tests_in(file: Path) -> set[str]:
    """The tests of a file that are not skipped."""
    if not file.exists():
        return set()
    functions = [
        node
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    return {
        function.name
        for function in functions
        if not any("skip" in ast.unparse(mark) or "xfail" in ast.unparse(mark) for mark in function.decorator_list)
    }


if __name__ == "__main__":
    sys.exit(main())
