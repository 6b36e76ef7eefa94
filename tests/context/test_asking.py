"""Sources are asked side by side: one that hangs, fails or is late costs only itself."""

import threading

from copilot_ls.context import asking
from copilot_ls.context.asking import ask
from copilot_ls.context.candidate import Candidate
from copilot_ls.context.gather import gather
from copilot_ls.context.request import Situation

FOUND = [Candidate("a.py", 0, 1, ["x"], "one", 1.0)]


class Hanging:
    """A source that answers when it is let go, and says when it is being asked."""

    def __init__(self):
        self.asked, self.go = threading.Semaphore(0), threading.Event()
        self.n_asked = 0

    def __call__(self, situation):
        self.n_asked += 1
        self.asked.release()
        assert self.go.wait(60)
        return FOUND


def test_all_sources_answer_in_the_order_of_asking(request_at):
    situation = Situation(request_at("a.py", "x█", with_index=False))
    asked = []
    answers = ask([(name, lambda _, name=name: asked.append(name) or FOUND) for name in "abc"], situation)
    assert (asked, list(answers.found), answers.reasons) == (["a", "b", "c"], ["a", "b", "c"], {})


def test_a_source_that_hangs_costs_only_itself(request_at):
    hanging, others = Hanging(), threading.Semaphore(0)

    def other(situation):
        others.release()
        return FOUND

    n_given = []

    def is_over():  # once both others have answered
        n_given.append(others.acquire(blocking=False))
        return sum(n_given) == 2

    situation = Situation(request_at("a.py", "x█", with_index=False), is_over)
    try:
        answers = ask([("stuck", hanging), ("second", other), ("third", other)], situation)
    finally:
        hanging.go.set()
    assert answers.reasons["stuck"] == "deadline"
    assert answers.found["stuck"] == []


def test_threads_do_not_pile_up_in_a_source_that_hangs(request_at, monkeypatch):
    monkeypatch.setattr(asking, "_HANGING", asking._Hanging())
    hanging = Hanging()
    request = request_at("a.py", "x█", with_index=False)
    reasons = []
    try:
        for _ in range(5):

            def is_over():
                return hanging.asked.acquire(timeout=0.001)

            reasons.append(ask([("stuck", hanging)], Situation(request, is_over)).reasons["stuck"])
    finally:
        hanging.go.set()
    assert reasons == ["deadline", "deadline", "busy", "busy", "busy"]
    assert hanging.n_asked == asking._MOST_HANGING


def test_a_source_that_fails_is_named_by_the_type_of_its_error(request_at):
    def failing(situation):
        raise ValueError(situation.line_prefix)

    situation = Situation(request_at("a.py", "x█", with_index=False))
    answers = ask([("failing", failing), ("other", lambda _: FOUND)], situation)
    assert answers.reasons == {"failing": "failed: ValueError"}
    assert answers.found == {"failing": [], "other": FOUND}


def test_a_gathering_goes_on_without_a_source_that_hangs(request_at, monkeypatch):
    from copilot_ls.context import gather as gather_module

    monkeypatch.setattr(asking, "_HANGING", asking._Hanging())
    hanging = Hanging()
    sources = tuple((name, hanging if name == "usages" else each) for name, each in gather_module._BY_LINES)
    monkeypatch.setattr(gather_module, "_BY_LINES", sources)
    files = {"shop/prices.py": "def discounted_price(article, percent):\n    return article.price * percent\n"}
    request = request_at("shop/invoice.py", "total = discounted_price(article, █\n", files)
    try:
        found = gather(request, deadline_ms=4_000, budget_tokens=1_000)
    finally:
        hanging.go.set()
    assert any(snippet.path == "shop/prices.py" for snippet in found.snippets)
    assert [each.source for each in found.dropped if each.reason == "deadline"] == ["usages", "declarations"]
