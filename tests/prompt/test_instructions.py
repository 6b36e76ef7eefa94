"""What is asked to be explained or mended is shown whole, within the budget, with its surroundings and reports."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.context.snippet import ContextSnippet
from copilot_ls.prompt.instructions import Passage, explain, fix, mended
from copilot_ls.prompt.tokens import estimate

PASSAGE = Passage(
    "shop/price.py",
    "python",
    "def price(article):\n    return article.prise\n",
    before="import os\n\n",
    after="\nprint(price(1))\n",
    reports=['2: error: "Article" has no attribute "prise"'],
)
LIB = ContextSnippet("shop/article.py", 0, 2, "class Article:\n    price = 1\n", "definitions", 9.0, 8)


def asked(passage: Passage = PASSAGE, budget: int = 2000) -> str:
    system, user = fix(passage, [LIB], budget_tokens=budget)
    assert (system["role"], user["role"]) == ("system", "user")
    return user["content"]


def test_stable_parts_come_first_and_the_question_last():
    content = asked()
    order = ["Related code from shop/article.py:", "before the passage:", "after the passage:", ", the passage:"]
    places = [content.index(part) for part in [*order, "Reported about it:", "Mend the passage."]]
    assert places == sorted(places)
    assert "```python\ndef price(article):\n    return article.prise\n```" in content
    assert 'has no attribute "prise"' in content


def test_a_small_budget_keeps_the_passage_and_the_reports():
    content = asked(budget=220)
    assert "article.prise" in content
    assert "Reported about it" in content
    assert "Related code" not in content


def test_a_question_takes_the_place_of_the_usual_one():
    question = "Why is this slow?"
    assert explain(PASSAGE, budget_tokens=999, question=question)[1]["content"].endswith(question)
    assert explain(PASSAGE, budget_tokens=999)[1]["content"].endswith("Explain the passage.")


def test_a_passage_that_is_too_long_keeps_its_ends():
    code = "".join(f"line_{number} = {number}\n" for number in range(500))
    content = asked(Passage("a.py", "python", code), budget=600)
    assert "line_0 = 0\n" in content
    assert "line_499 = 499\n" in content
    assert "lines left out]" in content


def test_no_code_closes_its_fence():
    content = asked(Passage("a.md", "markdown", "```\nx\n```\n"))
    assert "````markdown\n```\nx\n```\n````" in content


@given(st.text("ab (\n`", max_size=300), st.text("ab\n", max_size=300), st.integers(400, 1200))
def test_the_budget_holds(code, around, budget):
    passage = Passage("a.py", "python", code, around, around, [around[:20]] * 3)
    messages = explain(passage, [LIB] * 9, budget_tokens=budget)
    assert sum(estimate(message["content"]) for message in messages) <= budget


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("```python\nx = 1\n```\nIt was wrong.", "x = 1\n"),
        ("Here:\n````\n```\nx\n```\n````", "```\nx\n```\n"),
        ("<think>```\nno\n```</think>\n```py\nyes\n```", "yes\n"),
        ("```\n```", ""),
        ("Nothing is wrong.", None),
        ("```python\nunfinished", None),
    ],
)
def test_the_mended_code_is_the_first_whole_block(answer, code):
    assert mended(answer) == code
