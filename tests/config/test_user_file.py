"""One value changes, and nothing else of the user's file does."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.config.user_file import with_switch

CASES = {
    "nothing": ("", "[telemetry]\nenable = false\n"),
    "comment": ("# mine", "# mine\n\n[telemetry]\nenable = false\n"),
    "there": ("[telemetry]\nenable = true  # yes\n", "[telemetry]\nenable = false  # yes\n"),
    "dotted": ("telemetry.enable=true\n[log]\n", "telemetry.enable=false\n[log]\n"),
    "other dotted": (
        "telemetry.max_mb = 3\n[log]\nlevel = 'info'\n",
        "telemetry.max_mb = 3\ntelemetry.enable = false\n[log]\nlevel = 'info'\n",
    ),
    "another's": (
        "[completion]\nenable = true\n[telemetry]\nmax_mb = 3",
        "[completion]\nenable = true\n[telemetry]\nenable = false\nmax_mb = 3\n",
    ),
    "windows": ("[telemetry]\r\nmax_mb = 3\r\n", "[telemetry]\r\nenable = false\r\nmax_mb = 3\r\n"),
    "in a text": (
        "x = '''\n[telemetry]\nenable = true\n'''\n",
        "x = '''\n[telemetry]\nenable = true\n'''\n\n[telemetry]\nenable = false\n",
    ),
    "inline": ("telemetry = { enable = true }\n", None),
}


@pytest.mark.parametrize("name", CASES)
def test_a_switch_is_set(name: str) -> None:
    before, after = CASES[name]
    assert with_switch(before, "telemetry", "enable", value=False) == after


LINES = st.sampled_from(
    [
        "[telemetry]",
        "[log]",
        "[completion]",
        "enable = true",
        "enable = false # no",
        "max_mb = 3",
        "",
        "# enable = true",
        "a.b = 1",
    ]
)


@given(st.lists(LINES, max_size=8), st.booleans())
def test_whatever_the_file_says_nothing_else_changes(lines: list[str], value: bool) -> None:
    text = "\n".join(lines)
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    changed = with_switch(text, "telemetry", "enable", value=value)
    assert changed is not None
    after = tomllib.loads(changed)
    assert after["telemetry"].pop("enable") is value
    before.setdefault("telemetry", {}).pop("enable", None)
    assert after == before
    assert [line for line in changed.splitlines() if line.startswith("#")] == [
        line for line in lines if line.startswith("#")
    ]
