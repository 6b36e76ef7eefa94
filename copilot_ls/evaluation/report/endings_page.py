"""The report of an evaluation whose records each have one ending. Pure; the figures are made in `ending_figures`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_ls.evaluation.report.page import (
    Bar,
    Bars,
    Page,
    Section,
    Table,
    cost,
    counted,
    number,
    share_estimate,
)
from copilot_ls.evaluation.report.provenance import how_made

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.evaluation.ending_figures import Endings, EndingStanding
    from copilot_ls.evaluation.report.provenance import Provenance

_DRAWN = "Intervals are Wilson's, of 95 %."
_MOST_REASONS = 8


@dataclass(frozen=True, slots=True)
class Words:
    """What a kind of evaluation calls its things: a trial is `trials`, a good ending makes `good`."""

    title: str
    lead: str
    trials: str
    good: str
    grouped: str
    limits: tuple[str, ...]
    more: tuple[tuple[str, str], ...] = ()
    """Further sums of the records, by name and words."""


def endings_page(standings: Sequence[EndingStanding], endings: Endings, words: Words, provenance: Provenance) -> Page:
    """The report."""
    page = Page(words.title, words.lead)
    names = tuple(standing.backend for standing in standings)
    bars = tuple(
        Bar(each.backend, each.good.value, each.good.low, each.good.high, share_estimate(each.good))
        for each in standings
        if each.good.value is not None
    )
    rows = [
        (words.trials, *(f"{each.n_trials:,}" for each in standings)),
        (words.good, *(share_estimate(each.good) for each in standings)),
        ("cost in all", *(cost(each.cost) for each in standings)),
        (f"cost of each, {words.good}", *(cost(each.cost_per_good) for each in standings)),
        ("tokens in", *(f"{each.input_tokens:,}" for each in standings)),
        ("tokens out", *(f"{each.output_tokens:,}" for each in standings)),
    ]
    if any(each.median_ms is not None for each in standings):
        rows.append(("median milliseconds", *(number(each.median_ms, 0) for each in standings)))
    for name, said in words.more:
        rows.append((said, *(f"{each.sums[name]:,}" for each in standings)))
    page.sections.append(
        Section("Side by side", [Bars(words.good, bars), Table(("figure", *names), tuple(rows)), _DRAWN])
    )
    ended = [
        (said, *(f"{each.counts[ending]:,}" for each in standings))
        for ending, said in endings.words.items()
        if any(each.counts[ending] for each in standings)
    ]
    page.sections.append(Section("How they ended", [Table(("ending", *names), tuple(ended)), *_trouble(standings)]))
    groups = list(dict.fromkeys(group for each in standings for group in each.by_group))
    if len(groups) > 1:
        grouped = [
            (
                group,
                f"{max(each.n_by_group.get(group, 0) for each in standings):,}",
                *(_of_group(each, group) for each in standings),
            )
            for group in groups
        ]
        page.sections.append(Section(words.grouped, [Table(("", words.trials, *names), tuple(grouped))]))
    page.sections += how_made(provenance, words.limits)
    return page


def _of_group(standing: EndingStanding, group: str) -> str:
    estimate = standing.by_group.get(group)
    return "-" if estimate is None else share_estimate(estimate)


def _trouble(standings: Sequence[EndingStanding]) -> list[tuple[str, ...]]:
    lines = []
    for each in standings:
        if each.unusable:
            lines.append(f"{each.backend} cannot be used: {each.unusable}")
        if each.faults:
            lines.append(f"{each.backend} failed: {counted(list(each.faults.items()))}")
        if each.passed_over:
            lines.append(f"{each.backend} was passed over: {counted(list(each.passed_over.items()))}")
        if each.why:
            lines.append(f"{each.backend} gave up: {counted(each.why.most_common(_MOST_REASONS))}")
    return [tuple(lines)] if lines else []
