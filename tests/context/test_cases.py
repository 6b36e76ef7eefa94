"""Each file under cases/ is a workspace with a cursor and a budget, and the snippets that are to be shown there."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot_ls.context.gather import gather
from copilot_ls.prompt.tokens import estimate
from tests import marked

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.rglob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(CASES).with_suffix("")) for path in FILES])
def test_case(path, request, request_at):
    """Path, lines and text of each snippet are as the file says, and fit the budget."""
    case = marked.load(path)
    assert case.reason, "a case says first what it is for"
    name, prefix, suffix = case.file_with_cursor()
    others = {each: text for each, text in case.files.items() if each != name}
    budget = int(case.sections["@budget"])
    found = gather(
        request_at(name, f"{prefix}{marked.CURSOR}{suffix}\n", others),
        deadline_ms=5_000,
        budget_tokens=budget,
        estimate_tokens=estimate,
    )
    assert sum(snippet.tokens for snippet in found.snippets) <= budget
    shown = "\n".join(
        f"=== {snippet.path}:{snippet.start_line + 1}-{snippet.end_line}\n{snippet.text}" for snippet in found.snippets
    )
    actual = marked.Case(case.reason, {**case.sections, "@context": shown})
    if request.config.getoption("--update-goldens"):
        path.write_text(actual.render(), encoding="utf-8")
    assert actual.render() == case.render()
