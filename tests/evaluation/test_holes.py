"""Bodies that are masked, written and tested; an oracle completes them all, which proves the harness."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path

import pytest

from copilot_ls.cli import main
from copilot_ls.config.settings import BackendSettings, Settings
from copilot_ls.evaluation.bodies import body_of, filled, holes_of, masked
from copilot_ls.evaluation.filling import is_complete, within, write_body
from copilot_ls.evaluation.pipeline import EvaluatedPipeline, TypingClock, patient
from tests.evaluation.repositories import Built

CODE = '''\
"""Sums."""


def total(numbers):
    """All of them."""
    found = 0
    for number in numbers:
        found += number
    return found


def mean(numbers):
    if not numbers:
        return 0
    return total(numbers) / len(numbers)


def unused(numbers):
    found = sorted(numbers)
    return found[-1]


class Box:
    def __init__(self, value):
        self.value = value

    def doubled(self):
        value = self.value
        return value * 2

    def short(self):
        return self.value
'''
TESTS = """\
from sums import Box, mean, total


def test_sums():
    assert total([1, 2, 3]) == 6
    assert mean([2, 4]) == 3
    assert mean([]) == 0
    assert Box(3).doubled() == 6
"""
COMMAND = f"{sys.executable} -m pytest -q -x -p no:cacheprovider"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for kind in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"COPILOT_LS_{kind}_DIR", str(tmp_path / kind.lower()))
    (tmp_path / "config").mkdir()
    return tmp_path


@pytest.fixture
def built(home: Path) -> Built:
    made = Built(home / "project")
    made.commit({"sums.py": CODE, "tests/test_sums.py": TESTS, "pyproject.toml": "[project]\nname = 'sums'\n"})
    return made


def configure(home: Path, **backends: list[dict]) -> None:
    said = []
    for name, answers in backends.items():
        script = home / f"{name}.json"
        script.write_text(json.dumps({"answers": answers}))
        said.append(
            f'[backend.{name}]\nkind = "scripted"\ninput_price = 1.0\noutput_price = 1.0\n'
            f"options.script = {json.dumps(str(script))}\n"
        )
    (home / "config" / "config.toml").write_text("\n".join(said))


def oracle(text: str, path: str = "sums.py") -> list[dict]:
    """Who knows each body by what stands above it."""
    answers = []
    for hole in holes_of(path, text):
        head = "\n".join(text.split("\n")[max(0, hole.first - 3) : hole.first]) + "\n" + hole.indent
        body = "\n".join(body_of(text, hole)).removeprefix(hole.indent)
        answers.append({"prefix": re.escape(head) + "$", "text": body})
    return answers


def figures(capsys: pytest.CaptureFixture[str], *words: object) -> dict:
    status = main(["eval", "holes", *map(str, words), "--run-tests", "--json"])
    said = capsys.readouterr()
    assert status == 0, said.err
    return json.loads(said.out)


def test_bodies_that_can_be_masked() -> None:
    found = holes_of("sums.py", CODE)
    assert [(hole.name, hole.end - hole.first) for hole in found] == [
        ("total", 4), ("mean", 3), ("unused", 2), ("doubled", 2),
    ]  # fmt: skip
    total = found[0]
    assert CODE.split("\n")[total.first - 1] == '    """All of them."""'
    assert "found += number" not in masked(CODE, total)
    assert "    raise NotImplementedError\n\n\ndef mean" in masked(CODE, total)
    assert all(filled(CODE, hole, body_of(CODE, hole)) == CODE for hole in found)


@pytest.mark.parametrize(
    ("path", "text", "mask"),
    [
        ("a.go", "package a\n\nfunc F(x int) int {\n\ty := x + 1\n\treturn y\n}\n", '\tpanic("not written")'),
        ("a.ts", "export function f(x: number) {\n  const y = x + 1;\n  return y;\n}\n", '  throw new Error("not written");'),
        ("a.rs", "fn f(x: i32) -> i32 {\n    let y = x + 1;\n    y\n}\n", "    todo!()"),
        ("A.java", "class A {\n  int f(int x) {\n    int y = x + 1;\n    return y;\n  }\n}\n", "    throw new Unsupported"),
    ],
)  # fmt: skip
def test_bodies_between_braces(path: str, text: str, mask: str) -> None:
    (hole,) = holes_of(path, text)
    assert hole.end - hole.first == 2
    assert mask in masked(text, hole)
    assert masked(text, hole).count("}") == text.count("}")


def test_what_has_no_mask_has_no_holes() -> None:
    assert holes_of("a.md", "# a\n\nb\n") == []
    assert holes_of("a.sh", "f() {\n  a\n  b\n}\n") == []


@pytest.mark.parametrize(
    ("lines", "complete"),
    [
        (["    x = 1"], False),
        (["    x = 1", "    return x"], True),
        (["    if x:", "        return 1"], False),
        (["    return f("], False),
        (["    x = 1", "", "def g():"], True),
    ],
)
def test_where_a_body_ends(lines: list[str], complete: bool) -> None:
    assert is_complete(lines, "    ") is complete


def test_what_stands_further_left_is_cut() -> None:
    assert within(["    x = 1", "", "    y", "", "def g():"], "    ") == ["    x = 1", "", "    y"]


NESTED = """\
def outer(x):
    def inner():
        return x

    y = inner()
    return y
