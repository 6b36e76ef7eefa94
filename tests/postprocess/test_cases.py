"""Each file under cases/ is a generation at a cursor, and what must be left of it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from copilot_ls.postprocess import Situation, replaced_suffix, run, stop_early
from tests import marked

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.rglob("*.txt"))

LANGUAGES = {
    ".py": ("python", "    "),
    ".js": ("javascript", "  "),
    ".jsx": ("javascriptreact", "  "),
    ".ts": ("typescript", "  "),
    ".tsx": ("typescriptreact", "  "),
    ".go": ("go", "\t"),
    ".java": ("java", "    "),
    ".rs": ("rust", "    "),
    ".c": ("c", "    "),
    ".rb": ("ruby", "  "),
    ".sh": ("shellscript", "  "),
    ".md": ("markdown", "  "),
    ".html": ("html", "  "),
}


def situation_of(case: marked.Case) -> Situation:
    name, prefix, suffix = case.file_with_cursor()
    language_id, indent_unit = LANGUAGES[Path(name).suffix]
    facts = {"multiline": True, "max_lines": 16, "indent_unit": indent_unit}
    facts |= tomllib.loads(case.sections.get("case.toml", ""))
    facts["stop"] = tuple(facts.get("stop", ()))
    return Situation(prefix=prefix, suffix=suffix, language_id=language_id, **facts)


def outcome_sections(case: marked.Case) -> dict[str, str]:
    situation = situation_of(case)
    outcome = run(case.sections["@generation"], situation)
    sections = {"@suggestion": outcome.text or ""}
    if outcome.cut_by:
        sections["@cut_by"] = "\n".join(outcome.cut_by)
    if outcome.replaced_suffix:
        sections["@replaces"] = situation.suffix[: outcome.replaced_suffix]
    return sections


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(CASES).with_suffix("")) for path in FILES])
def test_case(path: Path, request):
    """The suggestion, who cut it and what it replaces are as the file says."""
    case = marked.load(path)
    given = {name: text for name, text in case.sections.items() if not name.startswith("@") or name == "@generation"}
    actual = marked.Case(case.reason, given | outcome_sections(case))
    assert case.reason, "a case says first what it is for"
    if request.config.getoption("--update-goldens"):
        path.write_text(actual.render(), encoding="utf-8")
    assert actual.render() == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(CASES).with_suffix("")) for path in FILES])
def test_case_streamed(path: Path):
    """Wherever the stream is cut into chunks, closing it early gives the suggestion of the whole generation."""
    case = marked.load(path)
    situation = situation_of(case)
    generation = case.sections["@generation"]
    whole = run(generation, situation)
    for end in range(len(generation) + 1):
        if stop_early(generation[:end], situation) is not None:
            early = run(generation[:end], situation)
            assert (early.text, early.replaced_suffix) == (whole.text, whole.replaced_suffix), generation[:end]
    if whole.text is not None:
        assert replaced_suffix(whole.text, situation) == whole.replaced_suffix


def test_there_are_cases_enough():
    """The cases cover the filters and the main languages."""
    suffixes = {Path(marked.load(path).file_with_cursor()[0]).suffix for path in FILES}
    assert len(FILES) >= 50
    assert suffixes >= {".py", ".js", ".ts", ".tsx", ".go", ".java", ".rs", ".c"}
