"""From key to key a prompt changes no more than it must, and never at the price of the best snippets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.context.snippet import ContextSnippet
from copilot_ls.prompt.budget import prompt_budget
from copilot_ls.prompt.profiles import BY_NAME, ModelProfile
from copilot_ls.prompt.steady import laid_out, settle, steady_suffix


def snippets(names: str, source: str = "similar_code") -> list[ContextSnippet]:
    return [ContextSnippet(f"{name}.py", 0, 3, f"{name} = 1\n", source, 1.0, 10) for name in names]


def settled(ranked: str, previous: str, room: int, source: str = "similar_code") -> str:
    chosen = settle([(each, 10) for each in snippets(ranked, source)], snippets(previous, source), room)
    return "".join(each.path[0] for each in chosen)


def test_without_a_last_prompt_the_best_stand_in_the_order_of_their_places():
    assert settled("cab", "", 20) == "ac"


def test_what_was_shown_stays_where_it_was_and_what_is_new_stands_behind_it():
    assert settled("abcd", "dc", 40) == "dcab"


def test_most_goes_by_rank_and_the_rest_prefers_what_was_shown():
    assert settled("abcdefg", "fe", 50) == "feabc"


def test_what_gives_way_stood_behind_what_stays():
    assert settled("abcdefg", "gfe", 50) == "gfabc"


def test_what_was_not_found_again_is_gone():
    assert settled("ab", "xyz", 40) == "ab"


def test_what_has_another_text_is_another_snippet():
    changed = [ContextSnippet("a.py", 0, 3, "a = 2\n", "similar_code", 1.0, 10)]
    assert settle([(changed[0], 10)], snippets("a"), 10) == changed


def test_volatile_snippets_stand_last_the_best_nearest_to_the_file():
    stable, edits = snippets("b"), snippets("xa", "recent_edits")
    assert [each.path[0] for each in laid_out([*edits, *stable], [*edits, *stable])] == ["b", "a", "x"]


def test_each_source_has_its_share_where_not_all_fit():
    ranked = [(each, 10) for each in [*snippets("abcdef", "definitions"), *snippets("uvwxyz")]]
    chosen = settle(ranked, (), 60)
    assert sorted(each.source for each in chosen) == ["definitions"] * 3 + ["similar_code"] * 3


RANKED = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["definitions", "recent_edits", "x"]), st.integers(1, 40)),
    max_size=12,
    unique_by=lambda each: each[:2],
)


@given(RANKED, RANKED, st.integers(0, 200))
def test_the_room_holds_and_nothing_is_made_up(now, then, room):
    ranked, previous = (
        [(ContextSnippet(f"{name}.py", 0, 1, name, source, 1.0, cost), cost) for name, source, cost in found]
        for found in (now, then)
    )
    chosen = settle(ranked, [each for each, _ in previous], room)
    costs = {id(each): cost for each, cost in ranked}
    assert sum(costs[id(each)] for each in chosen) <= room or sum(costs.values()) <= room
    assert len({id(each) for each in chosen}) == len(chosen)
    again = settle(ranked, chosen, room)
    stable = [each for each in chosen if each.source != "recent_edits"]
    kept = [each for each in again if each in stable]
    assert kept == [each for each in stable if each in again]


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
