"""The statistics as tables for people, with small bars where shares are compared.

Leaves measuring to `copilot_ls_telemetry.report`. Called by `cli.stats` and `shown_statistics`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from copilot_ls_telemetry.report import Outcomes, Report, Row


# So many shown suggestions would have shown what is worth telling.
_ENOUGH = 400
# Wider than the differences that the field argues about.
_TOO_WIDE = 0.3
# Of more groups, the last ones are shown: as many days as a month has.
_MOST_GROUPS = 31
# When a text is looked at, the moments that tables of groups show.
_TELLING_MOMENTS = ("30s", "300s", "commit")


def render(report: Report, *, with_headline: bool = True) -> str:
    """The report as tables for people, below how many were accepted and what stands out."""
    parts = []
    if with_headline:
        parts.append(headline(report))
        if found := what_stands_out(report):
            parts.append("\n".join(_wrapped(f"* {text}") for text in found))
    parts.append(_outcome_table(report.total))
    if report.by:
        parts += _group_tables(report.by, report.groups)
    parts += _retention_tables(report)
    if report.writing["typed_chars"] and report.writing["share"] is not None:
        parts.append(_writing_line(report.writing))
    parts += _time_tables(report)
    parts += _request_tables(report)
    parts += _cost_tables(report)
    parts += _fix_tables(report)
    return "\n\n".join(parts)


def _time_tables(report: Report) -> list[str]:
    """How long suggestions were visible, and how long answers took."""
    parts = []
    if report.visible:
        times = [(row["outcome"].replace("_", " "), row["n"], row["p50_s"], row["p95_s"]) for row in report.visible]
        rows = [[outcome, n, f"{p50:.1f}", f"{p95:.1f}"] for outcome, n, p50, p95 in times]
        parts.append(table(["visible until", "n", "p50 s", "p95 s"], rows))
    if report.latency:
        rows = [[r["source"], r["n"], _ms(r["p50_ms"]), _ms(r["p95_ms"])] for r in report.latency]
        parts.append(table(["answered from", "n", "p50 ms", "p95 ms"], rows))
    if report.by and (grouped := _last_groups(report, "latency")):
        rows = [[_name(r["group"]), r["source"], r["n"], _ms(r["p50_ms"]), _ms(r["p95_ms"])] for r in grouped]
        parts.append(table([report.by, "answered from", "n", "p50 ms", "p95 ms"], rows, n_left=2))
    return parts


def _request_tables(report: Report) -> list[str]:
    """What became of requests and answers, and why."""
    parts = [table(["requests", "n"], [[name, report.requests[name]] for name in report.requests])]
    if report.reasons:
        rows = [[r["what"], _name(r["reason"]), r["n"]] for r in report.reasons]
        parts.append(table(["what", "why", "n"], rows, n_left=2))
    parts += _likelihood_tables(report)
    if report.cuts:
        rows = [[r["filter"], r["shortened"], r["discarded"]] for r in report.cuts]
        parts.append(table(["cut by", "shortened", "nothing left"], rows))
    if report.faults:
        rows = [[_name(r["backend"]), _name(r["model"]), r["fault"], r["n"], _share(r["rate"])] for r in report.faults]
        parts.append(table(["backend", "model", "fault", "n", "of turns"], rows, n_left=3))
    return parts


def _likelihood_tables(report: Report) -> list[str]:
    """How sure backends said they were, and how likely the user's history said, against what was taken."""
    parts = []
    if report.reliability:
        rows = [[_name(r["backend"]), f"{r['said']:.0%}", f"{r['taken']:.0%}", r["n"]] for r in report.reliability]
        parts.append(table(["how sure", "said", "taken", "n"], rows))
    if report.calibration:
        rows = [[r["decision"], f"{r['said']:.0%}", f"{r['taken']:.0%}", r["n"]] for r in report.calibration]
        parts.append(table(["by your history", "likely", "taken", "n"], rows))
    return parts


