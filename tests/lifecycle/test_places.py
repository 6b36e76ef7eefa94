"""Where the ghost text is, after whatever happens around it; and that a verdict never depends on how an edit is sent."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.features.offered_text import OfferedText
from copilot_ls.text import Span, TextBuffer, TextSnapshot

PIECES = st.text(alphabet="ab \n(é😀", max_size=8)
LINE_ENDS = st.sampled_from(["\n", "\r\n"])


def place(buffer, offset):
    return buffer.snapshot().point_at(offset)


@settings(max_examples=150, deadline=None)
@given(
    before=PIECES,
    after=PIECES,
    edits=st.lists(st.tuples(st.booleans(), st.integers(0, 20), st.integers(0, 20), PIECES), max_size=6),
    at_once=st.booleans(),
    style=st.sampled_from(["insert", "whole line", "whole document"]),
)
def test_edits_around_it_leave_it_where_it_was(before, after, edits, at_once, style):
    """A bar on each side keeps the edits off the place itself; then the whole is inserted, and must be recognised."""
    buffer = TextBuffer(f"{before}|x|{after}")
    cursor = place(buffer, len(before) + 1)
    text = "if ready:\n    go()"
    offered = OfferedText(text, Span(cursor, cursor._replace(column=cursor.column + 1)), buffer.snapshot())
    applied = []
    for is_before, start, length, piece in edits:
        low, high = (0, len(before)) if is_before else (len(before) + 3, len(before) + 3 + len(after))
        start = min(low + start, high)
        end = min(start + length, high)
        applied.append(buffer.edit(place(buffer, start), place(buffer, end), piece))
        if is_before:
            before = before[: start - low] + piece + before[end - low :]
        else:
            after = after[: start - low] + piece + after[end - low :]
        if not at_once:
            assert offered.follow(applied, buffer.snapshot()).verdict == "untouched"
            applied = []
    if applied:
        assert offered.follow(applied, buffer.snapshot()).verdict == "untouched"
    start = place(buffer, len(before) + 1)
    assert (offered.start, offered.end) == (start, start._replace(column=start.column + 1))
    end = offered.end
    if style == "insert":
        edits = [buffer.edit(start, end, text)]
    elif style == "whole line":
        line = buffer.snapshot().line(start.line)[: start.column]
        edits = [buffer.edit(start._replace(column=0), end, line + text)]
    else:
        buffer.replace(f"{before}|{text}|{after}")
        edits = []
    assert offered.follow(edits, buffer.snapshot()).verdict == "taken_whole"


@settings(max_examples=150, deadline=None)
@given(
    text=st.text(alphabet="ab(\n \"'é😀", min_size=1, max_size=12),
    tail=st.sampled_from(["", ")", "b", ")\n"]),
    end=LINE_ENDS,
)
def test_typed_key_by_key_any_text_is_agreed_with_to_its_end(text, tail, end):
    """Without any help from the editor, each key of the text itself is a step forward, whatever stands behind."""
    text = text.replace("\n", end)
    buffer = TextBuffer(f"start {tail}")
    cursor = place(buffer, 6)
    offered = OfferedText(text, Span(cursor, cursor), buffer.snapshot())
    keys = text.replace("\r\n", "\n")
    for key in keys:
        edit = buffer.edit(cursor, cursor, end if key == "\n" else key)
        cursor = edit.new_end
        step = offered.follow([edit], buffer.snapshot())
        assert step.verdict in ("typing", "typed_out"), (key, offered.progress)
        if step.verdict == "typed_out":
            break
    assert offered.progress == len(keys)


@given(text=st.text(min_size=1, max_size=20), content=st.text(max_size=20))
def test_following_never_raises_whatever_the_texts_hold(text, content):
    snapshot = TextSnapshot.of(content)
    end = snapshot.point_at(snapshot.n_chars)
    offered = OfferedText(text, Span(end, end), snapshot)
    buffer = TextBuffer(content)
    edit = buffer.edit(end, end, text)
    assert offered.follow([edit], buffer.snapshot()).verdict in ("taken_whole", "typed_out", "untouched")
