"""What stands out: what was put into a history is found, and chance is not."""

from __future__ import annotations

import random
import time

import pytest
from copilot_ls_telemetry.findings import find
from copilot_ls_telemetry.intervals import quantile_for, wilson_interval
from copilot_ls_telemetry.report import make_report

from copilot_ls.features.shown_statistics import write_statistics
from copilot_ls.features.statistics_tables import render
from tests.telemetry.histories import write_days


def outcome(group, accepted, shown):
    return {"group": group, "accepted": accepted, "shown": shown}


def look(group, survived, n):
    return {"group": group, "moment": "300s", "survived": survived, "n": n}


def told(by, rows, *, retention=(), costs=(), faults=()):
    return [each.text for each in find({by: rows}, {by: retention}, costs, faults)]


def test_three_months_tell_what_was_put_into_them(path, capsys):
    write_days(path, 90, until=time.time())
    report = make_report(path, by="language")
    about = {(each.by, each.group, "accepted" in each.text) for each in report.findings}
    assert about == {
        ("lines", "multi", True),
        ("language", "rust", True),
        ("language", "rust", False),
        ("language", "markdown", True),
    }
    lines = render(report).splitlines()
    assert lines[2].startswith("* ")
    assert max(len(line) for line in lines[2:10]) <= 120
    assert report.as_dict()["findings"][0].keys() == {"text", "advice", "by", "group"}


def test_the_statistics_of_an_editor_say_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("COPILOT_LS_STATE_DIR", str(tmp_path))
    write_days(tmp_path / "telemetry.db", 60, until=time.time())
    page = write_statistics().read_text("utf-8")
    report = make_report(tmp_path / "telemetry.db", by="language")
    before_tables = page.partition("```text")[0]
    assert report.findings
    for each in report.findings:
        assert f"* {each.text} {each.advice}".strip() in before_tables
    assert page.count(report.findings[0].text) == 1


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [outcome("rust", 31, 100), outcome("python", 630, 1000)],
            ["Suggestions in rust are accepted half as often as the others: 31% ± 11 against 63% ± 3."],
        ),
        ([outcome("rust", 1, 5), outcome("python", 630, 1000)], []),
        ([outcome("rust", 55, 100), outcome("python", 630, 1000)], []),
        ([outcome("rust", 590, 1000), outcome("python", 630, 1000)], []),
        ([outcome("rust", 0, 100)], []),
        ([], []),
    ],
    ids=["half", "five events", "may be chance", "too little to matter", "alone", "nothing"],
)
def test_a_difference_is_told_when_it_is_sure_and_large(rows, expected):
    assert told("language", rows) == expected


def test_chance_is_not_told():
    """Of two hundred histories in which nobody does worse, at most one in twenty says that somebody does."""
    chooser, n_told = random.Random(3), 0
    for _ in range(200):
        rows = [outcome(str(group), sum(chooser.random() < 0.3 for _ in range(60)), 60) for group in range(8)]
        n_told += bool(told("language", rows))
    assert n_told <= 10


def test_what_is_paid_for_and_no_better_is_told():
    costs = [{"backend": "cloud", "cost": 3.0}, {"backend": "local", "cost": None}]
    rows = [outcome("cloud", 300, 1000), outcome("local", 1000, 3000)]
    (text,) = told("backend", rows, costs=costs)
    assert text == (
        "cloud costs 0.01 for each accepted suggestion, local nothing, and cloud is accepted no more often: "
        "30% ± 3 against 33% ± 2."
    )
    assert told("backend", [outcome("cloud", 500, 1000), outcome("local", 1000, 3000)], costs=costs)[-1:] != [text]


def test_faults_are_told_when_they_are_many():
    fault = {"backend": "cloud", "model": "m", "fault": "http_429", "n": 200, "asked": 1000, "rate": 0.2}
    assert told("backend", [], faults=[fault]) == [
        "cloud could not answer 20% of its turns, most often because of http_429."
    ]
    assert told("backend", [], faults=[{**fault, "n": 20}]) == []


def test_the_last_weeks_are_held_against_those_before():
    days = [outcome(f"2026-03-{day:02}", 40 if day <= 16 else 20, 100) for day in range(1, 31)]
    (text,) = told("day", days)
    assert text.startswith("In the last two weeks you accepted less of what was shown than in the four before: 20% ±")


def test_retention_is_told_of_those_that_were_looked_at():
    found = told("backend", [], retention=[look("a", 10, 100), look("b", 80, 100)])
    assert found == [
        "Suggestions of a are still there after five minutes 88% less often than the others: 10% ± 9 against 80% ± 10."
    ]


def test_more_comparisons_need_wider_intervals():
    assert quantile_for(1) == pytest.approx(1.959964, abs=1e-5)
    assert quantile_for(20) == pytest.approx(3.0233, abs=1e-3)
    low, high = wilson_interval(10, 20, z=quantile_for(20))
    assert (low, high) == pytest.approx((0.220, 0.780), abs=0.01)
