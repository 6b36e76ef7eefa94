"""Typing a commit: it ends in the commit's text, whatever is suggested, and each key is counted."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.config.settings import BackendSettings, Settings
from copilot_ls.evaluation.changes import Change, Hunk
from copilot_ls.evaluation.edit_order import files_in_order, hunks_in_order
from copilot_ls.evaluation.pipeline import EvaluatedPipeline, TypingClock, patient
from copilot_ls.evaluation.session import LimitReachedError, Session, portion
from copilot_ls.evaluation.tally import Tally
from copilot_ls.evaluation.typist import Typist
from tests.evaluation.repositories import MODULE, WITH_MERGE, WITH_RESET


def typed(
    tmp_path: Path, changes: list[Change], answers: list[dict], *, n_lines: int = 1_000, may_go_on=lambda: True
) -> tuple[list[Tally], dict[str, str]]:
    """Type a commit with a model that says these answers; what was counted, and the texts that came of it."""

    async def work() -> tuple[list[Tally], dict[str, str]]:
        configured = Settings(backend={"model": BackendSettings(kind="scripted", options={"answers": answers})})
        clock = TypingClock()
        pipeline = EvaluatedPipeline(tmp_path, patient(configured), backend="model", index=None, now=clock)
        pipeline.start()
        await pipeline.ready()
        session = Session(pipeline, clock, Typist(), portion(changes, n_lines, Random(1)), may_go_on)
        try:
            tallies = await session.type_commit(changes)
        except LimitReachedError:
            tallies = session.tallies
        texts = {}
        for change in changes:
            document = pipeline.documents.get(f"file://{tmp_path}/{change.path}")
            if document is not None:
                texts[change.path] = document.buffer.snapshot().text
        await pipeline.aclose()
        return tallies, texts

    return asyncio.run(work())


def of(old: str | None, new: str) -> Change:
    return Change(None if old is None else "a.py", "a.py", old, new)


def test_without_a_suggestion_every_key_is_pressed(tmp_path: Path) -> None:
    (tally,), texts = typed(tmp_path, [of("a = 1\n", "a = 1\nb = 2\n")], [])
    assert texts == {"a.py": "a = 1\nb = 2\n"}
    assert (tally.keys, tally.chars, tally.lines) == (6, 6, 1)  # a line end and five characters
    assert tally.requests == 6  # one behind each key
    assert (tally.shown, tally.accepted, tally.cost) == (0, 0, None)


def test_what_is_right_costs_one_key(tmp_path: Path) -> None:
    answers = [{"prefix": r"\n$", "text": "merged = load(path)"}]
    (tally,), texts = typed(tmp_path, [of("a = 1\n", "a = 1\nmerged = load(path)\n")], answers)
    assert texts["a.py"] == "a = 1\nmerged = load(path)\n"
    assert (tally.keys, tally.chars) == (2, 20)
    assert (tally.shown, tally.right, tally.accepted, tally.exact, tally.dismissed) == (1, 1, 1, 1, 0)
    assert tally.accepted_chars == 19


def test_words_are_taken_of_what_begins_rightly(tmp_path: Path) -> None:
    answers = [{"prefix": r"\n$", "text": "merged_settings = load(path)"}]
    (tally,), texts = typed(tmp_path, [of("a = 1\n", "a = 1\nmerged_settings = update(path)\n")], answers)
    assert texts["a.py"].endswith("merged_settings = update(path)\n")
    assert (tally.shown, tally.right, tally.accepted, tally.partly, tally.dismissed) == (1, 0, 0, 1, 0)
    assert tally.keys == 1 + 2 + len(" update(path)")  # the line, two words, the rest


def test_what_is_wrong_is_typed_past_and_counted_once(tmp_path: Path) -> None:
    answers = [{"prefix": r"\n$", "text": "something_else()"}]
    (tally,), texts = typed(tmp_path, [of("a = 1\n", "a = 1\nmerged = 2\n")], answers)
    assert texts["a.py"].endswith("merged = 2\n")
    assert (tally.shown, tally.dismissed, tally.accepted, tally.typed) == (1, 1, 0, 0)
    assert tally.keys == tally.chars


def test_several_lines_are_taken_at_once(tmp_path: Path) -> None:
    new = "def f(x):\n    y = x + 1\n    return y\n"
    answers = [{"prefix": r"def f\(x\):\n    $", "text": "y = x + 1\n    return y"}]
    (tally,), texts = typed(tmp_path, [of("\n", new + "\n")], answers)
    assert texts["a.py"] == new + "\n"
    assert tally.accepted == 1
    assert tally.keys == len("\ndef f(x):") + 2  # the head, the line end, the suggestion
    assert tally.chars == len("\ndef f(x):") + len("\ny = x + 1\nreturn y")


def test_a_changed_line_is_changed_within(tmp_path: Path) -> None:
    tallies, texts = typed(tmp_path, [of("print(colour, size)\n", "print(color, size)\n")], [])
    assert texts["a.py"] == "print(color, size)\n"
    assert not tallies  # one letter went, and nothing was asked
    (tally,), texts = typed(tmp_path, [of("print(color, size)\n", "print(colour, size)\n")], [])
    assert (tally.keys, tally.lines) == (1, 1)
    assert tally.skipped == {"mid_line": 2}


def test_a_moved_block_appears_at_once(tmp_path: Path) -> None:
    block = "alpha = 1\nbeta = 2\ngamma = 3\ndelta = 4\n"
    (tally,), texts = typed(tmp_path, [of(block + "x = 1\n" * 3, "x = 1\n" * 3 + block + "new = 5\n")], [])
    assert texts["a.py"] == "x = 1\n" * 3 + block + "new = 5\n"
    assert tally.lines == 1


def test_only_so_many_lines_are_typed(tmp_path: Path) -> None:
    (tally,), texts = typed(tmp_path, [of(None, WITH_RESET)], [], n_lines=4)
    assert texts["a.py"] == WITH_RESET
    assert tally.lines <= 4


def test_a_limit_ends_it(tmp_path: Path) -> None:
    left = iter([True] * 5)
    tallies, _ = typed(tmp_path, [of("", "a = 1\nb = 2\n")], [], may_go_on=lambda: next(left, False))
    assert sum(tally.requests for tally in tallies) == 5


def test_a_backend_that_fails_is_counted_and_nothing_more(tmp_path: Path) -> None:
    (tally,), texts = typed(tmp_path, [of(MODULE, WITH_MERGE)], [{"fault": "http_500"}])
    assert texts["a.py"] == WITH_MERGE
    assert tally.faults["http_500"] > 0
    assert tally.passed_over["resting"] > 0
    assert tally.answered < tally.asked


def test_imports_are_typed_when_they_are_used() -> None:
    old = "import os\n\n\ndef f():\n    pass\n\n\ndef g():\n    pass\n"
    new = "import json\nimport os\n\n\ndef f():\n    x = 1\n    pass\n\n\ndef g():\n    json.dumps(1)\n    pass\n"
    change = of(old, new)
    assert [new.split("\n")[hunk.first] for hunk in change.hunks] == ["import json", "    x = 1", "    json.dumps(1)"]
    assert [new.split("\n")[hunk.first] for hunk in hunks_in_order(change)] == [
        "    x = 1", "    json.dumps(1)", "import json",
    ]  # fmt: skip


def test_tests_are_written_after_what_they_test() -> None:
    paths = ["tests/test_a.py", "src/b.py", "a_test.go", "a.go"]
    ordered = files_in_order([Change(path, path, "", "x") for path in paths])
    assert [change.path for change in ordered] == ["a.go", "src/b.py", "a_test.go", "tests/test_a.py"]


def test_a_portion_is_a_stretch_of_the_hunks() -> None:
    change = of(None, "\n".join(map(str, range(100))))
    chosen = portion([change], 10, Random(3)).of("a.py", Hunk(0, 0, 0, 100))
    assert len(chosen) == 10
    assert portion([change], 10, Random(3)) == portion([change], 10, Random(3))


LINES = st.lists(st.sampled_from(["a = 1", "    b", "", "return x", "import y", "a = 2", "  c(d)", "f()"]), max_size=8)


@settings(max_examples=60)
@given(LINES, LINES, st.booleans(), st.sampled_from(["\n", ""]))
def test_whatever_the_commit_its_text_is_reached(tmp_path_factory, old, new, is_new, ending) -> None:
    before, after = "\n".join(old) + ending, "\n".join(new) + ending
    change = of(None if is_new else before, after)
    answers = [
        {"prefix": r"= $", "text": "1"},
        {"prefix": r"\n$", "text": "a = 1\nreturn x"},
        {"prefix": "r$", "text": "eturn x"},
    ]
    _, texts = typed(tmp_path_factory.mktemp("typed"), [change], answers)
    if change.hunks:
        assert texts["a.py"] == after
