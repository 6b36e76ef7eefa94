"""Accepted text is followed through random edit histories as two references say: marks on characters, and a comparison.

The first knows every character's origin. The second compares the whole text as it was with the whole text as it is.
"""

from __future__ import annotations

import random
import re
from difflib import SequenceMatcher

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.features.kept_text import KeptText
from copilot_ls.text import Point, Span, TextBuffer, TextSnapshot

WORDS = ["alpha", "beta", "x", "=", "(", ")", "\n", "    ", "return ", "é", "1", ", ", "self."]

# So much of what stood there before is taken for a part that was cut and pasted, once in a new text.
PASTED = 8


class Marked:
    """A buffer, the same text with a mark on what belongs to the accepted text, and edits that both get."""

    def __init__(self, before: str, accepted: str, after: str) -> None:
        self.buffer = TextBuffer(before + accepted + after)
        self.marks = [False] * len(before) + [True] * len(accepted) + [False] * len(after)
        text = self.buffer.snapshot()
        self.kept = KeptText(Span(text.point_at(len(before)), text.point_at(len(before + accepted))), text)

    @property
    def region(self) -> tuple[int, int]:
        """From the first marked character to behind the last; (-1, 0) where none is."""
        marked = [at for at, mark in enumerate(self.marks) if mark]
        return (marked[0], marked[-1] + 1) if marked else (-1, 0)

    def edit(self, start: int, end: int, new: str) -> None:
        """What comes within the region belongs to it; what comes at its border, or over it, does not."""
        first, last = self.region
        inside = first <= start and end <= last and not (start == end and start in (first, last))
        text = self.buffer.snapshot()
        edit = self.buffer.edit(text.point_at(start), text.point_at(end), new)
        self.marks[start:end] = [inside] * len(new)
        self.kept.follow([edit], self.buffer.snapshot())


texts = st.lists(st.sampled_from(WORDS), max_size=12).map("".join)
accepted = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map("".join)


@given(texts, accepted, texts, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12), texts), max_size=8))
def test_the_span_holds_what_belongs_to_it_and_nothing_else(before, taken, after, edits) -> None:
    history = Marked(before, taken, after)
    stood: set[str] = set()
    for start, length, new in edits:
        start = min(start, len(history.marks))
        end = min(start + length, len(history.marks))
        first, last = history.region
        if start <= first and last <= end:
            return  # an edit over all of it is taken apart by what both texts have in common: the other test's part
        now = history.kept.now
        stood.update(now[at : at + PASTED] for at in range(len(now) - PASTED + 1))
        if any(each in new for each in stood):
            return  # what was cut is taken back where it is pasted: tests of that have their own examples
        history.edit(start, end, new)
        if True not in history.marks:
            return
        text, span = history.buffer.snapshot(), history.kept.span
        assert (text.offset_at(span.start), text.offset_at(span.end)) == history.region


def names(chooser: random.Random, n: int) -> str:
    """Words that occur once. Signs that occur everywhere would let a comparison find what was deleted long ago."""
    return " ".join(f"v{chooser.randrange(10**9)}" for _ in range(n))


def line(chooser: random.Random) -> str:
    return "    " * chooser.randrange(3) + names(chooser, chooser.randint(2, 6))


