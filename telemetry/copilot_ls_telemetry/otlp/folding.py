"""Folds events into cumulative series, which are the same however often and in what batches the events were read.

`Totals` is all that has to be remembered between runs: as series are cumulative, sending them twice counts nothing
twice, and what could not be sent is in the next message. Pure. Called by `forwarding`.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from copilot_ls_telemetry.otlp import instruments as of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from copilot_ls_telemetry.otlp.instruments import Instrument

Attributes = dict[str, "str | bool"]

# More series than this of one instrument are counted together, as the SDK does it.
_MOST_SERIES = 500
_OVERFLOW: Attributes = {"otel.metric.overflow": True}
_LONGEST_NAME = 80
_A_PATH = re.compile(r"^(?:[~.]{0,2}[/\\]|[A-Za-z]:[/\\]|file:)|[\\]|\.gguf$", re.IGNORECASE)


@dataclass(slots=True)
class Series:
    """A counter's value, or a histogram's: sum, count, least and greatest value, and counts by bucket."""

    value: float = 0
    count: int = 0
    least: float = 0
    greatest: float = 0
    buckets: list[int] = field(default_factory=list)


class Totals:
    """All series, by instrument and attributes."""

    def __init__(self) -> None:
        self._series: dict[str, dict[str, Series]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been counted."""
        return not self._series

    def of(self, instrument: Instrument) -> list[tuple[Attributes, Series]]:
        """The series of an instrument."""
        return [(json.loads(key), series) for key, series in self._series.get(instrument.name, {}).items()]

    def add(self, instrument: Instrument, value: float | None, attributes: Mapping[str, Any]) -> None:
        """Count a value; None is none."""
        if value is None:
            return
        all_series = self._series.setdefault(instrument.name, {})
        key = _key({name: each for name, each in attributes.items() if each not in (None, "")})
        if key not in all_series and len(all_series) >= _MOST_SERIES:
            key = _key(_OVERFLOW)
        series = all_series.setdefault(key, Series())
        if not instrument.bounds:
            series.value += value
            return
        series.least = min(series.least, value) if series.count else value
        series.greatest = max(series.greatest, value) if series.count else value
        series.value += value
        series.count += 1
        series.buckets = series.buckets or [0] * (len(instrument.bounds) + 1)
        series.buckets[bisect_left(instrument.bounds, value)] += 1

    def as_json(self) -> dict[str, Any]:
        """For a file."""
        return {
            name: {
                key: [each.value, each.count, each.least, each.greatest, each.buckets]
                for key, each in all_series.items()
            }
            for name, all_series in self._series.items()
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Totals:
        """As `as_json` gave it. Raises `ValueError`, `TypeError` or `KeyError` for anything else."""
        totals = cls()
        widths = {each.name: len(each.bounds) + 1 for each in of.INSTRUMENTS}
        for name, all_series in told.items():
            if name not in widths:
                continue  # of another version
            made = totals._series[name] = {}
            for key, (value, count, least, greatest, buckets) in all_series.items():
                if buckets and len(buckets) != widths[name]:
                    raise ValueError(name)
                made[key] = Series(float(value), int(count), float(least), float(greatest), [int(n) for n in buckets])
        return totals


def fold(totals: Totals, row: Mapping[str, Any]) -> None:
    """Count one event. `row` is one of `forwarding`'s question: an event, with what its chain's first offer says."""
    count = _COUNTS.get(row["event"])
    if count is not None:
        count(totals, row)


def operation(row: Mapping[str, Any]) -> dict[str, str]:
    """The attributes of what a backend was asked, as the conventions name them."""
    chat = row["task"] in {"explain", "fix"}
    return {
        "gen_ai.operation.name": "chat" if chat else "text_completion",
        "gen_ai.provider.name": row["backend"],
        "gen_ai.request.model": plain_name(row["model"]),
    }


def plain_name(model: str | None) -> str:
    """A model's name; of one that is named by its file, the file's name without its folders."""
    name = model or ""
    if _A_PATH.search(name):
        name = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    return name[:_LONGEST_NAME]


def _requested(totals: Totals, row: Mapping[str, Any]) -> None:
    totals.add(of.REQUESTS, 1, _language(row))


def _unanswered(totals: Totals, row: Mapping[str, Any]) -> None:
    totals.add(of.UNANSWERED, 1, {**_language(row), "copilot_ls.reason": row["reason"] or row["event"]})


def _generated(totals: Totals, row: Mapping[str, Any]) -> None:
    if row["suggestion_id"] == row["chain_id"]:
        totals.add(of.GENERATED, 1, _where(row))
    totals.add(of.LATENCY, _seconds(row["latency_ms"]), {**_language(row), "copilot_ls.source": row["source"]})


def _shown(totals: Totals, row: Mapping[str, Any]) -> None:
    totals.add(of.SHOWN, 1, _where(row))


def _ended(totals: Totals, row: Mapping[str, Any]) -> None:
    event, before, where = row["event"], row["accepted_before"], _where(row)
    if event != "partially_accepted" or before is None:  # of partial acceptances of one text, the first
        totals.add(of.ENDED, 1, {**where, "copilot_ls.outcome": event})
    if row["accepted_length"] is not None:
        totals.add(of.ACCEPTED_CHARACTERS, row["accepted_length"] - (before or 0), where)


def _retention(totals: Totals, row: Mapping[str, Any]) -> None:
    moment = {**_where(row), "copilot_ls.moment": row["moment"]}
    totals.add(of.RETENTION, 1, {**moment, "copilot_ls.survives": bool(row["survives"])})
    totals.add(of.RETAINED_CHARACTERS, row["kept_chars"], moment)


def _written(totals: Totals, row: Mapping[str, Any]) -> None:
    for how in ("typed", "inserted", "deleted"):
        totals.add(of.WRITTEN, row[f"n_{how}"] or 0, {**_language(row), "copilot_ls.how": how})


def _asked(totals: Totals, row: Mapping[str, Any]) -> None:
    asked, outcome = operation(row), row["outcome"]
    # How a turn failed is an event of its own, counted below.
    how = {} if outcome == "answered" else {"error.type": outcome}
    totals.add(of.DURATION, _seconds(row["latency_ms"]), {**asked, **how})
    totals.add(of.FIRST_CHUNK, _seconds(row["first_token_ms"]), asked)
    for kind in ("input", "output"):
        totals.add(of.TOKENS, row[f"{kind}_tokens"], {**asked, "gen_ai.token.type": kind})
    totals.add(of.COST, row["cost"], asked)


def _fault(totals: Totals, row: Mapping[str, Any]) -> None:
    totals.add(of.FAULTS, 1, {**operation(row), "error.type": row["fault"]})


def _passed_over(totals: Totals, row: Mapping[str, Any]) -> None:
    totals.add(of.PASSED_OVER, 1, {"copilot_ls.backend": row["backend"], "copilot_ls.reason": row["reason"]})


def _fix_proposed(totals: Totals, row: Mapping[str, Any]) -> None:
    totals.add(of.FIXES, 1, {**_where(row), "copilot_ls.verdict": row["verdict"]})


def _fix_resolved(totals: Totals, row: Mapping[str, Any]) -> None:
    totals.add(of.RESOLVED, 1, {"copilot_ls.reason": row["reason"]})


_COUNTS: dict[str, Callable[[Totals, Mapping[str, Any]], None]] = {
    "requested": _requested,
    "skipped": _unanswered,
    "superseded": _unanswered,
    "discarded": _unanswered,
    "generated": _generated,
    "shown": _shown,
    "accepted": _ended,
    "partially_accepted": _ended,
    "typed": _ended,
    "rejected": _ended,
    "ignored": _ended,
    "retention_checked": _retention,
    "written": _written,
    "backend_asked": _asked,
    "backend_fault": _fault,
    "backend_passed_over": _passed_over,
    "fix_proposed": _fix_proposed,
    "fix_resolved": _fix_resolved,
}


def _where(row: Mapping[str, Any]) -> dict[str, Any]:
    """Whose suggestion it was, in which language."""
    return {
        "copilot_ls.language": row["language"] or row["offer_language"],
        "copilot_ls.backend": row["backend"] or row["offer_backend"],
        "copilot_ls.task": row["task"] or row["offer_task"],
        "gen_ai.request.model": plain_name(row["model"] or row["offer_model"]),
    }


def _language(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"copilot_ls.language": row["language"]}


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _key(attributes: Mapping[str, Any]) -> str:
    return json.dumps(attributes, sort_keys=True)
