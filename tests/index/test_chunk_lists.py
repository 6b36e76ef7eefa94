"""What is known of words is right for as long as it is known, and never more than so much."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.index import chunk_lists
from copilot_ls.index.chunk_lists import ChunkLists


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.booleans()), max_size=60), st.integers(0, 40))
def test_whatever_is_asked_for_the_answer_is_right_and_the_memory_bounded(asked, size):
    chunks = {word: array("q", range(1 << 40, (1 << 40) + size * number)) for number, word in enumerate("abcdefgh")}
    lists = ChunkLists()
    before, chunk_lists._MOST = chunk_lists._MOST, 400
    try:
        for word, clears in asked:
            if clears and word == "a":
                lists.clear()
                assert lists.get("b") is None
            known = lists.get(word)
            assert known in (None, chunks[word])
            if known is None:
                assert lists.put(word, list(chunks[word])) == chunks[word]
            assert sum(map(len, lists._lists.values())) == lists._size <= 400
    finally:
        chunk_lists._MOST = before


def test_what_was_asked_for_last_stays():
    lists = ChunkLists()
    for number in range(40):
        lists.put(f"word_{number}", range(100_000))
        assert lists.get("word_0") is not None or number >= 9
    assert lists.get("word_39") == array("q", range(100_000))
