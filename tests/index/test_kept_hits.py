"""Declarations that are kept between questions."""

from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.index.hits import DefinitionHit
from copilot_ls.index.kept_hits import KeptHits


def hits(name, n):
    return [DefinitionHit(name, "function", "a.py", line, line + 1, "", f"def {name}(): ...", 0) for line in range(n)]


def test_an_answer_is_kept_and_may_be_changed_by_who_asked():
    kept = KeptHits()
    kept.put(("send", 20), hits("send", 2))
    kept.get(("send", 20)).clear()
    assert kept.get(("send", 20)) == hits("send", 2)
    assert kept.get(("send", 6)) is None
    kept.put(("nobody", 20), [])
    assert kept.get(("nobody", 20)) == []
    kept.clear()
    assert kept.get(("send", 20)) is None


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), max_size=60))
def test_what_was_asked_for_last_is_kept_within_the_bound(asked):
    kept = KeptHits()
    for name, n in asked:
        question = (f"name_{name}",)
        if kept.get(question) is None:
            kept.put(question, hits(question[0], n * 2_000))
        assert kept.get(question) is not None
    assert sum(len(kept.get((f"name_{name}",)) or ()) for name in range(31)) <= 16_000
