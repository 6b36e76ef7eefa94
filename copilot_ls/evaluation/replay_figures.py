"""The figures of a replay: what each backend was worth, by repository and by language, and how two of them differ.

Takes the records of a ledger and makes plain data, which `report` shows and `--json` prints. Pure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copilot_ls.evaluation.intervals import Estimate, Sums, estimates, quantile
from copilot_ls.evaluation.tally import N_BINS, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from copilot_ls.evaluation.units import Record

COVERAGES = (0.05, 0.1, 0.2, 0.3, 0.4)
"""Shares of all requests at which precision is told."""

# With fewer commits than this, files are drawn instead.
_FEW_COMMITS = 8
_SUMMED = (
    "lines", "chars", "keys", "requests", "spoke", "shown", "right", "accepted", "partly", "typed", "dismissed",
    "accepted_chars", "exact", "similarity", "asked", "answered", "input_tokens", "output_tokens",
)  # fmt: skip
_AT = {name: at for at, name in enumerate(_SUMMED)}
_COST = len(_SUMMED)
_BINS = _COST + 1


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: its name, its words, and its unit (`share`, `cost`, `chars`)."""

    name: str
    words: str
    unit: str
    of: Callable[[Sums], float | None]


def _share(above: str, below: str) -> Callable[[Sums], float | None]:
    def figure(sums: Sums) -> float | None:
        return sums[_AT[above]] / sums[_AT[below]] if sums[_AT[below]] else None

    return figure


def _saved(sums: Sums) -> float | None:
    return 1 - sums[_AT["keys"]] / sums[_AT["chars"]] if sums[_AT["chars"]] else None


def _acceptance(sums: Sums) -> float | None:
    shown = sums[_AT["shown"]]
    return (sums[_AT["accepted"]] + sums[_AT["partly"]]) / shown if shown else None


def _cost_per_accepted(sums: Sums) -> float | None:
    accepted = sums[_AT["accepted"]] + sums[_AT["partly"]]
    return sums[_COST] / accepted if accepted else None


def _chars_per_accept(sums: Sums) -> float | None:
    accepted = sums[_AT["accepted"]] + sums[_AT["partly"]]
    return sums[_AT["accepted_chars"]] / accepted if accepted else None


def _precision_at(coverage: float) -> Callable[[Sums], float | None]:
    """Precision of the surest ghost texts, as many as are `coverage` of the requests; None where fewer were shown."""

    def figure(sums: Sums) -> float | None:
        wanted = coverage * sums[_AT["requests"]]
        shown = right = 0.0
        for step in reversed(range(N_BINS)):
            n, n_right = sums[_BINS + 2 * step], sums[_BINS + 2 * step + 1]
            if shown + n >= wanted > shown:
                # Within a step, all are as sure as each other.
                return (right + n_right * (wanted - shown) / n) / wanted
            shown, right = shown + n, right + n_right
        return None

    return figure


MEASURES: tuple[Measure, ...] = (
    Measure("saved", "keystrokes saved", "share", _saved),
    Measure("acceptance", "accepted, of what was shown", "share", _acceptance),
    Measure("precision", "right as shown", "share", _share("right", "shown")),
    Measure("spoke", "keys with ghost text", "share", _share("spoke", "requests")),
    Measure("exact", "whole line right at its begin", "share", _share("exact", "lines")),
    Measure("similarity", "edit similarity of what was shown", "share", _share("similarity", "shown")),
    Measure("by_suggestion", "written by suggestion", "share", _share("accepted_chars", "chars")),
    Measure("chars_per_accept", "characters per acceptance", "chars", _chars_per_accept),
    Measure("cost_per_accepted", "cost per accepted suggestion", "cost", _cost_per_accepted),
)  # fmt: skip
CURVE = tuple(
    Measure(
        f"precision_at_{coverage:g}",
        f"precision at a coverage of {coverage:.0%}",
        "share",
        _precision_at(coverage),
    )
    for coverage in COVERAGES
)


@dataclass(slots=True)
class Standing:
    """One backend over some files. `estimates` and `curve` are by measure's name; `total` is what was counted."""

    backend: str
    total: Tally
    n_commits: int
    n_files: int
    estimates: dict[str, Estimate] = field(default_factory=dict)
    curve: dict[str, Estimate] = field(default_factory=dict)
    p50_ms: float | None = None
    p95_ms: float | None = None
    unusable: str = ""
    cpu_s: float = 0.0


@dataclass(slots=True)
class Difference:
    """What the second of two backends has more than the first, by measure's name, drawn together."""

    first: str
    second: str
    estimates: dict[str, Estimate]


@dataclass(slots=True)
class ReplayFigures:
    """All of one replay. `groups` are standings by the name of a repository or language."""

    standings: list[Standing]
    by_repository: dict[str, list[Standing]]
    by_language: dict[str, list[Standing]]
    differences: list[Difference]
    drawn: str


@dataclass(frozen=True, slots=True)
class _Typed:
    repository: str
    commit: str
    backend: str
    number: int
    tally: Tally


