"""Context from all sources, within a budget and a deadline."""

import logging

from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.context import gather as gather_module
from copilot_ls.context.candidate import Candidate
from copilot_ls.context.gather import gather
from copilot_ls.context.recent_edits import RecentEditLog
from copilot_ls.context.request import ContextRequest, relative_path
from copilot_ls.prompt.tokens import estimate
from copilot_ls.text import DocumentSnapshot, Point, TextBuffer, TextSnapshot

PRICES = {
    "shop/prices.py": "def discounted_price(article, percent):\n    return article.price * (100 - percent) / 100\n",
    "shop/stock.py": "def count_stock(article):\n    return warehouse.lookup(article.number)\n",
    "web/prices.ts": "function discountedPrice(article, percent) {\n  return article.price\n}\n",
}
MARKED = "def invoice(article):\n    total = discounted_price(article, █\n"


def ask(request, budget_tokens=1_000, **options):
    return gather(request, deadline_ms=5_000, budget_tokens=budget_tokens, **options)


def test_similar_code_of_the_same_languages_is_found_and_never_the_open_file(request_at):
    found = ask(request_at("shop/invoice.py", MARKED, PRICES))
    assert {snippet.path for snippet in found.snippets} <= {"shop/prices.py", "shop/stock.py"}
    assert any("100 - percent" in snippet.text for snippet in found.snippets)


def test_snippets_of_code_are_whole_lines_of_their_file(request_at):
    found = ask(request_at("shop/invoice.py", MARKED, PRICES))
    for snippet in found.snippets:
        if snippet.source == "similar_code":
            assert snippet.text.split("\n") == PRICES[snippet.path].split("\n")[snippet.start_line : snippet.end_line]


def test_what_stands_around_the_cursor_is_not_shown_again(request_at):
    copied = PRICES["shop/prices.py"]
    request = request_at("shop/invoice.py", copied + "\n" + MARKED, {"shop/copy.py": copied})
    assert all(snippet.source != "similar_code" for snippet in ask(request).snippets)


def test_open_files_are_read_as_they_are_in_the_editor(request_at):
    opened = {"shop/draft.py": "def discounted_price(article, percent, total):\n    unsaved = article\n"}
    found = ask(request_at("shop/invoice.py", MARKED, PRICES, opened))
    (draft,) = [snippet for snippet in found.snippets if snippet.path == "shop/draft.py"]
    assert (draft.source, draft.start_line) == ("open_files", 0)
    assert "unsaved = article" in draft.text


def test_secrets_that_are_open_are_not_shown(request_at):
    opened = {"shop/.env.py": MARKED, "shop/id_rsa.py": MARKED}
    assert ask(request_at("shop/invoice.py", MARKED, {}, opened)).snippets == ()


def test_recent_edits_elsewhere_are_shown_as_they_are_now(request_at):
    clock = iter(range(100))
    log = RecentEditLog(lambda: float(next(clock)))
    request = request_at("shop/invoice.py", MARKED, {}, {"shop/other.py": "a = 1\nb = 2\nlately = 3\nd = 4\n"})
    buffer = TextBuffer("a = 1\nb = 2\n\nd = 4\n")
    edit = buffer.edit(Point(2, 0), Point(2, 0), "lately = 3")
    log.note((request.root / "shop/other.py").as_uri(), [edit], buffer.snapshot())
    log.note(request.document.uri, [buffer.edit(Point(0, 0), Point(0, 0), "x")], buffer.snapshot())
    request = ContextRequest(request.document, request.cursor, request.root, request.open_documents, None, log.latest())
    (snippet,) = [each for each in ask(request).snippets if each.source == "recent_edits"]
    assert snippet.path == "shop/other.py"
    assert "lately = 3" in snippet.text


def test_without_an_index_and_without_a_folder_there_is_still_an_answer(request_at):
    request = request_at("shop/invoice.py", MARKED, with_index=False)
    assert ask(request).snippets == ()
    homeless = DocumentSnapshot("untitled:1", "", "python", 1, TextSnapshot.of("x = 1"))
    assert ask(ContextRequest(homeless, Point(0, 5))).snippets == ()


def test_the_budget_is_kept_and_what_did_not_fit_is_named(request_at):
    files = {
        f"m{n}.py": f"def discounted_price_{n}(article, percent):\n    return article, percent, {n}\n" * 5
        for n in range(30)
    }
    request = request_at("shop/invoice.py", MARKED, files)
    for budget in (0, 20, 100, 400):
        found = ask(request, budget)
        assert sum(snippet.tokens for snippet in found.snippets) <= budget
        assert any(each.reason == "budget" for each in found.dropped)


def test_nothing_is_shown_twice(request_at):
    text = PRICES["shop/prices.py"]
    found = ask(request_at("shop/invoice.py", MARKED, PRICES, {"shop/prices.py": text}))
    lines = [line for each in found.snippets if each.path == "shop/prices.py" for line in each.text.split("\n")]
    assert sorted(lines) == sorted(text.split("\n"))