def typed(chooser: random.Random, text: str) -> tuple[int, int, str]:
    """One edit as people make them: a line comes, goes, is indented; a name is replaced; a word is typed or deleted."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    at = chooser.choice(starts)
    end = text.find("\n", at) + 1 or len(text)
    words = list(re.finditer(r"\w+", text[at:end]))
    kind = chooser.choice(["line", "line", "delete", "indent", "rename", "rename", "word", "cut"])
    if kind == "line" or not words:
        return at, at, line(chooser) + "\n"
    word = chooser.choice(words)
    return {
        "delete": (at, end, ""),
        "indent": (at, at, "    "),
        "rename": (at + word.start(), at + word.end(), names(chooser, 1)),
        "word": (at + word.end(), at + word.end(), f" {names(chooser, 1)}"),
        "cut": (at + word.start(), at + word.end(), ""),
    }[kind]


def test_it_agrees_with_a_comparison_of_whole_texts() -> None:
    """On at least 99 % of 10,000 histories: the share of lexemes, and whether more than half is left."""
    chooser = random.Random(7)
    n_share = n_survives = 0
    for _ in range(10_000):
        lines = [line(chooser) for _ in range(chooser.randint(4, 12))]
        first = chooser.randrange(len(lines))
        last = min(len(lines), first + chooser.choice([1, 1, 1, 2, 3]))
        before, taken = "".join(f"{each}\n" for each in lines[:first]), "\n".join(lines[first:last])
        after = "\n" + "".join(f"{each}\n" for each in lines[last:])
        history = Marked(before, taken, after)
        for _ in range(chooser.randint(0, 8)):
            history.edit(*typed(chooser, history.buffer.snapshot().text))
        old, new = before + taken + after, history.buffer.snapshot().text
        pieces = list(re.finditer(r"\w+|[^\w\s]", old))
        own = {at for at, each in enumerate(pieces) if len(before) <= each.start() < len(before + taken)}
        same = SequenceMatcher(None, [each[0] for each in pieces], re.findall(r"\w+|[^\w\s]", new), autojunk=False)
        n_left = sum(at in own for block in same.get_matching_blocks() for at in range(block.a, block.a + block.size))
        found = history.kept.measure()
        assert found.n_lexemes == len(own)
        n_share += abs(found.share - n_left / len(own)) <= 0.05
        n_survives += (found.share > 0.5) == (n_left / len(own) > 0.5)
    assert n_share >= 9_900, n_share
    assert n_survives >= 9_900, n_survives


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("same", ("return total", 1.0, True)),
        ("reindented", ("return total", 1.0, True)),
        ("renamed", ("return result", 0.5, True)),
        ("rewritten", ("", 0.0, False)),
        ("moved", ("return total", 1.0, True)),
    ],
)
def test_a_text_that_is_replaced_as_a_whole_is_compared(change: str, expected: tuple[str, float, bool]) -> None:
    old = TextSnapshot.of("def f(a):\n    total = a\n    return total\n\n\ndef g():\n    pass\n")
    new = {
        "same": old.text,
        "reindented": old.text.replace("    ", "\t"),
        "renamed": old.text.replace("total", "result"),
        "rewritten": "class A:\n    pass\n",
        "moved": "import x\n\n\n" + old.text,
    }[change]
    kept = KeptText(Span(Point(2, 4), Point(2, 16)), old)
    kept.follow([], TextSnapshot.of(new))
    found = kept.measure()
    assert (kept.now, found.share, found.survives) == expected


def test_what_is_cut_and_pasted_elsewhere_is_found_there() -> None:
    buffer = TextBuffer("a = 1\nreturn total\nb = 2\n")
    kept = KeptText(Span(Point(1, 0), Point(1, 12)), buffer.snapshot())
    kept.follow([buffer.edit(Point(1, 0), Point(2, 0), "")], buffer.snapshot())
    assert kept.measure().share == 0
    kept.follow([buffer.edit(Point(0, 0), Point(0, 0), "x\n  return total\n")], buffer.snapshot())
    assert (kept.now, kept.span, kept.measure().share) == ("return total", Span(Point(1, 2), Point(1, 14)), 1.0)


@given(st.lists(st.sampled_from("abc"), max_size=9), st.lists(st.sampled_from("abc"), max_size=9))
@settings(max_examples=200)
def test_share_and_distance_are_those_of_the_plain_definitions(old: list[str], new: list[str]) -> None:
    from functools import cache

    from copilot_ls.features.kept_text import _compared

    @cache
    def common(i: int, j: int) -> int:
        if i == len(old) or j == len(new):
            return 0
        if old[i] == new[j]:
            return 1 + common(i + 1, j + 1)
        return max(common(i + 1, j), common(i, j + 1))

    @cache
    def far(i: int, j: int) -> int:
        if i == len(old) or j == len(new):
            return len(old) - i + len(new) - j
        return min(far(i + 1, j + 1) + (old[i] != new[j]), far(i + 1, j) + 1, far(i, j + 1) + 1)

    assert _compared(old, new) == (common(0, 0), far(0, 0))
