"""The cache is walked as the user types, and never gives an answer to another question."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.features.memory_cache import CachedSuggestion, MemoryCache, PrefixTrie
from copilot_ls.text import Point, TextSnapshot

words = st.text(alphabet="ab\n", max_size=8)


def entry(text: str) -> CachedSuggestion:
    return CachedSuggestion(text=text, backend="b", model="m", multiline="\n" in text)


def place(marked: str) -> tuple[TextSnapshot, Point]:
    before, after = marked.split("█")
    snapshot = TextSnapshot.of(before + after)
    return snapshot, snapshot.point_at(len(before))


def left(cache: MemoryCache, marked: str, asked: str = "x") -> list[str]:
    return [text for text, _ in cache.find("file:///a", *place(marked), asked)]


@given(st.lists(words, max_size=8), words)
def test_the_trie_finds_what_a_list_finds_the_last_first(texts: list[str], typed: str) -> None:
    trie = PrefixTrie()
    for text in texts:
        trie.put(text, entry(text))
    last_first = dict.fromkeys(reversed(texts))
    expected = [text[len(typed) :] for text in last_first if text.startswith(typed) and text != typed]
    assert [rest for rest, _ in trie.find(typed)] == expected


def test_typing_along_a_suggestion_finds_what_is_left_of_it() -> None:
    cache = MemoryCache()
    cache.put("file:///a", *place("def f():\n    re█\n"), "x", entry("turn one\n    more"))
    assert left(cache, "def f():\n    re█\n") == ["turn one\n    more"]
    assert left(cache, "def f():\n    return o█\n") == ["ne\n    more"]
    assert left(cache, "def f():\n    return one\n    mo█\n") == ["re"]


def test_line_ends_of_the_document_make_no_difference() -> None:
    cache = MemoryCache()
    cache.put("file:///a", *place("def f():\r\n    re█\r\n"), "x", entry("turn one\n    more"))
    assert left(cache, "def f():\r\n    return one\r\n    mo█\r\n") == ["re"]


def test_typing_something_else_finds_nothing() -> None:
    cache = MemoryCache()
    cache.put("file:///a", *place("    re█\n"), "x", entry("turn"))
    assert left(cache, "    rex█\n") == []
    assert left(cache, "    return█\n") == []


def test_what_was_deleted_is_not_offered_again() -> None:
    cache = MemoryCache()
    cache.put("file:///a", *place("    re█\n"), "x", entry("turn"))
    assert left(cache, "    r█\n") == []
    assert left(cache, "    re█\n") == ["turn"]


def test_another_suffix_another_file_above_or_another_backend_is_another_question() -> None:
    cache = MemoryCache()
    cache.put("file:///a", *place("a\nb = █)\nc\n"), "x", entry("1"))
    assert left(cache, "a\nb = █)\nc\n") == ["1"]
    assert left(cache, "a\nb = █\nc\n") == []
    assert left(cache, "a\nb = █)\nd\n") == []
    assert left(cache, "z\nb = █)\nc\n") == []
    assert left(cache, "a\nb = █)\nc\n", asked="y") == []
    assert cache.find("file:///b", *place("a\nb = █)\nc\n"), "x") == []


def test_the_places_used_least_recently_go_first() -> None:
    cache = MemoryCache(max_places=2)
    for name in ("one", "two"):
        cache.put("file:///a", *place(f"{name}\n█"), "x", entry(name))
    assert left(cache, "one\n█") == ["one"]
    cache.put("file:///a", *place("three\n█"), "x", entry("three"))
    assert left(cache, "two\n█") == []
    assert left(cache, "one\n█") == ["one"]
