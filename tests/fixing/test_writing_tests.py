"""Tests are written to the file where they belong, added to what is there, and verified when they have been run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from copilot_ls.checking.base import Checked
from copilot_ls.edits import applied
from copilot_ls.features.fixing.outcome import FixOutcome, FixTask
from copilot_ls.features.fixing.places_of_tests import is_test_file, test_file_for
from copilot_ls.text import Point, Span, TextSnapshot
from tests.fixing.scene import Model, PatternChecker, Scene

CODE = "def price(article):\n    return article.price\n"
NEW = "from shop.price import price\n\n\ndef test_price():\n    assert price\n"


def says(old: str, new: str, **more: object) -> str:
    return json.dumps({"edits": [{"old_text": old, "new_text": new} | more]})


async def written(root: Path, *answers: str, checker: PatternChecker | None = None) -> tuple[FixOutcome, Model]:
    model = Model("small", list(answers))
    scene = Scene([model], root, checkers=[checker] if checker else [])
    try:
        document = scene.document("shop/price.py", CODE)
        return await scene.fix(FixTask("tests", document, Span(Point(0, 0), Point(1, 0)))), model
    finally:
        await scene.aclose()


def after(outcome: FixOutcome, before: str = "") -> str:
    return applied(TextSnapshot.of(before), outcome.replacements).text


async def test_a_new_file_in_the_folder_of_tests(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    outcome, model = await written(tmp_path, says("", NEW))
    assert (outcome.target, after(outcome)) == ("tests/test_price.py", NEW)
    assert str(outcome.verdict) == "not verified: nobody has run the tests (fix.checkers may name pytest)"
    assert "The file to edit is tests/test_price.py, version 0." in model.asked[0].messages[1].content
    assert list((tmp_path / "tests").iterdir()) == []


async def test_what_is_there_stays(tmp_path: Path) -> None:
    there = "import shop\n\n\ndef test_shop():\n    assert shop\n"
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "test_price.py").write_text(there)
    changed = says("def test_shop():\n    assert shop", "def test_price():\n    assert 1")
    added = says("    assert shop", "    assert shop\n\n\ndef test_price():\n    assert price")
    outcome, model = await written(tmp_path, changed, added)
    assert (outcome.target, outcome.n_refused) == ("shop/test_price.py", 1)
    assert after(outcome, there) == there + "\n\ndef test_price():\n    assert price\n"
    assert "def test_shop" in model.asked[0].messages[1].content
    assert "Add tests, and leave the others" in model.asked[1].messages[-1].content


async def test_tests_that_ran_are_verified_and_a_failing_one_is_told(tmp_path: Path) -> None:
    class Pytest(PatternChecker):
        async def check(self, draft, *, timeout_s):
            if not draft.text:
                return Checked(self.name, (), "found no test to run")
            return await super().check(draft, timeout_s=timeout_s)

    checker = Pytest([("failed", "assert 0")], "pytest")
    outcome, model = await written(
        tmp_path, says("", NEW.replace("assert price", "assert 0")), says("", NEW), checker=checker
    )
    assert str(outcome.verdict) == "verified by pytest"
    assert outcome.n_tries == 2
    assert "Newly reported: line 5" in model.asked[1].messages[-1].content
    assert {draft.path for draft in checker.drafts} == {tmp_path / "shop" / "test_price.py"}


async def test_another_file_is_refused_and_an_ignored_one_is_not_read(tmp_path: Path) -> None:
    outcome, _ = await written(tmp_path, says("", NEW, path="shop/price.py"))
    assert (outcome.verdict.kind, outcome.n_refused) == ("gave_up", 3)
    (tmp_path / ".gitignore").write_text("test_*.py\n")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "test_price.py").write_text("hunter2\n")
    outcome, model = await written(tmp_path, says("", NEW))
    assert "is ignored, and cannot be read" in outcome.verdict.why
    assert model.asked == []


async def test_outside_of_a_workspace_there_is_no_place(tmp_path: Path) -> None:
    model = Model("small", [NEW])
    scene = Scene([model], tmp_path / "elsewhere")
    scene.root = tmp_path
    outcome = await scene.fix(FixTask("tests", scene.document("a.py", CODE), Span(Point(0, 0), Point(0, 0))))
    await scene.aclose()
    assert "belongs to no workspace" in outcome.verdict.why


@pytest.mark.parametrize(
    ("path", "language", "there", "found"),
    [
        ("shop/price.py", "python", (), "shop/test_price.py"),
        ("shop/price.py", "python", ("tests",), "tests/test_price.py"),
        ("shop/price.py", "python", ("tests", "tests/shop"), "tests/shop/test_price.py"),
        ("src/shop/price.py", "python", ("tests", "tests/shop/price_test.py"), "tests/shop/price_test.py"),
        ("shop/price.py", "python", ("shop/tests", "tests"), "shop/tests/test_price.py"),
        ("tests/test_price.py", "python", (), "tests/test_price.py"),
        ("web/area.ts", "typescript", (), "web/area.test.ts"),
        ("web/area.ts", "typescript", ("web/area.spec.ts",), "web/area.spec.ts"),
        ("web/area.tsx", "typescriptreact", ("web/__tests__",), "web/__tests__/area.test.tsx"),
        ("pkg/area.go", "go", ("tests",), "pkg/area_test.go"),
        ("src/lib.rs", "rust", (), "src/lib.rs"),
        ("src/main/java/a/Shop.java", "java", (), "src/test/java/a/ShopTest.java"),
        ("lib/shop.rb", "ruby", ("spec",), "spec/shop_spec.rb"),
        ("shop.css", "css", (), None),
    ],
)
def test_where_tests_belong(path: str, language: str, there: tuple[str, ...], found: str | None) -> None:
    assert test_file_for(path, language, lambda at: at in there) == found


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("test_a.py", True),
        ("a_test.go", True),
        ("a.test.ts", True),
        ("ATest.java", True),
        ("latest.py", False),
        ("a.py", False),
    ],
)
def test_what_is_a_test_file(path: str, expected: bool) -> None:
    assert is_test_file(path) == expected


test_file_for.__test__ = False  # type: ignore[attr-defined]  # it only sounds like one
