"""Every file in `cases/` is a cursor and what the embedded completer says there; `conftest` describes the format."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.embedded.conftest import CURSOR, Scene, scene

CASES = sorted(Path(__file__).with_name("cases").glob("*.txt"))


def read(case: Path) -> tuple[Scene, dict[str, str], str, list[str]]:
    """The scene, the options, the kind of expectation and the expected texts."""
    given, kind, expected = re.split(r"^=== (.+)\n", case.read_text(encoding="utf-8"), maxsplit=1, flags=re.MULTILINE)
    preamble, *parts = re.split(r"^--- (.+)\n", given, flags=re.MULTILINE)
    options = dict(re.findall(r"^! (\w+): (.+)$", preamble, flags=re.MULTILINE))
    own, others, workspace = None, {}, {}
    for path, content in zip(parts[::2], parts[1::2], strict=True):
        if CURSOR in content:
            own = path, content.removesuffix("\n")
        elif path.endswith(" (open)"):
            others[path.removesuffix(" (open)")] = content
        else:
            workspace[path] = content
    assert own is not None, f"{case.name} has no {CURSOR}"
    return (
        scene(own[1], own[0], others, workspace),
        options,
        kind,
        [text.rstrip("\n") for text in expected.split("---\n")],
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_case_is_answered_as_its_file_says(case):
    here, options, kind, expected = read(case)
    answers = here.propose(
        n=int(options.get("n", 1)),
        multiline=options.get("multiline") == "yes",
        threshold=float(options.get("threshold", 0.5)),
    )
    texts = [answer.text for answer in answers]
    if kind == "nothing":
        assert texts == []
    elif kind == "suggestion":
        assert texts == expected
    elif kind == "starts with":
        assert texts, "nothing was proposed"
        assert texts[0].startswith(expected[0])
    elif kind == "not":
        assert not any(unwanted in text for unwanted in expected for text in texts)
    elif kind == "never":
        before, offset = here.document.text.text, here.document.text.offset_at(here.cursor)
        for text in texts:
            after = before[:offset] + text + before[offset:]
            for unwanted in expected:
                assert after.count(unwanted) <= before.count(unwanted), f"{text!r} makes {unwanted!r}"
    else:
        pytest.fail(f"{case.name}: unknown expectation {kind!r}")
