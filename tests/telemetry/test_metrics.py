"""Metrics against tables computed by hand; every metric runs under plain sqlite3 as well."""

from __future__ import annotations

import math
import shutil
import subprocess
import time
from contextlib import closing
from importlib.resources import files

import pytest
from copilot_ls_telemetry import events
from copilot_ls_telemetry.intervals import difference_interval, wilson_interval
from copilot_ls_telemetry.report import (
    GROUPINGS,
    METRICS,
    make_report,
    run_metric,
)
from copilot_ls_telemetry.store import Store, reading
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.cli.stats_compare import NoGroupError, compared, verdict
from copilot_ls.features.statistics_tables import render
from tests.telemetry.conftest import AT, generated, of_chain, requested


def write(path, *recorded):
    with closing(Store(path, max_bytes=64_000_000, retention_days=9999, wall_clock=lambda: AT)) as opened:
        opened.write(recorded)


def seen(number, *kinds, **fields):
    """Everything about one suggestion that was shown: request, generation, showing, end."""
    return (
        requested(number, language=fields.get("language", "python")),
        generated(number, **fields),
        of_chain(events.Shown, number),
        *(of_chain(kind, number) if isinstance(kind, type) else kind for kind in kinds),
    )


def test_outcomes_are_counted_per_chain_and_split_what_was_shown(path):
    write(
        path,
        *seen(1, events.Accepted, n_chars=10),
        *seen(2, events.PartiallyAccepted, of_chain(events.PartiallyAccepted, 2, accepted_length=7), n_chars=20),
        *seen(3, events.PartiallyAccepted, events.Accepted, n_chars=10),
        *seen(4, events.Typed, n_chars=5),
        *seen(5, events.Rejected, n_chars=5),
        *seen(6, events.Ignored, n_chars=40),
        *seen(7, n_chars=10),
        # Never shown: neither in the rates nor in their denominator.
        requested(8),
        generated(8),
        of_chain(events.Ignored, 8),
        requested(9),
        generated(9),
        of_chain(events.Typed, 9),
    )
    total = make_report(path).total
    assert total.offered == 9
    assert total.shown == 7
    assert (total.accepted, total.partially_accepted, total.typed, total.rejected, total.ignored) == (2, 1, 1, 1, 1)
    assert total.undecided == 1
    assert total.acceptance_rate == pytest.approx(2 / 7)
    assert (total.shown_chars, total.accepted_chars) == (100, 10 + 7 + 10)
    assert total.acceptance_rate_chars == pytest.approx(0.27)
    assert total.accepted_lines == 2


def test_a_text_offered_for_every_key_counts_once_with_its_whole_length(path):
    write(
        path,
        *seen(1, n_chars=10),
        generated(2, chain_id="s1", chain_offset=1, n_chars=9, source="typed_as_suggested"),
        generated(3, chain_id="s1", chain_offset=2, n_chars=12, n_lines=2, source="typed_as_suggested"),
        events.Accepted(at=AT, session_id="session", suggestion_id="s3", chain_id="s1", how="edit", accepted_length=12),
    )
    total = make_report(path).total
    assert (total.offered, total.shown, total.accepted) == (1, 1, 1)
    assert (total.shown_chars, total.accepted_chars, total.accepted_lines) == (14, 12, 2)


def test_equal_ids_of_two_sessions_are_two_chains(path):
    other = {"session_id": "other"}
    write(
        path,
        *seen(1, events.Accepted),
        generated(1, **other),
        of_chain(events.Shown, 1, **other),
        of_chain(events.Ignored, 1, **other),
    )
    total = make_report(path).total
    assert (total.shown, total.accepted, total.ignored) == (2, 1, 1)


def test_a_chain_whose_beginning_is_gone_is_not_counted(path):
    write(path, of_chain(events.Shown, 1), of_chain(events.Accepted, 1), *seen(2, events.Ignored))
    total = make_report(path).total
    assert (total.shown, total.accepted) == (1, 0)


