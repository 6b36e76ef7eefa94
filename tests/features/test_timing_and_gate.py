"""When to wait, when not to ask, and how a document indents."""

from __future__ import annotations

import pytest

from copilot_ls.features.debounce import AdaptiveDebounce
from copilot_ls.features.gate import reason_to_skip
from copilot_ls.features.indentation import indent_unit
from copilot_ls.text import DocumentSnapshot, TextSnapshot


def after_keys(*times: float) -> AdaptiveDebounce:
    debounce = AdaptiveDebounce()
    for at in times:
        debounce.key_typed(at)
    return debounce


def test_the_first_key_after_a_pause_waits_for_nothing() -> None:
    assert after_keys(1.0).wait_s(1.0, 0.075) == 0.0
    assert after_keys(1.0, 1.05, 1.1, 5.0).wait_s(5.0, 0.075) == 0.0


def test_within_a_fast_burst_the_wait_is_a_little_more_than_the_rhythm() -> None:
    assert after_keys(1.0, 1.04, 1.08).wait_s(1.08, 0.075) == pytest.approx(0.05)
    assert after_keys(1.0, 1.04, 1.08).wait_s(1.10, 0.075) == pytest.approx(0.03)


def test_a_rhythm_slower_than_the_longest_wait_is_not_waited_for() -> None:
    assert after_keys(1.0, 1.2, 1.4).wait_s(1.4, 0.075) == 0.0


def skip(marked: str, trigger: str = "automatic") -> str | None:
    before, after = marked.split("█")
    text = TextSnapshot.of(before + after)
    document = DocumentSnapshot("file:///a.py", "/a.py", "python", 1, text)
    return reason_to_skip(document, text.point_at(len(before)), trigger)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("marked", "reason"),
    [
        ("x = █", None),
        ("print(█)", None),
        ('f("█"):', None),
        ("x = █y", "mid_line"),
        ("\0█", "binary"),
        ("x" * 30_000 + "█", "line_too_long"),
    ],
)
def test_what_stands_around_the_cursor_decides(marked: str, reason: str | None) -> None:
    assert skip(marked) == reason


def test_an_explicit_request_passes_within_a_line() -> None:
    assert skip("x = █y", "invoked") is None


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("a\n  b\n    c\n", "  "),
        ("a\n    b\n        c\n", "    "),
        ("a\n\tb\n\t\tc\n", "\t"),
        ("a\nb\n", "    "),
        ("f(\n        x,\n        y,\n)\nif a:\n    b\nif c:\n    d\n", "    "),
    ],
)
def test_the_indentation_unit_is_the_most_frequent_step(text: str, unit: str) -> None:
    assert indent_unit(text.splitlines()) == unit
