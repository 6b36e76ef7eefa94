"""Each file under cases/ is a workspace with a place, and what is said of it without a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import marked
from tests.explaining.conftest import Explained

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.rglob("*.txt"))


async def check(path: Path, request: pytest.FixtureRequest, explained: Explained) -> None:
    case = marked.load(path)
    assert case.reason, "a case says first what it is for"
    name = next(name for name, text in case.files.items() if marked.CURSOR in text)
    others = {each: text + "\n" for each, text in case.files.items() if each != name}
    said = case.sections.get("@diagnostic")
    source, _, rest = (said or "").partition(" ")
    code, _, message = rest.partition(" ")
    diagnostic = (source, code, message) if said else None
    found = await explained.at(name, case.files[name] + "\n", others, diagnostic=diagnostic)
    actual = marked.Case(case.reason, {**case.sections, "@explanation": found.markdown.rstrip("\n")})
    if request.config.getoption("--update-goldens"):
        path.write_text(actual.render(), encoding="utf-8")
    assert actual.render() == case.render()
    assert all(f"`{source}`" in found.markdown for source in found.sources)


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
async def test_case(path: Path, request: pytest.FixtureRequest, explained: Explained) -> None:
    """What is said, and where it comes from, is as the file says."""
    await check(path, request, explained)