def test_groups_add_up_to_the_total(path):
    write(
        path,
        *seen(1, events.Accepted, language="python", backend="embedded"),
        *seen(2, events.Ignored, language="python", backend="remote", model="qwen"),
        *seen(3, events.Accepted, language="go", backend="remote", model="qwen"),
    )
    for by, wanted in {
        "language": {"python": (2, 1), "go": (1, 1)},
        "backend": {"embedded": (1, 1), "remote": (2, 1)},
        "model": {"": (1, 1), "qwen": (2, 1)},
        "day": {time.strftime("%Y-%m-%d", time.localtime(AT)): (3, 2)},
    }.items():
        report = make_report(path, by=by)
        assert {group.group: (group.shown, group.accepted) for group in report.groups} == wanted
        assert sum(group.shown for group in report.groups) == report.total.shown


def test_since_counts_what_was_offered_from_then_on(path):
    write(
        path,
        *seen(1, events.Accepted, at=AT - 100),
        *seen(2, events.Accepted, at=AT),
        events.BackendFault(at=AT - 100, session_id="session", backend="b", model="m", fault="refused"),
    )
    report = make_report(path, since=AT - 50)
    assert report.total.accepted == 1
    assert report.faults == []
    assert make_report(path).faults == [
        {"backend": "b", "model": "m", "fault": "refused", "n": 1, "asked": None, "rate": None}
    ]


def test_latencies_are_nearest_rank_percentiles_per_source_and_request(path):
    latencies = [40.0, 10.0, 30.0, 20.0]
    write(
        path,
        *(generated(number, latency_ms=latency) for number, latency in enumerate(latencies)),
        generated(90, request_id="r0", latency_ms=999.0),  # an alternative of the first request
        generated(91, source="cache", latency_ms=0.2),
    )
    assert make_report(path).latency == [
        {"source": "backend", "n": 4, "p50_ms": 20.0, "p95_ms": 40.0},
        {"source": "cache", "n": 1, "p50_ms": 0.2, "p95_ms": 0.2},
    ]


