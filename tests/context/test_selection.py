"""Choosing lines: what holds the most that is likely to be needed, per token."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.context.selection import Line, choose, reads_on
from copilot_ls.prompt.tokens import estimate

NAMES = [f"name_{n}" for n in range(12)]


def line(number, words, *, path="a.py", declares="", worth=0.0):
    return Line(path, number, f"    use({', '.join(words)})", frozenset(words), declares, "similar_code", worth)


def numbers(lines, chances, budget=1_000):
    return [each.line.number for each in choose(lines, chances, budget=budget, estimate=estimate)]


def test_the_likeliest_per_token_comes_first():
    lines = [line(1, ["rare"]), line(2, ["likely"]), line(3, ["likely", "other"])]
    assert numbers(lines, {"likely": 0.5, "rare": 0.01, "other": 0.4})[0] == 3


def test_what_is_held_already_counts_for_nothing():
    lines = [line(1, ["likely", "other"]), line(2, ["likely"]), line(3, ["rare"])]
    assert numbers(lines, {"likely": 0.5, "rare": 0.01, "other": 0.4}) == [1, 3]


def test_a_line_that_declares_comes_before_one_that_uses():
    lines = [line(1, ["likely"]), line(2, ["likely"], declares="likely")]
    assert numbers(lines, {"likely": 0.5}) == [2]


def test_a_declaration_is_shown_after_a_use_that_brought_more():
    lines = [line(1, ["likely", "other"]), line(2, ["likely"], declares="likely")]
    assert numbers(lines, {"likely": 0.5, "other": 0.9}) == [1, 2]


def test_a_file_that_is_shown_already_comes_before_another_one():
    lines = [line(1, ["one"]), line(2, ["two"], path="b.py"), line(3, ["three"])]
    assert numbers(lines, {"one": 0.5, "two": 0.31, "three": 0.3}) == [1, 3, 2]


def test_lines_without_chances_are_left_out():
    assert numbers([line(1, ["unknown"]), line(2, [], worth=0.1)], {"other": 1.0}) == [2]


lines_of_any_kind = st.lists(
    st.builds(
        lambda number, words, path, declares, worth: line(
            number, words, path=path, declares=words[0] if declares and words else "", worth=worth
        ),
        st.integers(0, 50),
        st.lists(st.sampled_from(NAMES), max_size=5, unique=True),
        st.sampled_from(["a.py", "b.py", "c.py"]),
        st.booleans(),
        st.sampled_from([0.0, 1 / 64]),
    ),
    max_size=40,
    unique_by=lambda each: (each.path, each.number),
)
any_chances = st.dictionaries(st.sampled_from(NAMES), st.floats(0, 1), max_size=12)


@given(lines_of_any_kind, any_chances, st.integers(0, 200))
def test_the_budget_is_kept_and_no_line_is_chosen_twice(lines, chances, budget):
    chosen = choose(lines, chances, budget=budget, estimate=estimate)
    assert sum(estimate(each.line.text + "\n") for each in chosen) <= budget
    places = [(each.line.path, each.line.number) for each in chosen]
    assert len(places) == len(set(places))
    assert all(each.gain > 0 for each in chosen)


@given(lines_of_any_kind, any_chances, st.integers(0, 200), st.integers(0, 30))
def test_headers_count_once_for_each_file(lines, chances, budget, header_tokens):
    chosen = choose(lines, chances, budget=budget, estimate=estimate, header_tokens=header_tokens)
    n_files = len({each.line.path for each in chosen})
    assert sum(estimate(each.line.text + "\n") for each in chosen) + n_files * header_tokens <= budget


@given(lines_of_any_kind, any_chances, st.integers(0, 200), st.integers(0, 200))
def test_a_larger_budget_chooses_the_same_lines_first(lines, chances, one, other):
    small, large = (choose(lines, chances, budget=each, estimate=estimate) for each in sorted((one, other)))
    assert large[: len(small)] == small


def plainly(lines, chances, budget):
    """What `choose` promises, line by line: the best one for its tokens, looked for among all of them each time."""
    left, chosen, held, declared, paths = list(lines), [], set(), set(), set()

    def gain_of(each):
        declares = each.declares in each.words - declared
        gain = each.worth + sum(chances.get(name, 0) for name in each.words - held)
        return gain + (chances.get(each.declares, 0) if declares else 0)

    def rate_of(each):
        return gain_of(each) / (2 + len(each.text.strip()) / 3.3 + (0 if each.path in paths else 5))

    while left:
        best = max(left, key=rate_of)
        budget -= estimate(best.text + "\n")
        if not gain_of(best) or budget < 0:
            break
        chosen.append(best)
        left.remove(best)
        held |= best.words
        declared.add(best.declares)
        paths.add(best.path)
    return chosen


# Such that sums are the same in any order.
exact_chances = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 64).map(lambda n: n / 64), max_size=12)


@given(lines_of_any_kind, exact_chances)
def test_the_best_line_for_its_tokens_comes_next(lines, chances):
    chosen = choose(lines, chances, budget=150, estimate=estimate)
    assert [each.line for each in chosen] == plainly(lines, chances, 150)


# --- marks of gaps


def with_marks(chosen):
    """How many marks the chosen lines need, as they are shown."""
    by_path = {}
    for each in chosen:
        by_path.setdefault(each.line.path, []).append(each.line)
    n_marks = 0
    for its in by_path.values():
        its.sort(key=lambda each: each.number)
        n_marks += sum(after.number - one.number > 1 and reads_on(after) for one, after in itertools.pairwise(its))
    return n_marks


def test_only_what_would_be_read_as_the_next_statement_has_a_mark():
    assert reads_on(Line("a.py", 3, "    total += price", frozenset(), "", "similar_code"))
    assert not reads_on(Line("a.py", 3, "total += price", frozenset(), "", "similar_code"))
    assert not reads_on(Line("a.py", 3, "    def total(self):", frozenset(), "", "similar_code"))
    assert not reads_on(Line("a.py", 3, "    price: int", frozenset(), "", "definitions"))


@given(lines_of_any_kind, st.integers(0, 60), st.integers(1, 6))
def test_marks_of_gaps_are_within_the_budget(lines, budget, gap_tokens):
    chances = {name: 0.1 + 0.05 * at for at, name in enumerate(NAMES)}
    chosen = choose(lines, chances, budget=budget, estimate=estimate, gap_tokens=gap_tokens)
    assert sum(each.tokens for each in chosen) + gap_tokens * with_marks(chosen) <= budget
    larger = choose(lines, chances, budget=budget * 2, estimate=estimate, gap_tokens=gap_tokens)
    assert [each.line for each in larger][: len(chosen)] == [each.line for each in chosen]
