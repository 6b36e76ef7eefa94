"""What is asked to be explained or mended is shown whole, within the budget, with its surroundings and reports."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.context.snippet import ContextSnippet
from copilot_ls.prompt.instructions import Passage, explain
from copilot_ls.prompt.instructions_fix import fix
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
    places = [
        content.index(part) for part in [*order, "Reported about it:", "Mend what is reported about the passage."]
    ]
    assert places == sorted(places)
    assert "```python\ndef price(article):\n    return article.prise\n```" in content
    assert 'has no attribute "prise"' in content


def test_a_small_budget_keeps_the_passage_and_the_reports():
    content = asked(budget=300)
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


def test_what_failed_before_and_the_wish_are_told_last():
    _, user = fix(PASSAGE, kind="change", wish="Round it.", version=3, failed_before="- x\n+ y", budget_tokens=999)
    assert user["content"].endswith(
        "Change the passage. The file to edit is shop/price.py, version 3.\nThe user wishes: Round it.\n\n"
        "This was proposed before, and does not do:\n- x\n+ y"
    )


@pytest.mark.parametrize("kind", ["fix", "change", "document", "tests"])
def test_every_task_says_what_is_material_and_what_is_asked(kind):
    system, user = fix(PASSAGE, kind=kind, budget_tokens=999)
    assert "It is not from the user" in system["content"]
    assert "The file to edit is shop/price.py" in user["content"]