@given(latencies=st.lists(st.floats(0, 1e4), min_size=1, max_size=40))
def test_percentiles_agree_with_their_definition(tmp_path_factory, latencies):
    path = tmp_path_factory.mktemp("latency") / "telemetry.db"
    write(path, *(generated(number, latency_ms=latency) for number, latency in enumerate(latencies)))
    (row,) = make_report(path).latency
    ranked = sorted(latencies)
    for name, share in (("p50_ms", 50), ("p95_ms", 95)):
        assert row[name] == ranked[-(-share * len(ranked) // 100) - 1]


def test_what_became_of_requests_what_was_cut_and_why(path):
    common = {"at": AT, "session_id": "session", "language": "python"}
    write(
        path,
        requested(1),
        events.Skipped(**common, request_id="r1", reason="mid_word"),
        requested(2),
        events.Superseded(**common, request_id="r2"),
        requested(3),
        events.Discarded(
            **common, request_id="r3", backend="b", model="m", reason="cut", cut_by=("limit_to_scope", "drop_blank")
        ),
        *seen(4, events.Ignored, cut_by=("limit_to_scope",)),
        requested(5),
        generated(5),
        generated(6, request_id="r5"),
        of_chain(events.Ignored, 6, reason="alternative_taken"),
    )
    report = make_report(path, by="backend")
    assert report.requests == {"requested": 5, "skipped": 1, "superseded": 1, "discarded": 1, "answered": 2}
    assert report.cuts == [
        {"filter": "limit_to_scope", "shortened": 1, "discarded": 1},
        {"filter": "drop_blank", "shortened": 0, "discarded": 1},
    ]
    assert report.reasons == [
        {"what": "discarded", "reason": "cut", "n": 1},
        {"what": "ignored", "reason": "displaced", "n": 1},
        {"what": "skipped", "reason": "mid_word", "n": 1},
    ]
    grouped = {(row["group"], row["filter"]): row["shortened"] for row in report.grouped["cuts"]}
    assert grouped == {("b", "limit_to_scope"): 0, ("b", "drop_blank"): 0, ("embedded", "limit_to_scope"): 1}


def test_reliability_sets_what_was_said_against_what_was_taken(path):
    disagreed = of_chain(events.Ignored, 4, reason="typing_disagreed")
    write(
        path,
        *seen(1, events.Accepted, confidence=0.82),
        *seen(2, events.Typed, confidence=0.88),
        *seen(3, events.Rejected, confidence=0.85),
        *seen(4, disagreed, confidence=0.81),
        *seen(5, events.Accepted, confidence=1.0),
        *seen(6, events.PartiallyAccepted, confidence=0.95),
        # The cursor left, it was not seen, nobody said how sure it was: no word on whether that was right.
        *seen(7, of_chain(events.Ignored, 7, reason="cursor_left"), confidence=0.82),
        requested(8),
        generated(8, confidence=0.82),
        of_chain(events.Typed, 8),
        *seen(9, events.Accepted),
    )
    low, high = make_report(path).reliability
    assert (low["backend"], low["taken"], low["n"]) == ("embedded", 0.5, 4)
    assert low["said"] == pytest.approx(0.84)
    assert (high["said"], high["taken"], high["n"]) == (0.975, 1.0, 2)
    assert "how sure" in render(make_report(path))


def test_an_empty_database_has_a_report_of_nothing(path):
    write(path)
    report = make_report(path, by="language").as_dict()
    assert report["shown"] == 0
    assert report["acceptance_rate"] is None
    assert report["acceptance_interval"] is None
    assert report["requests"]["requested"] == 0


def test_the_top_of_the_json_names_the_outcomes_and_the_rate(path):
    write(path, *seen(1, events.Accepted))
    top = make_report(path).as_dict()
    wanted = {"shown", "accepted", "partially_accepted", "typed", "rejected", "ignored", "acceptance_rate"}
    assert wanted <= top.keys()
    assert top["acceptance_rate"] == 1.0


def asked(backend, **fields):
    defaults = {"at": AT, "session_id": "session", "model": "m", "outcome": "answered", "n_tries": 1, "latency_ms": 5.0}
    return events.BackendAsked(backend=backend, **(defaults | fields))


def test_costs_count_every_turn_and_are_set_against_what_was_accepted(path):
    """Also turns that nobody waited for; a backend without prices has tokens, and no cost."""
    write(
        path,
        *seen(1, events.Accepted, look(1, "300s", 0.5), backend="cloud", model="m"),
        *seen(2, events.PartiallyAccepted, backend="cloud", model="m"),
        *seen(3, events.Ignored, backend="cloud", model="m"),
        asked("cloud", input_tokens=1000, cached_input_tokens=600, output_tokens=20, cost=0.5),
        asked("cloud", input_tokens=1000, output_tokens=10, cost=0.25, estimated=True, outcome="cancelled"),
        asked("cloud", cost=0.0, outcome="failed", n_tries=3),
        asked("local", input_tokens=10, output_tokens=5),
        asked("embedded", model=""),
        events.BackendPassedOver(at=AT, session_id="session", backend="cloud", reason="resting"),
    )
    report = make_report(path)
    cloud, *others = report.costs
    assert cloud == {
        "backend": "cloud",
        "model": "m",
        "asked": 3,
        "input_tokens": 2000,
        "cached_tokens": 600,
        "output_tokens": 30,
        "cost": 0.75,
        "estimated": pytest.approx(1 / 3),
        "accepted": 2,
        "cost_per_accepted": 0.375,
        "kept_chars": 5,
        "cost_per_kept_char": 0.15,
    }
    assert {row["backend"]: (row["cost"], row["cost_per_accepted"]) for row in others} == {
        "local": (None, None),
        "embedded": (None, None),
    }
    table = render(report)
    assert "cloud    m          3  2,000     600      30  0.75        33%         2      0.375" in table
    assert "passed over  task        why      n" in table
    decisions = {(row["backend"], row["what"], row["how"]): (row["n"], row["tries"]) for row in report.routes}
    assert decisions["cloud", "asked", "failed"] == (1, 3)
    assert decisions["cloud", "passed over", "resting"] == (1, None)


@pytest.mark.parametrize("name", [*METRICS, "today"])
def test_every_metric_says_what_it_means_and_runs_under_plain_sqlite(path, name):
    """Without parameters, which are then NULL, plain sqlite3 answers what the report does."""
    write(path, *seen(1, events.Accepted, cut_by=("drop_blank",)))
    script = files("copilot_ls_telemetry").joinpath("metrics", f"{name}.sql").read_text("utf-8")
    header = [line for line in script.splitlines() if line.startswith("--")]
    assert any(line.startswith("-- Traps:") for line in header)
    with reading(path) as connection:
        rows = run_metric(connection, name, since=None, by=None)
    columns = set(rows[0]) if rows else set()
    assert all(column in script for column in columns)
    sqlite = shutil.which("sqlite3")
    if sqlite is not None:
        done = subprocess.run(
            [sqlite, "-readonly", str(path)], input=script, capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        assert len(done.stdout.splitlines()) == len(rows)


@given(n=st.integers(1, 10_000), share=st.floats(0, 1))
def test_the_interval_holds_the_rate_and_narrows_with_more_events(n, share):
    n_hits = round(share * n)
    low, high = wilson_interval(n_hits, n)
    assert 0 <= low <= n_hits / n <= high <= 1
    low_of_more, high_of_more = wilson_interval(4 * n_hits, 4 * n)
    assert high_of_more - low_of_more < high - low


def test_the_interval_is_wilsons():
    """A textbook case: 10 of 20 gives 0.299 to 0.701; 0 of 10 gives 0 to 0.278."""
    assert wilson_interval(10, 20) == pytest.approx((0.2993, 0.7007), abs=1e-4)
    assert wilson_interval(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson_interval(0, 0) is None
    assert not math.isnan(wilson_interval(1, 1)[0])


def fix(number, *, at=AT, rule="ruff:F401", backend="embedded", cost=None, **story):
    """Everything about one fix: opened, proposed, and what `story` says of the rest."""
    common = {"session_id": "session", "workspace": None}
    recorded = [
        events.FixOpened(
            **common, at=at, fix_id=f"f{number}", language="python", rule=rule, kind="fix", n_diagnostics=1
        ),
        events.FixProposed(
            **common,
            at=at + 1,
            fix_id=f"f{number}",
            verdict=story.get("verdict", "verified"),
            backend=backend,
            model="",
            n_tries=story.get("n_tries", 1),
            latency_ms=1000.0,
            n_tool_calls=story.get("n_tool_calls", 0),
            n_invalid_tool_calls=story.get("n_invalid", 0),
            cost=cost,
        ),
    ]
    if "gone" in story:
        recorded += [
            events.FixApplied(**common, at=at + 2, fix_id=f"f{number}"),
            events.FixChecked(**common, at=at + story.get("after", 3), fix_id=f"f{number}", gone=story["gone"]),
        ]
    if story.get("undone"):
        recorded.append(events.FixUndone(**common, at=at + 9, fix_id=f"f{number}"))
    if "resolved" in story:
        resolved = story["resolved"]
        recorded.append(
            events.FixResolved(**common, at=at + 300, fix_id=f"f{number}", resolved=resolved, reason="gone")
        )
    return recorded


def test_fixes_are_counted_by_rule_and_backend(path):
    write(
        path,
        *fix(1, gone=True, resolved=True, after=4),
        *fix(2, gone=True, resolved=True, after=8),
        *fix(3, gone=True, resolved=False, undone=True),
        *fix(4, gone=False, resolved=None),
        *fix(5, verdict="gave_up", n_tries=3),
        *fix(6, rule="pyright:X", backend="large", cost=0.5, n_tool_calls=4, n_invalid=1, gone=True, resolved=True),
        *fix(7, rule="pyright:X", backend="large", cost=0.25, verdict="gave_up"),
    )
    report = make_report(path)
    unused, other = report.fixes
    expected = {
        "rule": "ruff:F401", "backend": "embedded", "opened": 5, "proposed": 4, "verified": 4, "gave_up": 1, "applied": 4,
        "undone": 1, "gone": 3, "decided": 3, "resolved": 2, "resolved_after_s": 4, "tries": 7, "cost": None,
    }  # fmt: skip
    assert {name: unused[name] for name in expected} == expected
    assert math.isclose(unused["resolution_rate"], 2 / 3)
    assert (other["opened"], other["resolved"], other["cost"], other["cost_per_resolved"]) == (2, 1, 0.75, 0.75)
    assert (other["tool_calls"], other["invalid_tool_calls"]) == (4, 1)
    said = render(report)
    assert "ruff:F401  python    embedded          5         4        1        4       1         2   67%" in said
    assert [row["group"] for row in make_report(path, by="backend").grouped["fixes"]] == ["embedded", "large"]
    assert make_report(path, since=AT + 1).fixes == []


def look(number, moment, kept, **fields):
    chars = {"kept_chars": round(10 * kept), **fields}
    return of_chain(
        events.RetentionChecked, number, moment=moment, kept=kept, survives=kept >= 0.5, n_lexemes=4, **chars
    )


def test_retention_is_told_by_the_time_since(path):
    write(
        path,
        *seen(1, events.Accepted, look(1, "15s", 1.0), look(1, "300s", 0.75), look(1, "commit", 0.5)),
        *seen(2, events.Accepted, look(2, "15s", 0.5), look(2, "300s", 0.0), language="go", backend="large"),
    )
    report = make_report(path, by="backend")
    rows = [(row["moment"], row["n"], row["kept"], row["survived"]) for row in report.retention]
    assert rows == [("15s", 2, 0.75, 2), ("300s", 2, 0.375, 1), ("commit", 1, 0.5, 1)]
    assert report.retention[1]["kept_by_chars"] == 0.4
    assert [(row["group"], row["moment"]) for row in report.grouped["retention"]] == [
        ("embedded", "15s"), ("embedded", "300s"), ("embedded", "commit"), ("large", "15s"), ("large", "300s"),
    ]  # fmt: skip
    assert "300s               2  ███▊        37.5%     40.0%     50.0%" in render(report)


def test_what_was_written_is_set_against_what_was_accepted(path):
    common = {"at": AT, "session_id": "session", "workspace": None}
    write(
        path,
        events.Written(**common, language="python", n_typed=60, n_inserted=15, n_deleted=5),
        events.Written(**common, language="go", n_typed=30, n_inserted=0, n_deleted=0),
        *seen(1, events.Accepted, n_chars=10),
    )
    report = make_report(path, by="language")
    expected = {
        "typed_chars": 90, "accepted_chars": 10, "accepts": 1, "other_chars": 5, "deleted_chars": 5, "share": 0.1,
        "keystrokes_saved": 0.09,
    }  # fmt: skip
    assert {name: report.writing[name] for name in expected} == expected
    by_language = {row["group"]: row["typed_chars"] for row in report.grouped["writing"]}
    assert by_language == {"python": 60, "go": 30}
    assert "Of 100 characters written, 10.0% came from suggestions, which saved 9.0% of the keys." in render(report)


def test_time_visible_runs_from_being_shown_to_the_end(path):
    write(
        path,
        *seen(1, of_chain(events.Accepted, 1, at=AT + 2)),
        *seen(2, of_chain(events.Accepted, 2, at=AT + 4)),
        *seen(3, of_chain(events.Ignored, 3, at=AT + 1)),
    )
    rows = [(row["outcome"], row["n"], row["p50_s"], row["p95_s"]) for row in make_report(path).visible]
    assert rows == [("accepted", 2, 2.0, 4.0), ("ignored", 1, 1.0, 1.0)]


@pytest.mark.parametrize("by", GROUPINGS)
def test_every_metric_can_be_grouped_by_everything(path, by):
    write(path, *seen(1, events.Accepted, look(1, "15s", 1.0), multiline=True), *fix(2, gone=True, resolved=True))
    report = make_report(path, by=by)
    expected = {"lines": "multi", "hour": time.strftime("%H", time.localtime(AT)), "task": "completion"}
    if by in expected:
        assert [group.group for group in report.groups] == [expected[by]]
    for name in METRICS[2:]:
        assert all("group" in row for row in report.grouped[name])


def test_two_groups_are_compared_with_the_interval_of_their_difference(path):
    write(
        path,
        *(each for n in range(40) for each in seen(n, events.Accepted if n < 30 else events.Ignored)),
        *(
            each
            for n in range(40, 80)
            for each in seen(n, events.Accepted if n < 50 else events.Ignored, backend="large", model="big")
        ),
    )
    report = make_report(path, by="backend")
    rows = {row["what"]: row for row in compared(report, ("embedded", "large"))}
    rate = rows["acceptance rate"]
    assert (rate["a"], rate["b"], verdict(rate)) == (0.75, 0.25, "more than chance")
    assert 0.28 < rate["interval"][0] < 0.5 < rate["interval"][1] < 0.67
    assert rows["survived 300s"]["interval"] is None
    with pytest.raises(NoGroupError, match="no backend 'tiny' was recorded; there are: embedded, large"):
        compared(report, ("embedded", "tiny"))


def test_the_interval_of_a_difference_is_newcombes():
    """His own example (table II, method 10): 56/70 against 48/80."""
    low, high = difference_interval((56, 70), (48, 80))
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)
    assert difference_interval((0, 0), (1, 2)) is None
