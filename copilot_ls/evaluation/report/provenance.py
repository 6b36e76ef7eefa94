"""What every report ends with: how to make it again, versions, seed, what it cost, what went wrong. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copilot_ls.evaluation.report.page import Command, Section, Table, cost

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Provenance:
    """`command` makes the report again; `versions` and `subjects` (repository and commit) are by name.

    `cost` is that of all runs. `problems` are sentences by unit, `problem_of` by backend. `cpu_s` is processor time of
    this run.
    """

    command: str
    seed: int
    versions: Mapping[str, str]
    subjects: Mapping[str, str]
    models: Mapping[str, str]
    cost: float | None
    n_done: int
    n_wanted: int
    cpu_s: float = 0.0
    stopped_by_cost: bool = False
    max_cost: float | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)


def how_made(provenance: Provenance, limits: Sequence[str]) -> list[Section]:
    """The last sections of a report."""
    sections = []
    trouble = [f"{unit}: {words}" for unit, words in provenance.problems.items()]
    if provenance.stopped_by_cost:
        trouble.append(
            f"The limit of {cost(provenance.max_cost)} was reached; the command goes on with a higher --max-cost"
        )
    if provenance.n_done < provenance.n_wanted:
        trouble.append(f"{provenance.n_wanted - provenance.n_done:,} of {provenance.n_wanted:,} records are missing")
    if trouble:
        sections.append(Section("What went wrong", [tuple(trouble)]))
    sections.append(Section("What these figures do not say", [tuple(limits)]))
    facts = [
        ("seed", str(provenance.seed)),
        ("cost of all runs", cost(provenance.cost)),
        *((f"commit of {name}", commit) for name, commit in provenance.subjects.items()),
        *((f"model of {name}", model) for name, model in provenance.models.items() if model != name),
        *provenance.versions.items(),
    ]
    facts += [(f"left out, {reason}", f"{n:,} files") for reason, n in sorted(provenance.left_out.items())]
    if provenance.cpu_s:
        facts.append(("processor time of the last run", f"{provenance.cpu_s:,.0f} s"))
    made = Section("How it was made", [Command(provenance.command), Table(("what", "value"), tuple(facts))])
    return [*sections, made]
