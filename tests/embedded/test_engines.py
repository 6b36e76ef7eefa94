"""Every file in `engines/` is a cursor and what one engine finds there, before anything is weighed.

The format is that of `cases/`: `! engine: name` says which engine is asked. `=== finds` lists texts that are among what
it finds, one a line, in any order; `=== first` what it finds at the highest level; `=== not` texts that are not found;
`=== nothing` that there is nothing. After `--- path (edited)` stands how an open file read before it was edited.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from copilot_ls.backends.embedded import (
    alignment,
    closers,
    copying,
    declared,
    edits,
    imports,
    indexed,
    members,
    renaming,
    signatures,
    streams,
)
from copilot_ls.backends.embedded.evidence import Cleaner, Found
from copilot_ls.backends.embedded.situation import Situation
from copilot_ls.backends.embedded.workspace import PatientIndex
from copilot_ls.context.recent_edits import RecentEdit
from tests.embedded.conftest import CURSOR, Scene, scene

CASES = sorted(Path(__file__).with_name("engines").glob("*.txt"))


def read(case: Path) -> tuple[Scene, dict[str, str], str, list[tuple[str, list[str]]]]:
    """The scene, how edited files read before, the engine, and what is expected."""
    given, *expected = re.split(r"^=== (.+)\n", case.read_text(encoding="utf-8"), flags=re.MULTILINE)
    preamble, *parts = re.split(r"^--- (.+)\n", given, flags=re.MULTILINE)
    engine = re.findall(r"^! engine: (\w+)$", preamble, flags=re.MULTILINE)[0]
    own, others, before, workspace = None, {}, {}, {}
    for path, content in zip(parts[::2], parts[1::2], strict=True):
        if CURSOR in content:
            own = path, content.removesuffix("\n")
        elif path.endswith(" (open)"):
            others[path.removesuffix(" (open)")] = content
        elif path.endswith(" (edited)"):
            before[path.removesuffix(" (edited)")] = content
        else:
            workspace[path] = content
    assert own is not None, f"{case.name} has no {CURSOR}"
    wanted = [
        (kind, content.rstrip("\n").split("\n")) for kind, content in zip(expected[::2], expected[1::2], strict=True)
    ]
    return scene(own[1], own[0], others, workspace), before, engine, wanted


def found_by(engine: str, here: Scene, before: dict[str, str]) -> list[Found]:
    situation = Situation.at(here.document, here.cursor, here.document.path)
    where = streams.around(here.document, situation.line, here.others, streams.Chunks())
    index = PatientIndex(here.index)
    declarations = declared.Declarations(situation, here.others, index)
    documents = {one.uri: one for one in (here.document, *here.others)}
    recent = [
        RecentEdit(one.uri, 0, one.text.n_lines, 0.0, tuple(before[one.path].splitlines(keepends=True)))
        for one in documents.values()
        if one.path in before
    ]
    return {
        "alignment": lambda: alignment.places(situation, where),
        "closers": lambda: closers.places(situation),
        "copying": lambda: copying.places(situation, here.others),
        "edits": lambda: edits.places(situation, recent, documents),
        "imports": lambda: imports.places(situation, declarations, index),
        "indexed": lambda: indexed.places(situation, index),
        "members": lambda: members.places(situation, declarations),
        "renaming": lambda: renaming.places(situation, where),
        "signatures": lambda: signatures.places(situation, declarations),
    }[engine]()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_an_engine_finds_what_its_case_says(case):
    here, before, engine, wanted = read(case)
    found = found_by(engine, here, before)
    cleaner = Cleaner(Situation.at(here.document, here.cursor))
    best: dict[str, int] = {}
    for one in found:
        if text := cleaner.cleaned(one.text):
            best[text] = max(best.get(text, 0), one.level)
    assert wanted
    for kind, texts in wanted:
        if kind == "finds":
            assert set(texts) <= set(best), sorted(best)
        elif kind == "first":
            assert texts == [text for text, level in best.items() if level == max(best.values())]
        elif kind == "not":
            assert not set(texts) & set(best)
        elif kind == "nothing":
            assert best == {}
        else:
            pytest.fail(f"{case.name}: unknown expectation {kind!r}")


def test_a_class_is_found_however_far_above_it_begins():
    methods = "".join(f"    def method_{number}(self):\n        return {number}\n\n" for number in range(600))
    here = scene(
        f"class Far:\n    def near(self):\n        pass\n\n{methods}    def last(self):\n        return self.█"
    )
    assert "method_7(" in {one.text for one in found_by("members", here, {})}
