"""The circuit breaker: who may pass, when, and one probe at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.routing.breaker import Breaker


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker(clock)


def passes(breaker, *, explicit=False):
    return breaker.reason_against(explicit=explicit) is None


def test_a_fault_opens_it_and_an_answer_closes_it(breaker, clock):
    assert breaker.state == "closed"
    breaker.begin()
    breaker.failed("refused")
    assert breaker.state == "open"
    assert breaker.last_fault == "refused"
    assert breaker.reason_against(explicit=False) == "resting"
    clock.time += breaker.rest_s
    assert breaker.state == "half_open"
    assert breaker.begin()
    breaker.answered()
    assert breaker.state == "closed"
    assert breaker.last_fault is None


def test_each_failed_probe_doubles_the_rest_up_to_a_minute(breaker, clock):
    rests = []
    for _ in range(9):
        breaker.failed("timeout_total", probe=breaker.begin())
        rests.append(round(breaker.rest_s, 6))
        clock.time += breaker.rest_s
    assert rests == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_what_somebody_has_to_mend_rests_longer(breaker):
    breaker.failed("http_401")
    assert breaker.rest_s == 8


def test_a_pause_that_the_server_asks_for_is_kept(breaker):
    breaker.failed("http_429", pause_s=45.0)
    assert breaker.rest_s == 45


@pytest.mark.parametrize("fault", ["http_400", "http_413", "http_422", "context_length", "busy"])
def test_a_fault_of_the_request_says_nothing_about_the_backend(breaker, fault):
    breaker.failed(fault, probe=breaker.begin())
    assert breaker.state == "closed"


def test_one_probe_at_a_time_and_one_that_is_left_makes_room(breaker, clock):
    breaker.failed("refused")
    clock.time += 1
    assert breaker.begin()
    assert breaker.reason_against(explicit=False) == "probing"
    assert breaker.reason_against(explicit=True) == "probing"
    breaker.left(probe=True)
    assert passes(breaker)
    assert breaker.state == "half_open", "nothing was learnt"


def test_an_explicit_request_probes_before_the_rest_is_over(breaker):
    breaker.failed("refused")
    assert not passes(breaker)
    assert passes(breaker, explicit=True)
    assert breaker.begin()
    assert not passes(breaker, explicit=True)


@given(st.lists(st.sampled_from(["ask", "explicit", "answer", "fail", "leave", "wait"]), max_size=60))
def test_whatever_happens_no_two_probes_run_and_it_never_stays_shut(steps):
    """After any history, once the requests under way have ended and a minute is over, the next request passes."""
    clock = Clock()
    breaker = Breaker(clock)
    running: list[bool] = []
    for step in steps:
        if step in ("ask", "explicit"):
            if breaker.reason_against(explicit=step == "explicit") is None:
                running.append(breaker.begin())
        elif step == "wait":
            clock.time += 0.7
        elif running:
            probe = running.pop(0)
            if step == "answer":
                breaker.answered()
            elif step == "fail":
                breaker.failed("reset", probe=probe)
            else:
                breaker.left(probe=probe)
        if breaker.state != "closed":
            assert sum(running) <= 1
    for probe in running:
        breaker.left(probe=probe)
    clock.time += 60
    assert passes(breaker)
