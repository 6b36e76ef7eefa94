"""What stands out in the statistics, in plain words: what a user may act on, and nothing that may be chance.

Compares each language, backend and kind of suggestion with the others, the last two weeks with the four before, money
with what it bought, and faults with turns. So many comparisons find something by chance; the intervals are those of all
of them together (Bonferroni), so that in nineteen of twenty reports no finding is chance. A difference is told when it
is also large enough to matter. Pure: it is given the metrics' rows. Called by `report`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

from copilot_ls_telemetry.intervals import Share, difference_interval, quantile_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Row = dict[str, Any]

MOMENT = "300s"
# Groupings whose groups are compared with each other.
COMPARED: tuple[Literal["language", "backend", "lines"], ...] = ("language", "backend", "lines")
_LEAST_N = 30
# A group that does three quarters as well as the others is told of; one that does nearly as well is not.
_MATTERS = 0.75
_RECENT_DAYS, _BEFORE_DAYS = 14, 28
_MOST_FAULTS = 0.05
# What is spent is worth a word from this share of it on.
_MUCH_OF_COST = 0.2
_MOST_TOLD = 6
# The one that says how sure it is, and is always there.
_EMBEDDED = "embedded"
_OFTEN = ((0.22, 0.28, "a quarter as often"), (0.3, 0.37, "a third as often"), (0.44, 0.56, "half as often"))
_KINDS = {"multi": "Suggestions of several lines", "single": "Suggestions of one line"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that stands out. `advice` says what may be done about it; `weight` how many suggestions it is about."""

    text: str
    advice: str
    by: str
    group: str
    weight: float

    def as_dict(self) -> Row:
        """For JSON."""
        return {"text": self.text, "advice": self.advice, "by": self.by, "group": self.group}


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A share of one group against that of the others."""

    what: str
    by: str
    group: str
    mine: Share
    others: Share


def find(
    outcomes: Mapping[str, Sequence[Row]],
    retention: Mapping[str, Sequence[Row]],
    costs: Sequence[Row],
    faults: Sequence[Row],
) -> list[Finding]:
    """What stands out, the weightiest first. `outcomes` and `retention` are those metrics' rows by each grouping."""
    comparisons = [
        *_groups("accepted", outcomes, "accepted", "shown"),
        *_groups("kept", {by: _at_moment(rows) for by, rows in retention.items()}, "survived", "n"),
        *_recent(outcomes.get("day", ())),
    ]
    z = quantile_for(max(1, len(comparisons)))
    found = [finding for each in comparisons if (finding := _told(each, z)) is not None]
    found += _costs(costs, outcomes.get("backend", ()), z)
    found += _faults(faults)
    return sorted(found, key=lambda finding: -finding.weight)[:_MOST_TOLD]


def _groups(what: str, rows: Mapping[str, Sequence[Row]], hits: str, of: str) -> Iterable[_Comparison]:
    for by in COMPARED:
        shares = {row["group"]: Share(row[hits], row[of]) for row in rows.get(by, ()) if row["group"]}
        total = Share(sum(each.hits for each in shares.values()), sum(each.n for each in shares.values()))
        for group, mine in shares.items():
            others = Share(total.hits - mine.hits, total.n - mine.n)
            if min(mine.n, others.n) >= _LEAST_N:
                yield _Comparison(what, by, group, mine, others)


def _at_moment(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["moment"] == MOMENT]


def _recent(days: Sequence[Row]) -> Iterable[_Comparison]:
    """The last weeks against those before."""
    dated = [(date.fromisoformat(row["group"]), row) for row in days if row["group"]]
    if not dated:
        return
    last = max(day for day, _ in dated)
    since, before = last - timedelta(days=_RECENT_DAYS), last - timedelta(days=_RECENT_DAYS + _BEFORE_DAYS)
    now, then = (
        Share(sum(row["accepted"] for row in rows), sum(row["shown"] for row in rows))
        for rows in (
            [row for day, row in dated if day > since],
            [row for day, row in dated if before < day <= since],
        )
    )
    if min(now.n, then.n) >= _LEAST_N:
        yield _Comparison("recent", "day", last.isoformat(), now, then)


