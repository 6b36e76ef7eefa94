"""What is learned of a user: nothing from nothing, more from more, and not for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.features.calibration import acceptance
from copilot_ls.features.calibration.acceptance import AcceptanceModel, base_log_odds, probability_of

CHANCES = st.none() | st.floats(0.01, 0.99)
FEATURES = st.dictionaries(st.sampled_from(["always", "place:a", "place:b", "length"]), st.floats(-1, 1), min_size=1)


@given(CHANCES, FEATURES)
def test_without_history_the_backend_is_believed(said, features):
    believed = AcceptanceModel().likelihood(features, said)
    assert abs(believed.probability - probability_of(base_log_odds(said))) < 1e-9
    assert believed.sd >= 0


@given(CHANCES, st.integers(1, 200), st.integers(0, 200))
def test_each_acceptance_makes_the_next_likelier_and_each_rejection_less_likely(said, n_before, n_taken):
    model, features = AcceptanceModel(), {"always": 1.0}
    for number in range(n_before):
        model.learn(features, said, float(number < n_taken))
    before = model.likelihood(features, said).log_odds
    for taken in (1.0, 0.0):
        after = AcceptanceModel({"always": acceptance.Weight(*_numbers(model))}, model.n)
        after.learn(features, said, taken)
        change = after.likelihood(features, said).log_odds - before
        # Fading pulls towards nothing learned, by a thousandth or so.
        assert (change if taken else -change) > -0.01 * abs(before - base_log_odds(said)) - 1e-9


def _numbers(model):
    weight = model.weights["always"]
    return weight.evidence, weight.pull


def test_what_is_learned_comes_near_to_what_happens():
    model = AcceptanceModel()
    for number in range(4_000):
        place = "place:good" if number % 2 else "place:bad"
        taken = (number // 2 % 10 == 0) == (place == "place:bad")
        model.learn({"always": 1.0, place: 1.0}, 0.5, float(taken))
    good = model.likelihood({"always": 1.0, "place:good": 1.0}, 0.5).probability
    bad = model.likelihood({"always": 1.0, "place:bad": 1.0}, 0.5).probability
    assert good > 0.8
    assert bad < 0.2


def test_a_handful_of_outcomes_changes_little():
    model = AcceptanceModel()
    for _ in range(5):
        model.learn({"always": 1.0}, 0.7, 0.0)
    assert model.likelihood({"always": 1.0}, 0.7).probability > 0.6


def test_a_change_of_taste_is_noticed():
    model, features = AcceptanceModel(), {"always": 1.0}
    for _ in range(3_000):
        model.learn(features, 0.5, 1.0)
    assert model.likelihood(features, 0.5).probability > 0.7
    for _ in range(400):
        model.learn(features, 0.5, 0.0)
    assert model.likelihood(features, 0.5).probability < 0.5, "four hundred outcomes weigh more than older thousands"


@given(st.lists(st.tuples(FEATURES, CHANCES, st.floats(0, 1)), max_size=60))
def test_whatever_happens_probabilities_stay_probabilities(history):
    model = AcceptanceModel()
    for features, said, taken in history:
        model.learn(features, said, taken)
        believed = model.likelihood(features, said)
        assert 0 < believed.probability < 1
        assert all(weight.variance > 0 for weight in model.weights.values())


def test_circumstances_are_bounded_in_number():
    model = AcceptanceModel()
    for number in range(acceptance.MOST_WEIGHTS + 50):
        model.learn({"always": 1.0, f"language:{number}": 1.0}, 0.5, 1.0)
    assert len(model.weights) == acceptance.MOST_WEIGHTS
    assert "always" in model.weights


def test_what_is_added_is_said_in_order_of_weight():
    model = AcceptanceModel()
    for _ in range(50):
        model.learn({"always": 1.0, "little": 0.1}, 0.5, 0.0)
    (first, _, much), (second, _, little) = model.contributions({"always": 1.0, "little": 0.1, "unknown": 1.0})
    assert (first, second) == ("always", "little")
    assert much < little < 0
