"""The syntax check, with real grammars, leaves alone what the filters have made right."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot_ls.postprocess import replaced_suffix, run
from copilot_ls.syntax import SyntaxDocument, parses_no_worse
from copilot_ls.text import Point, TextBuffer
from tests import marked
from tests.postprocess.test_cases import CASES, FILES, situation_of


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(CASES).with_suffix("")) for path in FILES])
def test_the_syntax_check_keeps_the_suggestion(path: Path):
    """Judged with what it replaces, the suggestion of each case parses no worse, and passes whole."""
    case = marked.load(path)
    situation = situation_of(case)
    name, prefix, suffix = case.file_with_cursor()
    tree = SyntaxDocument(situation.language_id, name).tree_at(TextBuffer(prefix + suffix).snapshot())
    cursor = Point(prefix.count("\n"), len(situation.current_line_prefix))

    def judge(text: str) -> bool:
        n_replaced = replaced_suffix(text, situation)
        return parses_no_worse(tree, cursor, text, Point(cursor.line, cursor.column + n_replaced))

    expected = case.sections["@suggestion"] or None
    assert run(case.sections["@generation"], situation, parses_no_worse=judge).text == expected