def _cost_tables(report: Report) -> list[str]:
    """Tokens and money, where a backend was asked that uses any; and who was passed over."""
    heads = ["backend", "model", "asked", "input", "cached", "output", "cost", "estimated", "accepted", "cost each"]
    parts = []
    if rows := [_cost_row(row) for row in report.costs if row["input_tokens"] is not None]:
        parts.append(table(heads, rows, n_left=2))
    grouped = [row for row in _last_groups(report, "costs") if row["input_tokens"] is not None]
    if report.by in ("language", "day") and grouped:
        rows = [[_name(row["group"]), *_cost_row(row)] for row in grouped]
        parts.append(table([report.by, *heads], rows, n_left=3))
    if passed := [row for row in report.routes if row["what"] == "passed over"]:
        rows = [[_name(row["backend"]), row["task"], row["how"], row["n"]] for row in passed]
        parts.append(table(["passed over", "task", "why", "n"], rows, n_left=3))
    return parts


def _writing_line(row: Row) -> str:
    written = row["typed_chars"] + row["accepted_chars"]
    return (
        f"Of {written:,} characters written, {row['share']:.1%} came from suggestions, "
        f"which saved {row['keystrokes_saved']:.1%} of the keys."
    )


def _retention_tables(report: Report) -> list[str]:
    """How much of what was accepted is still there."""
    heads = ["still there after", "n", "", "kept", "by chars", "survived", "95 % interval"]
    parts = []
    if report.retention:
        parts.append(table(heads, [_retention_row(row) for row in report.retention]))
    if report.by and (grouped := _last_groups(report, "retention")):
        telling = [row for row in grouped if row["moment"] in _TELLING_MOMENTS] or grouped
        rows = [[_name(row["group"]), *_retention_row(row)] for row in telling]
        parts.append(table([report.by, *heads], rows, n_left=2))
    return parts


def _retention_row(row: Row) -> list[object]:
    from copilot_ls_telemetry.intervals import wilson_interval

    interval = wilson_interval(row["survived"], row["n"])
    return [
        row["moment"],
        row["n"],
        _bar(row["kept"]),
        f"{row['kept']:.1%}",
        "-" if row["kept_by_chars"] is None else f"{row['kept_by_chars']:.1%}",
        f"{row['survival_rate']:.1%}",
        f"{interval[0]:.0%} - {interval[1]:.0%}" if interval else "-",
    ]


def _fix_tables(report: Report) -> list[str]:
    """What came of the fixes that were asked for, by rule."""
    from copilot_ls_telemetry.intervals import wilson_interval

    if not report.fixes:
        return []
    rows = []
    for row in report.fixes:
        interval = wilson_interval(row["resolved"], row["decided"])
        rows.append(
            [
                _name(row["rule"]),
                _name(row["language"]),
                _name(row["backend"]),
                row["opened"],
                row["verified"],
                row["gave_up"],
                row["applied"],
                row["undone"],
                row["resolved"],
                "-" if row["resolution_rate"] is None else f"{row['resolution_rate']:.0%}",
                f"{interval[0]:.0%} - {interval[1]:.0%}" if interval else "-",
                "-" if row["resolved_after_s"] is None else f"{row['resolved_after_s']:.1f} s",
                _money(row["cost_per_resolved"]),
            ]
        )
    heads = ["fixes", "language", "backend", "asked for", "verified", "gave up", "applied", "undone", "resolved"]
    return [table([*heads, "rate", "95 % interval", "after", "cost each"], rows, n_left=3)]


def _cost_row(row: Row) -> list[object]:
    return [
        _name(row["backend"]),
        _name(row["model"]),
        row["asked"],
        row["input_tokens"],
        row["cached_tokens"] or 0,
        row["output_tokens"] or 0,
        _money(row["cost"]),
        f"{row['estimated'] or 0:.0%}",
        row["accepted"],
        _money(row["cost_per_accepted"]),
    ]


def _money(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}" if value < 100 else f"{value:.2f}"  # noqa: PLR2004 - cents, not more


