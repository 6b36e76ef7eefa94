"""Two groups of the statistics side by side, and whether their difference is more than chance.

Leaves measuring to `copilot_ls_telemetry.report`. Called by `stats`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls_telemetry.report import Report, Row

# The moment at which retention is compared: the field's five minutes.
_MOMENT = "300s"


class NoGroupError(Exception):
    """One of the two groups is not there; the message names those that are."""


def compared(report: Report, names: tuple[str, str]) -> list[Row]:
    """One row per measure: `what`, the two values `a` and `b`, and the 95 % interval of a - b where it is a share.

    Raises `NoGroupError`.
    """
    from copilot_ls_telemetry.intervals import difference_interval

    groups = {each.group: each for each in report.groups}
    for name in names:
        if name not in groups:
            known = ", ".join(str(each) for each in groups if each)
            raise NoGroupError(f"no {report.by} {name!r} was recorded; there are: {known or 'none'}")
    a, b = (groups[name] for name in names)
    rows: list[Row] = [{"what": "shown", "a": a.shown, "b": b.shown, "interval": None}]
    rows.append(
        {
            "what": "acceptance rate",
            "a": a.acceptance_rate,
            "b": b.acceptance_rate,
            "interval": difference_interval((a.accepted, a.shown), (b.accepted, b.shown)),
        }
    )
    rows.append(
        {
            "what": "acceptance by characters",
            "a": a.acceptance_rate_chars,
            "b": b.acceptance_rate_chars,
            "interval": None,
        }
    )
    kept = [_find(report, "retention", name, moment=_MOMENT) for name in names]
    hits = [(each["survived"], each["n"]) if each else (0, 0) for each in kept]
    rows.append(
        {
            "what": f"survived {_MOMENT}",
            "a": kept[0]["survival_rate"] if kept[0] else None,
            "b": kept[1]["survival_rate"] if kept[1] else None,
            "interval": difference_interval(hits[0], hits[1]),
        }
    )
    for what, column in (("p50 ms", "p50_ms"), ("p95 ms", "p95_ms")):
        latencies = [_find(report, "latency", name, source="backend") for name in names]
        first, second = (each[column] if each else None for each in latencies)
        rows.append({"what": what, "a": first, "b": second, "interval": None})
    for what, column in (("cost per accepted", "cost_per_accepted"), ("cost per kept character", "cost_per_kept_char")):
        costs = [_find(report, "costs", name) for name in names]
        first, second = (each[column] if each else None for each in costs)
        rows.append({"what": what, "a": first, "b": second, "interval": None})
    return rows


def verdict(row: Row) -> str:
    """What a difference of two shares tells, in words."""
    interval = row["interval"]
    if interval is None:
        return ""
    low, high = interval
    if low > 0 or high < 0:
        return "more than chance"
    return "may be chance"


def _find(report: Report, metric: str, group: str, **more: str) -> Row | None:
    rows = (report.grouped or {}).get(metric, [])
    fitting = (row for row in rows if row["group"] == group and all(row[key] == value for key, value in more.items()))
    return next(fitting, None)


def print_compared(report: Report, names: tuple[str, str], *, as_json: bool) -> int:
    """Print them; returns the exit status."""
    import json
    import sys

    from copilot_ls.features.statistics_tables import table as as_table

    try:
        rows = compared(report, names)
    except NoGroupError as error:
        print(f"copilot-ls stats: {error}", file=sys.stderr)
        return 1
    if as_json:
        print(json.dumps({"by": report.by, "a": names[0], "b": names[1], "rows": rows}, indent=2))
        return 0
    table = []
    for row in rows:
        is_share = row["what"].startswith(("accept", "survived"))
        values = [_value(row[side], is_share=is_share) for side in ("a", "b")]
        low, high = row["interval"] or (None, None)
        interval = "" if low is None or high is None else f"{low:+.0%} to {high:+.0%}"
        table.append([row["what"], *values, interval, verdict(row)])
    print(as_table([str(report.by), *names, "difference, 95 %", "which"], table))
    return 0


def _value(value: float | None, *, is_share: bool) -> str:
    if value is None:
        return "-"
    if is_share:
        return f"{value:.1%}"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
