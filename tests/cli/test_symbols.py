"""`copilot-ls symbols` and `copilot-ls index`: what they find and say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FILES = {
    "shapes/base.py": "class Shape:\n    def area(self, scale=1):\n        return 0\n",
    "shapes/square.py": (
        "from shapes.base import Shape\nfrom measure import squared\n\n\nclass Square(Shape):\n"
        "    def area(self, scale=1):\n        return squared(self.side)\n"
    ),
    "web/area.ts": "export function areaOf(shape: Shape): number {\n  return shape.area();\n}\n",
    "node_modules/left/pad.js": "function area() {}\n",
    ".env": "KEY=1\n",
    "gone/big.py": "x = 1\n" * 500,
    ".copilot-ls.toml": '[index]\nexclude = ["gone/"]\n',
    ".venv/lib/python3.12/site-packages/measure.py": "def squared(side):\n    return side\n",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        place = tmp_path / "workspace" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return tmp_path / "workspace"


def run(workspace: Path, *words: str) -> subprocess.CompletedProcess[str]:
    places = {f"COPILOT_LS_{kind}_DIR": str(workspace.parent / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE")}
    command = [sys.executable, "-m", "copilot_ls", *words]
    return subprocess.run(command, env={**os.environ, **places}, cwd=workspace, capture_output=True, text=True)


def symbols(workspace: Path, *words: str) -> list[dict[str, Any]]:
    answer = run(workspace, "symbols", *words, "--json")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)["symbols"]


def test_declarations_best_first(workspace: Path) -> None:
    found = symbols(workspace, "area")
    assert [(each["name"], each["path"], each["line"]) for each in found] == [
        ("area", "shapes/base.py", 2),
        ("area", "shapes/square.py", 6),
        ("areaOf", "web/area.ts", 1),
    ]
    assert (found[0]["container"], found[0]["kind"], found[0]["language"]) == ("Shape", "function", "python")
    assert (found[0]["signature"].strip(), found[0]["end_line"]) == ("def area(self, scale=1):", 3)


def test_members_kinds_languages_and_limits(workspace: Path) -> None:
    assert [each["path"] for each in symbols(workspace, "Square.area")] == ["shapes/square.py"]
    assert [each["name"] for each in symbols(workspace, "s", "--kind", "class")] == ["Shape", "Square"]
    assert [each["name"] for each in symbols(workspace, "area", "--language", "typescript")] == ["areaOf"]
    assert len(symbols(workspace, "area", "--limit", "1")) == 1


def test_uses_calls_and_inheritance(workspace: Path) -> None:
    (shape,) = symbols(workspace, "Shape", "--subtypes", "--references", "--limit", "1")
    assert [each["name"] for each in shape["subtypes"]] == ["Square"]
    assert {"type"} >= {each["kind"] for each in shape["references"] if each["path"] == "web/area.ts"}
    (square,) = symbols(workspace, "Square.area", "--callees", "--callers")
    assert [each["name"] for each in square["callees"]] == ["squared"]
    assert [(each["path"], each["scope"]) for each in square["callers"]] == [("web/area.ts", "areaOf")]
    (derived,) = symbols(workspace, "Square", "--supertypes", "--limit", "1")
    assert [each["name"] for each in derived["supertypes"]] == ["Shape"]


def test_installed_packages_are_looked_in_when_asked_for(workspace: Path) -> None:
    assert run(workspace, "symbols", "squared").returncode == 1
    (found,) = symbols(workspace, "squared", "--packages")
    assert (found["path"], found["package"]) == ("measure.py", True)


def test_the_table_and_nothing_found(workspace: Path) -> None:
    answer = run(workspace, "symbols", "Square", "--supertypes", "--limit", "1")
    assert answer.stdout.splitlines() == [
        "shapes/square.py:5  class     Square  │ class Square(Shape):",
        "    extends Shape at shapes/square.py:5",
    ]
    answer = run(workspace, "symbols", "nowhere")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "nothing in" in answer.stderr
    assert run(workspace, "symbols", "x", "--workspace", "nowhere").returncode == 2
    assert run(workspace, "symbols", "x", "--limit", "0").returncode == 2


def test_the_index_says_what_it_holds_and_what_was_left_out(workspace: Path) -> None:
    answer = run(workspace, "index")
    assert answer.returncode == 0, answer.stderr
    lines = dict(line.split(maxsplit=1) for line in answer.stdout.splitlines())
    assert lines["files"].startswith("4 ")
    assert "1 secret" in answer.stdout
    assert "1 setting" in answer.stdout
    assert lines["packages"] == "1 are imported (1 new, with 1 signatures)"
    assert "█" not in answer.stderr
    report = json.loads(run(workspace, "index", "--json").stdout)
    assert (report["files"], report["changed"], report["packages"]["n_packages"]) == (4, 0, 1)


def test_an_index_that_cannot_be_written_is_one_sentence(workspace: Path) -> None:
    cache = workspace.parent / "cache"
    cache.mkdir()
    (cache / "index").write_text("in the way")
    for words in (["index"], ["symbols", "x"]):
        answer = run(workspace, *words)
        assert answer.returncode == 1
        assert answer.stderr.startswith(f"copilot-ls {words[0]}: ")
        assert "COPILOT_LS_CACHE_DIR" in answer.stderr
        assert "Traceback" not in answer.stderr
