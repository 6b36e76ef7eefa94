"""What holds for any text: the completer never raises, is deterministic, repeats nothing that follows, closes only what is open."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.backends.embedded import lexing, shapes
from copilot_ls.backends.embedded.propose import propose
from copilot_ls.text import DocumentSnapshot, Point, TextSnapshot

# Few distinct tokens, so that lines repeat and the engines have something to find.
TOKENS = [
    "self",
    "value",
    "x",
    "foo_bar",
    " = ",
    "(",
    ")",
    "[",
    "]",
    ".",
    ", ",
    ":",
    "\n",
    "\n    ",
    "\n\n",
    '"',
    "'",
    "# ",
    "return ",
    "def ",
]
CODE = st.lists(st.sampled_from(TOKENS), max_size=120).map("".join)
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=200)
LANGUAGE = st.sampled_from(["python", "rust", "javascript", ""])


def document(text: str, language: str = "python", uri: str = "file:///a") -> DocumentSnapshot:
    return DocumentSnapshot(uri, uri[7:], language, 1, TextSnapshot.of(text))


def answers(text: str, at: int, others=(), language: str = "python", **options):
    here = document(text, language)
    return propose(here, here.text.point_at(at), others, None, threshold=0.0, **options)


@settings(max_examples=80, deadline=None)
@given(
    text=st.one_of(ANYTHING, CODE),
    other=st.one_of(ANYTHING, CODE),
    at=st.integers(0, 300),
    language=LANGUAGE,
    multiline=st.booleans(),
)
def test_any_text_is_answered_or_not_but_never_raised_about(text, other, at, language, multiline):
    others = [document(other, language, "file:///b")]
    for answer in answers(text, min(at, len(text)), others, language, n=3, multiline=multiline):
        assert 0 <= answer.confidence <= 1
        assert answer.text.strip()


@settings(max_examples=60, deadline=None)
@given(text=CODE, at=st.integers(0, 300))
def test_the_same_question_has_the_same_answer(text, at):
    at = min(at, len(text))
    first = answers(text, at, n=3)
    shapes.pieces.cache_clear()
    shapes.shape.cache_clear()
    assert answers(text, at, n=3) == first


@settings(max_examples=100, deadline=None)
@given(text=CODE, at=st.integers(0, 300), multiline=st.booleans())
def test_no_answer_starts_with_what_follows(text, at, multiline):
    at = min(at, len(text))
    rest = text[at:].split("\n")
    for answer in answers(text, at, n=3, multiline=multiline):
        tail = lexing.tokens(rest[0].strip())
        if tail:
            assert not answer.text.lstrip().startswith(tail[0])
            assert "\n" not in answer.text
        else:
            following = next((line.strip() for line in rest[1:8] if line.strip()), None)
            assert following is None or not answer.text.lstrip().startswith(following)


@settings(max_examples=60, deadline=None)
@given(text=CODE, at=st.integers(0, 300))
def test_one_line_unless_more_is_wanted(text, at):
    for answer in answers(text, min(at, len(text)), n=3):
        assert "\n" not in answer.text
        assert answer.text == answer.text.rstrip()


@settings(max_examples=100, deadline=None)
@given(text=CODE, stack=st.lists(st.sampled_from("([{"), max_size=3))
def test_the_balanced_beginning_never_closes_what_is_not_open(text, stack):
    kept = text[: lexing.balanced_end(text, stack, "")]
    assert lexing.balanced_end(kept, stack, "") == len(kept)


@given(text=ANYTHING)
def test_tokens_joined_are_the_text(text):
    assert "".join(lexing.tokens(text)) == text


@settings(max_examples=60, deadline=None)
@given(text=CODE, at=st.integers(0, 300))
def test_a_cursor_outside_of_the_document_is_taken_as_the_nearest_place(text, at):
    here = document(text)
    assert propose(here, Point(10_000, at), [], None) == propose(here, here.text.clip(Point(10_000, at)), [], None)


@given(line=st.one_of(ANYTHING, CODE))
def test_the_shape_of_a_line_is_the_kinds_of_its_pieces(line):
    assert shapes.shape(line) == tuple(piece.kind for piece in shapes.pieces(line))
