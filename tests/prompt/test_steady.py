"""From key to key a prompt changes no more than it must, and never at the price of the best snippets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.context.snippet import ContextSnippet
from copilot_ls.prompt.budget import prompt_budget
from copilot_ls.prompt.profiles import BY_NAME, ModelProfile
from copilot_ls.prompt.steady import VOLATILE, settle, steady_suffix
from copilot_ls.prompt.tokens import estimate


def snippet(path: str, text: str, source: str = "similar_code") -> ContextSnippet:
    return ContextSnippet(path, 0, 9, text, source, 1.0, estimate(text))


def snippets(names: str, source: str = "similar_code") -> list[ContextSnippet]:
    """One snippet of ten tokens for each letter."""
    return [snippet(f"{name}.py", f"{name} = 1", source) for name in names]


def cost(_: ContextSnippet) -> int:
    return 10


def settled(ranked: str, previous: str, room: int) -> str:
    return "".join(each.path[0] for each in settle(snippets(ranked), snippets(previous), room, cost))


def test_without_a_last_prompt_the_best_stand_in_the_order_of_their_rank():
    assert settled("cab", "", 20) == "ca"


def test_what_was_shown_stays_as_it_is_while_it_has_most_of_the_best():
    assert settled("abcd", "dcab", 40) == "dcab"
    assert settled("abcdx", "xdb", 40) == "xdb"


def test_what_is_missing_stands_behind_what_stays():
    assert settled("abcdefxy", "xy", 80) == "xyabcdef"


def test_where_there_is_no_room_what_was_added_last_goes_first():
    assert settled("abcdwxyz", "wxyz", 60) == "wxabcd"


def test_when_little_can_stay_all_is_laid_out_by_rank():
    large = snippet("w.py", "large = 1")
    ranked = [*snippets("abcdefg"), large]
    chosen = settle(ranked, [*snippets("g"), large], 80, lambda each: 60 if each == large else 10)
    assert "".join(each.path[0] for each in chosen) == "gabcdef"
    chosen = settle(ranked, [large], 80, lambda each: 60 if each == large else 10)
    assert "".join(each.path[0] for each in chosen) == "abcdefg"


def test_what_was_not_found_again_is_gone():
    assert settled("ab", "xyz", 40) == "ab"


def test_of_a_file_that_is_shown_only_the_other_lines_are_added():
    old = snippet("a.py", "one = 1\ntwo = 2")
    new = snippet("a.py", "zero = 0\ntwo = 2\nthree = 3\nfour = 4\nfive = 5")
    kept, added = settle([new, old], [old], 40, cost)
    assert kept == old
    assert added.text == "zero = 0\nthree = 3\nfour = 4\nfive = 5"
    assert added.tokens == estimate(added.text)


def test_volatile_snippets_stand_last_the_best_nearest_to_the_file():
    edits = snippets("xa", "recent_edits")
    chosen = settle([*edits, *snippets("b")], [*edits, *snippets("b")], 40, cost)
    assert [each.path[0] for each in chosen] == ["b", "a", "x"]


RANKED = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["definitions", "recent_edits", "x"]), st.integers(1, 40)),
    max_size=12,
    unique_by=lambda each: each[:2],
)


@given(RANKED, RANKED, st.integers(0, 200))
def test_the_room_holds_and_nothing_is_shown_twice_or_made_up(now, then, room):
    ranked, previous = (
        [snippet(f"{name}.py", f"{name}\n{source}", source) for name, source, _ in found] for found in (now, then)
    )
    costs = {(f"{name}.py", source): cost for name, source, cost in [*then, *now]}
    last = settle(previous, (), room, lambda each: costs[each.path, each.source])
    chosen = settle(ranked, last, room, lambda each: costs[each.path, each.source])
    assert sum(costs[each.path, each.source] for each in chosen) <= room
    stable = [(each.path, line) for each in chosen if each.source not in VOLATILE for line in each.text.split("\n")]
    assert len(stable) == len({*stable})
    assert {line for _, line in stable} <= {line for each in ranked for line in each.text.split("\n")}


@given(RANKED, st.integers(0, 200))
def test_the_same_ranking_changes_nothing(now, room):
    ranked = [snippet(f"{name}.py", f"{name} = {source}", source) for name, source, _ in now]
    chosen = settle(ranked, (), room, cost)
    assert settle([*ranked, *(each for each in chosen if each not in ranked)], chosen, room, cost) == chosen


def test_a_suffix_that_hardly_changed_is_taken_for_unchanged():
    below = "".join(f"    value = compute({line})\n" for line in range(20))
    assert steady_suffix(")\n" + below, "\n" + below) == "\n" + below
    assert steady_suffix("\n" + below, "\n" + below) == "\n" + below
    other = "    return self.other(first, second)\n" * 3 + below
    assert steady_suffix(other, "\n" + below) == other
    assert steady_suffix("", below) == ""
    assert steady_suffix(")", "") == ")"


def test_a_budget_leaves_the_window_room_for_the_answer():
    small = ModelProfile(name="small", context_window=2048)
    assert prompt_budget(BY_NAME["qwen-coder"], wanted_tokens=2048, answer_tokens=128) == 2048
    assert prompt_budget(small, wanted_tokens=4096, answer_tokens=128) + 128 < 2048
    assert prompt_budget(small, wanted_tokens=4096, answer_tokens=128, context_window=512) + 128 < 512
    assert prompt_budget(small, wanted_tokens=4096, answer_tokens=4096) == 0


def test_marks_of_gaps_stand_only_between_lines_that_are_added():
    shown, found = (
        snippet("a.py", "one = 1\n# …\n    two()"),
        snippet("a.py", "one = 1\n# …\n    two()\n# …\n    three()"),
    )
    longer = snippet("a.py", "one = 1\n# …\n    two()\n# …\n    three()\n# …\n    four()")
    assert [each.text for each in settle([found], [shown], 40, cost)] == [found.text]
    added = settle([shown, snippet("b.py", "b = 1"), longer], [], 40, cost)
    assert [each.text for each in added] == [shown.text, "b = 1", "    three()\n# …\n    four()"]
