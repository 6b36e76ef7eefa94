"""An edit is carried over what is typed elsewhere, as if it had been made first; where it is typed into, it is refused."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.edits import Replacement, applied
from copilot_ls.features.document_history import DocumentHistory
from copilot_ls.features.documents import OpenDocuments
from copilot_ls.features.pending_edits import rebased
from copilot_ls.text import Span, TextSnapshot

URI = "file:///a.py"
TEXT = "".join(f"line {n} «{n}» ä😀 end\n" for n in range(12))


def place_of(text: TextSnapshot, what: str) -> Span:
    at = text.text.index(what)
    return Span(text.point_at(at), text.point_at(at + len(what)))


@given(st.randoms(use_true_random=False))
def test_carried_edits_change_what_they_were_made_for_and_nothing_else(chance: random.Random) -> None:
    documents = OpenDocuments()
    history = DocumentHistory(documents)
    document = documents.open(URI, "/a.py", "python", 1, TEXT)
    made_for = document.snapshot()
    numbers = chance.sample(range(12), 3)
    edit = [Replacement(place_of(made_for.text, f"«{n}»"), f"<{n}>\n") for n in numbers]
    for version in range(2, chance.randrange(3, 20)):
        text = document.buffer.snapshot()
        ends = sorted(text.point_at(chance.randrange(text.n_chars + 1)) for _ in range(2))
        if chance.random() < 0.5:
            ends[1] = ends[0]
        new = chance.choice(["", "x", "\n", "two\nlines\n", "😀"])
        documents.change(
            URI,
            version,
            [(None, None, text.edited(Span(*ends), new)[0].text)]
            if chance.random() < 0.1
            else [((ends[0].line, utf16(text, ends[0])), (ends[1].line, utf16(text, ends[1])), new)],
        )
    found = rebased(edit, made_for, document, history)
    now = document.buffer.snapshot().text
    if found.document is None:
        assert found.refused
        return
    after = applied(found.document.text, found.replacements).text
    for n in numbers:
        assert now.count(f"«{n}»") == 1
        now = now.replace(f"«{n}»", f"<{n}>\n")
    assert after == now


def utf16(text: TextSnapshot, point: object) -> int:
    line, column = point  # type: ignore[misc]
    return len(text.line(line)[:column].encode("utf-16-le")) // 2


def test_what_is_typed_right_beside_it_is_typed_into_it() -> None:
    documents = OpenDocuments()
    history = DocumentHistory(documents)
    document = documents.open(URI, "/a.py", "python", 1, "foo bar\n")
    made_for = document.snapshot()
    documents.change(URI, 2, [((0, 3), (0, 3), "x")])
    assert rebased([Replacement(place_of(made_for.text, "foo"), "f")], made_for, document, history).refused
    assert not rebased([Replacement(place_of(made_for.text, "bar"), "b")], made_for, document, history).refused


def test_another_document_of_the_same_name_is_another_one() -> None:
    documents = OpenDocuments()
    history = DocumentHistory(documents)
    made_for = documents.open(URI, "/a.py", "python", 7, "foo\n").snapshot()
    documents.close(URI)
    document = documents.open(URI, "/a.py", "python", 1, "bar\nfoo\n")
    edit = [Replacement(place_of(made_for.text, "foo"), "f")]
    assert rebased(edit, made_for, document, history).refused
    assert rebased(edit, made_for, None, history).refused