def replay_figures(
    records: Mapping[str, Record], keys: Iterable[str], backends: Sequence[str], seed: int
) -> ReplayFigures:
    """The figures of the records with these keys, `repository/commit/backend`."""
    typed: list[_Typed] = []
    cpu: Counter[str] = Counter()
    unusable: dict[str, str] = {}
    for key in keys:
        record = records.get(key)
        if record is None:
            continue
        repository, commit, backend = _parts(key, backends)
        cpu[backend] += record.data.get("cpu_s", 0.0)
        unusable.setdefault(backend, record.data.get("unusable", ""))
        typed += [
            _Typed(repository, commit, backend, number, Tally.of(raw))
            for number, raw in enumerate(record.data.get("files", ()))
        ]
    n_commits = len({(one.repository, one.commit) for one in typed})
    by_file = n_commits < _FEW_COMMITS
    standings = [
        _standing(backend, [one for one in typed if one.backend == backend], seed, by_file=by_file)
        for backend in backends
    ]
    for standing in standings:
        standing.cpu_s, standing.unusable = float(cpu[standing.backend]), unusable.get(standing.backend, "")
    groups: list[dict[str, list[Standing]]] = []
    for name_of in (_repository_of, _language_of):
        names = sorted({name_of(one) for one in typed})
        groups.append(
            {
                name: [
                    _standing(
                        backend,
                        [one for one in typed if one.backend == backend and name_of(one) == name],
                        seed,
                        by_file=by_file,
                    )
                    for backend in backends
                ]
                for name in names
            }
        )
    differences = [_difference(backends[0], other, typed, seed, by_file=by_file) for other in backends[1:]]
    return ReplayFigures(standings, groups[0], groups[1], differences, "files" if by_file else "commits")


def _repository_of(one: _Typed) -> str:
    return one.repository


def _language_of(one: _Typed) -> str:
    return one.tally.language


def _parts(key: str, backends: Sequence[str]) -> tuple[str, str, str]:
    """A key's parts; names of repositories and backends may hold slashes, ids of commits do not."""
    backend = next((name for name in sorted(backends, key=len, reverse=True) if key.endswith(f"/{name}")), "")
    repository, _, commit = key[: -len(backend) - 1].rpartition("/")
    return repository, commit, backend


def _cluster(one: _Typed, *, by_file: bool) -> tuple[str, str, int]:
    return one.repository, one.commit, one.number if by_file else 0


def _sums(tallies: Iterable[Tally]) -> Sums:
    total = Tally()
    for tally in tallies:
        total.add(tally)
    return (
        *(float(getattr(total, name)) for name in _SUMMED),
        total.cost or 0.0,
        *(float(number) for entry in total.bins for number in entry),
    )


def _clustered(typed: Iterable[_Typed], *, by_file: bool) -> dict[tuple[str, str, int], Sums]:
    groups: dict[tuple[str, str, int], list[Tally]] = {}
    for one in typed:
        groups.setdefault(_cluster(one, by_file=by_file), []).append(one.tally)
    return {key: _sums(tallies) for key, tallies in groups.items()}


def _standing(backend: str, typed: Sequence[_Typed], seed: int, *, by_file: bool) -> Standing:
    total = Tally()
    for one in typed:
        total.add(one.tally)
    n_commits = len({(one.repository, one.commit) for one in typed})
    standing = Standing(backend, total, n_commits, len(typed))
    measures = [measure for measure in MEASURES if measure.unit != "cost" or total.cost is not None]
    # A curve over half of the answers would be that of the other half's absence.
    curve = CURVE if total.shown and total.with_confidence == total.shown else ()
    clusters = list(_clustered(typed, by_file=by_file).values())
    found = estimates(clusters, [measure.of for measure in (*measures, *curve)], seed=seed)
    for measure, estimate in zip((*measures, *curve), found, strict=True):
        if measure in curve:
            if estimate.value is not None:
                standing.curve[measure.name] = estimate
        else:
            standing.estimates[measure.name] = estimate
    standing.p50_ms, standing.p95_ms = quantile(total.latency_ms, 0.5), quantile(total.latency_ms, 0.95)
    return standing


def _difference(first: str, second: str, typed: Sequence[_Typed], seed: int, *, by_file: bool) -> Difference:
    one = _clustered((each for each in typed if each.backend == first), by_file=by_file)
    other = _clustered((each for each in typed if each.backend == second), by_file=by_file)
    both = [one[key] + other[key] for key in one if key in other]
    width = len(both[0]) // 2 if both else 0

    def minus(measure: Measure) -> Callable[[Sums], float | None]:
        def figure(sums: Sums) -> float | None:
            mine, theirs = measure.of(sums[:width]), measure.of(sums[width:])
            return None if mine is None or theirs is None else theirs - mine

        return figure

    costs = any(each.tally.cost is not None for each in typed)
    measures = [measure for measure in MEASURES if measure.unit != "cost" or costs]
    found = estimates(both, [minus(measure) for measure in measures], seed=seed)
    return Difference(
        first, second, {measure.name: estimate for measure, estimate in zip(measures, found, strict=True)}
    )
