"""How likely identifiers are to be written next."""

from copilot_ls.context.candidate import Candidate
from copilot_ls.context.relevance import FEATURES, chances, features
from copilot_ls.context.request import Situation


def chunk(text, score=10.0, path="other/stock.py"):
    return Candidate(path, 0, text.count("\n") + 1, text.split("\n"), "similar_code", score)


def ranked(request, *similar, declaring=()):
    found = chances(similar, declaring, Situation(request), limit=100)
    return sorted(found, key=lambda name: -found[name])


def test_what_the_open_file_has_is_not_asked_about(request_at):
    request = request_at("shop/a.py", "known = 1\nx = █\n", with_index=False)
    assert ranked(request, chunk("x = known + novel")) == ["novel"]


def test_words_of_languages_are_not_asked_about(request_at):
    request = request_at("shop/a.py", "x = █\n", with_index=False)
    assert set(ranked(request, chunk("for each in None: return yields"))) == {"each", "yields"}


def test_the_most_similar_code_speaks_loudest(request_at):
    request = request_at("shop/a.py", "x = █\n", with_index=False)
    assert ranked(request, chunk("one", 10.0), chunk("two", 2.0)) == ["one", "two"]


def test_members_come_first_after_a_dot(request_at):
    similar = chunk("shelf.weight\nweightless = shelf")
    members = ranked(request_at("shop/a.py", "shelf\nx.█\n", with_index=False), similar)
    assert members == ["weight", "weightless"]


def test_what_follows_the_same_tokens_comes_first(request_at):
    similar = chunk("drawer.handle\nshelf.weight")
    assert ranked(request_at("shop/a.py", "drawer, shelf\nshelf.█\n", with_index=False), similar)[0] == "weight"


def test_a_typed_beginning_comes_before_everything(request_at):
    similar = [chunk("one", 10.0), chunk("weight", 1.0)]
    assert ranked(request_at("shop/a.py", "x = we█\n", with_index=False), *similar)[0] == "weight"


def test_what_something_referred_to_declares_is_likelier_than_its_parameters(request_at):
    declaring = [
        Candidate("net/client.py", 4, 5, ["def send(parcel)"], "definitions", 12.0, (4,), ("send",)),
    ]
    request = request_at("shop/a.py", "client.█\n", with_index=False)
    assert ranked(request, declaring=declaring) == ["send", "parcel"]


def test_there_is_a_value_for_each_feature(request_at):
    request = request_at("shop/a.py", "x = █\n", with_index=False)
    assert all(len(values) == len(FEATURES) for values in features([chunk("one")], [], Situation(request)).values())


def test_regular_expressions_in_the_line_are_taken_literally(request_at):
    request = request_at("shop/a.py", "x = a[(*+?█\n", with_index=False)
    assert ranked(request, chunk("other\ny = b[(*+? novel"))[0] == "novel"
