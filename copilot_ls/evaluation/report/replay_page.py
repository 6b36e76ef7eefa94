"""The report of a replay. Pure; the figures are made in `replay_figures`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.evaluation.replay_figures import CURVE, MEASURES
from copilot_ls.evaluation.report.page import (
    Bar,
    Bars,
    Page,
    Section,
    Table,
    cost,
    counted,
    number,
    number_estimate,
    points_estimate,
    share,
    share_estimate,
    signed_estimate,
)
from copilot_ls.evaluation.report.provenance import how_made

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.evaluation.intervals import Estimate
    from copilot_ls.evaluation.replay_figures import Measure, ReplayFigures, Standing
    from copilot_ls.evaluation.report.provenance import Provenance

_LIMITS = (
    (
        "The typist is simulated: knows what comes next, takes nothing that is wrong, reads every ghost text at no "
        "cost, never mistypes, and is not led to write other code by what is shown."
    ),
    (
        "The order in which a commit was written is not known; files and hunks are typed in a plausible one, and only "
        "the finished text is."
    ),
    (
        "A model may have been trained on these very commits. Figures of public repositories say little then; those "
        "of your own code are why this command exists."
    ),
    "Every answer is waited for, however late. Latency is measured apart, and says what would have come too late.",
    "What installed packages declare is not known in the replayed folders, and the editor closes no brackets there.",
)
_DRAWN = (
    "Intervals are of 95 %, by the bootstrap over whole {drawn}: keys of one line are no independent trials. "
    "Differences are drawn together, so that an interval without 0 is one that tells the two apart."
)


def replay_page(figures: ReplayFigures, provenance: Provenance) -> Page:
    """The report."""
    names = [standing.backend for standing in figures.standings]
    some = figures.standings[0]
    lead = (
        f"{len(provenance.subjects)} {'repository' if len(provenance.subjects) == 1 else 'repositories'}, "
        f"{some.n_commits:,} commits, {some.n_files:,} files, typed again key by key with {', '.join(names)}: "
        f"{some.total.lines:,} lines, {some.total.chars:,} characters."
    )
    page = Page("Replay of your own commits", lead)
    page.sections.append(_side_by_side(figures))
    if any(standing.curve for standing in figures.standings):
        page.sections.append(_curve(figures.standings))
    page.sections.append(_asking(figures.standings))
    for heading, groups in (("By repository", figures.by_repository), ("By language", figures.by_language)):
        if len(groups) > 1:
            page.sections.append(Section(heading, [_grouped(groups)]))
    page.sections.append(_counts(figures.standings))
    page.sections += how_made(provenance, _LIMITS)
    return page


def _side_by_side(figures: ReplayFigures) -> Section:
    rows = []
    for measure in MEASURES:
        found = [standing.estimates.get(measure.name) for standing in figures.standings]
        if not any(found):
            continue
        gaps = [difference.estimates.get(measure.name) for difference in figures.differences]
        cells = [_cell(measure, estimate) for estimate in found]
        rows.append((measure.words, *cells, *(_gap(measure, gap) for gap in gaps)))
    header = (
        "figure",
        *(standing.backend for standing in figures.standings),
        *(f"{difference.second} minus {difference.first}" for difference in figures.differences),
    )
    bars = tuple(
        Bar(standing.backend, estimate.value, estimate.low, estimate.high, share_estimate(estimate))
        for standing in figures.standings
        if (estimate := standing.estimates["saved"]).value is not None
    )
    words = _DRAWN.format(drawn=figures.drawn)
    return Section("Side by side", [Bars("Keystrokes saved", bars), Table(header, tuple(rows)), words])


def _cell(measure: Measure, estimate: Estimate | None) -> str:
    if estimate is None:
        return "no price" if measure.unit == "cost" else "-"
    if measure.unit == "share":
        return share_estimate(estimate)
    return number_estimate(estimate, 5 if measure.unit == "cost" else 1)


def _gap(measure: Measure, estimate: Estimate | None) -> str:
    if estimate is None:
        return "-"
    if measure.unit == "share":
        return points_estimate(estimate)
    return signed_estimate(estimate, 5 if measure.unit == "cost" else 1)


def _curve(standings: Sequence[Standing]) -> Section:
    """Precision by how much is shown, for backends that say how sure they are."""
    told = [standing for standing in standings if standing.curve]
    rows = tuple(
        (
            measure.words.removeprefix("precision at a coverage of "),
            *(
                share_estimate(standing.curve[measure.name]) if measure.name in standing.curve else "-"
                for standing in told
            ),
        )
        for measure in CURVE
    )
    words = (
        "Of the ghost texts that a backend was surest of, as many as are the given share of all keys, so many were "
        "right. A dash is a share that it does not reach; a backend that gives no confidence is not listed."
    )
    return Section("Precision at coverage", [words, Table(("coverage", *(s.backend for s in told)), rows)])


def _asking(standings: Sequence[Standing]) -> Section:
    rows = [
        (
            standing.backend,
            f"{standing.total.asked:,}",
            share(standing.total.answered / standing.total.asked if standing.total.asked else None),
            number(standing.p50_ms),
            number(standing.p95_ms),
            cost(standing.total.cost),
            f"{standing.total.input_tokens:,}",
            f"{standing.total.output_tokens:,}",
            number(standing.total.requests / standing.cpu_s if standing.cpu_s else None, 0),
        )
        for standing in standings
    ]
    header = (
        "backend", "asked", "answered", "median ms", "95th ms", "cost", "tokens in", "tokens out", "keys per s of CPU",
    )  # fmt: skip
    trouble = []
    for standing in standings:
        if standing.unusable:
            trouble.append(f"{standing.backend} cannot be used: {standing.unusable}")
        if standing.total.faults:
            trouble.append(f"{standing.backend} failed: {counted(list(standing.total.faults.items()))}")
        if standing.total.passed_over:
            trouble.append(f"{standing.backend} was passed over: {counted(list(standing.total.passed_over.items()))}")
    section = Section("What was asked", [Table(header, tuple(rows))])
    if trouble:
        section.parts.append(tuple(trouble))
    section.parts.append(
        "Milliseconds are of the requests for which a backend was asked, context and post-processing included, on this "
        "machine as busy as it was."
    )
    return section


def _grouped(groups: dict[str, list[Standing]]) -> Table:
    rows = []
    for name, standings in groups.items():
        for standing in standings:
            found = standing.estimates
            cells = (share_estimate(found[each]) for each in ("saved", "acceptance", "precision", "exact"))
            rows.append((f"{name}, {standing.backend}", f"{standing.n_commits:,}", f"{standing.total.lines:,}", *cells))
    header = ("", "commits", "lines", "keystrokes saved", "accepted", "right as shown", "whole line right")
    return Table(header, tuple(rows))


def _counts(standings: Sequence[Standing]) -> Section:
    names = (
        ("keys", "keys pressed"), ("requests", "requests"), ("shown", "ghost texts shown"), ("accepted", "taken whole"),
        ("partly", "taken by words"), ("typed", "typed out"), ("dismissed", "typed past"), ("right", "right as shown"),
    )  # fmt: skip
    rows = [(words, *(f"{getattr(standing.total, name):,}" for standing in standings)) for name, words in names]
    rows.append(("not asked, by the gate", *(counted(list(standing.total.skipped.items())) for standing in standings)))
    return Section("Counts", [Table(("count", *(standing.backend for standing in standings)), tuple(rows))])