"""


def test_a_body_is_written_line_by_line_with_enter_and_backspace(tmp_path: Path) -> None:
    answers = [
        {"prefix": r"outer\(x\):\n    $", "text": "def inner():"},
        {"prefix": r"inner\(\):\n        $", "text": "return x"},
        {"prefix": r"return x\n    $", "text": "y = inner()"},
        {"prefix": r"y = inner\(\)\n    $", "text": "return y"},
        {"prefix": r"return y\n    $", "text": "never_reached()"},
    ]

    async def work() -> list[str]:
        settings = Settings(backend={"model": BackendSettings(kind="scripted", options={"answers": answers})})
        pipeline = EvaluatedPipeline(tmp_path, patient(settings), backend="model", index=None, now=TypingClock())
        pipeline.start()
        await pipeline.ready()
        try:
            return await write_body(pipeline, NESTED, holes_of("a.py", NESTED)[0], "python", lambda: True)
        finally:
            await pipeline.aclose()

    written = asyncio.run(work())
    assert written == ["    def inner():", "        return x", "    y = inner()", "    return y"]


def test_an_oracle_completes_all_that_tests_cover(home: Path, built: Built, capsys) -> None:
    configure(home, oracle=oracle(CODE), wrong=[{"text": "return None"}], broken=[{"text": "return ((("}], silent=[])
    words = [word for name in ("oracle", "wrong", "broken", "silent") for word in ("--backend", name)]
    found = figures(capsys, built.folder, *words, "--jobs", 2)
    by_name = {each["backend"]: each for each in found["backends"]}
    assert by_name["oracle"]["endings"] == {"completed": 3, "not_covered": 1}
    assert by_name["oracle"]["good"][0] == 1.0
    assert by_name["oracle"]["sums"]["same"] == 3
    assert by_name["oracle"]["cost_per_good"] == pytest.approx(by_name["oracle"]["cost"] / 3)
    assert by_name["wrong"]["endings"] == {"failed": 3, "not_covered": 1}
    assert set(by_name["broken"]["endings"]) <= {"broken", "failed", "nothing", "not_covered"}
    assert by_name["silent"]["endings"] == {"nothing": 3, "not_covered": 1}
    assert main(["eval", "holes", str(built.folder), *words, "--run-tests"]) == 0
    page = capsys.readouterr().out
    assert "no test covers it" in page
    assert "completed without help" in page
    assert "network of the tests" in page


def test_the_repository_is_not_written_to(home: Path, built: Built, capsys) -> None:
    meddling = TESTS + (
        f"\n\ndef test_meddles():\n    import pathlib\n    try:\n        pathlib.Path({str(built.folder)!r}, 'sums.py').write_text('')\n"
        "    except OSError:\n        pass\n    pathlib.Path('sums.py').touch()\n"
    )
    built.commit({"tests/test_sums.py": meddling})
    before = (built.folder / "sums.py").read_text()
    figures(capsys, built.folder, "--holes", 1)
    from copilot_ls.checking.sandbox import network

    if network() == "cut off":
        assert (built.folder / "sums.py").read_text() == before
    assert not (built.folder / ".git" / "index.lock").exists()


def test_tests_are_run_on_the_users_word_alone(home: Path, built: Built, capsys) -> None:
    built.commit({"tests/test_sums.py": f"open({str(home / 'ran')!r}, 'w')\n"})
    assert main(["eval", "holes", str(built.folder)]) == 2
    assert "say so with --run-tests if you trust it" in capsys.readouterr().err
    assert not (home / "ran").exists()


def test_tests_that_fail_as_they_are_judge_nobody(home: Path, built: Built, capsys) -> None:
    built.commit({"tests/test_sums.py": "def test_no():\n    assert 0\n"})
    assert main(["eval", "holes", str(built.folder), "--run-tests"]) == 2
    said = capsys.readouterr().err
    assert "fail as it is" in said
    assert "--test says another command" in said


def test_a_test_that_does_not_end_is_stopped(home: Path, built: Built, capsys) -> None:
    hanging = TESTS.replace("def test_sums", "def test_more():\n    assert total([1]) == 1\n\n\ndef test_sums")
    built.commit({"tests/test_sums.py": hanging})
    endless = [{"prefix": r'All of them."""\n    $', "text": "while True:\n        pass\n    return 1"}]
    configure(home, endless=endless)
    found = figures(capsys, built.folder, "--backend", "endless", "--timeout", 10, "--test", COMMAND)
    assert found["backends"][0]["endings"]["timed_out"] == 1


def test_what_nobody_knows_how_to_test_is_asked_for(home: Path, capsys) -> None:
    built = Built(home / "plain")
    built.commit({"a.go": "package a\n\nfunc F(x int) int {\n\ty := x + 1\n\treturn y\n}\n"})
    assert main(["eval", "holes", str(built.folder), "--run-tests"]) == 2
    assert "say it, as in --test 'make test'" in capsys.readouterr().err
    assert main(["eval", "holes", str(built.folder), "--run-tests", "--test", "no-such-command"]) == 2
    assert "is not on PATH; say another with --test" in capsys.readouterr().err


def test_no_function_is_said(home: Path, capsys) -> None:
    built = Built(home / "plain")
    built.commit({"a.py": "x = 1\n", "pyproject.toml": ""})
    assert main(["eval", "holes", str(built.folder), "--run-tests", "--test", "true"]) == 2
    assert "has no function of 2 to 30 lines" in capsys.readouterr().err


def test_a_limit_of_cost_is_kept(home: Path, built: Built, capsys) -> None:
    configure(home, oracle=oracle(CODE))
    whole = figures(capsys, built.folder, "--backend", "oracle", "--jobs", 1)
    cut = figures(capsys, built.folder, "--backend", "oracle", "--jobs", 1, "--fresh", "--max-cost", whole["cost"] / 2)
    assert cut["missing"] > 0
    gone_on = figures(capsys, built.folder, "--backend", "oracle", "--jobs", 1)
    assert gone_on["backends"][0]["endings"] == whole["backends"][0]["endings"]
