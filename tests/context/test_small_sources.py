"""Diagnostics near the cursor, files looked at lately, counterparts, and the project's style."""

from dataclasses import replace

import pytest

from copilot_ls.context.conventions import conventions
from copilot_ls.context.diagnostics import diagnostics
from copilot_ls.context.gather import gather
from copilot_ls.context.request import Situation
from copilot_ls.context.siblings import siblings
from copilot_ls.context.viewed_files import viewed_files
from copilot_ls.diagnostic import Diagnostic
from copilot_ls.text import Point, Span

PRICES = "def discounted_price(article, percent):\n    return article.price * (100 - percent) / 100\n"
MARKED = "def invoice(article):\n    total = discounted_price(article, █\n"


def reported(line, message, severity="error", source="Pyright", code="reportCallIssue"):
    return Diagnostic(Span(Point(line, 0), Point(line, 4)), message, source, code, severity)


def shown(candidates):
    return ["\n".join(each.lines) for each in candidates]


# --- diagnostics


def test_what_is_reported_near_the_cursor_is_told_in_order_of_lines(request_at):
    request = request_at("a.py", "x\n" * 40 + "█\n", with_index=False)
    found = [
        reported(41, "Argument missing for\n  parameter 'percent'"),
        reported(38, "Unused import", "warning", "Ruff", "F401"),
        reported(40, "could be nicer", "hint"),
        reported(2, "far away"),
    ]
    (text,) = shown(diagnostics(Situation(replace(request, diagnostics=found))))
    assert text.split("\n") == [
        "line 39: warning: Unused import (Ruff F401)",
        "line 42: error: Argument missing for parameter 'percent' (Pyright reportCallIssue)",
    ]


def test_a_linter_that_shouts_is_cut_short(request_at):
    request = request_at("a.py", "x\n" * 9 + "█\n", with_index=False)
    found = [reported(line, f"{line} " + "words " * 1_000) for line in range(10)]
    (text,) = shown(diagnostics(Situation(replace(request, diagnostics=found))))
    assert text.count("\n") == 5
    assert max(map(len, text.split("\n"))) < 300
    assert "line 10:" in text


def test_diagnostics_are_a_part_of_what_is_gathered(request_at):
    request = request_at("shop/invoice.py", MARKED, with_index=False)
    request = replace(request, diagnostics=[reported(1, "Argument missing for parameter 'percent'")])
    (snippet,) = gather(request, deadline_ms=5_000, budget_tokens=1_000).snippets
    assert (snippet.label, snippet.source) == ("shop/invoice.py.problems", "diagnostics")
    assert "percent" in snippet.text


# --- viewed files


def test_files_that_were_looked_at_and_closed_are_shown_where_they_are_alike(request_at):
    request = request_at("shop/invoice.py", MARKED, {"shop/prices.py": PRICES, "shop/far.py": "unlike = 1\n"})
    places = [str(request.root / "shop/far.py"), str(request.root / "shop/prices.py"), "/elsewhere/shop/prices.py"]
    (found,) = viewed_files(Situation(replace(request, viewed_paths=places)))
    assert (found.path, found.source) == ("shop/prices.py", "viewed_files")
    assert "discounted_price" in "\n".join(found.lines)


def test_files_that_are_open_are_left_to_the_open_ones(request_at):
    request = request_at("shop/invoice.py", MARKED, {"shop/prices.py": PRICES}, {"shop/prices.py": PRICES})
    request = replace(request, viewed_paths=[str(request.root / "shop/prices.py")])
    assert viewed_files(Situation(request)) == []


# --- counterparts


@pytest.mark.parametrize(
    ("opened", "counterpart"),
    [
        ("tests/test_cart.py", "shop/cart.py"),
        ("shop/cart.py", "tests/test_cart.py"),
        ("shop/cart_test.py", "shop/cart.py"),
        ("src/cart.test.ts", "src/cart.ts"),
        ("src/cart.ts", "src/cart.spec.ts"),
        ("src/test/CartTest.java", "src/main/Cart.java"),
        ("cart_test.go", "cart.go"),
    ],
)
def test_tests_and_what_they_test_are_counterparts(request_at, opened, counterpart):
    declaring = {
        "py": "def total(self): pass\n",
        "ts": "export function total() {}\n",
        "java": "class Total {\n}\n",
        "go": "package a\n\nfunc Total() int {\n\treturn 1\n}\n",
    }[counterpart.rpartition(".")[2]]
    request = request_at(opened, "█\n", {counterpart: declaring, counterpart.replace("art", "rate", 1): declaring})
    (found,) = siblings(Situation(request))
    assert found.path == counterpart
    assert "total" in "\n".join(found.lines).lower()


def test_files_with_other_names_are_no_counterparts(request_at):
    request = request_at("shop/cart.py", "█\n", {"shop/carts.py": PRICES, "test_card.py": PRICES, "web/cart.ts": "a\n"})
    assert siblings(Situation(request)) == []


def test_a_test_is_shown_what_the_tested_module_declares(request_at):
    files = {"shop/cart.py": "class Basket:\n    def add_article(self, article):\n        pass\n"}
    request = request_at("tests/test_cart.py", "from shop import cart\n\n\ndef test_adding():\n    █\n", files)
    found = gather(request, deadline_ms=5_000, budget_tokens=200)
    assert "def add_article(self, article):" in "\n".join(each.text for each in found.snippets)


# --- conventions


def test_a_new_file_is_told_how_the_files_beside_it_are_written(request_at):
    files = {f"web/{n}.ts": "function a() {\n\tb('x')\n\tc('y')\n\tif (d) {\n\t\te('z')\n\t}\n}\n" for n in "mn"}
    assert shown(conventions(Situation(request_at("web/new.ts", "█\n", files)))) == [
        "indented with tabs, text in single quotes"
    ]
    files = {"shop/a.py": 'def a():\n  b("x")\n  c("y")\n  if d:\n    e("z")\n'}
    assert shown(conventions(Situation(request_at("shop/new.py", "█\n", files)))) == [
        "indented with 2 spaces, text in double quotes"
    ]


def test_a_file_that_shows_its_style_is_told_nothing(request_at):
    files = {"shop/a.py": 'def a():\n  b("x")\n  c("y")\n  if d:\n    e("z")\n'}
    own = "def a():\n    b('x')\n    c('y')\n    d('z')\n█\n"
    assert conventions(Situation(request_at("shop/new.py", own, files))) == []


def test_without_files_beside_it_there_is_nothing_to_tell(request_at):
    assert conventions(Situation(request_at("shop/new.py", "█\n", {"shop/short.py": "x = 1\n"}))) == []
