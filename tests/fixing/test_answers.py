"""Whatever a model answers becomes the smallest edit that it means, or a refusal, and never an error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.edits import Replacement, applied, between, touched_lines
from copilot_ls.features.fixing.answers import ProposedEdit, Refused, Resolved, TextEdit, resolve
from copilot_ls.features.fixing.outcome import FixTask
from copilot_ls.features.fixing.region import lines_outside
from copilot_ls.features.fixing.reports import LineMap
from copilot_ls.features.fixing.vetting import objection
from copilot_ls.text import DocumentSnapshot, Point, Span, TextSnapshot

texts = st.text("ab \t\n\r", max_size=40)


def read(text: str, *edits: tuple[str, str, int | None], wanted: frozenset[int] = frozenset()) -> Resolved | Refused:
    pieces = [TextEdit(old_text=old, new_text=new, line=line) for old, new, line in edits]
    return resolve(ProposedEdit(edits=pieces), TextSnapshot.of(text), path="a.py", version=1, wanted=wanted)


def edited(text: str, *edits: tuple[str, str, int | None], wanted: frozenset[int] = frozenset()) -> str:
    found = read(text, *edits, wanted=wanted)
    return found.words if isinstance(found, Refused) else found.text.text


@pytest.mark.parametrize(
    ("text", "edit", "result"),
    [
        ("a\nb\nc\n", ("b", "x", None), "a\nx\nc\n"),
        ("a\nb\nc\n", ("b\n", "x\n", None), "a\nx\nc\n"),
        ("a\nb\nc\n", ("b\n", "", None), "a\nc\n"),
        ("a\nb", ("b", "", None), "a\n"),
        ("a\nb\nc\n", ("a\nb", "x\ny\nz", None), "x\ny\nz\nc\n"),
        ("a\r\nb\r\n", ("a\nb", "x\ny", None), "x\r\ny\r\n"),
        ("a  \nb\n", ("a\nb", "a\nx", None), "a  \nx\n"),
        ("  a\n  b\n", ("a\nb", "a\nx", None), "  a\n  x\n"),
        ("\ta\n\tb\n", ("a\nb", "a\n\tx", None), "\ta\n\t\tx\n"),
        ("a\nb\n", ("    a\n    b", "    a\n    x", None), "a\nx\n"),
        ("f(x, y)\n", ("x, y", "y, x", None), "f(y, x)\n"),
        ("a\nb\na\n", ("a", "x", 3), "a\nb\nx\n"),
        ("a\nc\n", ("", "b", 2), "a\nb\nc\n"),
        ("", ("", "a\nb\n", None), "a\nb\n"),
        ("\n\n", ("", "a\n", None), "a\n"),
    ],
)
def test_an_edit_means(text: str, edit: tuple[str, str, int | None], result: str) -> None:
    assert edited(text, edit) == result


@pytest.mark.parametrize(
    ("text", "edit", "says"),
    [
        ("a\nb\na\n", ("a", "x", None), "stands in the file 2 times, at lines 1, 3"),
        ("a\nb\na\n", ("a", "x", 2), "stands in the file 2 times"),
        ("a\n", ("c", "x", None), "does not stand in the file"),
        ("a\n", ("", "x", None), "old_text is empty"),
        ("a\n", ("", "x", 9), "old_text is empty"),
    ],
)
def test_what_an_edit_cannot_mean(text: str, edit: tuple[str, str, int | None], says: str) -> None:
    assert says in edited(text, edit)


def test_white_space_behind_a_line_goes_where_that_is_the_task() -> None:
    assert edited("a  \nb\n", ("a", "a", None), wanted=frozenset({0})) == "a\nb\n"
    assert edited("a  \nb\n", ("a", "a", None)) == "a  \nb\n"


def test_of_several_places_the_one_that_the_task_is_about_is_meant() -> None:
    assert edited("a\nb\na\n", ("a", "x", None), wanted=frozenset({2})) == "a\nb\nx\n"
    assert "2 times" in edited("a\nb\na\n", ("a", "x", None), wanted=frozenset({0, 2}))


@given(texts, st.lists(st.tuples(texts, texts, st.none() | st.integers(-1, 9)), max_size=3))
def test_replacements_make_the_text_and_touch_no_equal_line(
    text: str, edits: list[tuple[str, str, int | None]]
) -> None:
    found = read(text, *edits)
    if isinstance(found, Resolved):
        snapshot = TextSnapshot.of(text)
        assert applied(snapshot, found.replacements).text == found.text.text
        assert found.replacements == between(snapshot, found.text)
        assert all(each.text != snapshot.slice(each.span) for each in found.replacements)


@given(texts, texts)
def test_what_stands_there_is_found_again(before: str, after: str) -> None:
    """A whole line that stands nowhere else is replaced where it is, and all else stays."""
    text = f"{before}\nUNIQUE = 1\n{after}"
    found = edited(text, ("UNIQUE = 1", "UNIQUE = 2", None))
    assert found == text.replace("= 1", "= 2")


# A CR at the end of one piece and an LF at the start of the next are one line end together: no lines to be followed.
plain = st.text("ab \t\n", max_size=40)


@given(plain, st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3), plain), max_size=3))
def test_lines_are_followed_through_edits(text: str, changes: list[tuple[int, int, str]]) -> None:
    """A line that no replacement touches is found again where the map says."""
    snapshot = TextSnapshot.of(
        "".join(f"{number}:{line}" for number, line in enumerate(text.splitlines(keepends=True)))
    )
    replacements: list[Replacement] = []
    free = 0
    for first, n_lines, new in sorted(changes):
        start = max(first, free)
        end = start + n_lines
        if end >= snapshot.n_lines:
            break
        replacements.append(Replacement(Span(Point(start, 0), Point(end, 0)), new))
        free = end + 2
    after = applied(snapshot, replacements)
    moved = LineMap.of(replacements)
    touched = touched_lines(replacements)
    for line in range(snapshot.n_lines):
        if line not in touched:
            (now,) = moved.after(line)
            assert after.line(now) == snapshot.line(line)


SILENCED = [
    ("a.py", "python", "  # noqa: F821"),
    ("a.py", "python", "  # type: ignore[attr]"),
    ("a.py", "python", "  # pyright: ignore"),
    ("a.ts", "typescript", "  // @ts-ignore"),
    ("a.ts", "typescript", "  /* eslint-disable */"),
    ("a.ts", "typescript", " as any"),
    ("a.go", "go", " //nolint"),
    ("a.rs", "rust", " #[allow(unused)]"),
]


@pytest.mark.parametrize(("path", "language", "added"), SILENCED)
def test_what_silences_is_refused_for_a_fix_and_allowed_for_a_wish(path: str, language: str, added: str) -> None:
    text = TextSnapshot.of("x = y\n")
    edit = (Replacement(Span(Point(0, 5), Point(0, 5)), added),)
    document = DocumentSnapshot(f"file:///{path}", f"/{path}", language, 1, text)
    for kind, refused in (("fix", "silences"), ("change", None)):
        found = objection(FixTask(kind, document, Span(Point(0, 0), Point(0, 5))), edit, frozenset({0}))
        assert (found.kind if found else None) == refused


def test_what_silences_already_may_stay() -> None:
    text = TextSnapshot.of("x = y  # noqa\n")
    edit = (Replacement(Span(Point(0, 4), Point(0, 13)), "z  # noqa"),)
    document = DocumentSnapshot("file:///a.py", "/a.py", "python", 1, text)
    assert objection(FixTask("fix", document, Span(Point(0, 0), Point(0, 5))), edit, frozenset({0})) is None


def test_an_insertion_behind_an_allowed_line_is_inside() -> None:
    at = Span(Point(3, 0), Point(3, 0))
    assert lines_outside([Replacement(at, "x\n")], frozenset({2})) == []
    assert lines_outside([Replacement(at, "x\n")], frozenset({1})) == [3]
