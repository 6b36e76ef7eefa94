"""Runs the metrics (`metrics/*.sql`) over a telemetry database and hands back plain data.

Each metric's definition, unit and traps are in the header of its SQL file, which plain `sqlite3` runs too. What SQL
cannot do portably is added: the 95 % interval beside each rate, and what stands out, in words. Reads only. Called by
`copilot-ls stats`, `page` and whoever shows statistics in an editor.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from copilot_ls_telemetry.intervals import wilson_interval

if TYPE_CHECKING:
    from pathlib import Path

    from copilot_ls_telemetry.findings import Finding
    from copilot_ls_telemetry.store import Connection

GroupBy = Literal["language", "backend", "model", "day", "hour", "task", "workspace", "lines"]
GROUPINGS: tuple[GroupBy, ...] = get_args(GroupBy)
METRICS = (
    "outcomes",
    "characters",
    "requests",
    "latency",
    "cuts",
    "reasons",
    "faults",
    "routes",
    "costs",
    "fixes",
    "retention",
    "reliability",
    "calibration",
    "visible",
    "writing",
)

_DAY: GroupBy = "day"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Suggestions, counted once each (per chain), and how they ended; see `metrics/outcomes.sql` and `characters.sql`.

    Rates are None where nothing was shown. `acceptance_interval` is the Wilson 95 % interval of `acceptance_rate`.
    """

    group: str | None
    offered: int
    shown: int
    accepted: int
    partially_accepted: int
    typed: int
    rejected: int
    ignored: int
    undecided: int
    acceptance_rate: float | None
    acceptance_interval: tuple[float, float] | None
    shown_chars: int
    accepted_chars: int
    accepted_lines: int
    acceptance_rate_chars: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """All metrics of one period. Lists hold one dictionary per row, keyed as the SQL files say, without `group`.

    `groups` and each row's `group` in `grouped` are there when the report was asked `by` something. `findings` is what
    stands out, in words, the weightiest first (`findings.py`).
    """

    since: float | None
    total: Outcomes
    requests: Row
    latency: list[Row]
    cuts: list[Row]
    reasons: list[Row]
    faults: list[Row]
    routes: list[Row]
    costs: list[Row]
    fixes: list[Row]
    retention: list[Row]
    reliability: list[Row]
    calibration: list[Row]
    visible: list[Row]
    writing: Row
    findings: tuple[Finding, ...] = ()
    by: GroupBy | None = None
    groups: tuple[Outcomes, ...] = ()
    grouped: dict[str, list[Row]] | None = None

    def as_dict(self) -> Row:
        """For JSON: the totals at the top, everything else below names of its own."""
        result = asdict(self.total)
        del result["group"]
        result |= {
            "since": self.since,
            "findings": [each.as_dict() for each in self.findings],
            "requests": self.requests,
            "latency": self.latency,
            "cuts": self.cuts,
            "reasons": self.reasons,
            "faults": self.faults,
            "routes": self.routes,
            "costs": self.costs,
            "fixes": self.fixes,
            "retention": self.retention,
            "reliability": self.reliability,
            "calibration": self.calibration,
            "visible": self.visible,
            "writing": self.writing,
        }
        if self.by is not None:
            result |= {
                "by": self.by,
                "groups": [asdict(outcomes) for outcomes in self.groups],
                "grouped": self.grouped,
            }
        return result


def make_report(path: Path, *, since: float | None = None, by: GroupBy | None = None) -> Report:
    """The metrics of everything offered or asked at or after `since` (unix seconds), also grouped `by`.

    Raises `copilot_ls_telemetry.store.StoreError`, with a message for the user, when there is no database or it cannot
    be read.
    """
    with Reading(path, since=since) as reading:
        return reading.report(by)


class Reading:
    """One look at the database: several reports and metrics of the same events, each metric asked once."""

    def __init__(self, path: Path, *, since: float | None = None) -> None:
        self._path = path
        self._since = since
        self._stack = ExitStack()
        self._rows: dict[tuple[str, GroupBy | None], list[Row]] = {}

    def __enter__(self) -> Self:
        from copilot_ls_telemetry.schema import find_once
        from copilot_ls_telemetry.store import reading

        self._connection = self._stack.enter_context(reading(self._path))
        try:
            find_once(self._connection)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def rows(self, name: str, by: GroupBy | None = None) -> list[Row]:
        """The rows of one metric."""
        if (name, by) not in self._rows:
            self._rows[name, by] = run_metric(self._connection, name, since=self._since, by=by)
        return self._rows[name, by]

    def report(self, by: GroupBy | None = None) -> Report:
        """All metrics, also grouped `by`."""
        return _make_report(self, self._since, by)

    def findings(self) -> tuple[Finding, ...]:
        """What stands out."""
        from copilot_ls_telemetry.findings import COMPARED, find

        return tuple(
            find(
                {by: self.rows("outcomes", by) for by in (*COMPARED, _DAY)},
                {by: self.rows("retention", by) for by in COMPARED},
                self.rows("costs"),
                self.rows("faults"),
            )
        )


