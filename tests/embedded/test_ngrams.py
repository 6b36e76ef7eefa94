"""Streams of tokens and the n-grams over them: what is found where, what a step is worth, what is remembered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.backends.embedded import ngrams, streams
from copilot_ls.backends.embedded.situation import Situation
from copilot_ls.text import TextSnapshot
from tests.embedded.conftest import scene

LINES = st.lists(st.sampled_from(["a = b(c)", "    return a", "", "if a:", "  b( c )", "x.y = x.z", "}"]), max_size=300)


def model(text: str, chunks: streams.Chunks | None = None, **more) -> ngrams.Model:
    here = scene(text, **more)
    situation = Situation.at(here.document, here.cursor)
    chunks = chunks or streams.Chunks()
    where = streams.around(here.document, situation.line, here.others, chunks)
    return ngrams.Model(situation, where, chunks.followings(where))


def paths(text: str, **more) -> list[str]:
    return [found.text for found in model(text, **more).places()]


def test_a_path_goes_over_from_one_place_to_another():
    text = (
        "open(path, mode)\nwith open(path) as stream:\n    pass\nclose(stream.name)\nwith lock as stream.name:\nopen(█"
    )
    assert any(path.startswith("path") for path in paths(text))


def test_white_space_and_line_ends_do_not_part_what_belongs_together():
    text = "result = compute(\n    first, second\n)\nresult = compute(█"
    # Behind the bracket a line ends there; without the line end there is nothing.
    assert paths(text) == []
    assert paths("x = compute( first , second )\ny = compute( first █")[0].startswith(", second")


def test_a_word_is_finished():
    assert "ngth" in [path[:4] for path in paths("self.length = 1\nself.le█")]


def test_the_place_is_where_it_was_learnt():
    found = model("\n\n\nself.width = width\n\nself.wi█").places()
    assert {(one.path, one.at) for one in found} == {("main.py", 3)}


def test_nothing_of_code_goes_into_comments():
    assert paths("self.width = width\n# self.wi█") == []


def test_another_language_teaches_nothing():
    assert paths("self.█", others={"other.go": "self.width = 3\n"}) == []
    assert paths("self.█", others={"other.py": "self.width = 3\n"}) != []


@given(LINES, st.integers(0, 300))
def test_chunks_cover_the_lines_on_both_sides_of_the_cursor_and_name_them_rightly(lines, at):
    snapshot = TextSnapshot.of("\n".join(lines))
    at = min(at, snapshot.n_lines - 1)
    for source, start, end in (("above", 0, at), ("below", at + 1, snapshot.n_lines)):
        seen: dict[int, list[str]] = {}
        for stretch in streams.Reader(streams.Chunks()).stretches(snapshot, start, end, source, ""):
            for place, token in enumerate(stretch.chunk.tokens):
                if token[0] != "\n":
                    seen.setdefault(stretch.first_line + stretch.chunk.line_of(place), []).append(token)
        expected = {
            number: [token for _, token in streams.line_tokens(line.strip())]
            for number in range(start, end)
            if (line := snapshot.line_text(number)).strip()
        }
        assert seen == expected


@given(LINES)
def test_pairs_name_every_place(lines):
    chunk = streams.chunk_of(tuple(line + "\n" for line in lines[: streams.CHUNK_LINES]))
    places = [
        (pair, at) for pair, found in chunk.pairs.items() for at in (found if isinstance(found, list) else [found])
    ]
    before = ["", *chunk.tokens]
    assert sorted(places) == sorted(((before[at], token), at) for at, token in enumerate(chunk.tokens))


@given(LINES, st.sampled_from(["a", "x.y", "x.y = x.z", "b(c)", "(", "unheard of"]))
def test_chances_are_probabilities_that_fall(lines, text):
    chances = model("\n".join([*lines, "a = █"])).chances(text)
    assert all(0 <= chance <= 1 for chance in chances)
    assert list(chances) == sorted(chances, reverse=True)


def test_the_chance_of_a_token_is_its_share():
    one = model("a = b\na = b\na = b\na = █").chances("b")
    other = model("a = b\na = b\na = c\na = █").chances("b")
    assert one[0] > other[0] > 0.4
    # A line end always followed.
    assert one[1] == pytest.approx(one[0], rel=0.3)


def test_an_answer_makes_only_so_many_chunks_and_the_next_goes_on():
    text = "\n".join(f"value_{number} = call_{number}(argument)" for number in range(4_000)) + "\nx = call_7(█"
    chunks = streams.Chunks()
    assert model(text, chunks).places() == []
    for _ in range(4):
        model(text, chunks)
    assert [found.text for found in model(text, chunks).places()] == ["argument)"]


def test_an_edit_makes_one_chunk_again(monkeypatch):
    lines = [f"value_{number} = call(argument)" for number in range(1_000)]
    chunks = streams.Chunks()
    model("\n".join([*lines, "value█"]), chunks)
    made = []
    chunk_of = streams.chunk_of
    monkeypatch.setattr(streams, "chunk_of", lambda lines: made.append(lines) or chunk_of(lines))
    model("\n".join([*lines, "value_10█"]), chunks)
    assert made == []
    model("\n".join([*lines[:200], "new line", *lines[200:], "value_10█"]), chunks)
    # Chunks above the cursor are counted from the top: those below the new line move by a line.
    assert 0 < len(made) <= len(lines) // streams.CHUNK_LINES


@given(LINES, st.lists(st.tuples(st.integers(0, 300), st.sampled_from(["", "a", "a =", "x.", "x.y = "])), max_size=4))
def test_what_was_looked_up_for_another_key_changes_nothing(lines, cursors):
    chunks = streams.Chunks()
    for at, head in cursors:
        text = "\n".join([*lines[:at], head + "█", *lines[at:]])
        used, fresh = model(text, chunks), model(text)
        assert used.places() == fresh.places()
        assert used.expected() == fresh.expected()
        assert [used.chances(line) for line in lines[:9]] == [fresh.chances(line) for line in lines[:9]]
