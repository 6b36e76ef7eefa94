"""What a change leaves alone is not parsed again, and what is known afterwards is what a parse of all finds."""

import random

import pytest

from copilot_ls.index import changed_facts as changed_facts_module
from copilot_ls.index.changed_facts import Known, changed_facts
from copilot_ls.index.facts import file_facts, unpack_references
from copilot_ls.index.filetypes import file_type
from copilot_ls.index.open_file import OpenFile

PYTHON = [
    "import os\nfrom shop.cart import Cart as Basket, order\n",
    "LIMIT = 3\nnames = [\n    Basket(),\n\n    order(1),\n]\n",
    (
        "class Shop(Base, mixins.Named):\n    kind: Kind = None\n\n    def __init__(self, cart: Basket):\n        self.cart = cart\n"
        "        self.total = order(cart)\n\n    def order(self, item):\n        self.cart = item.cart\n        return helper(self, item)\n"
    ),
    "@decorator\n@other.one(3)\ndef decorated(x: Kind) -> Basket:\n    def inner():\n        return x.name\n\n    return inner()\n",
    'TEXT = """\n\ndef not_a_function():\n    pass\n\nclass NoClass: ...\n"""\n',
    "if os.name:\n    def conditional():\n        return order()\n\nelse:\n    conditional = None\n",
    "async def fetch(url, *, limit=LIMIT):\n    async with client.get(url) as answer:\n        return await answer.json()\n",
]
TYPESCRIPT = [
    'import { Cart, order as place } from "./cart";\n',
    (
        "export class Shop extends Base implements Named {\n  private cart: Cart;\n\n  constructor(cart: Cart) {\n    super(cart);\n"
        "    this.cart = cart;\n  }\n\n  place(item: Item): Promise<Cart> {\n    return place(this.cart, item);\n  }\n}\n"
    ),
    "export function helper(item: Item) {\n  const inner = (x: number) => item.get(x);\n\n  return inner(3);\n}\n",
    "const table = {\n  first: place(1),\n\n  second: helper,\n};\n",
    "interface Named {\n  name: string;\n}\n",
]
GO = [
    'package shop\n\nimport (\n\t"fmt"\n\tcart "example.com/cart"\n)\n',
    "type Shop struct {\n\tName string\n\n\tInner *cart.Cart\n}\n",
    'func (s *Shop) Order(item Item) error {\n\tif !item.Valid() {\n\t\treturn fmt.Errorf("no %s", item.Name)\n\t}\n\n\treturn nil\n}\n',
    "func helper(x int) int {\n\treturn order(x).Total\n}\n",
]
JAVA = [
    "package shop;\n\nimport shop.cart.Cart;\n",
    (
        "public class Shop extends Base {\n    private final Cart cart;\n\n    Shop(Cart cart) {\n        this.cart = cart;\n    }\n\n"
        "    Cart order(Item item) {\n        return helper(cart, item);\n    }\n}\n"
    ),
    "interface Named {\n    String name();\n}\n",
]
LANGUAGES = {"a.py": PYTHON, "a.ts": TYPESCRIPT, "a.go": GO, "a.java": JAVA}


def facts_of(path, lines):
    kind = file_type(path)
    return file_facts("\n".join([*lines, ""]), kind.language, kind.family, path)


def changed(path, old, new):
    kind = file_type(path)
    return changed_facts(Known(old, facts_of(path, old)), new, kind.language, kind.family, path)


def said(facts):
    names = {name: sorted(uses.split(" ")) for name, uses in unpack_references(facts.references).items()}
    return facts.definitions, names, sorted(facts.names.split(" ")), facts.imports, facts.bases


def made(rng, blocks, n):
    """A text of blocks by its lines, and the lines where blocks begin. No two classes are called the same."""
    head, *others = blocks
    lines, starts = [], []
    for number, block in enumerate([head, *rng.choices(others, k=n)]):
        starts.append(len(lines))
        lines += (block.replace("Shop", f"Shop{number}") + "\n\n").split("\n")[:-1]
    return lines, starts[1:]


@pytest.mark.parametrize("path", LANGUAGES)
@pytest.mark.parametrize("seed", range(6))
def test_what_is_known_after_a_change_is_what_a_parse_of_all_finds(path, seed):
    rng = random.Random(seed)
    blocks = LANGUAGES[path]
    n_answers = 0
    for _ in range(12):
        old, starts = made(rng, blocks, 30)
        new = list(old)
        kind = rng.randrange(4)
        at = rng.randrange(len(new))
        if kind == 0:  # a line goes twice, which may open something that is never closed
            new.insert(at, new[at])
        elif kind == 1:  # a block comes
            at = rng.choice(starts)
            new[at:at] = (rng.choice(blocks) + "\n").split("\n")
        elif kind == 2:  # a name changes
            new[at] = new[at].replace("order", "reorder")
        else:  # blank lines come or go
            new[at:at] = ["", ""]
        found = changed(path, old, new)
        whole = facts_of(path, new)
        if found is not None and kind != 0:
            n_answers += 1
            assert said(found) == said(whole)
    assert n_answers or path == "a.java"


def test_only_the_declarations_around_a_change_are_parsed(monkeypatch):
    old, _ = made(random.Random(3), PYTHON, 60)
    at = max(number for number in range(200) if old[number].startswith("async def"))
    new = [*old[: at + 1], "    new_call(url)", *old[at + 1 :]]
    sizes = []
    known = facts_of("a.py", old)
    monkeypatch.setattr(
        changed_facts_module,
        "file_facts",
        lambda text, *rest: sizes.append(text.count("\n")) or file_facts(text, *rest),
    )
    found = changed_facts(Known(old, known), new, "python", "python", "a.py")
    assert said(found) == said(facts_of("a.py", new))
    assert len(sizes) == 2
    assert max(sizes) < len(old) / 4


def test_a_piece_that_does_not_stand_for_itself_is_not_taken():
    """PHP is markup until `<?php`, so that no piece of it is anything."""
    old = ["<?php", *["", "function order($x) {", "    return helper($x);", "}"] * 40]
    new = [*old[:100], "", "function fresh() {", "}", "", *old[100:]]
    assert facts_of("a.php", old).definitions
    assert changed("a.php", old, new) is None


def test_texts_without_a_grammar_are_taken_as_a_whole():
    assert changed("a.scala", ["def f(x) = 1", ""] * 50, ["def f(x) = 1", ""] * 51) is None


def test_a_long_open_file_is_found_as_it_is_through_several_changes(indexed):
    rng = random.Random(9)
    lines, starts = made(rng, PYTHON, 200)
    index = indexed({"a.py": "\n".join(lines) + "\n", "b.py": "".join(f"{block}\n\n" for block in PYTHON)})
    other = indexed({})
    for version in range(8):
        at = rng.choice(starts)
        starts = [start if start < at else start + 6 for start in starts]
        lines[at:at] = ["", "", f"def fresh_{version}():", f"    return helper_{version}(1).name", "", ""]
        text = "\n".join(lines) + "\n"
        index.overlay([OpenFile("a.py", version, lambda text=text: text)])
        assert [hit.line for hit in index.definitions([f"fresh_{version}"])[f"fresh_{version}"]] == [at + 2]
        assert [hit.scope for hit in index.callers(f"helper_{version}")] == [f"fresh_{version}"]
        assert [hit.line for hit in index.file_definitions("a.py", limit=9_999)] == [
            each.line for each in sorted(facts_of("a.py", lines).definitions, key=lambda each: each.line)
        ]
    assert other.files() != []
