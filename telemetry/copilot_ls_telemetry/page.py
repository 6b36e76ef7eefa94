"""What the dashboard shows, as plain data: the report by language and backend, its course, and the latest events.

Reads only, and hands out no more than the database holds: no source text, no paths. Leaves serving to `copilot_ls.cli`,
drawing to the files in `dashboard/`.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from copilot_ls_telemetry.intervals import wilson_interval
from copilot_ls_telemetry.report import GroupBy, Reading

if TYPE_CHECKING:
    from pathlib import Path

    from copilot_ls_telemetry.report import Report, Row

_GROUPS: tuple[GroupBy, ...] = ("language", "backend")
_MOMENT = "300s"
# What the tail shows of an event; all that it has besides is in `copilot-ls telemetry export`.
_TAIL_COLUMNS = "id, at, event, language, backend, source, reason, fault, latency_ms, n_chars, moment, kept, verdict"
_MOST_IN_TAIL = 200
# Of a longer period, weeks are shown.
_MOST_DAYS = 45
MIME_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}


def asset(name: str) -> tuple[str, bytes] | None:
    """A file of the page: its type and content; None for any other name."""
    known = {each.name: each for each in files("copilot_ls_telemetry").joinpath("dashboard").iterdir()}
    ending = name[name.rfind(".") :]
    if name not in known or ending not in MIME_TYPES:
        return None
    return MIME_TYPES[ending], known[name].read_bytes()


def page_data(path: Path, *, since: float | None) -> dict[str, Any]:
    """All that the page shows of a period. Raises `copilot_ls_telemetry.store.StoreError`."""
    with Reading(path, since=since) as reading:
        reports = {by: reading.report(by) for by in _GROUPS}
        distribution, places = reading.rows("latency_distribution"), reading.rows("places")
        days = reading.rows("outcomes", "day")
        looks = [row for row in reading.rows("retention", "day") if row["moment"] == _MOMENT]
    data = reports["backend"].as_dict()
    data["groups"] = {
        by: [_with_retention(report, asdict(each)) for each in report.groups] for by, report in reports.items()
    }
    data["over_time"] = _over_time(days, looks)
    data["backends"] = [_backend(reports["backend"], asdict(each)) for each in reports["backend"].groups]
    data["distribution"] = distribution
    data["places"] = [{**row, "interval": wilson_interval(row["accepted"], row["shown"])} for row in places]
    for row in data["retention"]:
        row["interval"] = wilson_interval(row["survived"], row["n"])
    del data["grouped"], data["by"]
    return data


def _over_time(days: list[Row], looks: list[Row]) -> dict[str, Any]:
    """Acceptance and survival by day, or by week where there are many days: a few events a day are no curve."""
    unit = "week" if len(days) > _MOST_DAYS else "day"
    survived = {row["group"]: (row["survived"], row["n"]) for row in looks}
    sums: dict[str, list[int]] = {}
    for day in days:
        if day["group"] is None:
            continue
        at = date.fromisoformat(day["group"])
        start = at - timedelta(days=at.weekday()) if unit == "week" else at
        found = sums.setdefault(start.isoformat(), [0, 0, 0, 0])
        for place, value in enumerate((day["accepted"], day["shown"], *survived.get(day["group"], (0, 0)))):
            found[place] += value
    rows = [
        {
            "group": start,
            "shown": shown,
            "acceptance_rate": accepted / shown if shown else None,
            "acceptance_interval": wilson_interval(accepted, shown),
            "survival_rate": stayed / looked_at if looked_at else None,
            "survival_interval": wilson_interval(stayed, looked_at),
        }
        for start, (accepted, shown, stayed, looked_at) in sorted(sums.items())
    ]
    return {"unit": unit, "rows": rows}


def tail(path: Path, *, after: int) -> list[dict[str, Any]]:
    """The latest events with an id above `after`, oldest first. Raises as `page_data`."""
    from copilot_ls_telemetry.store import reading

    with reading(path) as connection:
        rows = connection.execute(
            f"SELECT {_TAIL_COLUMNS} FROM events WHERE id > ? ORDER BY id DESC LIMIT ?",  # noqa: S608  # own names
            (after, _MOST_IN_TAIL),
        ).fetchall()
    return [{key: row[key] for key in row.keys() if row[key] is not None} for row in reversed(rows)]  # noqa: SIM118


def _with_retention(report: Report, group: dict[str, Any]) -> dict[str, Any]:
    rows = (report.grouped or {}).get("retention", [])
    kept = next((row for row in rows if row["group"] == group["group"] and row["moment"] == _MOMENT), None)
    survived, n = (kept["survived"], kept["n"]) if kept else (0, 0)
    return {
        **group,
        "survival_rate": survived / n if n else None,
        "survival_interval": wilson_interval(survived, n),
        "looked_at": n,
    }


def _backend(report: Report, group: dict[str, Any]) -> dict[str, Any]:
    """One backend: its outcomes, retention, median latency and cost."""
    grouped = report.grouped or {}
    name = group["group"]
    latency: Row = next((r for r in grouped.get("latency", []) if r["group"] == name and r["source"] == "backend"), {})
    costs = [row for row in grouped.get("costs", []) if row["group"] == name]
    cost = [row["cost"] for row in costs if row["cost"] is not None]
    faults = sum(row["n"] for row in grouped.get("faults", []) if row["group"] == name)
    return {
        **_with_retention(report, group),
        "p50_ms": latency.get("p50_ms"),
        "p95_ms": latency.get("p95_ms"),
        "asked": sum(row["asked"] for row in costs),
        "faults": faults,
        "cost": sum(cost) if cost else None,
        "cost_per_accepted": sum(cost) / group["accepted"] if cost and group["accepted"] else None,
    }
