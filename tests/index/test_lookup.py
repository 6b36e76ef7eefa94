"""What the index answers."""

import logging
import sqlite3
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.worker import build

SHOP = {
    "shop/cart.py": "class Cart:\n    def add(self, item):\n        self.items.append(item)\n        return self\n",
    "shop/order.py": "def order(cart):\n    if cart.empty:\n        raise EmptyCart\n    log.info('ordered')\n    return cart\n",
    "shop/refund.py": "def refund(cart):\n    if cart.empty:\n        return None\n    log.info('refunded')\n    return cart\n",
    "web/app.ts": "export function order(cart: Cart) {\n  return cart\n}\n",
}


def test_lines_that_start_alike_come_with_the_most_frequent_first(indexed):
    index = indexed(SHOP)
    hits = index.lines_starting_with("    return ca", limit=10)
    assert [(hit.text, hit.count) for hit in hits] == [("return cart", 3)]
    assert [hit.text for hit in index.lines_starting_with("ret", limit=10)] == [
        "return cart",
        "return None",
        "return self",
    ]
    assert hits[0].path in SHOP
    assert SHOP[hits[0].path].split("\n")[hits[0].line].strip() == "return cart"


def test_frequent_lines_win_over_all_rare_ones(indexed):
    rare = "".join(f"value_{n} = {n}\n" for n in range(300))
    index = indexed({"rare.py": rare, **{f"m{n}.py": "value_often = 1\n" * (n + 1) for n in range(5)}})
    hits = index.lines_starting_with("value_", limit=5)
    assert (hits[0].text, hits[0].count, len(hits)) == ("value_often = 1", 15, 5)


def test_lines_holding_a_piece_are_compared_character_by_character(indexed):
    index = indexed(SHOP)
    assert [hit.text for hit in index.lines_containing("cart.em", limit=5)] == ["if cart.empty:"]
    assert [hit.text for hit in index.lines_containing("log.info('re", limit=5)] == ["log.info('refunded')"]
    assert index.lines_containing("Cart.em", limit=5) == []
    assert index.lines_containing("::", limit=5) == []


def test_what_follows_a_line_prefers_places_after_the_same_line(indexed):
    index = indexed(SHOP)
    first, second = index.lines_following("if cart.empty:", previous="def refund(cart):", limit=5)
    assert (first.path, first.line, first.matched_previous) == ("shop/refund.py", 1, True)
    assert first.lines == ("    return None", "log.info('refunded')", "return cart")
    assert (second.path, second.matched_previous) == ("shop/order.py", False)
    assert index.lines_following("no such line", limit=5) == []


def test_search_finds_chunks_by_parts_of_identifiers_but_not_the_open_file(indexed):
    body = "\n" * 12 + "def load_user(user_id):\n    return database.fetch_user(user_id)\n"
    index = indexed({"a.py": body, "b.py": body, "c.ts": "function loadUser(userId) {}\n", "d.py": "x = 1\n"})
    hits = index.search(["load", "user"], limit=5, exclude_path="a.py", families={"python"})
    assert [(hit.path, hit.start, hit.end) for hit in hits] == [("b.py", 10, 14)]
    assert {hit.path for hit in index.search(["load"], limit=5)} == {"a.py", "b.py", "c.ts"}


def test_search_weighs_words(indexed):
    index = indexed({"a.py": "alpha = one\n", "b.py": "beta = two\n", "c.py": "gamma = three\n"})
    assert index.search({"alpha": 1.0, "beta": 3.0}, limit=1)[0].path == "b.py"
    assert index.search({"alpha": 3.0, "beta": 1.0}, limit=1)[0].path == "a.py"


def test_search_with_lines_finds_what_search_finds(indexed):
    index = indexed(SHOP)
    terms = ["discount", "article", "price"]
    found = index.search_lines(terms, limit=10, families={"python"})
    assert [hit for hit, _ in found] == index.search(terms, limit=10, families={"python"})
    for hit, lines in found:
        assert lines == index.file_lines(hit.path, hit.start, hit.end)


def test_common_words_only_tell_apart_what_rarer_ones_found(indexed):
    files = {"many.py": "common = 1\n" * 4_000, "both.py": "rare = common\n"}
    index = indexed(files | {f"r{n}.py": f"rare = {n}\n" for n in range(30)})
    paths = [hit.path for hit, _ in index.search_lines(["common", "rare"], limit=5)]
    assert paths[0] == "both.py"
    assert all(path.startswith("r") for path in paths[1:])
    assert len(index.search_lines(["common"], limit=5)) == 5


def test_files_are_named_by_themselves_or_their_folder(indexed):
    index = indexed({"pkg/tools.py": "", "pkg/tools.test.py": "x = 1\n", "tools/__init__.py": "", "other.py": ""})
    assert {each.path for each in index.files_named("tools")} == {
        "pkg/tools.py", "pkg/tools.test.py", "tools/__init__.py",
    }  # fmt: skip
    assert index.files_named("nothing") == []


