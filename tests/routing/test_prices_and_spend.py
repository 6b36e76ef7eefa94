"""What a request costs, and what was paid: exact, shared by servers, and not lost with one of them."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.backends.base import Usage
from copilot_ls.config.settings import BackendSettings
from copilot_ls.routing.prices import prices_of
from copilot_ls.routing.spend import SpendLog

NOON = datetime(2026, 11, 25, 12).astimezone().timestamp()


def prices(**given):
    return prices_of(BackendSettings(kind="openai", **given))


def test_without_any_price_there_is_none():
    assert prices() is None


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        (Usage(1_000_000, 0, 0), 3.0),
        (Usage(1_000_000, 1_000_000, 0), 0.3),
        (Usage(1_000_000, 0, 0, 1_000_000), 3.75),
        (Usage(1_000_000, 400_000, 100_000, 200_000), 0.4 * 3 + 0.4 * 0.3 + 0.2 * 3.75 + 0.1 * 15),
        (Usage(0, 0, 1_000_000), 15.0),
        (Usage(None, None, None), 0.0),
        (Usage(10, 20, 0), 20 * 0.3 / 1e6),
    ],
)
def test_each_kind_of_token_has_its_price(usage, cost):
    ours = prices(input_price=3.0, cached_input_price=0.3, cache_write_price=3.75, output_price=15.0)
    assert ours.cost_of(usage) == pytest.approx(cost)


def test_prices_that_are_not_given_are_those_of_input_and_a_request_has_one_too():
    ours = prices(input_price=2.0, request_price=0.5)
    assert ours.cost_of(Usage(1_000_000, 500_000, 7, 100_000)) == pytest.approx(2.5)


@given(st.tuples(*[st.integers(0, 10_000)] * 4), st.tuples(*[st.floats(0, 100)] * 4))
def test_no_request_costs_more_than_its_bound(counts, given_prices):
    fresh, cached, written, output = counts
    names = ("input_price", "cached_input_price", "cache_write_price", "output_price")
    ours = prices(**dict(zip(names, given_prices, strict=True)))
    n_input = fresh + cached + written
    cost = ours.cost_of(Usage(n_input, cached, output, written))
    assert cost <= ours.at_most(n_input, output) * (1 + 1e-9) + 1e-12


# The log


@pytest.fixture
def problems():
    return []


@pytest.fixture
def log_at(tmp_path, problems):
    """A log of its own, as another server's would be, at a time."""

    def make(at=NOON, folder=tmp_path / "state"):
        return SpendLog(folder, wall_clock=lambda: at, on_problem=problems.append)

    return make


def spend(log, backend, cost):
    log.settle(backend, 0.0, cost)


def test_what_one_server_pays_the_others_know_after_a_sync(log_at):
    one, other = log_at(), log_at()
    spend(one, "cloud", 0.25)
    spend(one, "cloud", 0.5)
    spend(other, "local", 1.0)
    assert one.today() == 0.75
    for log in (one, other, one):
        log.sync()
    assert one.today("cloud") == other.today("cloud") == 0.75
    assert one.today() == other.today() == 1.75
    assert not one.has_pending


def test_it_is_there_after_a_restart(log_at):
    log = log_at()
    spend(log, "cloud", 0.25)
    log.sync()
    again = log_at()
    again.sync()
    assert again.this_month("cloud") == 0.25


def test_days_and_months_end(log_at):
    log = log_at()
    spend(log, "cloud", 2.0)
    log.sync()
    tomorrow = log_at(NOON + timedelta(days=1).total_seconds())
    tomorrow.sync()
    assert (tomorrow.today(), tomorrow.this_month()) == (0.0, 2.0)
    next_month = log_at(NOON + timedelta(days=10).total_seconds())
    next_month.sync()
    assert (next_month.today(), next_month.this_month()) == (0.0, 0.0)


def test_what_is_reserved_counts_until_it_is_settled(log_at):
    log = log_at()
    log.reserve("cloud", 3.0)
    assert log.today() == log.today("cloud") == 3.0
    assert log.today("other") == 0.0
    log.settle("cloud", 3.0, 0.5)
    assert log.today() == 0.5


def test_torn_and_foreign_lines_cost_nothing(log_at, tmp_path):
    log = log_at()
    spend(log, "cloud", 1.0)
    log.sync()
    (file,) = (tmp_path / "state").iterdir()
    with file.open("ab") as opened:
        opened.write(b'nonsense\n[]\n{"a": 1}\n["2026-11-25", "cloud", "7"]\n["2026-11-25", "cloud", -1]\n')
        opened.write(b'["2026-11-25", "cloud", NaN]\n["2026-11-25", "clo')
    spend(log, "cloud", 1.0)
    log.sync()
    again = log_at()
    again.sync()
    assert again.today("cloud") == log.today("cloud") == 2.0


def test_a_file_that_was_deleted_is_begun_anew(log_at, tmp_path):
    log = log_at()
    spend(log, "cloud", 1.0)
    log.sync()
    (file,) = (tmp_path / "state").iterdir()
    file.unlink()
    spend(log, "cloud", 0.5)
    log.sync()
    assert json.loads(file.read_text().strip()) == ["2026-11-25", "cloud", 0.5]


def test_where_nothing_can_be_written_it_goes_on_counting_and_says_so_once(log_at, tmp_path, problems):
    (tmp_path / "file").write_text("in the way")
    log = log_at(folder=tmp_path / "file" / "state")
    for _ in range(3):
        spend(log, "cloud", 1.0)
        log.sync()
    assert log.today() == 3.0
    assert len(problems) == 1
    assert "COPILOT_LS_STATE_DIR" in problems[0]


def test_the_file_is_the_users_own_and_says_nothing_but_days_names_and_costs(log_at, tmp_path):
    log = log_at()
    spend(log, "cloud", 1.0)
    log.sync()
    (file,) = (tmp_path / "state").iterdir()
    assert file.name == "spend-2026-11.jsonl"
    assert file.stat().st_mode & 0o777 == 0o600


def test_several_processes_lose_nothing(log_at, tmp_path):
    program = textwrap.dedent("""
        import sys
        from pathlib import Path
        from copilot_ls.routing.spend import SpendLog
        log = SpendLog(Path(sys.argv[1]), wall_clock=lambda: float(sys.argv[2]), on_problem=sys.exit)
        for _ in range(200):
            log.settle("cloud", 0.0, 0.5)
            log.sync()
    """)
    run = [sys.executable, "-c", program, str(tmp_path / "state"), str(NOON)]
    processes = [subprocess.Popen(run) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    log = log_at()
    log.sync()
    assert log.today("cloud") == 300.0
