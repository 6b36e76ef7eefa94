"""A long file keeps what the cursor is in and what its code imports, and says where lines are left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.prompt.assemble import assemble
from copilot_ls.prompt.heads import NOTHING, heads_above
from copilot_ls.prompt.tokens import estimate
from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot

LONG = """\
import os
import json as codec
from pathlib import (
    Path,
    PurePath,
)

X = 1


class Shop:
    rate = 2

    def total(
        self,
        items,
    ):
        a = 1
        b = 2
        path = Path(a)
        return codec.dumps(b)
"""


def heads(text: str, first: int, scopes: list[tuple[int, int]], *, budget: int = 200, comment: str = "#") -> str:
    snapshot = TextSnapshot.of(text)
    return heads_above(snapshot, (first, snapshot.n_lines), scopes, budget=budget, comment=comment).text


def test_heads_of_scopes_and_used_imports_stand_with_marks_between():
    assert heads(LONG, 19, [(10, 11), (13, 17)]) == (
        "# ... 1 lines left out\n"
        "import json as codec\n"
        "from pathlib import (\n    Path,\n    PurePath,\n)\n"
        "# ... 4 lines left out\n"
        "class Shop:\n"
        "    # ... 2 lines left out\n"
        "    def total(\n        self,\n        items,\n    ):\n"
        "        # ... 2 lines left out\n"
    )


def test_the_inner_scope_comes_before_the_outer_one_and_imports_when_the_budget_is_small():
    shown = heads(LONG, 19, [(10, 11), (13, 17)], budget=40)
    assert "def total(" in shown
    assert "import" not in shown


def test_a_name_on_the_cursors_own_line_changes_nothing():
    """What is put before the window would otherwise change while a name is typed."""
    text = LONG + "        os.pa"
    assert "import os\n" not in heads(text, 19, [])


def test_nothing_above_is_no_head():
    snapshot = TextSnapshot.of(LONG)
    assert heads_above(snapshot, (0, 21), [(10, 11)], budget=100, comment="#") == NOTHING
    assert heads_above(snapshot, (7, 9), [], budget=100, comment="#") == NOTHING


@pytest.mark.parametrize(
    ("statement", "use"),
    [
        ('import { fetchAll } from "./net";\n', "fetchAll(1);\n"),
        ('const { join } = require("path");\n', "join(a, b);\n"),
        ("import java.util.List;\n", "List<String> all;\n"),
        ('import (\n\t"fmt"\n\t"os"\n)\n', 'fmt.Println("a")\n'),
        ("use std::collections::HashMap;\n", "let a = HashMap::new();\n"),
        ("#include <vector>\n", "std::vector<int> a;\n"),
    ],
)
def test_imports_of_many_languages_are_known(statement, use):
    text = statement + "\n" * 30 + use + "\n"
    first = statement.count("\n") + 25
    assert heads(text, first, [], comment="//").startswith(statement)
    assert heads(text.replace(use, "nothing();\n"), first, [], comment="//") == ""


@given(
    st.lists(st.sampled_from(["import a", "from b import (", ")", "class C:", "x = a + b", "", "\tf(("]), max_size=40),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 4)), max_size=4),
    st.integers(0, 40),
    st.integers(0, 60),
)
def test_the_budget_holds_and_every_line_is_the_files_or_a_mark(lines, scopes, first, budget):
    snapshot = TextSnapshot.of("\n".join(lines))
    first = min(first, snapshot.n_lines - 1)
    found = heads_above(
        snapshot,
        (first, snapshot.n_lines),
        [(start, start + n) for start, n in scopes if start < snapshot.n_lines],
        budget=budget,
        comment="#",
    )
    assert found.tokens == estimate(found.text) <= budget
    assert all(0 <= start < end <= first for start, end in found.ranges)
    shown = [line for line in found.text.splitlines() if not line.lstrip().startswith("# ...")]
    assert {*shown} <= {*lines, ""}


def test_a_long_file_keeps_its_heads_within_the_budget_of_the_prefix():
    body = "".join(f"        value_{line} = Path(self.rate) + {line}\n" for line in range(400))
    text = "from pathlib import Path\n\n\nclass Shop:\n    rate = 1\n\n    def total(self):\n" + body
    document = DocumentSnapshot("file:///a.py", "/a.py", "python", 1, TextSnapshot.of(text))
    prompt = assemble(document, Point(300, 8), budget_tokens=1000, path="a.py", comment="#", scopes=[(3, 4), (6, 7)])
    assert prompt.prefix.startswith("from pathlib import Path\n\nclass Shop:\n    # ... 2 lines left out\n")
    assert "    def total(self):\n        # ... " in prompt.prefix
    assert prompt.prefix.endswith(f"{300 - 8}\n        ")
    assert prompt.tokens <= 1000
    assert [part.what for part in prompt.parts] == ["head", "prefix", "suffix"]