def test_definitions_members_and_files(indexed):
    index = indexed(SHOP)
    found = index.definitions(["Cart", "order", "nothing"])
    assert {name: sorted(hit.path for hit in hits) for name, hits in found.items()} == {
        "Cart": ["shop/cart.py"],
        "order": ["shop/order.py", "web/app.ts"],
    }
    assert [hit.signature for hit in index.members("Cart", "shop/cart.py")] == ["    def add(self, item):"]
    assert [hit.name for hit in index.file_definitions("shop/order.py")] == ["order"]
    assert index.file("web/app.ts").family == "web"
    assert len(index.files()) == len(SHOP)


def test_stored_lines_are_those_of_the_file_across_blocks_and_line_ends(indexed):
    lines = [f"line {n} ä" for n in range(500)]
    index = indexed({"a.py": "\r\n".join(lines) + "\r\n", "b.py": "x = 1"})
    assert index.file_lines("a.py", 70, 170) == lines[70:170]
    assert index.file_lines("a.py", 490, 600) == lines[490:]
    assert index.file_lines("a.py", 600, 700) == []
    assert index.file_lines("b.py", -5, 10) == ["x = 1"]
    assert index.file_lines("../etc/passwd", 0, 10) == []


def test_there_is_no_index_before_one_was_built(database):
    assert WorkspaceIndex.open(database) is None
    index = WorkspaceIndex(database)
    assert (index.files(), index.search(["a"], limit=3), index.lines_starting_with("a", limit=3)) == ([], [], [])


def test_an_index_that_appears_or_is_built_anew_is_noticed(indexed, write, database):
    early = WorkspaceIndex(database, query_ms=5_000)
    assert early.files() == []
    indexed(SHOP)
    assert len(early.files()) == len(SHOP)
    database.unlink()
    (database.parent / "index.db-wal").unlink(missing_ok=True)
    (database.parent / "index.db-shm").unlink(missing_ok=True)
    build(write({"one_more.py": "x = 1\n"}), database, tell=lambda _: None)
    assert len(early.files()) == len(SHOP) + 1
    early.close()


@pytest.mark.parametrize("damage", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_damaged_index_answers_nothing_and_says_so_once(database, damage, caplog):
    database.parent.mkdir(parents=True)
    database.write_bytes(damage)
    index = WorkspaceIndex(database)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert index.lines_starting_with("a", limit=3) == []
            assert index.search(["a"], limit=3) == []
            assert index.definitions(["a"]) == {}
    assert len(caplog.records) == 1
    assert "copilot-ls index" in caplog.text


def test_a_database_of_another_form_is_not_read(indexed, database, caplog):
    indexed(SHOP).close()
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    with caplog.at_level(logging.WARNING):
        assert WorkspaceIndex(database).files() == []
    assert "999" in caplog.text


def test_a_database_that_is_only_just_being_made_is_no_fault(indexed, write, database, caplog):
    database.parent.mkdir(parents=True)
    sqlite3.connect(database).close()
    database.touch()
    early = WorkspaceIndex(database, query_ms=5_000)
    with caplog.at_level(logging.WARNING):
        assert early.lines_starting_with("x", limit=3) == []
    assert not caplog.records
    indexed(SHOP)
    assert len(early.files()) == len(SHOP)
    early.close()


def test_a_question_out_of_time_answers_what_it_has_without_complaint(indexed, database, caplog):
    indexed({f"m{n}.py": f"common = {n}\n" * 200 for n in range(60)}).close()
    ticks = iter(range(10**9))
    index = WorkspaceIndex(database, query_ms=1, clock=lambda: float(next(ticks)))
    with caplog.at_level(logging.WARNING):
        for question in (
            lambda: index.search(["common"], limit=10),
            lambda: index.lines_starting_with("com", limit=1_000),
            lambda: index.lines_containing("common", limit=1_000),
        ):
            assert isinstance(question(), list)
    index.close()
    assert not caplog.records
    index.close()


def test_threads_may_share_it(indexed):
    index = indexed(SHOP)
    wrong = []

    def ask():
        for _ in range(30):
            if len(index.lines_starting_with("return cart", limit=5)) != 1:
                wrong.append(1)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(st.characters(), max_size=60))
def test_any_words_are_asked_without_an_error(indexed_once, text):
    for hit in indexed_once.lines_containing(text, limit=3):
        assert text.strip() in hit.text
    for hit in indexed_once.lines_starting_with(text, limit=3):
        assert hit.text.startswith(text.lstrip())
    indexed_once.lines_following(text, limit=3, previous=text)
    indexed_once.search([text, text.lower()], limit=3)
    indexed_once.definitions([text])
    warned, indexed_once._warned = indexed_once._warned, False
    assert not warned


@pytest.fixture(scope="module")
def indexed_once(tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    for path, text in SHOP.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)
    database = tmp_path_factory.mktemp("cache") / "index.db"
    build(root, database, tell=lambda _: None)
    index = WorkspaceIndex(database, query_ms=5_000)
    yield index
    index.close()
