"""Eight servers write one database and are killed two hundred times: what is lost, doubled or damaged. A minute or two."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench.table import Row
from tests.telemetry.storm import storm

N_KILLS = 200


def rows() -> list[Row]:
    """One storm."""
    with tempfile.TemporaryDirectory() as folder:
        outcome = storm(Path(folder), n_kills=N_KILLS)
    note = f"{outcome.n_events:,} events, {outcome.n_kills} kills, integrity {outcome.integrity}"
    return [
        Row("storm: age of the oldest event that was lost", outcome.oldest_lost_s, "s", at_most=1.0, note=note),
        Row("storm: events doubled", outcome.n_doubled, "", at_most=0),
        Row("storm: servers with a gap in what they recorded", len(outcome.gaps), "", at_most=0),
        Row("storm: servers that met a problem", len(outcome.problems), "", at_most=0),
        Row("storm: files damaged", int(outcome.integrity != "ok"), "", at_most=0),
        Row("storm: events lost, of those of the last second", outcome.n_lost, ""),
        Row("storm: events taken into the totals meanwhile", outcome.n_totalled, ""),
    ]
