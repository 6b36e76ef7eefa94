"""Each file under cases/ is a text with a report, the titles of what is proposed, and the text after the best of it.

Two marks are around what is reported. More files make a workspace, with its index; without, there is none.
`pytest tests/fixers --update-goldens` writes what is proposed now.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot_ls.edits import applied, touched_lines
from copilot_ls.fixers.propose import propose
from copilot_ls.syntax.faults import Trials
from tests import marked
from tests.fixers.conftest import MARK, problem_of

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.rglob("*.txt"))
GOLDEN = ("@proposals", "@fixed", "@none")
_SHOWN = 3


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(CASES).with_suffix("")) for path in FILES])
def test_case(path, request, indexed) -> None:
    """What is proposed, in order, and the text after the first proposal."""
    case = marked.load(path)
    assert case.reason, "a case says first what it is for"
    (name,) = [each for each, text in case.files.items() if MARK in text or len(case.files) == 1]
    others = {each: text + "\n" for each, text in case.files.items() if each != name}
    text = case.sections[name] + "\n"
    root, index = indexed({**others, name: text.replace(MARK, "")}) if others else (None, None)
    reports = case.sections.get("@report", "").split("\n")
    actual = check(problem_of(name, text, reports[0], reports[1:], root, index))
    given = {each: section for each, section in case.sections.items() if each not in GOLDEN}
    expected = marked.Case(case.reason, {**given, **actual})
    if request.config.getoption("--update-goldens", default=False):
        path.write_text(expected.render(), encoding="utf-8")
    assert expected.render() == case.render()


def check(problem):
    """Proposals as golden sections; each keeps the promises of all: no parse is made worse, no other line is touched."""
    found = propose(problem)
    again = propose(problem)
    assert found == again, "proposals are the same for the same problem"
    if not found.found:
        assert found.why_none
        return {"@none": found.why_none}
    trials = Trials(problem.tree)
    before = problem.document.text
    for each in found.found:
        score = trials.score_after(each.replacements)
        assert score is None or score <= trials.score
        assert 0 <= each.certainty <= 1
        assert each.why.endswith(".")
        assert not each.title.endswith(".")
        after = applied(before, each.replacements)
        touched = touched_lines(each.replacements)
        kept = [before.line(line) for line in range(before.n_lines) if line not in touched]
        assert [line for line in after.lines(0, after.n_lines) if line in set(kept)][: len(kept)]
    best = applied(before, found.found[0].replacements).text.removesuffix("\n")
    titles = "\n".join(f"{each.rule}: {each.title}" for each in found.found[:_SHOWN])
    return {"@proposals": titles, "@fixed": best}