def test_lines_of_one_file_are_shown_together_in_their_order(request_at):
    files = {"shop/prices.py": PRICES["shop/prices.py"] + "".join(f"row_{n} = {n}\n" for n in range(30))}
    files["shop/prices.py"] += "def discounted_total(articles, percent):\n    return sum(articles)\n"
    (snippet,) = ask(request_at("shop/invoice.py", MARKED, files)).snippets
    lines = files["shop/prices.py"].split("\n")
    at = snippet.start_line - 1
    for line in snippet.text.split("\n"):
        at = lines.index(line, at + 1)
    assert at == snippet.end_line - 1


def test_the_signature_of_what_is_called_is_shown_though_its_name_is_known(request_at):
    files = {**PRICES, **{f"m{n}.py": "price = article\ncost = discount\n" * 20 for n in range(20)}}
    found = ask(request_at("shop/invoice.py", MARKED, files), 60)
    assert any("def discounted_price(article, percent):" in snippet.text for snippet in found.snippets)


def test_a_deadline_that_has_passed_answers_nothing_and_says_so(request_at):
    request = request_at("shop/invoice.py", MARKED, PRICES)
    found = gather(request, deadline_ms=0, budget_tokens=1_000)
    assert found.snippets == ()
    assert {each.reason for each in found.dropped} == {"deadline"}


def test_a_cancelled_gathering_stops(request_at):
    assert ask(request_at("shop/invoice.py", MARKED, PRICES), is_cancelled=lambda: True).snippets == ()


def test_a_source_that_fails_costs_only_itself_and_logs_no_source_text(request_at, monkeypatch, caplog):
    def broken(situation):
        raise ValueError(situation.line_prefix)

    sources = tuple((name, broken if name == "definitions" else ask) for name, ask in gather_module._BY_LINES)
    monkeypatch.setattr(gather_module, "_BY_LINES", sources)
    with caplog.at_level(logging.DEBUG):
        found = ask(request_at("shop/invoice.py", MARKED, PRICES))
    assert any(each.source == "similar_code" for each in found.snippets)
    assert any(each.reason == "failed: ValueError" for each in found.dropped)
    assert "discounted_price" not in caplog.text


def test_a_line_of_megabytes_is_no_trouble(request_at):
    found = ask(
        request_at("shop/big.py", "x = '" + "a b " * 500_000 + "█'\n" + "y = [" + "1, " * 500_000 + "]\n", PRICES)
    )
    assert found.took_ms < 5_000


@settings(max_examples=50, deadline=None)
@given(
    budget=st.integers(0, 300),
    sizes=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30), st.integers(1, 20)), max_size=20),
)
def test_whole_candidates_fit_and_do_not_overlap(budget, sizes):
    candidates = [
        Candidate(path, start, start + n, [f"line_{at}" for at in range(n)], "open_files", 9.0)
        for path, start, n in sizes
    ]
    choice = gather_module._Choice(budget, len, 0)
    dropped = []
    gather_module._take(choice, candidates, budget, dropped)
    assert sum(each.tokens for each in choice.taken) == budget - choice.left <= budget
    assert len(choice.taken) + len(dropped) == len(candidates)
    for path, spans in choice.spans.items():
        for at, (start, end) in enumerate(spans):
            assert not any(start < its_end and its_start < end for its_start, its_end in spans[at + 1 :]), path


def test_paths_are_relative_to_the_folder_with_forward_slashes(tmp_path):
    assert relative_path(str(tmp_path / "a" / "b.py"), tmp_path) == "a/b.py"
    assert relative_path("/elsewhere/b.py", tmp_path) == "/elsewhere/b.py"
    assert relative_path("", tmp_path) == ""


# --- marks of gaps

LONG = (
    "def invoice(article, customer):\n    discounted_price(article, customer.discount)\n    article, customer = customer, article\n"
    "    send_invoice(customer.address)\n"
)


def test_lines_that_are_left_out_between_statements_are_marked(request_at):
    files = {"shop/long.py": LONG}
    marked = "def bill(article, customer):\n    discounted_price(█\n"
    request = request_at("shop/bill.py", marked, files)
    found = gather(request, deadline_ms=5_000, budget_tokens=36, gap_mark="# …", estimate_tokens=estimate)
    texts = [each.text for each in found.snippets]
    assert texts == [
        "def invoice(article, customer):\n    discounted_price(article, customer.discount)\n# …\n    send_invoice(customer.address)"
    ]
    assert sum(each.tokens for each in found.snippets) <= 36
    without = gather(request, deadline_ms=5_000, budget_tokens=36, estimate_tokens=estimate)
    assert "…" not in "\n".join(each.text for each in without.snippets)
