"""How others use what the cursor's line is about to use."""

import pytest

from copilot_ls.context.request import Situation
from copilot_ls.context.usages import usages

FILES = {
    "shop/prices.py": "def discounted(article, percent):\n    return article\n",
    "shop/offers.py": "from shop.prices import discounted\nprice = discounted(\n    shirt, summer)\n",
    "web/tax.py": "from shop.prices import discounted\ntax = discounted(book, 7) * rate\nend = 1\n",
    "web/tax.ts": "const tax = discounted(book, 7)\n",
    "shop/kinds.py": "class Basket:\n    pass\n\ndef fill(basket: Basket): ...\n",
}


def shown(request_at, marked):
    return [(each.path, each.text) for each in usages(Situation(request_at("shop/main.py", marked, FILES)))]


@pytest.mark.parametrize(
    "marked",
    ["x = discounted(█\n", "x = discounted(hat, █)\n", "x = discounted(hat(1),\n    █)\n", "y = len(discounted(█\n"],
)
def test_uses_of_the_function_whose_call_is_open_nearer_files_first(request_at, marked):
    assert shown(request_at, marked) == [
        ("shop/offers.py", "price = discounted(\n    shirt, summer)"),
        ("web/tax.py", "tax = discounted(book, 7) * rate\nend = 1"),
    ]


def test_uses_of_a_type_on_the_line(request_at):
    ((path, text),) = shown(request_at, "def empty(basket: Basket) -> █\n")
    assert (path, text.strip()) == ("shop/kinds.py", "def fill(basket: Basket): ...")


@pytest.mark.parametrize("marked", ["x = discounted(hat, 1)\ny = █\n", "x = unheard_of(█\n", "█\n"])
def test_a_call_that_is_closed_or_unknown_has_no_uses(request_at, marked):
    assert shown(request_at, marked) == []


def test_without_an_index_there_are_none(request_at):
    assert usages(Situation(request_at("a.py", "x = discounted(█\n", with_index=False))) == []