def _told(each: _Comparison, z: float) -> Finding | None:
    """The comparison in words, if the group does surely worse, by enough to matter. The recent may do better too."""
    interval = difference_interval(each.mine, each.others, z=z)
    mine, others = each.mine.value or 0.0, each.others.value or 0.0
    if interval is None or not others:
        return None
    is_worse = interval[1] < 0 and mine <= _MATTERS * others
    is_better = each.what == "recent" and interval[0] > 0 and others <= _MATTERS * mine
    if not is_worse and not is_better:
        return None
    figures = f"{_percent(each.mine, z)} against {_percent(each.others, z)}"
    if each.what == "recent":
        way = "less" if is_worse else "more"
        text = f"In the last two weeks you accepted {way} of what was shown than in the four before: {figures}."
        advice = "`copilot-ls stats --by day` shows since when."
    else:
        done = "accepted" if each.what == "accepted" else "still there after five minutes"
        text = f"{_name(each)} are {done} {_often(mine / others)}: {figures}."
        advice = _advice(each)
    return Finding(text, advice, each.by, each.group, each.mine.n * abs(others - mine))


def _name(each: _Comparison) -> str:
    return (
        _KINDS[each.group]
        if each.by == "lines"
        else f"Suggestions {'in' if each.by == 'language' else 'of'} {each.group}"
    )


def _advice(each: _Comparison) -> str:
    if each.by == "language":
        return (
            f'`completion.languages_disable = ["{each.group}"]` turns them off; `--by backend` shows who does better.'
        )
    if each.by == "backend" and each.group == _EMBEDDED:
        return "A higher `completion.min_confidence` shows fewer of them, and surer ones."
    if each.by == "backend":
        return f"`route.completion` says who is asked; without {each.group} the others answer."
    return '`completion.multiline = "never"` shows one line at a time.' if each.group == "multi" else ""


def _often(ratio: float) -> str:
    for low, high, words in _OFTEN:
        if low <= ratio <= high:
            return f"{words} as the others"
    return f"{1 - ratio:.0%} less often than the others"


def _percent(share: Share, z: float) -> str:
    low, high = share.interval(z=z) or (0.0, 1.0)
    value = share.value or 0.0
    return f"{value:.0%} ± {100 * max(high - value, value - low):.0f}"


def _costs(costs: Sequence[Row], backends: Sequence[Row], z: float) -> Iterable[Finding]:
    """Backends that cost, and are accepted no more often than one that costs nothing, or much less."""
    spent: dict[str, float] = defaultdict(float)
    for row in costs:
        spent[row["backend"]] += row["cost"] or 0.0
    total = sum(spent.values())
    shares = {row["group"]: Share(row["accepted"], row["shown"]) for row in backends if row["group"]}
    for name, cost in spent.items():
        mine = shares.get(name)
        if not cost or cost < _MUCH_OF_COST * total or mine is None or not mine.hits:
            continue
        for other, theirs in shares.items():
            is_cheaper = other != name and spent.get(other, 0.0) / max(1, theirs.hits) < cost / mine.hits / 2
            if not is_cheaper or min(mine.n, theirs.n) < _LEAST_N:
                continue
            interval = difference_interval(mine, theirs, z=z)
            # Sure to be at most a tenth better, if at all.
            if interval is not None and interval[1] <= 0.1 * (theirs.value or 0.0):
                price = "nothing" if not spent.get(other) else f"{spent[other] / max(1, theirs.hits):.2g}"
                text = (
                    f"{name} costs {cost / mine.hits:.2g} for each accepted suggestion, {other} {price}, and {name} is "
                    f"accepted no more often: {_percent(mine, z)} against {_percent(theirs, z)}."
                )
                advice = f"`route.completion` without {name}, or behind {other}, saves {cost:.2g} of what was spent."
                yield Finding(text, advice, "backend", name, mine.n)
                break


def _faults(faults: Sequence[Row]) -> Iterable[Finding]:
    """Backends that often cannot answer."""
    by_backend: dict[str, list[Row]] = defaultdict(list)
    for row in faults:
        by_backend[row["backend"]].append(row)
    for name, rows in by_backend.items():
        share = Share(sum(row["n"] for row in rows), max((row["asked"] or 0) for row in rows))
        interval = share.interval()
        if share.n < _LEAST_N or share.hits > share.n or interval is None or interval[0] < _MOST_FAULTS:
            continue
        worst = max(rows, key=lambda row: int(row["n"]))
        text = f"{name} could not answer {share.value:.0%} of its turns, most often because of {worst['fault']}."
        yield Finding(text, "`copilot-ls doctor` says what is wrong with it.", "backend", name, share.hits)
