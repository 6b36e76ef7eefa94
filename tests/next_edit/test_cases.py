"""Next edits as text: a file, what was made of it, and the edits that are proposed one after the other, each accepted.

A file's section is how it read, `@made/FILE` what the user has made of it. `@next` is written by the runner: for each edit
its kind and line, and the lines as they were and are; the last line says whether there was silence in the end. Edits that
are proposed with any chance at all are in `@possible`, where a case wants to see a kind that would not be shown.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot_ls.edits import applied
from copilot_ls.features.next_edit.proposing import candidates_of
from tests import marked
from tests.next_edit.session import Session, path_of

CASES = sorted((Path(__file__).parent / "cases").glob("*.txt"))
_MOST = 6


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, pytestconfig: pytest.Config) -> None:
    check(path, update=pytestconfig.getoption("--update-goldens"))


def check(path: Path, *, update: bool) -> None:
    case = marked.load(path)
    session = Session(case.files)
    for name, text in case.sections.items():
        if name.startswith("@made/"):
            session.become(name.removeprefix("@made/"), text)
    told: dict[str, str] = {}
    if "@possible" in case.sections:
        found = candidates_of(session.scene())
        told["@possible"] = "\n".join(
            line
            for each in found
            for line in (f"{each.kind} {path_of(each.page.uri)}:{each.first + 1}", *plus(each.new))
        )
    if "@next" in case.sections:
        told["@next"] = "\n".join(chain(session))
    assert told, f"{path.name} expects nothing"
    if update:
        case.sections.update(told)
        path.write_text(case.render(), encoding="utf-8")
    for name, text in told.items():
        assert text == case.sections[name]


def chain(session: Session) -> list[str]:
    lines: list[str] = []
    for _ in range(_MOST):
        edit = session.next_edit()
        if edit is None:
            return [*lines, "silence"]
        path, span = path_of(edit.document.uri), edit.replacement.span
        before = session.text(path).split("\n")
        session.make(path, [edit.replacement])
        after = session.text(path).split("\n")
        assert after == applied(edit.document.text, [edit.replacement]).text.split("\n")
        lines.append(f"{edit.model} {path}:{span.start.line + 1}")
        n_tail = next((n for n, (a, b) in enumerate(zip(before[::-1], after[::-1], strict=False)) if a != b), 0)
        n_head = min(
            next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before)),
            min(len(before), len(after)) - n_tail,
        )
        lines += [f"- {line}" for line in before[n_head : len(before) - n_tail]]
        lines += plus(after[n_head : len(after) - n_tail])
    return [*lines, "and so on"]


def plus(lines: object) -> list[str]:
    return [f"+ {line}" for line in lines]  # type: ignore[attr-defined]
