"""Each file under cases/ is a task, what models say to it, and what must come of it; `scene` says how they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import marked
from tests.fixing.opened import opened_files
from tests.fixing.scene import described, play, result_of

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.rglob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(CASES).with_suffix("")) for path in FILES])
async def test_case(path: Path, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """The verdict, the counts and the document afterwards are as the file says, and the disk as it was."""
    case = marked.load(path)
    assert case.reason, "a case says first what it is for"
    root = tmp_path / "workspace"
    root.mkdir()
    with opened_files() as opened:
        outcome, scene = await play(case, root)
    given = {name: text for name, text in case.sections.items() if name not in {"@outcome", "@result"}}
    result = {"@result": result_of(outcome).removesuffix("\n")} if outcome.replacements else {}
    actual = marked.Case(case.reason, given | {"@outcome": described(outcome)} | result)
    for name, text in case.sections.items():
        if name.startswith("@told."):
            _, model, number = name.split(".")
            (asked,) = [each.asked for each in scene.models if each.name == model]
            assert text in asked[int(number) - 1].messages[-1].content
    # The case's own files were written by `play`, and read by nobody who may not.
    assert not opened.outside(root)
    assert opened.written(root) == {name for name, text in case.files.items() if not text.startswith("!link ")}
    for name, text in case.files.items():
        if text.startswith("!link "):
            continue
        assert (root / name).read_text("utf-8") == text.replace(marked.CURSOR, "")
    # What stands in files that no model may read is marked so.
    assert "hunter2" not in repr([model.asked for model in scene.models])
    assert "root:" not in repr([model.asked for model in scene.models])
    assert not any(model.n_live for model in scene.models)
    if request.config.getoption("--update-goldens", default=False):
        path.write_text(actual.render(), encoding="utf-8")
    assert actual.render() == path.read_text(encoding="utf-8")