def metric_rows(path: Path, name: str, *, since: float | None = None, by: GroupBy | None = None) -> list[Row]:
    """The rows of one metric, as its SQL file gives them. Raises as `make_report`."""
    from copilot_ls_telemetry.store import reading

    with reading(path) as connection:
        return run_metric(connection, name, since=since, by=by)


def last_of_backends(path: Path) -> dict[str, Row]:
    """When each backend answered, failed and rested last: `answered_at`, `failed_at` with `fault`, `rested_at`.

    Raises as `make_report`.
    """
    from copilot_ls_telemetry.store import reading

    # Of the columns beside the one that is max(), SQLite takes the row that has the greatest value.
    last = "SELECT backend, max(at) AS at, {0} AS what FROM events WHERE event = '{1}' AND {2} GROUP BY backend"
    questions = {
        "answered_at": last.format("outcome", "backend_asked", "outcome = 'answered'"),
        "failed_at": last.format("fault", "backend_fault", "1"),
        "rested_at": last.format("reason", "backend_passed_over", "reason IN ('resting', 'probing')"),
    }
    found: dict[str, Row] = {}
    with reading(path) as connection:
        for name, question in questions.items():
            for row in connection.execute(question):
                of_backend = found.setdefault(row["backend"], {**dict.fromkeys(questions), "fault": None})
                of_backend[name] = row["at"]
                if name == "failed_at":
                    of_backend["fault"] = row["what"]
    return found


def run_metric(connection: Connection, name: str, *, since: float | None, by: GroupBy | None) -> list[Row]:
    """The rows of one metric."""
    script = files("copilot_ls_telemetry").joinpath("metrics", f"{name}.sql").read_text("utf-8")
    return [dict(row) for row in connection.execute(script, {"since": since, "by": by})]


def _make_report(reading: Reading, since: float | None, by: GroupBy | None) -> Report:
    rows = {name: reading.rows(name) for name in METRICS}
    outcomes = _outcomes(rows["outcomes"], rows["characters"])
    parts = {name: [_without_group(row) for row in rows[name]] for name in METRICS[2:]}
    total = outcomes[0] if outcomes else _NOTHING
    requests = parts["requests"][0] if parts["requests"] else dict.fromkeys(_REQUEST_COLUMNS, 0)
    grouped = {name: reading.rows(name, by) for name in METRICS} if by else {}
    return Report(
        since=since,
        total=total,
        requests=requests,
        latency=parts["latency"],
        cuts=parts["cuts"],
        reasons=parts["reasons"],
        faults=parts["faults"],
        routes=parts["routes"],
        costs=parts["costs"],
        fixes=parts["fixes"],
        retention=parts["retention"],
        reliability=parts["reliability"],
        calibration=parts["calibration"],
        visible=parts["visible"],
        writing=parts["writing"][0] if parts["writing"] else dict.fromkeys(_WRITING_COLUMNS),
        findings=reading.findings(),
        by=by,
        groups=tuple(_outcomes(grouped["outcomes"], grouped["characters"])) if by else (),
        grouped={name: grouped[name] for name in METRICS[2:]} if by else None,
    )


def _outcomes(counts: list[Row], characters: list[Row]) -> list[Outcomes]:
    by_group = {row["group"]: row for row in characters}
    result = []
    for row in counts:
        chars = by_group.get(row["group"], {})
        result.append(
            Outcomes(
                **row,
                acceptance_interval=wilson_interval(row["accepted"], row["shown"]),
                shown_chars=chars.get("shown_chars", 0),
                accepted_chars=chars.get("accepted_chars", 0),
                accepted_lines=chars.get("accepted_lines", 0),
                acceptance_rate_chars=chars.get("acceptance_rate"),
            )
        )
    return result


def _without_group(row: Row) -> Row:
    return {key: value for key, value in row.items() if key != "group"}


_REQUEST_COLUMNS = ("requested", "skipped", "superseded", "discarded", "answered")
_WRITING_COLUMNS = (
    "typed_chars", "accepted_chars", "accepts", "other_chars", "deleted_chars", "share", "keystrokes_saved",
)  # fmt: skip
_NOTHING = Outcomes(
    group=None,
    offered=0,
    shown=0,
    accepted=0,
    partially_accepted=0,
    typed=0,
    rejected=0,
    ignored=0,
    undecided=0,
    acceptance_rate=None,
    acceptance_interval=None,
    shown_chars=0,
    accepted_chars=0,
    accepted_lines=0,
    acceptance_rate_chars=None,
)
EMPTY = Report(
    since=None,
    total=_NOTHING,
    requests=dict.fromkeys(_REQUEST_COLUMNS, 0),
    latency=[],
    cuts=[],
    reasons=[],
    faults=[],
    routes=[],
    costs=[],
    fixes=[],
    retention=[],
    reliability=[],
    calibration=[],
    visible=[],
    writing=dict.fromkeys(_WRITING_COLUMNS),
)