def what_stands_out(report: Report) -> list[str]:
    """What a user may act on, each with what may be done; that there is nothing, where that is known."""
    told = [f"{each.text} {each.advice}".strip() for each in report.findings]
    if told or report.total.shown < _ENOUGH:
        return told
    return ["No language, backend or kind of suggestion does worse than the others by more than chance."]


def headline(report: Report) -> str:
    """How many were accepted, and how sure that is."""
    total = report.total
    period = "of all time"
    if report.since is not None:
        period = f"since {datetime.fromtimestamp(report.since, UTC).astimezone():%Y-%m-%d %H:%M}"
    if total.acceptance_rate is None or total.acceptance_interval is None:
        return f"Suggestions {period}: {total.offered:,} offered, none of them shown long enough to count."
    low, high = total.acceptance_interval
    text = (
        f"Suggestions {period}: {total.accepted:,} of {total.shown:,} shown were accepted, {total.acceptance_rate:.0%} "
        f"(95 % interval {low:.0%} to {high:.0%}); by characters {total.acceptance_rate_chars or 0:.0%}."
    )
    if high - low > _TOO_WIDE:
        text += "\nThat is too few to tell much from."
    return text


def _outcome_table(total: Outcomes) -> str:
    from copilot_ls_telemetry.intervals import wilson_interval

    rows = []
    for name in ("accepted", "partially_accepted", "typed", "rejected", "ignored", "undecided"):
        n = getattr(total, name)
        if name == "undecided" and not n:
            continue
        interval = wilson_interval(n, total.shown)
        share = f"{n / total.shown:.1%}" if total.shown else "-"
        rows.append([name.replace("_", " "), n, share, f"{interval[0]:.0%} - {interval[1]:.0%}" if interval else "-"])
    rows.append(["shown", total.shown, "", ""])
    rows.append(["not shown long enough", total.offered - total.shown, "", ""])
    return table(["suggestions", "n", "share", "95 % interval"], rows)


def _group_tables(by: str, groups: Sequence[Outcomes]) -> list[str]:
    """The outcomes by group; of many groups the last, and how to get the others."""
    parts = [_group_table(by, groups[-_MOST_GROUPS:])]
    if len(groups) > _MOST_GROUPS:
        parts.append(f"The last {_MOST_GROUPS} of {len(groups)}; `--csv outcomes --by {by}` has all.")
    return parts


def _last_groups(report: Report, metric: str) -> list[Row]:
    """A metric's rows by group, of many groups the last."""
    names = {each.group for each in report.groups[-_MOST_GROUPS:]}
    return [row for row in (report.grouped or {}).get(metric, ()) if row["group"] in names]


def _group_table(by: str, groups: Sequence[Outcomes]) -> str:
    rows = []
    for group in groups:
        rate, interval = group.acceptance_rate, group.acceptance_interval
        rows.append(
            [
                _name(group.group),
                group.shown,
                group.accepted,
                group.partially_accepted,
                group.typed,
                group.rejected,
                group.ignored,
                _bar(rate),
                "-" if rate is None else f"{rate:.1%}",
                f"{interval[0]:.0%} - {interval[1]:.0%}" if interval else "-",
                "-" if group.acceptance_rate_chars is None else f"{group.acceptance_rate_chars:.1%}",
            ]
        )
    heads = [by, "shown", "accepted", "in part", "typed", "rejected", "ignored", ""]
    heads += ["rate", "95 % interval", "by chars"]
    return table(heads, rows)


def _bar(share: float | None) -> str:
    """A share as a bar of ten signs, which eyes compare faster than figures."""
    if share is None:
        return ""
    full, rest = divmod(round(share * 80), 8)
    return ("█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")).ljust(10)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], n_left: int = 1) -> str:
    """Columns under their heads: the first `n_left` flush left, the others, figures, flush right."""
    cells = [list(heads), *([_cell(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    lines = []
    for row in cells:
        line = (
            cell.ljust(width) if at < n_left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(line).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _wrapped(text: str) -> str:
    import textwrap

    return textwrap.fill(text, 118, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _ms(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"  # noqa: PLR2004  # two digits are enough


def _name(value: object) -> str:
    return "-" if value in (None, "") else str(value)
